// A HEIC of two tiles, once with nothing beside them and once with all that phones, programs and people could write around a picture.
import assert from 'node:assert/strict';
import sharp from 'sharp';
import { box, full, u16, u32 } from '../../scripts/fixtures/heic.ts';
import { fixtureOf } from './bare-copies.ts';
import { auxiliary, gridOf, hevc, nal, type Plan, type PlannedItem, sizeOf } from './heif-files.ts';
import { talkative } from './profiles.ts';

const secret = 'SECRET SN-4711 IMG_0815.HEIC GPS 37.5665N';
export const text = Buffer.from(secret);
export const isTold = (file: Buffer) =>
  ['SECR', '4711', '0815', '37.5665'].some(
    (word) => file.includes(word) || file.includes(Buffer.from(word, 'utf16le')),
  );

export const essential = 0x80;
const { setUp, data } = hevc();
export const [width, height] = [180, 240];

/** Two tiles side by side, of what one is. */
export const plain: Plan = {
  items: [
    { id: 1, type: 'grid', data: gridOf(1, 2, 2 * width, height), inIdat: true, properties: [3] },
    { id: 2, type: 'hvc1', data, properties: [1 | essential, 2] },
    { id: 3, type: 'hvc1', data, properties: [1 | essential, 2] },
  ],
  properties: [setUp, sizeOf(width, height), sizeOf(2 * width, height)],
  references: [['dimg', 1, 2, 3]],
};

export const changed = (at: number, change: Partial<PlannedItem>, plan = plain): Plan => ({
  ...plan,
  items: plan.items.map((item, nth) => (nth === at ? { ...item, ...change } : item)),
});

/** User data (5, with its 16 bytes of a UUID), texts of a program, and filling. */
export const userData = (lengthBytes?: 2 | 4) =>
  nal(39, Buffer.from(`\x05\x3aUUID-UUID-UUID-U${secret}\x80`), lengthBytes);

/** All that phones and programs write beside a picture, and what nobody knows. */
export async function noisy(): Promise<Plan> {
  const { icc } = await sharp(fixtureOf('display-p3.jpg')).metadata();
  assert.ok(icc);
  const decoder = box(
    'hvcC',
    setUp.subarray(8, 30),
    Buffer.from([(setUp[30] ?? 0) + 1]),
    setUp.subarray(31),
    Buffer.from([39]),
    u16(1),
    userData(2),
  );
  const coded = Buffer.concat([userData(), data, nal(38, text), nal(40, text), nal(62, text), nal(41, text)]);
  const own = [1 | essential, 2, 5, 6, 7, 8];
  const extra: PlannedItem[] = [
    { id: 70, type: 'Exif', data: Buffer.concat([u32(0), Buffer.from('MM\0*'), text]), name: secret },
    { id: 71, type: 'mime', data: text, name: `${secret}\0application/rdf+xml` },
    { id: 72, type: 'uri ', data: text, name: `\0urn:${secret}` },
    { id: 73, type: 'JUNK', data: text, inIdat: true },
    { id: 74, type: 'hvc1', data: Buffer.concat([nal(39, text), data]), properties: own },
    { id: 75, type: 'hvc1', data: Buffer.concat([nal(39, text), data]), properties: [...own, 9] },
    { id: 76, type: 'tmap', data: text, properties: [3] },
  ];
  return {
    brands: 'heic\0\0\x01\x02mif1SECRheictmap',
    items: [
      {
        ...(plain.items[0] as PlannedItem),
        data: gridOf(1, 2, 2 * width, height),
        name: secret,
        properties: [3, 4, 5, 6, 7, 8],
      },
      { id: 2, type: 'hvc1', data: coded, gap: text, name: secret, properties: own },
      { id: 3, type: 'hvc1', data: coded, gap: text, properties: own },
      ...extra,
    ],
    properties: [
      decoder,
      sizeOf(width, height),
      sizeOf(2 * width, height),
      box('colr', Buffer.from('prof'), talkative(icc, secret)),
      full('udes', 0, Buffer.from(`en\0${secret}\0${secret}\0\0`)),
      full('crtt', 0, text.subarray(0, 8)),
      box('uuid', Buffer.alloc(16, 'SECR'), text),
      box('irot', Buffer.from([0]), text),
      auxiliary(`urn:com:apple:photo:2020:aux:hdrgainmap\0${secret}`),
    ],
    references: [
      ['dimg', 1, 2, 3],
      ['dimg', 76, 1, 75],
      ['cdsc', 70, 1],
      ['cdsc', 71, 1],
      ['thmb', 74, 1],
      ['auxl', 75, 1],
    ],
    handlerName: secret,
    inMeta: [
      box('grpl', full('altr', 0, u32(99), u32(2), u32(76), u32(1))),
      box('free', text),
      box('uuid', Buffer.alloc(16, 'SECR'), text),
    ],
    between: [box('free', text), box('skip', text), box('udta', text), box('uuid', text), box('xxxx', text)],
    behind: Buffer.concat([box('mpvd', text), text]),
  };
}
