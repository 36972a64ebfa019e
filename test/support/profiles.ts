// Colour profiles that say more than colours, and pictures that carry them.
import { deflateSync } from 'node:zlib';
import { segment } from './bare-copies.ts';
import { pngChunk } from './pictures.ts';

export type Tags = readonly (readonly [signature: string, value: Buffer])[];

export function tagsOf(profile: Buffer): Tags {
  return Array.from({ length: profile.readUInt32BE(128) }, (_, index) => {
    const entry = 132 + 12 * index;
    const [from, length] = [profile.readUInt32BE(entry + 4), profile.readUInt32BE(entry + 8)];
    return [profile.toString('latin1', entry, entry + 4), profile.subarray(from, from + length)] as const;
  });
}

/** Each tag with a value of its own, and the header of another profile. */
export function profileOf(header: Buffer, tags: Tags): Buffer {
  const table = Buffer.alloc(4 + 12 * tags.length);
  table.writeUInt32BE(tags.length);
  const values: Buffer[] = [];
  let at = 128 + table.length;
  for (const [index, [signature, value]] of tags.entries()) {
    table.write(signature, 4 + 12 * index, 'latin1');
    table.writeUInt32BE(at, 8 + 12 * index);
    table.writeUInt32BE(value.length, 12 + 12 * index);
    values.push(value, Buffer.alloc(-value.length & 3));
    at += value.length + (-value.length & 3);
  }
  const whole = Buffer.concat([header.subarray(0, 128), table, ...values]);
  whole.writeUInt32BE(whole.length);
  return whole;
}

export const textTag = (text: string) => Buffer.from(`text\0\0\0\0${text}\0`, 'latin1');

/** Everywhere that a program could write something beside the colours. */
export function talkative(profile: Buffer, secret: string): Buffer {
  const header = Buffer.from(profile.subarray(0, 128));
  for (const [at, text] of [
    [4, 'SECR'],
    [48, 'SECR'],
    [52, 'SECR'],
    [80, 'SECR'],
    [84, 'SECRETSECRETSECR'],
    [100, secret.slice(0, 28)],
  ] as const)
    header.write(text, at, 'latin1');
  header.writeUInt16BE(2021, 24);
  const tags = tagsOf(profile).map(
    ([signature, value]) => [signature, Buffer.concat([value, Buffer.from(secret)])] as const,
  );
  const added = ['meta', 'targ', 'dmnd', 'dmdd', 'vcgt', 'mmod', 'tech', 'view', 'TEXT', 'lumi'];
  return profileOf(header, [...added.map((one) => [one, textTag(secret)] as const), ...tags]);
}

/** In several segments, and not in their order. */
export function jpegWith(jpeg: Buffer, profile: Buffer, pieces = 3): Buffer {
  const size = Math.ceil(profile.length / pieces);
  const segments = Array.from({ length: pieces }, (_, index) =>
    segment(
      0xe2,
      Buffer.concat([
        Buffer.from(`ICC_PROFILE\0${String.fromCharCode(index + 1, pieces)}`, 'latin1'),
        profile.subarray(index * size, (index + 1) * size),
      ]),
    ),
  );
  return Buffer.concat([jpeg.subarray(0, 2), ...segments.toReversed(), jpeg.subarray(2)]);
}

export function pngWith(png: Buffer, profile: Buffer, name = 'icc', extra: readonly Buffer[] = []): Buffer {
  const content = Buffer.concat([Buffer.from(`${name}\0\0`, 'latin1'), deflateSync(profile)]);
  return Buffer.concat([png.subarray(0, 33), pngChunk('iCCP', content), ...extra, png.subarray(33)]);
}

/** @param webp that has a profile already */
export function webpWith(webp: Buffer, profile: Buffer): Buffer {
  const at = webp.indexOf('ICCP');
  const length = webp.readUInt32LE(at + 4);
  const head = Buffer.alloc(8);
  head.write('ICCP');
  head.writeUInt32LE(profile.length, 4);
  const whole = Buffer.concat([
    ...[webp.subarray(0, at), head, profile, Buffer.alloc(profile.length & 1)],
    webp.subarray(at + 8 + length + (length & 1)),
  ]);
  whole.writeUInt32LE(whole.length - 8, 4);
  return whole;
}

/** Curves, a matrix, a table of eight colours: what a profile of version 4 may hold in one tag (lutAToBType). */
export function lutTag(secret: string): Buffer {
  const curve = (gamma: number) => {
    const bytes = Buffer.alloc(16);
    bytes.write('para');
    bytes.writeInt32BE(Math.round(gamma * 65_536), 12);
    return bytes;
  };
  const matrix = Buffer.alloc(48);
  for (const [index, value] of [0.9, 0.05, 0.05, 0.1, 0.8, 0.1, 0, 0.1, 0.7, 0.01, 0, 0.02].entries())
    matrix.writeInt32BE(Math.round(value * 65_536), 4 * index);
  const table = Buffer.alloc(20 + 24);
  table.set([2, 2, 2]);
  table[16] = 1;
  for (let colour = 0; colour < 8; colour += 1)
    for (const [index, bit] of [4, 2, 1].entries())
      table[20 + 3 * colour + index] = (colour & bit) === 0 ? 6 * colour : 100 + 5 * colour;
  const head = Buffer.alloc(32);
  head.write('mAB ');
  head.set([3, 3], 8);
  const parts: Buffer[] = [];
  let at = 32;
  for (const [place, part] of [
    [12, Buffer.concat([curve(1), curve(1.1), curve(1)])],
    [16, matrix],
    [20, Buffer.concat([curve(1.2), curve(1), curve(0.9)])],
    [24, table],
    [28, Buffer.concat([curve(2.2), curve(1.8), curve(2)])],
  ] as const) {
    const hidden = Buffer.from(secret.slice(0, 16).padEnd(16));
    parts.push(hidden, part);
    head.writeUInt32BE(at + 16, place);
    at += 16 + part.length;
  }
  return Buffer.concat([head, ...parts]);
}
