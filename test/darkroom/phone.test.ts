// What phones write beyond a plain JPEG: wide colours, more pictures than one in a file, a film behind it, HEIC that is broken.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { fixturesFolder } from '../support/data.ts';
import {
  assertDeveloped,
  assertRenditions,
  type Developing,
  difference,
  fileOf,
  openDeveloping,
} from '../support/developing.ts';
import { makeFolder } from '../support/folder.ts';
import { phoneFiles } from '../support/phone-files.ts';
import { randomFrom } from '../support/pictures.ts';

const fixture = (name: string) => join(fixturesFolder, name);

describe('what phones write', () => {
  const cleaning: (() => unknown)[] = [];
  const cleaner = { after: (clean: () => unknown) => void cleaning.unshift(clean) };
  let developing: Developing;
  let folder: string;
  before(async () => {
    developing = await openDeveloping(cleaner);
    folder = await makeFolder(cleaner);
  });
  after(async () => {
    for (const clean of cleaning) await clean();
  });
  const develop = async (path: string) => {
    const developed = await developing.develop(path);
    assertDeveloped(developed);
    return developed;
  };

  /** The colour in the middle of each of the three bands. */
  async function bandsOf(path: string, ignoreIcc = false): Promise<number[][]> {
    const { data, info } = await sharp(path, { ignoreIcc }).raw().toBuffer({ resolveWithObject: true });
    return [1, 3, 5].map((sixth) => {
      const at = (info.width * (info.height >> 1) + Math.round((info.width * sixth) / 6)) * info.channels;
      return [...data.subarray(at, at + 3)];
    });
  }
  const drawn = [
    [200, 70, 60],
    [70, 180, 80],
    [60, 80, 200],
  ];
  const furthest = (bands: readonly number[][]) =>
    Math.max(
      ...bands.flatMap((band, at) => band.map((value, of) => Math.abs(value - (drawn[at]?.[of] ?? 0)))),
    );

  for (const format of ['jpg', 'png', 'webp', 'avif', 'heic'])
    test(`Display P3 in .${format} becomes sRGB in every size`, async () => {
      const path = fixture(`wide-colours.${format}`);
      // sharp reads no pixels of a HEIC; it is made of the same ones as the PNG.
      const stored = await bandsOf(format === 'heic' ? fixture('wide-colours.png') : path, true);
      assert.ok(furthest(stored) > 12, 'the numbers in the file are others');
      for (const { path: rendition } of (await develop(path)).files)
        assert.ok(furthest(await bandsOf(rendition)) < 8, `${await bandsOf(rendition)}`);
    });

  for (const [what, bytes] of Object.entries(phoneFiles()))
    test(`${what} is shown by its main picture`, async () => {
      const path = join(folder, what.replaceAll(' ', '-'));
      await writeFile(path, bytes);
      const developed = await develop(path);
      assert.equal(developed.damage, undefined);
      await assertRenditions(developed);
      const plain = what.includes('HEIC') ? 'phone.heic' : 'stop-sign.jpg';
      const expected = fileOf(await develop(fixture(plain)), 800).path;
      assert.ok((await difference(expected, fileOf(developed, 800).path)) < 0.01);
      const probe = await developing.darkroom.probe(
        path,
        plain.endsWith('heic') ? 'image/heic' : 'image/jpeg',
      );
      assert.ok(probe.kind === 'picture' && probe.frames === 1, 'nothing moves in what is shown');
    });

  test('a HEIC tells what the camera wrote, and its size as it is seen', async () => {
    const { width, height, facts } = await develop(fixture('phone.heic'));
    assert.deepEqual([width, height], [480, 360]);
    assert.equal(facts.camera, 'Apple iPhone drawn');
    assert.equal(facts.takenAt, '2026-11-20T10:12:00+09:00');
    assert.ok(Math.abs((facts.place?.latitude ?? 0) - 37.5664) < 0.001);
  });

  test('a HEIC that only its codec tells from an AVIF is decoded by it', async () => {
    const renamed = async (name: string, brand: string) => {
      const bytes = readFileSync(fixture(name));
      const length = bytes.readUInt32BE(0);
      for (let at = 8; at < length; at += at === 8 ? 8 : 4) bytes.write(brand, at, 'latin1');
      const path = join(folder, `${brand}-${name}`);
      await writeFile(path, bytes);
      return path;
    };
    for (const name of ['phone.heic', 'picture.avif']) {
      const developed = await develop(await renamed(name, 'mif1'));
      assert.ok((await difference(fixture('stop-sign.jpg'), fileOf(developed, 320).path)) < 4, name);
    }
  });

  describe('a broken HEIC is an answer', () => {
    const whole = readFileSync(fixture('phone.heic'));
    const answerTo = async (name: string, bytes: Buffer) => {
      const path = join(folder, name);
      await writeFile(path, bytes);
      return [
        await developing.darkroom.probe(path, 'image/heic'),
        await developing.develop(path, 'image/heic'),
      ];
    };

    test('wherever it was cut off', async () => {
      for (const part of [0.02, 0.1, 0.2, 0.5, 0.95]) {
        const [, developed] = await answerTo(
          `cut-${part}.heic`,
          whole.subarray(0, Math.round(whole.length * part)),
        );
        assert.equal(developed?.kind, 'damaged', `${part}`);
        assert.doesNotMatch(developed.detail, /\//);
      }
    });

    test('whatever bits are wrong in it', async () => {
      const next = randomFrom(7);
      for (let round = 0; round < 40; round += 1) {
        const bytes = Buffer.from(whole);
        // Half of them in the boxes, where the lies are.
        const room = round % 2 === 0 ? 1200 : bytes.length;
        for (let flips = 0; flips < 8; flips += 1) bytes[12 + (next() % (room - 12))] = next() & 255;
        const [, developed] = await answerTo(`bits-${round}.heic`, bytes);
        assert.ok(developed?.kind === 'damaged' || developed?.kind === 'developed');
      }
      assert.deepEqual(developing.lines, [], 'no child was lost');
    });

    test('a picture that says it has a hundred megapixels is not decoded', async () => {
      const bytes = Buffer.from(whole);
      const ispe = bytes.lastIndexOf('ispe', bytes.indexOf('colr'));
      bytes.writeUInt32BE(10_000, ispe + 8);
      bytes.writeUInt32BE(10_000, ispe + 12);
      const [probe, developed] = await answerTo('large.heic', bytes);
      assert.ok(
        probe?.kind === 'unreadable' || (probe?.kind === 'picture' && probe.width * probe.height >= 1e8),
      );
      assert.equal(developed?.kind, 'damaged');
    });
  });
});
