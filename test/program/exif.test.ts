// Every picture of the collections goes the whole way: uploaded, developed, upright in every rendition, same boxes.
// The project's own drawings cover the same ground where the collections are absent.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { type Client, createClient, type PhotoJson } from '../support/client.ts';
import { filesBelow, fixturesFolder, readRows, testData } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { type Program, startProgram } from '../support/start-program.ts';

const exif = testData('exif');
const photos = testData('photos');
const refused = /\.(svg|svgz|tiff?|jp2|csv|json)$/i;
/** What the collection holds of it is cut short. */
const damaged = /^ultrahdr\.jpg$/;
const grid = { width: 24, height: 24 };

let program: Program;
let client: Client;
before(async () => {
  program = await startProgram({ uploadsDir: await makeFolder(), env: { DETECTOR: 'centernet' } });
  client = createClient(program.url);
  // All of them at once, so that the darkroom is never idle while the tests go through them one by one.
  for (const { path, name } of [photos, exif].flatMap((folder) => filesBelow(folder.path)))
    if (!refused.test(name)) await client.upload(readFileSync(path), { name });
});
after(() => program?.stop());

async function develop(path: string): Promise<PhotoJson> {
  return client.developed((await client.keep(readFileSync(path), { name: path })).id, 120_000);
}

/** Each rendition as a few pixels, so that pictures of different sizes can be laid over each other. */
async function thumbnails({ links }: PhotoJson): Promise<Buffer[]> {
  return Promise.all(
    links.renditions.map(async ({ url }) =>
      sharp(await client.bytes(url))
        .resize({ ...grid, fit: 'fill' })
        .removeAlpha()
        .toColourspace('srgb')
        .raw()
        .toBuffer(),
    ),
  );
}

/** Mean difference of a colour value, 0..255. */
const difference = (a: Buffer, b: Buffer) =>
  a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length;

function overlap(a: PhotoJson['detections'][number]['box'], b: typeof a): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const common = Math.max(0, width) * Math.max(0, height);
  return common / (a.width * a.height + b.width * b.height - common);
}

/** The second is the first one, stored in another orientation. */
async function assertSame(one: PhotoJson, other: PhotoJson): Promise<void> {
  assert.equal(other.state, 'done', other.reason);
  assert.deepEqual([other.width, other.height], [one.width, one.height], 'the size of the upright photo');
  const [expected, actual] = await Promise.all([thumbnails(one), thumbnails(other)]);
  assert.equal(actual.length, expected.length);
  for (const [at, picture] of actual.entries()) {
    const off = difference(picture, expected[at] ?? Buffer.alloc(0));
    assert.ok(off < 6, `rendition ${other.links.renditions[at]?.width} differs by ${off}`);
  }
  assertSeenToo(one, other);
  assertSeenToo(other, one);
  for (const { label, score, box } of one.detections.filter((detection) => detection.score >= 0.5)) {
    const best = Math.max(
      0,
      ...other.detections.filter((found) => found.label === label).map((found) => overlap(found.box, box)),
    );
    assert.ok(best > 0.8, `the ${label} (${score}) is found elsewhere, IoU ${best}`);
  }
}

/** What is sure in one is not far below in the other: the pixels differ a little, and so does how sure an engine is. */
function assertSeenToo(one: PhotoJson, other: PhotoJson): void {
  const from = ({ detections }: PhotoJson, least: number) =>
    detections.filter(({ confidence }) => confidence >= least).map(({ label }) => label);
  const there = from(other, 40);
  for (const label of from(one, 65)) assert.ok(there.includes(label), `${label} is not seen in both`);
}

/** The first of a series against each of the others. */
function describeSeries(what: string, paths: readonly string[], skip: string | false): void {
  describe(what, { skip }, () => {
    let first: PhotoJson;
    before(async () => {
      if (skip === false) first = await develop(paths[0] ?? '');
    });
    for (const path of paths.slice(1))
      test(`${path.split('/').at(-1)} is upright in every rendition, with the same boxes`, async () => {
        await assertSame(first, await develop(path));
      });
  });
}

const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
describeSeries(
  'the eight orientations, drawn',
  numbers.map((n) => join(fixturesFolder, `orientation-${n}.jpg`)),
  false,
);
describeSeries(
  'what a HEIC says of its orientation, in its boxes and in EXIF',
  ['orientation-1.jpg', 'phone.heic'].map((name) => join(fixturesFolder, name)),
  false,
);
describeSeries(
  'the eight orientations, photographed',
  numbers.map((n) => join(exif.path, `crafted/person_dog_orient_${n}.jpg`)),
  exif.skip,
);
for (const shape of ['Landscape', 'Portrait'])
  describe(`the eight orientations, ${shape.toLowerCase()}`, { skip: exif.skip }, () => {
    // Each of these says its number in the picture, so only size and likeness can be the same.
    for (const n of numbers)
      test(`${shape}_${n}.jpg is as wide and high as the first, and looks like it`, async () => {
        const [first, other] = [
          await develop(join(exif.path, `orientation/${shape}_1.jpg`)),
          await develop(join(exif.path, `orientation/${shape}_${n}.jpg`)),
        ];
        assert.deepEqual([other.width, other.height], [first.width, first.height]);
        const [expected, actual] = await Promise.all([thumbnails(first), thumbnails(other)]);
        for (const [at, picture] of actual.entries())
          assert.ok(difference(picture, expected[at] ?? Buffer.alloc(0)) < 20, `rendition ${at} is turned`);
      });
  });
describeSeries(
  'orientations in WebP',
  [2, 3, 4, 5, 6, 7, 8].map((n) => join(exif.path, `orientation/hopper_orientation_${n}.webp`)),
  exif.skip,
);

const unknownFormats = ['svg', 'tiff', 'J2C'];

describe('every file of photos', { skip: photos.skip }, () => {
  for (const { path, name } of filesBelow(photos.path))
    if (refused.test(name)) test(`${name} is refused`, () => assertRefused(path));
    else test(`${name} is developed`, async () => void (await assertWhole(path, 'done')));
});

describe('every file of exif, as its table says', { skip: exif.skip }, () => {
  const rows = exif.skip === false ? readRows(join(exif.path, 'exif.csv')) : [];
  const nameOf = ({ file = '' }: (typeof rows)[number]) => file.replace(/^exif\//, '');

  test('the table knows them all', () => {
    const files = filesBelow(exif.path).flatMap(({ name }) => (name.endsWith('.csv') ? [] : [name]));
    assert.deepEqual(rows.map(nameOf).toSorted(), files.toSorted());
  });

  for (const row of rows) {
    const name = nameOf(row);
    const path = join(exif.path, name);
    if (unknownFormats.includes(row.format ?? '')) test(`${name} is refused`, () => assertRefused(path));
    else
      test(`${name} is developed, upright`, async () => {
        const photo = await assertWhole(path, damaged.test(name) ? 'failed' : 'done');
        // One of them, a sequence, is read by nothing that the table was made with.
        if (row.width === '') return;
        const size = [Number(row.width), Number(row.height)];
        // From the fifth on, what is stored lies on its side (TIFF 6.0, Orientation).
        const upright = Number(row.orientation) >= 5 ? size.toReversed() : size;
        assert.deepEqual([photo.width, photo.height], upright);
      });
  }
});

async function assertRefused(path: string): Promise<void> {
  const { status } = await client.upload(readFileSync(path), { name: path });
  assert.ok([415, 422].includes(status), `it was answered with ${status}`);
}

async function assertWhole(path: string, state: PhotoJson['state']): Promise<PhotoJson> {
  const photo = await develop(path);
  assert.equal(photo.state, state, photo.reason);
  assert.ok(photo.links.renditions.length > 0, 'there are renditions');
  const shape = photo.width / photo.height;
  for (const { url } of photo.links.renditions) {
    const { width = 0, height = 0, exif: hidden } = await sharp(await client.bytes(url)).metadata();
    assert.ok(
      Math.abs(width - height * shape) <= 1 + shape,
      `${width} x ${height} is not the shape of the photo`,
    );
    assert.equal(hidden, undefined, 'nothing about the camera or the place is left in it');
  }
  for (const { box } of photo.detections)
    assert.ok(
      box.x >= 0 && box.y >= 0 && box.x + box.width <= 1.001 && box.y + box.height <= 1.001,
      'boxes lie in the photo',
    );
  return photo;
}

test('what a camera wrote is read, and the place is not in what programs are told (T16)', async () => {
  const photo = await develop(join(fixturesFolder, 'located.jpg'));
  assert.equal(photo.camera, 'Sajin Drawing One');
  assert.match(photo.takenAt ?? '', /^2026-11-20T10:12:00/);
  assert.doesNotMatch(JSON.stringify(photo), /37\.5|126\.9|latitude/);
});

test('EXIF that means harm is kept out of the way (T16)', async () => {
  const photo = await develop(join(fixturesFolder, 'hostile-exif.jpg'));
  assert.equal(photo.state, 'done', photo.reason);
  assert.doesNotMatch(photo.camera ?? '', /[\p{Cc}]/u);
  const page = await (
    await fetch(new URL(photo.links.self, program.url), { headers: { Accept: 'text/html' } })
  ).text();
  assert.doesNotMatch(page, /<script>alert/);
});
