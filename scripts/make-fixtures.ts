// Draws every picture in test/fixtures/ anew: `node --import tsx scripts/make-fixtures.ts`. The results are committed, so tests need
// no drawing; the same versions of sharp and libvips give the same bytes.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp, { type Sharp } from 'sharp';
import { claimPng } from '../test/support/pictures.ts';
import { kite, signPlate, stopSign, svg, wallClock } from './fixtures/drawings.ts';
import { drawHeic, drawMoving, drawWideColours } from './fixtures/phone.ts';
import { room, street } from './fixtures/scenes.ts';

const folder = fileURLToPath(new URL('../test/fixtures/', import.meta.url));
const [width, height] = [480, 360];
const draw = (picture: string) => sharp(Buffer.from(picture)).flatten();
const upright = await draw(stopSign(width, height)).raw().toBuffer();
const fromUpright = () => sharp(upright, { raw: { width, height, channels: 3 } });

await mkdir(folder, { recursive: true });
await drawScenes();
await drawOrientations();
await drawFormats();
await drawExif();
await drawWideColours(save);
await drawHeic(save, fromUpright);
await writeFaults();
await listFixtures();

async function drawScenes(): Promise<void> {
  await save('stop-sign.jpg', fromUpright().jpeg({ quality: 88 }));
  await save('wall-clock.jpg', draw(wallClock(width, height)).jpeg({ quality: 88 }));
  await save('kite.jpg', draw(kite(width, height)).jpeg({ quality: 88 }));
  await save('street.jpg', draw(street(1600, 1200)).jpeg({ quality: 86, mozjpeg: true }));
  await save('room.jpg', draw(room(1600, 1200)).jpeg({ quality: 86, mozjpeg: true }));
}

/** The stored pixels of each are turned so that its orientation tag turns them back: upright all eight are one picture. */
async function drawOrientations(): Promise<void> {
  const stored = [
    () => fromUpright(),
    () => fromUpright().flop(),
    () => fromUpright().rotate(180),
    () => fromUpright().flip(),
    () => fromUpright().rotate(270).flop(),
    () => fromUpright().rotate(270),
    () => fromUpright().rotate(90).flop(),
    () => fromUpright().rotate(90),
  ];
  for (const [at, turn] of stored.entries()) {
    // In two steps, since a tag would be applied to the pixels of the same pipeline. sharp mirrors before it rotates.
    const { data, info } = await turned(turn);
    const picture = sharp(data, { raw: info }).jpeg({ quality: 90, chromaSubsampling: '4:4:4' });
    await save(`orientation-${at + 1}.jpg`, picture.withMetadata({ orientation: at + 1 }));
  }
}

async function turned(turn: () => Sharp) {
  return await turn().raw().toBuffer({ resolveWithObject: true });
}

async function drawFormats(): Promise<void> {
  const half = () => fromUpright().resize(240, 180);
  const plate = svg(
    200,
    200,
    '<linearGradient id="red"><stop stop-color="#c21d26"/></linearGradient>',
    signPlate(100, 100, 90),
  );
  const frames = [stopSign, wallClock, kite].map((one) => draw(one(160, 120)).png().toBuffer());
  await save('alpha.png', sharp(Buffer.from(plate)).png());
  await save('picture.webp', half().webp({ quality: 80 }));
  await save('picture.avif', half().avif({ quality: 55 }));
  await save('grey.jpg', half().greyscale().toColourspace('b-w').jpeg());
  await save('cmyk.jpg', half().toColourspace('cmyk').jpeg({ quality: 85 }));
  await save('display-p3.jpg', half().withIccProfile('p3').jpeg({ quality: 85 }));
  await save('sixteen-bits.png', fromUpright().resize(80, 60).toColourspace('rgb16').png());
  await save('progressive.jpg', half().jpeg({ progressive: true }));
  await save(
    'animated.gif',
    sharp(await Promise.all(frames), { join: { animated: true } }).gif({ delay: [200, 200, 200] }),
  );
  await save(
    'animated.webp',
    sharp(await Promise.all(frames), { join: { animated: true } }).webp({ quality: 60 }),
  );
  await drawMoving(save, await Promise.all(frames), await half().avif({ quality: 55 }).toBuffer());
  await save('tiny.png', sharp({ create: { width: 1, height: 1, channels: 3, background: '#3a7' } }).png());
  await save('wide.png', fromUpright().resize(2400, 3, { fit: 'fill' }).png());
}

/** Somebody's honest EXIF, and the worst that fits into one. */
async function drawExif(): Promise<void> {
  const picture = () => fromUpright().resize(240, 180).jpeg({ quality: 85 });
  await save(
    'located.jpg',
    picture().withExif({
      IFD0: { Make: 'Sajin', Model: 'Sajin Drawing One' },
      IFD2: { DateTimeOriginal: '2026:11:20 10:12:00', OffsetTimeOriginal: '+09:00' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '37/1 33/1 5904/100',
        GPSLongitudeRef: 'E',
        GPSLongitude: '126/1 58/1 4080/100',
        GPSAltitudeRef: '0',
        GPSAltitude: '3800/100',
      },
    }),
  );
  await save(
    'hostile-exif.jpg',
    picture().withExif({
      IFD0: {
        Make: '\u001b[31mEvil\u0007 Co',
        Model: '"><script>alert(1)</script>',
        ImageDescription: '<script>'.repeat(7000),
      },
      IFD2: { DateTimeOriginal: '9999:99:99 99:99:99', DateTimeDigitized: '0000:00:00 00:00:00' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '0/0 0/0 0/0',
        GPSLongitudeRef: 'E',
        GPSLongitude: '540/1 0/1 0/1',
      },
    }),
  );
}

/** Files that are not what they seem. */
async function writeFaults(): Promise<void> {
  const whole = await fromUpright().jpeg({ quality: 88 }).toBuffer();
  const noise = Buffer.from(Array.from({ length: 400 }, (_, at) => (at * 197 + 31) & 255));
  await write('truncated.jpg', whole.subarray(0, Math.round(whole.length * 0.6)));
  await write('corrupt.jpg', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), noise]));
  await write('empty.jpg', Buffer.alloc(0));
  await write('text.jpg', Buffer.from('This is a letter and not a picture.\n'));
  await write(
    'vector.jpg',
    Buffer.from(svg(20, 20, '', '<rect width="20" height="20"/><script>alert(1)</script>')),
  );
  await write(
    'broken.heic',
    Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), Buffer.alloc(64)]),
  );
  await write('pixel-bomb.png', claimPng(60_000, 60_000));
}

async function save(name: string, picture: Sharp | Uint8Array): Promise<void> {
  await write(name, picture instanceof Uint8Array ? picture : await picture.toBuffer());
}

async function write(name: string, bytes: Uint8Array): Promise<void> {
  await writeFile(join(folder, name), bytes);
}

async function listFixtures(): Promise<void> {
  const names = (await readdir(folder)).sort();
  process.stdout.write(`${names.length} files in test/fixtures: ${names.join(' ')}\n`);
}
