// Copies of HEIC and AVIF that leave by a link: the main picture to the last bit, written anew around it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { box } from '../../scripts/fixtures/heic.ts';
import { decodeHeif } from '../../src/darkroom/heif.ts';
import { decode } from '../../src/darkroom/pixels.ts';
import { sniffType } from '../../src/gallery/file-type.ts';
import { fixtureOf, seen, whole } from '../support/bare-copies.ts';
import { type DataFile, filesBelow, fixturesFolder, testData } from '../support/data.ts';
import { type Cleaner, makeFolder } from '../support/folder.ts';
import { auxiliary, av1, heifOf, hevc, nal, obu, type Plan, sizeOf } from '../support/heif-files.ts';
import {
  changed,
  essential,
  height,
  isTold,
  noisy,
  plain,
  text,
  userData,
  width,
} from '../support/noisy-heif.ts';
import { phoneFiles } from '../support/phone-files.ts';

const { setUp, data } = hevc();

/** As the darkroom shows it, in sRGB and upright. */
async function shown(t: Cleaner, file: Buffer): Promise<Buffer> {
  const path = join(await makeFolder(t), 'picture');
  await writeFile(path, file);
  const type = sniffType(file);
  assert.ok(type);
  const { data, width, height, channels } = await decode(path, type, 100_000, 'tolerant');
  return Buffer.concat([Buffer.from(`${width} ${height} ${channels} `), data]);
}

async function expectSame(t: Cleaner, file: Buffer): Promise<Buffer> {
  const copy = await whole(file);
  assert.deepEqual(await seen(copy), await seen(file));
  assert.ok((await shown(t, copy)).equals(await shown(t, file)), 'the same in sRGB');
  assert.deepEqual(await whole(copy), copy, 'of itself it is itself');
  assert.equal(sniffType(copy), sniffType(file));
  return copy;
}

describe('a bare copy of a HEIF', () => {
  const files = (below: readonly DataFile[]) => below.filter(({ name }) => /\.(heic|avif)$/.test(name));
  const exif = testData('exif');
  const known = [...files(filesBelow(fixturesFolder)), ...files(filesBelow(exif.path))];
  for (const { name, path } of known.filter(({ name }) => !/broken|moving/.test(name)))
    test(`of ${name} shows the same in sRGB`, async (t) => {
      const copy = await expectSame(t, readFileSync(path));
      for (const word of ['Exif', 'mime', 'free', 'udta', 'thmb', 'cdsc'])
        assert.equal(copy.includes(word), false, word);
    });

  test('drops everything that is not its picture, wherever it stands', async (t) => {
    const plan = await noisy();
    for (const ilocVersion of [1, 2] as const)
      for (const isWide of [false, true])
        for (const isMetaLast of [false, true]) {
          const file = heifOf({ ...plan, ilocVersion, isWide, isMetaLast });
          assert.equal(isTold(file), true);
          const copy = await expectSame(t, file);
          assert.equal(isTold(copy), false);
          assert.ok(copy.length < 2 * data.length + 1500, `${copy.length} bytes`);
        }
    const quiet = heifOf({ ...plain, properties: [...plain.properties] });
    const { data: pixels } = await decodeHeif(await whole(heifOf(plan)), 1e6);
    assert.deepEqual(pixels, (await decodeHeif(quiet, 1e6)).data, 'the same as without any of it');
  });

  test('of an old list of places, where instructions lie among the media data', async (t) => {
    const file = heifOf({ ...changed(0, { inIdat: false }), ilocVersion: 0 });
    assert.deepEqual(await expectSame(t, file), await whole(heifOf(plain)));
  });

  test('of an AVIF drops user data and filling between its frames', async (t) => {
    const { setUp, data } = av1();
    const hdr10plus = obu(5, Buffer.concat([Buffer.from([4]), text, Buffer.from([0x80])]));
    const light = obu(5, Buffer.from([1, 3, 232, 1, 144, 0x80]));
    const noise = [hdr10plus, obu(15, Buffer.concat([text, Buffer.from([0x80])])), obu(9, text)];
    const plan = {
      brands: 'avif\0\0\0\0mif1avifSECR',
      items: [
        {
          id: 9,
          type: 'av01',
          data: Buffer.concat([...noise, light, data, ...noise]),
          properties: [1 | essential, 2],
        },
      ],
      primary: 9,
      properties: [box('av1C', setUp.subarray(8), ...noise), sizeOf(240, 180)],
    };
    const file = heifOf(plan);
    assert.equal(isTold(file), true);
    const copy = await expectSame(t, file);
    assert.equal(isTold(copy), false);
    assert.ok(copy.includes(light), 'how light is meant stays');
    assert.ok((await shown(t, copy)).equals(await shown(t, fixtureOf('picture.avif'))));
  });

  test('keeps how transparent it is, and what was said of that', async (t) => {
    const message = nal(39, Buffer.from([165, 4, 0, 0, 0x7f, 0x90, 0x80]));
    const plan: Plan = {
      items: [
        { id: 5, type: 'hvc1', data, properties: [1 | essential, 2] },
        { id: 6, type: 'hvc1', data: Buffer.concat([message, data]), properties: [1 | essential, 2, 3] },
      ],
      primary: 5,
      properties: [
        setUp,
        sizeOf(width, height),
        auxiliary('urn:mpeg:hevc:2015:auxid:1', message, userData()),
      ],
      references: [
        ['auxl', 6, 5],
        ['prem', 5, 6],
      ],
    };
    const file = heifOf(plan);
    const copy = await expectSame(t, file);
    assert.equal(isTold(copy), false);
    const [ours, given] = [await decodeHeif(copy, 1e6), await decodeHeif(file, 1e6)];
    assert.deepEqual([ours.channels, ours.premultiplied], [4, true]);
    assert.deepEqual(ours, given);
    assert.ok(copy.includes(message));
  });

  test('of a picture that is another one turned', async (t) => {
    const file = heifOf({
      items: [
        { id: 1, type: 'iden', properties: [2, 3 | essential] },
        { id: 2, type: 'hvc1', data, properties: [1 | essential, 2] },
      ],
      properties: [setUp, sizeOf(width, height), box('irot', Buffer.from([2]))],
      references: [['dimg', 1, 2]],
    });
    await expectSame(t, file);
  });

  for (const [name, file] of Object.entries(phoneFiles()).filter(([name]) => name.includes('HEIC')))
    test(`of ${name} ends where its picture ends`, async () => {
      assert.deepEqual(await whole(file), await whole(fixtureOf('phone.heic')));
    });
});
