// HEIF files that are made to cost, to hide something, or to say two things at once: there is no copy of them, and looking ends soon.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { box, full, u16, u32 } from '../../scripts/fixtures/heic.ts';
import { bareCopy } from '../../src/gallery/bare/bare.ts';
import { bare, photoOf, shelfOf, whole } from '../support/bare-copies.ts';
import { auxiliary, av1, gridOf, heifOf, hevc, nal, type Plan, sizeOf } from '../support/heif-files.ts';
import { changed, essential, height, isTold, noisy, plain, text, width } from '../support/noisy-heif.ts';

const windowBytes = 256 * 1024;
const { setUp, data } = hevc();
const good = heifOf(plain);

/** The same file with other bytes where some stand. */
function edited(find: string, behind: number, bytes: Buffer, file = good): Buffer {
  const copy = Buffer.from(file);
  const at = copy.indexOf(find);
  assert.ok(at > 0, find);
  bytes.copy(copy, at + find.length + behind);
  return copy;
}
const withProperty = (property: Buffer, isEssential: boolean, on = 1): Plan =>
  changed(
    on,
    { properties: [1 | essential, 2, isEssential ? 4 | essential : 4] },
    { ...plain, properties: [...plain.properties, property] },
  );
const linked = (...more: NonNullable<Plan['references']>): Plan => ({
  ...plain,
  references: [...(plain.references ?? []), ...more],
});
/** Numerators and denominators: across, down, and how far from the middle both ways. */
const clapOf = (...numbers: readonly number[]) => box('clap', ...numbers.map((value) => u32(value >>> 0)));
const clap = (across: number, down: number) => clapOf(across, 1, down, 1, 0, 1, 0, 1);
/** On the first tile, behind what sets it up. */
const withProperties = (...properties: readonly Buffer[]): Plan =>
  changed(
    1,
    { properties: [1 | essential, 2, ...properties.map((_, nth) => (nth + 4) | essential)] },
    { ...plain, properties: [...plain.properties, ...properties] },
  );
/** The same tiles, put together to a picture of another size. */
const gridded = (across: number, down: number, told: readonly [number, number] = [across, down]): Plan =>
  changed(
    0,
    { data: gridOf(1, 2, across, down) },
    { ...plain, properties: [setUp, sizeOf(width, height), sizeOf(...told)] },
  );
const turned = box('irot', Buffer.from([1]));
const deep: Plan = {
  ...plain,
  items: [
    ...plain.items.map((item) => ({ ...item, id: item.id + 10 })),
    ...[1, 2, 3].map((id) => ({ id, type: 'iden', properties: [3] })),
  ],
  references: [
    ['dimg', 11, 12, 13],
    ['dimg', 1, 2],
    ['dimg', 2, 3],
    ['dimg', 3, 11],
  ],
};
/** `iloc` of version 1 begins: version, flags, sizes, count; then of an item: its number, method, file, how many places, place, length. */
const placeOfItem = (nth: number) => 8 + nth * 16;

const refused: Readonly<Record<string, Buffer>> = {
  'whose pictures are made of each other': heifOf({
    ...plain,
    items: plain.items.map((item, at) => (at === 1 ? { ...item, type: 'grid' } : item)),
    references: [
      ['dimg', 1, 2, 3],
      ['dimg', 2, 1],
    ],
  }),
  'whose picture is made of itself': heifOf({ ...plain, references: [['dimg', 1, 1, 1]] }),
  'whose pictures are made of pictures too often': heifOf(deep),
  'that says twice what a picture is made of': heifOf(linked(['dimg', 1, 3, 2])),
  'whose tile is missing': heifOf({ ...plain, references: [['dimg', 1, 2, 9]] }),
  'whose tile is something else': heifOf(changed(1, { type: 'jpeg' })),
  'whose grid is of nothing': heifOf({ ...plain, references: [] }),
  'whose grid says more than that': heifOf(
    changed(0, { data: Buffer.concat([gridOf(1, 2, 2 * width, height), text]) }),
  ),
  'whose main picture is missing': heifOf({ ...plain, primary: 9 }),
  'whose main picture lies over others': heifOf(changed(0, { type: 'iovl' })),
  'whose main picture is a map of tones': heifOf(changed(0, { type: 'tmap' })),
  'whose tile can’t be set up': heifOf(changed(1, { properties: [2] })),
  'with two items of one number': heifOf(changed(2, { id: 2 })),
  'with a property that must be known': heifOf(withProperty(full('xxxx', 0, text), true)),
  'with a property that is not there': heifOf(changed(1, { properties: [1 | essential, 2, 9] })),
  'of which people cut something off': heifOf(withProperty(clap(width - 70, height), true)),
  'of which nobody knows what was cut off': heifOf(withProperty(clap(Number.NaN, 0), true)),
  'of which more is cut off on one side than there is more on the other': heifOf(
    withProperties(clap(width - 100, height + 100)),
  ),
  'of which people cut something off twice': heifOf(
    withProperties(clap(width, height), clap(width - 70, height)),
  ),
  'that has two sizes': heifOf(withProperties(sizeOf(width - 70, height), clap(width - 70, height))),
  'of which nobody knows how wide it is': heifOf(withProperties(clapOf(width, 0, height, 1, 0, 1, 0, 1))),
  'of which nobody knows how high it is': heifOf(withProperties(clapOf(width, 1, height, 0, 0, 1, 0, 1))),
  'of which nobody knows where it lies': heifOf(withProperties(clapOf(width, 1, height, 1, 0, 0, 0, 1))),
  'of which a part lies beside it': heifOf(withProperties(clapOf(width, 1, height, 1, -100, 1, 0, 1))),
  'of which a part lies below it': heifOf(withProperties(clapOf(width, 1, height, 1, 0, 1, 100, 1))),
  'of which people cut something off before they turned it': heifOf(
    withProperties(clap(height, width), turned),
  ),
  'whose grid hides a tile': heifOf(gridded(width, height)),
  'whose grid hides rows of tiles': heifOf({
    ...gridded(width, height),
    ...changed(0, { data: gridOf(2, 1, width, height) }, gridded(width, height)),
  }),
  'whose grid is larger than its tiles': heifOf(gridded(2 * width, height + 1)),
  'whose grid says another size than its picture': heifOf(gridded(2 * width, height, [width, height])),
  'whose grid is of tiles without a size': heifOf(changed(1, { properties: [1 | essential] })),
  'whose grid hides most of one large tile': heifOf({
    items: [
      { id: 1, type: 'grid', data: gridOf(1, 1, 100, 100), inIdat: true, properties: [3] },
      { id: 2, type: 'hvc1', data, properties: [1 | essential, 2] },
    ],
    properties: [setUp, sizeOf(4000, 100), sizeOf(100, 100)],
    references: [['dimg', 1, 2]],
  }),
  'of which a text is the depth of its colours': heifOf(
    withProperties(full('pixi', 0, Buffer.from([text.length]), text)),
  ),
  'of five colours': heifOf(withProperties(full('pixi', 0, Buffer.from([5, 8, 8, 8, 8, 8])))),
  'of colours deeper than there are': heifOf(withProperties(full('pixi', 0, Buffer.from([3, 8, 17, 8])))),
  'with a profile that can’t be understood': heifOf(
    withProperty(box('colr', Buffer.from('prof'), text), false),
  ),
  'with two boxes of meta data': Buffer.concat([good, heifOf({ ...plain, isMetaLast: true }).subarray(24)]),
  'with two lists of places': heifOf({ ...plain, inMeta: [full('iloc', 1, u16(0x4400), u16(0))] }),
  'with two main pictures': heifOf({ ...plain, inMeta: [full('pitm', 0, u16(2))] }),
  'that is no picture': edited('hdlr', 8, Buffer.from('soun')),
  'that is a film first': heifOf({
    ...plain,
    brands: 'msf1\0\0\0\0heicmif1',
    behind: box('moov', box('trak', text)),
  }),
  'of an unknown brand': heifOf({ ...plain, brands: 'isom\0\0\0\0mp42' }),
  'whose bytes begin before the media data': edited('iloc', placeOfItem(1) + 8, u32(30)),
  'whose bytes go on behind the file': edited('iloc', placeOfItem(1) + 12, u32(good.length)),
  'whose bytes have no length': edited('iloc', placeOfItem(1) + 12, u32(0)),
  'whose bytes lie in another file': edited('iloc', placeOfItem(1) + 4, u16(1)),
  'whose bytes are another item’s': edited('iloc', placeOfItem(1) + 2, u16(2)),
  'whose instructions go on behind their box': edited('iloc', placeOfItem(0) + 12, u32(9)),
  'with places of odd sizes': edited('iloc', 4, Buffer.from([0x34])),
  'whose meta data is longer than it is': edited('meta', -8, u32(good.length + 1)),
  'with an inner box that is longer than what it lies in': edited('iprp', -8, u32(0x7fffffff)),
  'with an inner box that has no length': edited('iref', -8, u32(4)),
  'whose coded bytes are noise': heifOf(changed(1, { data: Buffer.alloc(400, 0xee) })),
  'whose coded bytes go on too long': heifOf(changed(1, { data: Buffer.concat([data, Buffer.from([1])]) })),
  'whose coded bytes are only messages': heifOf(changed(1, { data: nal(39, text) })),
};

/** Two items that are other to whoever reads them, but are told to lie at the same place. */
function overlapping(type: string, shift: number): Buffer {
  const exif = { id: 7, type, data: Buffer.alloc(60, text) };
  const file = heifOf({ ...plain, items: [...plain.items, exif] });
  const at = file.indexOf('iloc') + 4;
  const tile = file.readUInt32BE(at + placeOfItem(2) + 8);
  return edited('iloc', placeOfItem(3) + 8, u32(tile + shift), file);
}

describe('a bare copy of a hostile HEIF', () => {
  test('is there for the one that all others are made of', async () => {
    assert.ok(await bare(good, 'image/heic'));
    assert.ok(await bare(heifOf(withProperty(full('xxxx', 0, text), false)), 'image/heic'));
    assert.ok(await bare(heifOf(withProperty(clap(width - 30, height - 30), true)), 'image/heic'));
  });

  test('is there for one whose tiles and turns are as phones write them', async () => {
    const phone = heifOf({
      items: [
        { id: 1, type: 'grid', data: gridOf(6, 8, 4032, 3024), inIdat: true, properties: [3] },
        ...Array.from({ length: 48 }, (_, at) => ({
          ...{ id: at + 2, type: 'hvc1', data, properties: [1 | essential, 2] },
        })),
      ],
      properties: [setUp, sizeOf(512, 512), sizeOf(4032, 3024)],
      references: [['dimg', 1, ...Array.from({ length: 48 }, (_, at) => at + 2)]],
    });
    assert.ok(await bare(phone, 'image/heic'));
    assert.ok(await bare(heifOf(withProperties(clapOf(width - 1, 1, height, 1, -1, 2, 0, 1))), 'image/heic'));
    const rightUp = { items: [{ id: 1, type: 'hvc1', data, properties: [1 | essential, 2, 3, 4] }] };
    const properties = [setUp, sizeOf(width, height), turned, clap(height, width)];
    assert.ok(await bare(heifOf({ ...rightUp, properties }), 'image/heic'));
  });

  test('keeps how deep its colours are', async () => {
    const depth = full('pixi', 0, Buffer.from([4, 8, 10, 12, 16]));
    const copy = await bare(heifOf(withProperties(depth)), 'image/heic');
    assert.ok(copy?.includes(depth));
  });

  test('is that of the picture where a film stands beside it, also in pieces', async () => {
    const film = Buffer.concat([box('moov', box('udta', text)), box('moof', text), box('mdat', text)]);
    const file = heifOf({ ...plain, brands: 'heic\0\0\0\0mif1heicmsf1', behind: film });
    assert.deepEqual(await whole(file), await whole(good));
  });

  for (const [what, file] of Object.entries(refused))
    test(`is not there for one ${what}`, async () => {
      assert.equal(await bare(file, 'image/heic'), undefined);
    });

  test('is not there where other items lie in the picture’s bytes, whatever they are', async () => {
    for (const type of ['Exif', 'mime', 'hvc1'])
      for (const shift of [-59, 0, 100, data.length - 1])
        assert.equal(await bare(overlapping(type, shift), 'image/heic'), undefined, `${type} at ${shift}`);
  });

  test('is not there for a file that ends early, wherever that is', async () => {
    for (let end = 0; end < good.length; end += 37)
      assert.equal(await bare(good.subarray(0, end), 'image/heic'), undefined, `${end} bytes`);
  });

  test('tells nothing, whichever byte around the picture is another one', async () => {
    const file = heifOf(await noisy());
    // Profiles are hurt in a test of their own.
    const [profile, behind] = [file.indexOf('colrprof'), file.indexOf('udes')];
    let copies = 0;
    for (let at = 0; at < file.lastIndexOf('mdat'); at += 1) {
      if (at > profile && at < behind) continue;
      const hurt = Buffer.from(file);
      hurt[at] = at % 2 === 0 ? 255 : (file[at] ?? 0) ^ 4;
      const copy = await bare(hurt, 'image/heic');
      if (copy === undefined) continue;
      copies += 1;
      assert.equal(isTold(copy), false, `byte ${at}`);
    }
    assert.ok(copies > 100);
  });
});

describe('a bare copy of a HEIF that is made to cost', () => {
  /** @returns undefined for no copy, and what was read for it */
  async function cost(file: Buffer) {
    const shelf = shelfOf(file);
    const copy = await bareCopy(shelf, photoOf(file, 'image/heic'));
    return { copy, reads: shelf.reads, largest: shelf.largest };
  }

  const many = (count: number) => Array.from({ length: count }, (_, at) => at + 10);
  const head = Buffer.from([0x81, 0, 12, 0]);
  /** An OBU that says where a picture begins is two bytes: its head, and that it is empty. */
  const delimiter = Buffer.from([0x12, 0]);
  const longUnit = (times: number) =>
    Buffer.concat([
      Buffer.from([0x0a, 0x80 | ((50 * times) & 127), (50 * times) >> 7]),
      Buffer.alloc(50 * times),
    ]);
  const setUpBy = (av1C: Buffer): Plan => ({
    brands: 'avif\0\0\0\0mif1avif',
    items: [{ id: 1, type: 'av01', data: av1().data, properties: [1 | essential, 2] }],
    properties: [av1C, sizeOf(240, 180)],
  });
  /** Parameter sets of the picture (type 32), in one array. */
  const withParameters = (units: readonly Buffer[]) =>
    box(
      'hvcC',
      setUp.subarray(8, 30),
      Buffer.from([1, 32]),
      u16(units.length),
      ...units.flatMap((unit) => [u16(unit.length), unit]),
    );
  const tilesSetUpBy = (count: number, make: (nth: number) => Buffer): Plan => {
    const setUps = Array.from({ length: count }, (_, nth) => make(nth));
    const isAv1 = setUps[0]?.includes('av1C') === true;
    const coded = isAv1 ? { type: 'av01', data: av1().data } : { type: 'hvc1', data };
    const tiles = setUps.map((_, nth) => ({
      ...{ ...coded, id: nth + 2, properties: [(nth + 3) | essential, 1] },
    }));
    return {
      items: [
        {
          ...{ id: 1, type: 'grid', inIdat: true, properties: [2] },
          data: gridOf(1, count, count * width, height),
        },
        ...tiles,
      ],
      properties: [sizeOf(width, height), sizeOf(count * width, height), ...setUps],
      references: [['dimg', 1, ...tiles.map(({ id }) => id)]],
    };
  };
  test('is there for one whose tiles are each set up by themselves', async () => {
    assert.ok(await bare(heifOf(tilesSetUpBy(100, () => setUp)), 'image/heic'));
  });

  const costly: Readonly<Record<string, () => Buffer>> = {
    'of 30,000 items': () =>
      heifOf({ ...plain, items: [...plain.items, ...many(30_000).map((id) => ({ id, type: 'mime' }))] }),
    'of 100,000 boxes': () =>
      Buffer.concat([good.subarray(0, 24), ...many(100_000).map(() => box('free')), good.subarray(24)]),
    'of 100,000 units': () =>
      heifOf(
        changed(1, { data: Buffer.concat([...many(100_000).map(() => nal(38, Buffer.alloc(0))), data]) }),
      ),
    'of 60,000 references': () => heifOf(linked(['cdsc', 9, ...many(60_000)])),
    'of places that take no bytes': () => {
      const places = many(60_000).map((id) => Buffer.concat([u16(id), u16(0), u16(0), u16(0xffff)]));
      const iloc = full('iloc', 1, u16(0), u16(places.length), ...places);
      return edited('iloc', -4, Buffer.from('xxxx'), heifOf({ ...plain, inMeta: [iloc] }));
    },
    'of boxes in boxes': () => {
      let nested = box('ipco');
      for (let depth = 0; depth < 2000; depth += 1) nested = box('iprp', nested);
      return edited('iprp', -4, Buffer.from('xxxx'), heifOf({ ...plain, inMeta: [nested] }));
    },
    'of 100,000 properties': () =>
      heifOf({ ...plain, properties: [...plain.properties, ...many(100_000).map(() => box('free'))] }),
    'of 10,000 boxes of every kind': () => {
      const boxes = many(10_000).map(() => box('free'));
      return heifOf({ ...plain, properties: [...plain.properties, ...boxes], inMeta: boxes });
    },
    'that is set up by 400,000 units': () =>
      heifOf(setUpBy(box('av1C', head, Buffer.alloc(800_000, delimiter)))),
    'that is set up by 20 KB': () =>
      heifOf(setUpBy(box('av1C', head, Buffer.concat([200, 200].map(longUnit))))),
    'whose HEVC is set up by 20 KB': () =>
      heifOf({
        ...plain,
        properties: [withParameters([Buffer.alloc(20_000, 7)]), ...plain.properties.slice(1)],
      }),
    'whose transparency is said in 20 KB': () => {
      const alpha = { id: 4, type: 'hvc1', data, properties: [1 | essential, 2, 4] };
      const auxC = auxiliary('urn:mpeg:hevc:2015:auxid:1', nal(38, Buffer.alloc(20_000)));
      const plan = { items: [...plain.items, alpha], properties: [...plain.properties, auxC] };
      return heifOf({ ...linked(['auxl', 4, 1]), ...plan });
    },
    'whose tiles are each set up by many units': () =>
      heifOf(
        tilesSetUpBy(100, (nth) =>
          box('av1C', head, Buffer.alloc(400, delimiter), Buffer.from([0x0a, 1, nth])),
        ),
      ),
    'whose tiles are each set up by many units of HEVC': () =>
      heifOf(tilesSetUpBy(100, (nth) => withParameters(many(200).map(() => Buffer.from([64, 1, nth]))))),
    'with meta data of 3 MB': () => heifOf({ ...plain, inMeta: [box('free', Buffer.alloc(3_000_000))] }),
  };
  for (const [what, make] of Object.entries(costly))
    test(`${what} is given up`, async () => {
      const { copy, reads, largest } = await cost(make());
      assert.equal(copy, undefined);
      assert.ok(reads <= 12 && largest <= 1024 * 1024, `${reads} reads of up to ${largest} bytes`);
    });

  test('is made of a window at a time, whatever lies beside the picture', async () => {
    const film = Buffer.alloc(30_000_000, 7);
    const file = heifOf({ ...plain, between: [box('free', film)], behind: box('mpvd', film) });
    const { copy, reads, largest } = await cost(file);
    assert.equal(copy?.bytes, (await whole(good)).length);
    assert.ok(reads <= 8 && largest <= windowBytes, `${reads} reads of up to ${largest} bytes`);
  });

  test('reads a file once, however its tiles are ordered', async () => {
    const tiles = many(200).map((id) => ({
      ...{ id, type: 'hvc1', properties: [1 | essential, 2] },
      data: Buffer.concat([nal(38, Buffer.alloc(30_000)), data]),
    }));
    const ids = tiles.map(({ id }) => id);
    const shuffled = ids.map((_, at) => ids[(at * 77) % ids.length] ?? 0);
    const file = heifOf({
      items: [
        { id: 1, type: 'grid', data: gridOf(10, 20, 20 * width, 10 * height), inIdat: true, properties: [3] },
        ...tiles,
      ],
      properties: [setUp, sizeOf(width, height), sizeOf(20 * width, 10 * height)],
      references: [['dimg', 1, ...shuffled]],
    });
    const { copy, reads } = await cost(file);
    assert.ok(copy);
    const windows = Math.ceil(file.length / windowBytes);
    assert.ok(reads <= 2 * windows + 4, `${reads} reads of ${windows} windows`);
  });
});
