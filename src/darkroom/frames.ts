// How many pictures move in a file, as far as its own header says. Counts and decodes nothing; what it can't read is one picture.
import { open as openFile } from 'node:fs/promises';
import type { MediaType } from '../gallery/photo.ts';

/** @param pages as sharp counts them: frames of a GIF or WebP, but separate pictures of an AVIF or HEIC */
export async function countFrames(path: string, type: MediaType, pages = 1): Promise<number> {
  if (type === 'image/gif' || type === 'image/webp') return pages;
  if (type !== 'image/png' && type !== 'image/avif') return 1;
  const head = await readStart(path);
  return (type === 'image/png' ? framesOfPng(head) : framesOfSequence(head)) ?? 1;
}

/** APNG: a chunk `acTL` before the first pixels begins with the number of frames (PNG 3rd ed., 11.3.6.1). */
function framesOfPng(head: Buffer): number | undefined {
  for (let at = 8; at + 12 <= head.length; at += 12 + head.readUInt32BE(at)) {
    const name = head.toString('latin1', at + 4, at + 8);
    if (name === 'acTL') return plausible(head.readUInt32BE(at + 8));
    if (name === 'IDAT') return undefined;
  }
  return undefined;
}

/** AVIF sequences: the track's table of sample sizes begins with their number (ISO 14496-12, 8.7.3.2). */
function framesOfSequence(head: Buffer): number | undefined {
  let inside = head;
  for (const name of ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsz']) {
    const box = boxIn(inside, name);
    if (box === undefined) return undefined;
    inside = box;
  }
  return inside.length < 12 ? undefined : plausible(inside.readUInt32BE(8));
}

/** The content of the first box of that name, as far as it was read. */
function boxIn(boxes: Buffer, name: string): Buffer | undefined {
  for (let at = 0; at + 8 <= boxes.length; ) {
    const length = boxes.readUInt32BE(at);
    if (boxes.toString('latin1', at + 4, at + 8) === name) return boxes.subarray(at + 8, at + length);
    // 0 and 1 stand for "to the end" and for a 64-bit length: only what holds the pixels is ever written so.
    if (length < 8) return undefined;
    at += length;
  }
  return undefined;
}

const plausible = (frames: number) => (frames > 0 && frames < 2 ** 31 ? frames : undefined);

// Before the pixels stand a few kilobytes, a colour profile included.
const startBytes = 256 * 1024;

async function readStart(path: string): Promise<Buffer> {
  const file = await openFile(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(startBytes), 0, startBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
