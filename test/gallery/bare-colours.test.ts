// Profiles in bare copies: the same colours, and nothing of whoever measured them, on which screen and when.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { bareProfile } from '../../src/gallery/bare/profile.ts';
import { bare, fixtureOf, seen, whole } from '../support/bare-copies.ts';
import { pngChunk } from '../support/pictures.ts';
import {
  jpegWith,
  lutTag,
  pngWith,
  profileOf,
  tagsOf,
  talkative,
  textTag,
  webpWith,
} from '../support/profiles.ts';

const secret = 'SN-C02XK0SECRET John Doe iMac GPS 37.5665N';
/** In plain letters and in those of two bytes. */
const expectSilent = (bytes: Buffer, name: string) => {
  for (const word of ['SECR', 'John', 'iMac', '37.5'])
    for (const encoding of ['latin1', 'utf16le'] as const)
      assert.equal(bytes.includes(Buffer.from(word, encoding)), false, `${name} says ${word}`);
};

const iccOf = async (file: Buffer) => (await sharp(file).metadata()).icc ?? Buffer.alloc(0);
const small = () => sharp(fixtureOf('kite.jpg')).resize(120);
const displayP3 = async () => iccOf(fixtureOf('display-p3.jpg'));

/** In sRGB, by the profile, by any means that the decoder has. */
async function colours(file: Buffer) {
  const asked = [
    sharp(file),
    sharp(file).toColourspace('srgb').removeAlpha(),
    sharp(file).toColourspace('lab'),
  ];
  return await Promise.all(asked.map((image) => image.raw().toBuffer()));
}

async function expectSame(copy: Buffer, file: Buffer, name: string): Promise<void> {
  assert.deepEqual(await colours(copy), await colours(file), name);
  const plain = (one: Buffer) => sharp(one, { ignoreIcc: true }).raw().toBuffer();
  assert.deepEqual(await plain(copy), await plain(file), `${name}, as they are written`);
  assert.deepEqual(await whole(copy), copy, `${name}: of itself it is itself`);
}

describe('a bare copy of a picture with a profile', () => {
  test('says nothing of who made the profile, and has the same colours (T40)', async () => {
    const profile = talkative(await displayP3(), secret);
    const files = {
      jpeg: jpegWith(await small().jpeg().toBuffer(), profile),
      png: pngWith(await small().png().toBuffer(), profile),
      webp: webpWith(await small().withIccProfile('p3').webp().toBuffer(), profile),
    };
    for (const [name, file] of Object.entries(files)) {
      const without = await sharp(file, { ignoreIcc: true }).raw().toBuffer();
      assert.notDeepEqual((await seen(file)).pixels, without, `${name} needs its profile`);
      const copy = await whole(file);
      expectSilent(copy, name);
      const icc = await iccOf(copy);
      expectSilent(icc, name);
      assert.equal(icc.length, icc.readUInt32BE(0));
      await expectSame(copy, file, name);
    }
  });

  test('of a PNG has another name of the profile, and no suggested palette (T40)', async () => {
    const palette = pngChunk('sPLT', Buffer.from(`${secret}\0\x08\x01\x02\x03\x04\0\x05`, 'latin1'));
    const file = pngWith(await small().png().toBuffer(), await displayP3(), secret, [palette]);
    const copy = await whole(file);
    expectSilent(copy, 'the copy');
    const at = copy.indexOf('iCCP');
    const content = copy.subarray(at + 4, at + 4 + copy.readUInt32BE(at - 4));
    assert.match(content.toString('latin1', 0, 12), /^[\w ]+\0\0/);
    assert.deepEqual(inflateSync(content.subarray(content.indexOf(0) + 2)), await iccOf(copy));
    await expectSame(copy, file, 'the copy');
  });

  test('of a PNG drops values that are longer than what they are for', async () => {
    const png = await small().png().toBuffer();
    const chunks = ['gAMA', 'sRGB', 'cHRM', 'pHYs', 'bKGD', 'tRNS', 'cICP'];
    const noisy = chunks.map((type) =>
      pngChunk(type, Buffer.from(`\0\0\xb1\x8f${secret.repeat(30)}`, 'latin1')),
    );
    const copy = await whole(Buffer.concat([png.subarray(0, 33), ...noisy, png.subarray(33)]));
    expectSilent(copy, 'the copy');
    assert.deepEqual((await seen(copy)).pixels, (await seen(png)).pixels);
  });

  test('of four inks, of grey and of tables keeps its colours', async () => {
    const cmyk = await small().toColourspace('cmyk').withIccProfile('cmyk').jpeg().toBuffer();
    const p3 = await displayP3();
    const grey = tagsOf(p3).filter(([signature]) => ['wtpt', 'chad', 'desc', 'cprt'].includes(signature));
    const greyHeader = Buffer.from(p3.subarray(0, 128));
    greyHeader.write('GRAY', 16);
    const curve = tagsOf(p3).find(([signature]) => signature === 'rTRC')?.[1] ?? Buffer.alloc(0);
    const greyProfile = profileOf(greyHeader, [...grey, ['kTRC', curve]]);
    const tables = profileOf(p3, [...grey, ['A2B0', lutTag(secret)]]);
    const files = {
      cmyk,
      grey: jpegWith(await small().toColourspace('b-w').jpeg().toBuffer(), talkative(greyProfile, secret), 1),
      tables: pngWith(await small().png().toBuffer(), talkative(tables, secret)),
    };
    for (const [name, file] of Object.entries(files)) {
      const copy = await whole(file);
      expectSilent(copy, name);
      expectSilent(await iccOf(copy), name);
      await expectSame(copy, file, name);
    }
    assert.notDeepEqual(
      (await seen(files.tables)).pixels,
      (await seen(await small().png().toBuffer())).pixels,
    );
  });

  test('is not there when the profile can’t be understood, so that its rendition in sRGB leaves', async () => {
    const jpeg = await small().jpeg().toBuffer();
    const png = await small().png().toBuffer();
    const p3 = await displayP3();
    const tags = tagsOf(p3);
    const bomb = Buffer.alloc(64 * 1024 * 1024);
    const profiles = {
      noise: Buffer.alloc(500, 7),
      short: p3.subarray(0, 300),
      'a text for a curve': profileOf(p3, [['rTRC', textTag(secret)], ...tags]),
      'a tag that decides and that nobody here knows': profileOf(p3, [...tags, ['D2B0', textTag(secret)]]),
    };
    for (const [name, profile] of Object.entries(profiles)) {
      assert.equal(await bare(jpegWith(jpeg, profile, 1)), undefined, name);
      assert.equal(await bare(pngWith(png, profile)), undefined, name);
    }
    assert.equal(await bare(pngWith(png, bomb)), undefined, 'much more than it seems');
    const half = jpegWith(jpeg, p3, 2);
    const second = half.indexOf('ICC_PROFILE', half.indexOf('ICC_PROFILE') + 1);
    half[second + 12] = 1;
    half[half.indexOf('ICC_PROFILE') + 12] = 1;
    assert.equal(await bare(half), undefined, 'two first parts');
  });

  test('has a profile that is the same for the same colours, whatever it was called', async () => {
    const p3 = await displayP3();
    assert.deepEqual(bareProfile(talkative(p3, secret)), bareProfile(p3));
    assert.deepEqual(bareProfile(bareProfile(p3)), bareProfile(p3));
    assert.ok(bareProfile(p3).length < p3.length + 100);
    const signatures = tagsOf(Buffer.from(bareProfile(p3))).map(([signature]) => signature);
    assert.deepEqual(
      signatures.toSorted(),
      tagsOf(p3)
        .map(([signature]) => signature)
        .toSorted(),
    );
  });

  test('is there for profiles that lie about their sizes, or not, and never takes long', () => {
    const p3 = readFileSync(new URL('../fixtures/display-p3.jpg', import.meta.url));
    const at = p3.indexOf('ICC_PROFILE') + 14;
    const profile = p3.subarray(at, at + p3.readUInt32BE(at));
    const table = profileOf(profile, [...tagsOf(profile).slice(0, 4), ['A2B0', lutTag(secret)]]);
    for (const original of [profile, table])
      for (let place = 0; place < original.length; place += 1)
        for (const value of [0, 1, 127, 255]) {
          const changed = Buffer.from(original);
          changed[place] = value;
          try {
            assert.ok(bareProfile(changed).length <= 10_000);
          } catch (error) {
            assert.equal((error as Error).name, 'CutOff');
          }
        }
  });
});
