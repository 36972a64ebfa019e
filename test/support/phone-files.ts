// Files that hold more than the picture they show, made of the drawings: what is around the pixels is as phones write it, and short.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixturesFolder } from './data.ts';

/** By what they are: each shows the stop sign, all but the HEIC to the last pixel. */
export function phoneFiles(): Record<string, Buffer> {
  const main = read('stop-sign.jpg');
  const [other, gains] = [read('kite.jpg'), read('grey.jpg')];
  return {
    'a JPEG with a gain map': withParts(main, [gains], gainMapXmp(gains.length)),
    'an MPO of two pictures': withParts(main, [other]),
    'a motion photo': Buffer.concat([segment(main, 0xe1, motionXmp(film.length)), film]),
    'a motion photo with a gain map': Buffer.concat([withParts(main, [gains], motionXmp(film.length)), film]),
    'a HEIC with a film behind it': Buffer.concat([read('phone.heic'), box('mpvd', film)]),
    'a HEIC with a track of its own': withTrack(read('phone.heic')),
  };
}

const read = (name: string) => readFileSync(join(fixturesFolder, name));

function segment(jpeg: Buffer, marker: number, content: Buffer): Buffer {
  const length = content.length + 2;
  const head = Buffer.from([0xff, marker, length >> 8, length & 255]);
  return Buffer.concat([jpeg.subarray(0, 2), head, content, jpeg.subarray(2)]);
}

/** CIPA DC-007: an index of pictures in APP2, big-endian, each entry 16 bytes; offsets count from the `MM`. */
function withParts(main: Buffer, others: readonly Buffer[], xmp?: Buffer): Buffer {
  const first = xmp === undefined ? main : segment(main, 0xe1, xmp);
  const count = others.length + 1;
  const index = Buffer.alloc(50 + 16 * count);
  index.write('MM\0*\0\0\0\x08\0\x03', 0, 'latin1');
  entry(index, 10, [0xb000, 7, 4, 0x30313030]);
  entry(index, 22, [0xb001, 4, 1, count]);
  entry(index, 34, [0xb002, 7, 16 * count, 50]);
  const whole = first.length + 4 + 4 + index.length;
  index.writeUInt32BE(0x00030000, 50);
  index.writeUInt32BE(whole, 54);
  let at = whole - 10;
  for (const [nth, { length }] of others.entries()) {
    index.writeUInt32BE(length, 50 + 16 * (nth + 1) + 4);
    index.writeUInt32BE(at, 50 + 16 * (nth + 1) + 8);
    at += length;
  }
  return Buffer.concat([segment(first, 0xe2, Buffer.concat([Buffer.from('MPF\0'), index])), ...others]);
}

function entry(
  index: Buffer,
  at: number,
  [tag, type, count, value]: readonly [number, number, number, number],
) {
  index.writeUInt16BE(tag, at);
  index.writeUInt16BE(type, at + 2);
  index.writeUInt32BE(count, at + 4);
  index.writeUInt32BE(value, at + 8);
}

const xmp = (attributes: string) =>
  Buffer.from(
    `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" ${attributes}/></rdf:RDF></x:xmpmeta>`,
  );
const gainMapXmp = (bytes: number) =>
  xmp(`xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" hdrgm:Length="${bytes}"`);
const motionXmp = (bytes: number) =>
  xmp(
    `xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" GCamera:MotionPhoto="1" GCamera:MicroVideo="1" GCamera:MicroVideoOffset="${bytes}"`,
  );

function box(name: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8);
  head.write(name, 4, 'latin1');
  return Buffer.concat([head, body]);
}

/** The frame of an MP4: enough to be told from a picture, and for a picture's reader to stumble over. */
const film = Buffer.concat([
  box('ftyp', Buffer.from('mp42\0\0\0\0mp42isom', 'latin1')),
  box('mdat', Buffer.alloc(3000, 0xff)),
  box('moov', box('mvhd', Buffer.alloc(100))),
]);

/** A Live Photo in one file says `msf1`, too, and has a `moov` beside its `meta`. */
function withTrack(heic: Buffer): Buffer {
  const track = box('trak', box('tkhd', Buffer.alloc(84)), box('mdia', box('mdhd', Buffer.alloc(24))));
  return Buffer.concat([heic, box('moov', box('mvhd', Buffer.alloc(100)), track)]);
}
