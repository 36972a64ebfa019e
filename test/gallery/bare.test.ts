// The copy that leaves by a link: the same pixels, and nothing of what cameras, programs and people wrote around them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import exifr from 'exifr';
import sharp from 'sharp';
import { bareCopy } from '../../src/gallery/bare/bare.ts';
import { sniffType } from '../../src/gallery/file-type.ts';
import type { MediaType } from '../../src/gallery/photo.ts';
import { bare, photoOf, seen, segment, shelfOf, whole } from '../support/bare-copies.ts';
import { type DataFile, filesBelow, fixturesFolder, testData } from '../support/data.ts';
import { phoneFiles } from '../support/phone-files.ts';
import { drawPng, pngChunk, remarkJpeg } from '../support/pictures.ts';

/** Nothing in it that a reader of metadata understands, but which way is up. */
async function expectSilent(file: Buffer, name: string): Promise<void> {
  const { exif, xmp, iptc, comments, orientation } = await sharp(file, { animated: true }).metadata();
  assert.deepEqual([xmp, iptc, comments], [undefined, undefined, undefined], name);
  if (exif !== undefined) {
    assert.ok(exif.length <= 40, `${name}: EXIF of ${exif.length} bytes`);
    assert.ok((orientation ?? 1) > 1, `${name}: EXIF without need`);
  }
  const options = { tiff: true, exif: true, gps: true, xmp: true, iptc: true, mergeOutput: true };
  const said = await exifr.parse(file, options).catch(() => undefined);
  const facts = Object.keys((said as object | undefined) ?? {});
  const pngHeader = [
    'ImageWidth',
    'ImageHeight',
    'BitDepth',
    'ColorType',
    'Compression',
    'Filter',
    'Interlace',
  ];
  assert.deepEqual(
    facts.filter((fact) => ![...pngHeader, 'ProfileName', 'Orientation'].includes(fact)),
    [],
    name,
  );
}

const secret = 'SERIAL-4711 at 37.5665N';
const isTold = (file: Buffer) => file.includes('SERIAL-4711') || file.includes('37.5665');

const read = (name: string) => readFileSync(`${fixturesFolder}/${name}`);

const exif = {
  IFD0: { Make: secret, ImageDescription: secret },
  IFD3: { GPSLatitude: '37/1 33/1 59/1', GPSLatitudeRef: 'N' },
};

describe('a bare copy', () => {
  const walkable = (files: readonly DataFile[]) =>
    files.filter(({ path }) => sniffType(readFileSync(path).subarray(0, 64)) !== undefined);

  for (const { name, path } of walkable(filesBelow(fixturesFolder)).filter(
    ({ name }) => !/truncated|corrupt|bomb|tiny-ssd|broken|moving\.avif/.test(name),
  ))
    test(`of ${name} has the same pixels, colours and movement, and says nothing`, async () => {
      const file = readFileSync(path);
      const copy = await whole(file);
      assert.deepEqual(await seen(copy), await seen(file));
      await expectSilent(copy, name);
      assert.deepEqual(await whole(copy), copy, 'of itself it is itself');
    });

  for (const [name, file] of Object.entries(phoneFiles()).filter(([name]) => !name.includes('HEIC')))
    test(`of ${name} ends where its picture ends`, async () => {
      const copy = await whole(file);
      assert.deepEqual(await seen(copy), await seen(file));
      assert.deepEqual(copy.subarray(-2), Buffer.from([0xff, 0xd9]));
      assert.equal(copy.length, (await whole(read('stop-sign.jpg'))).length);
      for (const word of ['MPF', 'hdr-gain-map', 'ftyp', 'MotionPhoto'])
        assert.equal(copy.includes(word), false);
    });

  test('of a JPEG drops every segment that is not its picture, wherever it stands', async () => {
    const jpeg = read('progressive.jpg');
    const text = Buffer.from(secret);
    const jfif = Buffer.concat([
      Buffer.from('JFIF\0\x01\x02\x01\0\x48\0\x48\x03\x03'),
      Buffer.alloc(27, secret),
    ]);
    const before = [0xe0, 0xe1, 0xe2, 0xe3, 0xed, 0xef, 0xfe, 0xc8, 0xf0].map((marker) =>
      segment(marker, text),
    );
    const noisy = Buffer.concat([
      ...[
        jpeg.subarray(0, 2),
        segment(0xe0, jfif),
        segment(0xe0, Buffer.concat([Buffer.from('JFXX\0'), text])),
      ],
      ...before,
      ...[segment(0xe1, Buffer.concat([Buffer.from('http://ns.adobe.com/xap/1.0/\0'), text]))],
      ...[
        Buffer.from([0xff, 0xff, 0xff]),
        jpeg.subarray(2, -2),
        segment(0xfe, text),
        jpeg.subarray(-2),
        text,
      ],
    ]);
    assert.equal(isTold(noisy), true);
    const copy = await whole(noisy);
    assert.equal(isTold(copy), false);
    assert.deepEqual((await seen(copy)).pixels, (await seen(jpeg)).pixels);
  });

  for (const orientation of [1, 3, 6, 8])
    for (const format of ['jpeg', 'png', 'webp'] as const)
      test(`of a ${format} with orientation ${orientation} stays upright, by EXIF of its own or none`, async () => {
        const file = await sharp(read('kite.jpg'))
          .resize(64)
          .withExif(exif)
          .withMetadata({ orientation })
          .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${secret}</x:xmpmeta>`)
          .toFormat(format)
          .toBuffer();
        assert.equal(isTold(file), true);
        const copy = await whole(file);
        assert.equal(isTold(copy), false);
        assert.equal((await sharp(copy).metadata()).orientation ?? 1, orientation);
        assert.deepEqual(await seen(copy), await seen(file));
        await expectSilent(copy, format);
      });

  test('of a PNG drops texts, time, EXIF, what nobody knows, and what follows its end', async () => {
    const png = drawPng({ seed: 1 });
    const text = Buffer.from(`Comment\0${secret}`);
    const extra = ['tEXt', 'iTXt', 'zTXt', 'tIME', 'eXIf', 'prVt', 'caBX'].map((type) =>
      pngChunk(type, text),
    );
    const noisy = Buffer.concat([png.subarray(0, 33), ...extra, png.subarray(33), ...extra]);
    assert.deepEqual(await whole(noisy), png);
  });

  test('of a GIF drops comments and programs, and goes on moving as it did', async () => {
    const gif = read('animated.gif');
    const blocks = (text: string) =>
      Buffer.concat([Buffer.from([text.length]), Buffer.from(text), Buffer.from([0])]);
    const comment = Buffer.concat([Buffer.from([0x21, 0xfe]), blocks(secret)]);
    const program = Buffer.concat([Buffer.from('\x21\xff\x0bXMP DataXMP', 'latin1'), blocks(secret)]);
    const start = 13 + ((gif[10] ?? 0) & 0x80 ? 3 * 2 ** (((gif[10] ?? 0) & 7) + 1) : 0);
    const noisy = Buffer.concat([
      gif.subarray(0, start),
      comment,
      program,
      gif.subarray(start),
      Buffer.from(secret),
    ]);
    const copy = await whole(noisy);
    assert.equal(isTold(copy), false);
    assert.deepEqual(await seen(copy), await seen(gif));
  });

  test('of a WebP that moves clears the flags of what it dropped', async () => {
    const file = await sharp(read('animated.webp'), { animated: true }).withExif(exif).webp().toBuffer();
    assert.equal(isTold(file), true);
    const copy = await whole(Buffer.concat([file, Buffer.from(secret)]));
    assert.equal(isTold(copy), false);
    assert.equal((copy[20] ?? 0) & 0x0c, 0);
    assert.deepEqual(await seen(copy), await seen(file));
  });

  test('is there for no file that ends early or is something else', async () => {
    const files: readonly (readonly [Buffer, MediaType])[] = [
      [read('kite.jpg'), 'image/jpeg'],
      [read('tiny.png'), 'image/png'],
      [read('picture.webp'), 'image/webp'],
      [read('animated.gif'), 'image/gif'],
      [read('picture.avif'), 'image/avif'],
      [read('phone.heic'), 'image/heic'],
    ];
    for (const [file, type] of files) {
      for (const part of [0.01, 0.3, 0.7, 0.99]) {
        const cut = file.subarray(0, Math.floor(file.length * part));
        assert.equal(await bare(cut, type), undefined, `${type} cut at ${part}`);
      }
      assert.equal(await bare(Buffer.alloc(5000, 0xff), type), undefined);
      assert.equal(await bare(Buffer.alloc(5000), type), undefined);
    }
  });

  test('is made of a window at a time, however large the file is', async () => {
    const file = remarkJpeg(read('street.jpg'), secret);
    const large = Buffer.concat([file, Buffer.alloc(3_000_000, 7)]);
    const shelf = shelfOf(large);
    assert.ok(await bareCopy(shelf, photoOf(large, 'image/jpeg')));
    assert.ok(shelf.largest <= 256 * 1024);
  });

  test('of noise is given up, and never runs on', async () => {
    const noise = drawPng({ seed: 7, width: 300, height: 300, compression: 0 });
    const heads = [
      read('kite.jpg').subarray(0, 200),
      read('animated.gif').subarray(0, 20),
      read('picture.webp').subarray(0, 20),
    ];
    for (const head of heads) await bare(Buffer.concat([head, noise]), sniffType(head));
  });

  const data = testData('exif');
  test('of every picture that cameras and programs made is silent and the same', {
    skip: data.skip,
  }, async () => {
    const files = [...walkable(filesBelow(data.path)), ...walkable(filesBelow(testData('photos').path))];
    assert.ok(files.length > 20);
    let copies = 0;
    for (const { name, path } of files) {
      const file = readFileSync(path);
      const before = await seen(file).catch(() => undefined);
      const copy = await bare(file);
      if (copy === undefined || before === undefined) continue;
      copies += 1;
      const after = await seen(copy);
      assert.deepEqual({ ...after, pixels: undefined }, { ...before, pixels: undefined }, name);
      assert.ok(after.pixels.equals(before.pixels), `${name} has the same pixels`);
      await expectSilent(copy, name);
    }
    assert.ok(copies >= files.length * 0.8, `${copies} of ${files.length}`);
  });
});
