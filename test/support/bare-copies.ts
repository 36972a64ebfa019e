// Bare copies of one file in memory, and what making them took.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import sharp from 'sharp';
import { decodeHeif } from '../../src/darkroom/heif.ts';
import { bareCopy, contentOf } from '../../src/gallery/bare/bare.ts';
import { sniffType } from '../../src/gallery/file-type.ts';
import type { MediaType, Sha256 } from '../../src/gallery/photo.ts';
import type { MediaStore } from '../../src/gallery/ports.ts';
import { fixturesFolder } from './data.ts';

export const fixtureOf = (name: string) => readFileSync(`${fixturesFolder}/${name}`);

export interface CountingShelf extends Pick<MediaStore, 'read' | 'stat'> {
  /** How often it was opened. */
  reads: number;
  /** How many bytes were asked for at once. */
  largest: number;
  /** Handed out and neither read to the end nor given up. */
  readonly open: () => number;
}

/** Gives out pieces as the disk does. */
export function shelfOf(file: Buffer, chunkBytes = 256 * 1024): CountingShelf {
  const streams: Readable[] = [];
  const shelf: CountingShelf = {
    reads: 0,
    largest: 0,
    open: () => streams.filter(({ destroyed }) => !destroyed).length,
    stat: async () => ({ bytes: file.length }),
    read: async (_key, { start, end } = { start: 0, end: file.length - 1 }) => {
      shelf.reads += 1;
      shelf.largest = Math.max(shelf.largest, end + 1 - start);
      const stream = Readable.from(chunksOf(file.subarray(start, end + 1), chunkBytes));
      streams.push(stream);
      return { stream, bytes: file.length };
    },
  };
  return shelf;
}

function* chunksOf(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export const photoOf = (file: Buffer, type: MediaType, sha256 = 'a'.repeat(64)) => ({
  sha256: sha256 as Sha256,
  type,
  bytes: file.length,
});

export async function bare(file: Buffer, type = sniffType(file)): Promise<Buffer | undefined> {
  assert.ok(type);
  const photo = photoOf(file, type);
  const shelf = shelfOf(file);
  const copy = await bareCopy(shelf, photo);
  if (copy === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of contentOf(shelf, photo, copy)) chunks.push(chunk);
  const out = Buffer.concat(chunks);
  assert.equal(out.length, copy.bytes, 'as long as it was said to be');
  return out;
}

export async function whole(file: Buffer): Promise<Buffer> {
  const copy = await bare(file);
  assert.ok(copy, 'there is a copy');
  return copy;
}

/** Every frame as the decoder gives it, in sRGB where the file says how its colours are meant, and how it is meant to be seen. */
export async function seen(file: Buffer) {
  const image = sharp(file, { animated: true, failOn: 'none', limitInputPixels: 4e8 });
  const { format, width, height, pages, delay, loop, hasProfile, space } = await image.metadata();
  // sharp reads no more than the header of HEVC.
  const isHevc = sniffType(file) === 'image/heic';
  const pixels = isHevc
    ? Buffer.from((await decodeHeif(file, 4e8)).data)
    : await image.autoOrient().raw().toBuffer();
  return { format, width, height, pages, delay, loop, space, hasProfile, pixels };
}

/** A segment of a JPEG, with its length. */
export const segment = (marker: number, content: Buffer) =>
  Buffer.concat([
    Buffer.from([0xff, marker, (content.length + 2) >> 8, (content.length + 2) & 255]),
    content,
  ]);
