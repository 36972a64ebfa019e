// Photos through the real darkroom: upright, in the right colours, at the right sizes, whatever they were saved as.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { renditionSizes } from '../../src/gallery/photo.ts';
import { filesBelow, fixturesFolder, testData } from '../support/data.ts';
import {
  assertDeveloped,
  assertRenditions,
  type Developing,
  difference,
  fileOf,
  openDeveloping,
} from '../support/developing.ts';
import { makeFolder } from '../support/folder.ts';
import { typeOf } from '../support/rgb.ts';

const fixture = (name: string) => join(fixturesFolder, name);
const rotten = ['corrupt.jpg', 'empty.jpg', 'text.jpg', 'vector.jpg', 'broken.heic'];

describe('developing', () => {
  const cleaning: (() => unknown)[] = [];
  let developing: Developing;
  before(async () => {
    developing = await openDeveloping({ after: (clean) => cleaning.unshift(clean) });
  });
  after(async () => {
    for (const clean of cleaning) await clean();
  });
  const develop = async (path: string) => {
    const developed = await developing.develop(path);
    assertDeveloped(developed);
    return developed;
  };

  describe('keeps what is seen', () => {
    // How far a mean pixel may be from the drawing: lossy formats and narrower colour spaces move it a little.
    const formats = [
      ['a JPEG', 'stop-sign.jpg', 3],
      ['a progressive JPEG', 'progressive.jpg', 4],
      ['a grey JPEG', 'grey.jpg', 26],
      ['a CMYK JPEG', 'cmyk.jpg', 8],
      ['a Display P3 JPEG', 'display-p3.jpg', 4],
      ['a PNG of 16 bits', 'sixteen-bits.png', 6],
      ['a WebP', 'picture.webp', 4],
      ['an AVIF', 'picture.avif', 4],
      ['the HEIC of a phone: tiles, turned once, in Display P3', 'phone.heic', 4],
      ['a HEIC that is turned and mirrored', 'mirrored.heic', 4],
      ['a HEIC of 10 bits', 'ten-bits.heic', 4],
      ['the first frame of a GIF', 'animated.gif', 5],
      ['the first frame of an animated WebP', 'animated.webp', 7],
    ] as const;
    for (const [what, name, tolerance] of formats)
      test(`of ${what}`, async () => {
        const developed = await develop(fixture(name));
        assert.equal(developed.damage, undefined);
        await assertRenditions(developed);
        const far = await difference(fixture('stop-sign.jpg'), fileOf(developed, 320).path);
        assert.ok(far < tolerance, `differs by ${far}`);
      });

    test('of a transparent PNG, transparency included', async () => {
      const developed = await develop(fixture('alpha.png'));
      await assertRenditions(developed);
      for (const { path } of developed.files) {
        const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
        assert.equal(info.channels, 4);
        assert.equal(data[3], 0, 'the corner is clear');
        assert.equal(
          data[4 * (info.width * (info.height >> 1) + (info.width >> 1)) + 3],
          255,
          'the middle is not',
        );
      }
    });
  });

  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8])
    test(`turns EXIF orientation ${orientation} upright in every size`, async () => {
      const path = fixture(`orientation-${orientation}.jpg`);
      const developed = await develop(path);
      assert.deepEqual([developed.width, developed.height], [480, 360]);
      await assertRenditions(developed);
      for (const { path: rendition } of developed.files)
        assert.ok((await difference(fixture('stop-sign.jpg'), rendition)) < 3);
    });

  test('never enlarges: a small photo has its own size in each rendition', async () => {
    const developed = await develop(fixture('picture.webp'));
    assert.deepEqual(
      developed.files.map(({ width, height }) => [width, height]),
      [
        [240, 180],
        [240, 180],
        [240, 180],
      ],
    );
    assert.equal(new Set(developed.files.map(({ path }) => path)).size, 3);
    assert.equal(new Set(developed.files.map(({ sha256 }) => sha256)).size, 1);
  });

  test('takes one pixel, and a strip', async () => {
    for (const name of ['tiny.png', 'wide.png']) await assertRenditions(await develop(fixture(name)));
  });

  test('makes a placeholder of at most 16 px and 200 characters', async () => {
    for (const name of ['street.jpg', 'tiny.png', 'wide.png', 'kite.jpg']) {
      const { placeholder = '' } = await develop(fixture(name));
      assert.ok(placeholder.length <= 200, `${name}: ${placeholder.length}`);
      const { format, width, height } = await sharp(Buffer.from(placeholder, 'base64')).metadata();
      assert.equal(format, 'webp');
      assert.ok(Math.max(width, height) <= 16);
    }
    const { placeholder } = await develop(fixture('alpha.png'));
    assert.equal(placeholder, undefined, 'it would show through');
  });

  test('gives the same bytes for the same photo', async () => {
    const [first, second] = [await develop(fixture('room.jpg')), await develop(fixture('room.jpg'))];
    assert.deepEqual(
      first.files.map(({ sha256 }) => sha256),
      second.files.map(({ sha256 }) => sha256),
    );
  });

  test('writes three files and nothing else', async () => {
    const { files } = await develop(fixture('street.jpg'));
    const folder = join(files[0]?.path ?? '', '..');
    assert.deepEqual((await readdir(folder)).sort(), renditionSizes.map((size) => `${size}.webp`).sort());
  });

  describe('where nothing can be written', () => {
    const into = async (folder: string) =>
      await developing.darkroom.develop(fixture('kite.jpg'), 'image/jpeg', folder);

    test('a full disk is said to be one, and costs no child', {
      skip: !existsSync('/dev/full'),
    }, async (t) => {
      const folder = await makeFolder(t);
      await symlink('/dev/full', join(folder, '800.webp'));
      await assert.rejects(into(folder), { name: 'GalleryError', code: 'disk-full' });
    });

    test('a folder that is not there is unavailable', async () => {
      await assert.rejects(into('/nowhere'), { name: 'GalleryError', code: 'unavailable' });
      assert.deepEqual(developing.lines, []);
    });
  });

  describe('a damaged file is an answer', () => {
    test('half of a JPEG is developed as far as it goes, with what is wrong', async () => {
      const developed = await develop(fixture('truncated.jpg'));
      assert.match(developed.damage ?? '', /premature end/);
      await assertRenditions(developed);
    });

    for (const name of [...rotten, 'pixel-bomb.png'])
      test(`${name} is damaged, in words that name no folder`, async () => {
        const developed = await developing.develop(
          fixture(name),
          name.endsWith('png') ? 'image/png' : 'image/jpeg',
        );
        assert.equal(developed.kind, 'damaged');
        assert.ok(developed.detail !== '' && !developed.detail.includes('/'), developed.detail);
      });

    test('a file that is not there is damaged, too', async () => {
      const developed = await developing.develop(fixture('absent.jpg'), 'image/jpeg');
      assert.equal(developed.kind, 'damaged');
    });
  });

  describe('probing', () => {
    const probe = (name: string) => developing.darkroom.probe(fixture(name), typeOf(fixture(name)));

    test('tells the upright size for every orientation', async () => {
      for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8])
        assert.deepEqual(await probe(`orientation-${orientation}.jpg`), {
          kind: 'picture',
          width: 480,
          height: 360,
          frames: 1,
        });
    });

    test('counts frames', async () => {
      assert.deepEqual(await probe('animated.gif'), { kind: 'picture', width: 160, height: 120, frames: 3 });
      assert.deepEqual(await probe('animated.webp'), { kind: 'picture', width: 160, height: 120, frames: 3 });
    });

    test('counts those of an APNG and of an AVIF sequence, too, and calls several pictures in a HEIC none', async () => {
      for (const [name, frames] of [
        ['moving.png', 3],
        ['moving.avif', 5],
        ['phone.heic', 1],
        ['picture.avif', 1],
        ['alpha.png', 1],
      ] as const) {
        const answer = await probe(name);
        assert.ok(
          answer.kind === 'picture' && answer.frames === frames,
          `${name}: ${JSON.stringify(answer)}`,
        );
      }
    });

    test('tells the size of a pixel bomb without opening it (T13)', async () => {
      assert.deepEqual(await probe('pixel-bomb.png'), {
        kind: 'picture',
        width: 60_000,
        height: 60_000,
        frames: 1,
      });
    });

    test('calls what is no picture unreadable', async () => {
      for (const name of [...rotten, 'absent.jpg']) {
        const answer = await developing.darkroom.probe(fixture(name), 'image/jpeg');
        // Nothing else: sixteen headers are read at a time, and libvips would speak of another one's file.
        assert.deepEqual(answer, { kind: 'unreadable' }, name);
      }
    });
  });

  describe('files of others', () => {
    const exif = testData('exif');
    test('one photograph in eight orientations comes out as one', { skip: exif.skip }, async () => {
      const path = (orientation: number) => join(exif.path, `crafted/person_dog_orient_${orientation}.jpg`);
      const first = await develop(path(1));
      for (let orientation = 2; orientation <= 8; orientation += 1) {
        const turned = await develop(path(orientation));
        assert.deepEqual([turned.width, turned.height], [first.width, first.height]);
        for (const size of renditionSizes)
          assert.ok(
            (await difference(fileOf(first, size).path, fileOf(turned, size).path)) < 4,
            `${orientation}`,
          );
      }
    });

    const hostile = testData('hostile');
    test('nothing hostile hurts a child', { skip: hostile.skip }, async () => {
      const files = filesBelow(hostile.path).filter(({ name }) => !/\.(csv|txt)$/.test(name));
      assert.ok(files.length > 80);
      const answers = files.map(async ({ path, name }) => {
        const type = tryTypeOf(path);
        const probed = await developing.darkroom.probe(path, type);
        if (probed.kind === 'unreadable') assert.deepEqual(probed, { kind: 'unreadable' }, name);
        const developed = await developing.develop(path, type);
        assert.ok(!('detail' in developed) || !developed.detail.includes(hostile.path), name);
        return developed.kind;
      });
      const kinds = await Promise.all(answers);
      assert.ok(kinds.filter((kind) => kind === 'developed').length > 20);
      assert.deepEqual(developing.lines, []);
    });

    for (const folder of ['exif', 'photos']) {
      const { path, skip } = testData(folder);
      test(`everything that is a picture in ${folder} is developed`, { skip }, async () => {
        const pictures = filesBelow(path).filter((file) => tryType(file.path) !== undefined);
        assert.ok(pictures.length > 10);
        const damaged: string[] = [];
        await Promise.all(
          pictures.map(async (file) => {
            const developed = await develop(file.path);
            await assertRenditions(developed);
            if (developed.damage !== undefined) damaged.push(file.name);
          }),
        );
        // The only one that ends before its last marker.
        assert.deepEqual(damaged, folder === 'exif' ? ['ultrahdr.jpg'] : []);
      });
    }
  });
});

function tryType(path: string) {
  try {
    return typeOf(path);
  } catch {
    return undefined;
  }
}

/** What could not be told is called a JPEG: the darkroom must not trust what it is told either. */
const tryTypeOf = (path: string) => tryType(path) ?? 'image/jpeg';
