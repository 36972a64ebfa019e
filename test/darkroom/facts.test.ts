// What is read from EXIF, and what is not believed.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import sharp, { type Exif } from 'sharp';
import { readFacts } from '../../src/darkroom/facts.ts';
import { fixturesFolder, readRows, testData } from '../support/data.ts';

async function factsOf(exif: Exif) {
  const picture = sharp({ create: { width: 2, height: 2, channels: 3, background: '#fff' } });
  const jpeg = await picture.withExif(exif).jpeg().toBuffer();
  return await readFacts((await sharp(jpeg).metadata()).exif);
}

const taken = (DateTimeOriginal: string, OffsetTimeOriginal?: string) =>
  factsOf({
    IFD2: { DateTimeOriginal, ...(OffsetTimeOriginal === undefined ? {} : { OffsetTimeOriginal }) },
  });

const camera = async (Make: string, Model: string) => (await factsOf({ IFD0: { Make, Model } })).camera;

const place = async (latitude: string, north: string, longitude: string, east: string, more: object = {}) => {
  const GPS = {
    GPSLatitude: latitude,
    GPSLatitudeRef: north,
    GPSLongitude: longitude,
    GPSLongitudeRef: east,
  };
  return (await factsOf({ IFD3: { ...GPS, ...more } })).place;
};

describe('when', () => {
  test('is the local time of the camera', async () => {
    assert.equal((await taken('2026:11:20 10:12:00')).takenAt, '2026-11-20T10:12:00');
  });

  test('has an offset if the camera wrote one', async () => {
    assert.equal((await taken('2026:11:20 10:12:00', '+09:00')).takenAt, '2026-11-20T10:12:00+09:00');
    assert.equal((await taken('2026:11:20 10:12:00', 'Seoul')).takenAt, '2026-11-20T10:12:00');
    assert.equal((await taken('2026:11:20 10:12:00', '+99:99')).takenAt, '2026-11-20T10:12:00');
  });

  for (const bad of [
    '0000:00:00 00:00:00',
    '2026:02:30 10:00:00',
    '2026:13:01 10:00:00',
    '9999:12:31 23:59:59',
    '2026:11:20 25:00:00',
    '1700:01:01 00:00:00',
    'yesterday',
    '    :  :     :  :  ',
  ])
    test(`is unknown for "${bad}"`, async () => assert.equal((await taken(bad)).takenAt, undefined));

  test('falls back to the moment of digitising', async () => {
    const facts = await factsOf({
      IFD2: { DateTimeOriginal: '0000:00:00 00:00:00', DateTimeDigitized: '2001:02:03 04:05:06' },
    });
    assert.equal(facts.takenAt, '2001-02-03T04:05:06');
  });

  test('is not the date of the last change', async () => {
    assert.deepEqual(await factsOf({ IFD0: { DateTime: '2020:01:01 00:00:00' } }), {});
  });
});

describe('camera', () => {
  test('is make and model, the make not said twice', async () => {
    assert.equal(await camera('Apple', 'iPhone 17'), 'Apple iPhone 17');
    assert.equal(await camera('Canon', 'Canon EOS 40D'), 'Canon EOS 40D');
    assert.equal(await camera('NIKON CORPORATION', 'NIKON D70'), 'NIKON D70');
  });

  test('is one of the two when the other is missing, and nothing for blanks', async () => {
    assert.equal(await camera('Apple', ' '), 'Apple');
    assert.equal(await camera(' ', 'Box'), 'Box');
    assert.equal(await camera('  ', '\t'), undefined);
  });

  test('is one short line without control or direction characters (T16)', async () => {
    assert.equal(
      await camera('\u001b[31mEvil\u0007', 'Cam\r\nX-Header: 1\u007f'),
      '[31mEvil Cam X-Header: 1',
    );
    const long = await camera('M'.repeat(60_000), 'N'.repeat(60));
    assert.ok(long !== undefined && long.length <= 80);
  });
});

describe('place', () => {
  test('is in signed degrees and metres', async () => {
    const seoul = await place('37/1 33/1 5904/100', 'N', '126/1 58/1 4080/100', 'E', {
      GPSAltitude: '3800/100',
      GPSAltitudeRef: '0',
    });
    assert.deepEqual(seoul, { latitude: 37.5664, longitude: 126.978, altitude: 38 });
    const south = await place('34/1 36/1 0/1', 'S', '58/1 22/1 48/1', 'W');
    assert.deepEqual(south, { latitude: -34.6, longitude: -58.38 });
  });

  test('is unknown where it is no place on Earth', async () => {
    assert.equal(await place('91/1 0/1 0/1', 'N', '10/1 0/1 0/1', 'E'), undefined);
    assert.equal(await place('10/1 0/1 0/1', 'N', '540/1 0/1 0/1', 'E'), undefined);
    assert.equal(await place('0/0 0/0 0/0', 'N', '0/0 0/0 0/0', 'E'), undefined);
    assert.equal(await place('10/1 75/1 0/1', 'N', '10/1 0/1 0/1', 'E'), undefined);
    assert.equal(await place('10/1 0/1 0/1', 'X', '10/1 0/1 0/1', 'E'), undefined);
  });

  test('is unknown without a fix', async () => {
    assert.equal(await place('0/1 0/1 0/1', 'N', '0/1 0/1 0/1', 'E'), undefined);
  });
});

describe('a block that is no EXIF', () => {
  test('says nothing', async () => {
    const blocks = [
      '',
      'Exif\0\0',
      'Exif\0\0II*\0\xff\xff\xff\xff',
      'MM\0*\0\0\0\x08\xff\xff',
      'x'.repeat(70_000),
    ];
    for (const block of blocks) assert.deepEqual(await readFacts(Buffer.from(block, 'latin1')), {});
    assert.deepEqual(await readFacts(undefined), {});
  });

  test('says nothing wherever an honest one is cut or changed, or something sound', async () => {
    const { exif } = await sharp(join(fixturesFolder, 'located.jpg')).metadata();
    assert.ok(exif);
    for (let at = 0; at < exif.length; at += 7) {
      const changed = Buffer.from(exif);
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      for (const facts of [await readFacts(changed), await readFacts(exif.subarray(0, at))]) {
        const { takenAt = '2026-11-20T10:12:00', camera: name = '', place: where } = facts;
        assert.match(takenAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d)?$/);
        assert.ok(name.length <= 80);
        assert.ok(
          where === undefined || (Math.abs(where.latitude) <= 90 && Math.abs(where.longitude) <= 180),
        );
      }
    }
  });
});

describe('files of others', () => {
  const { path, skip } = testData('exif');

  // What the list says, and why we do not.
  const otherwise: Readonly<Record<string, string>> = {
    'crafted/date_future.jpg': 'a photo of the year 2099 was not taken yet',
    'crafted/gps_0_0.jpg': 'no fix',
    'Samsung_GT-I9000_Galaxy_S.jpg': 'no fix either',
    'crafted/gps_no_ref.jpg': 'which half of the world?',
    'crafted/gps_out_of_range.jpg': 'not on Earth',
    'crafted/xmp_gps_only.jpg': 'XMP is not read',
    'street_adobe_rgb.jpg': 'XMP is not read',
  };

  test('say when and where they were taken', { skip }, async () => {
    let [dates, places] = [0, 0];
    for (const row of readRows(join(path, 'exif.csv'))) {
      const name = (row.file ?? '').replace(/^exif\//, '');
      const wantsDate = /^\d{4}:\d\d:\d\d \d\d:\d\d:\d\d/.test(row.date_time_original ?? '');
      const wantsPlace = (row.gps_lat ?? '') !== '';
      if ((!wantsDate && !wantsPlace) || !/\.(jpg|jpeg|png|webp|avif)$/.test(name) || name in otherwise)
        continue;
      const facts = await readFacts((await sharp(join(path, name)).metadata()).exif);
      if (wantsDate) {
        dates += 1;
        assert.equal(
          facts.takenAt?.slice(0, 19),
          row.date_time_original?.slice(0, 19).replace(/^(\d+):(\d+):(\d+) /, '$1-$2-$3T'),
          name,
        );
      }
      if (wantsPlace) {
        places += 1;
        assert.ok(Math.abs((facts.place?.latitude ?? 999) - Number(row.gps_lat)) < 1e-4, name);
        assert.ok(Math.abs((facts.place?.longitude ?? 999) - Number(row.gps_lon)) < 1e-4, name);
      }
    }
    assert.ok(dates > 10 && places > 5, `${dates} dates, ${places} places`);
  });
});
