// One photo, developed: one decode feeds every rendition, the placeholder and the detector. Writes only into the folder it is given.
// Or only looked at, and nothing is written.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type MediaType, type RenditionSize, renditionSizes, type Sha256 } from '../gallery/photo.ts';
import type { Developed, DevelopedFile, Facts, Probe, Sighting } from '../gallery/ports.ts';
import type { RgbImage } from './engines/detector.ts';
import { readFacts } from './facts.ts';
import { countFrames } from './frames.ts';
import { decode, flatten, fromPixels, type Patience, type Pixels, readHeader, shrink } from './pixels.ts';

/** Upright size and frames from the header alone. */
export async function probe(path: string, type: MediaType): Promise<Probe> {
  try {
    const { autoOrient, pages } = await readHeader(path, type);
    const frames = await countFrames(path, type, pages);
    return { kind: 'picture', width: autoOrient.width, height: autoOrient.height, frames };
  } catch {
    return { kind: 'unreadable' };
  }
}

/** What a detector is given: more pixels than any engine takes in, and a rendition of this size exists. */
const seenEdge = 800;
const longestEdge = Math.max(...renditionSizes);

/** @param see looks for objects in a picture of at most 800 px; must not reject */
export async function develop(
  path: string,
  type: MediaType,
  outputFolder: string,
  see: (image: RgbImage) => Promise<Sighting>,
): Promise<Developed> {
  const head = await readHead(path, type);
  if ('detail' in head) return { kind: 'damaged', detail: head.detail, facts: {} };
  const { width, height, facts } = head;
  const decoded = await decodePatiently(path, type, longestEdge);
  if ('detail' in decoded) return { kind: 'damaged', detail: decoded.detail, facts };
  const { pixels: large, damage } = decoded;
  const medium = await shrink(large, seenEdge);
  const small = await shrink(medium, 320);
  const [files, placeholder, sighting] = await Promise.all([
    writeRenditions({ 320: small, 800: medium, 1600: large }, outputFolder),
    placeholderOf(small),
    see(flatten(medium)),
  ]);
  const result = {
    kind: 'developed',
    width,
    height,
    files,
    ...(placeholder === undefined ? {} : { placeholder }),
    facts,
    sighting,
  } as const;
  return damage === undefined ? result : { ...result, damage };
}

/**
 * Only looks, at a rendition or an original. What can't be decoded is `unavailable`, in words that name no path.
 * @param edge pixels of the longest edge that are enough to see; never more than developing gives
 * @param see as for `develop`
 */
export async function look(
  path: string,
  type: MediaType,
  edge: number | undefined,
  see: (image: RgbImage) => Promise<Sighting>,
): Promise<Sighting> {
  const decoded = await decodePatiently(path, type, Math.min(edge ?? seenEdge, seenEdge));
  if ('detail' in decoded) return { kind: 'unavailable', detail: decoded.detail };
  return await see(flatten(decoded.pixels));
}

type Head = { readonly width: number; readonly height: number; readonly facts: Facts };

async function readHead(path: string, type: MediaType): Promise<Head | { readonly detail: string }> {
  try {
    const { autoOrient, exif } = await readHeader(path, type);
    return { ...autoOrient, facts: await readFacts(exif) };
  } catch (error) {
    return { detail: reasonOf(error, path) };
  }
}

type Decoded = { readonly pixels: Pixels; readonly damage?: string } | { readonly detail: string };

/** The first decode refuses at any warning; the second takes what is there, and what the first said is kept. */
async function decodePatiently(path: string, type: MediaType, edge: number): Promise<Decoded> {
  const attempt = async (patience: Patience): Promise<Decoded> => {
    try {
      return { pixels: await decode(path, type, edge, patience) };
    } catch (error) {
      return { detail: reasonOf(error, path) };
    }
  };
  const strict = await attempt('strict');
  if ('pixels' in strict) return strict;
  const tolerant = await attempt('tolerant');
  return 'pixels' in tolerant ? { ...tolerant, damage: strict.detail } : tolerant;
}

async function writeRenditions(
  bySize: Readonly<Record<RenditionSize, Pixels>>,
  folder: string,
): Promise<DevelopedFile[]> {
  // A photo smaller than 800 px is the same pixels in two or three sizes: encoded once, written to each.
  const encoded = new Map<Pixels, Promise<Buffer>>();
  const encode = (pixels: Pixels) => {
    const known = encoded.get(pixels) ?? encodeRendition(pixels);
    encoded.set(pixels, known);
    return known;
  };
  const writing = await Promise.allSettled(
    renditionSizes.map(async (size) => {
      const pixels = bySize[size];
      const bytes = await encode(pixels);
      const path = join(folder, `${size}.webp`);
      await writeFile(path, bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex') as Sha256;
      return { size, width: pixels.width, height: pixels.height, bytes: bytes.length, sha256, path };
    }),
  );
  // Not before all have ended: after an answer nothing may write into the folder any more.
  return writing.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

// Measured on 1600 px of photographs at quality 80: effort 0 takes 39 ms for 170 KB, 1: 50 for 165, 2: 71 for 145,
// 4: 157 for 139. The step to 2 pays, the steps beyond do not.
async function encodeRendition(pixels: Pixels): Promise<Buffer> {
  return await fromPixels(pixels).webp({ quality: 80, effort: 2 }).toBuffer();
}

const maxPlaceholderLength = 200;

/** A WebP of 16 px and at most 200 characters of base64, so that a page of a hundred photos stays small. */
async function placeholderOf(pixels: Pixels): Promise<string | undefined> {
  // It would show through what is transparent, for as long as the photo is looked at.
  if (pixels.channels === 4) return undefined;
  let text = '';
  for (const [edge, quality] of [
    [16, 40],
    [16, 20],
    [16, 5],
    [8, 5],
  ] as const) {
    const flat = flatten(await shrink(pixels, edge));
    const tiny = await fromPixels({ ...flat, channels: 3 })
      .webp({ quality, effort: 4 })
      .toBuffer();
    text = tiny.toString('base64');
    if (text.length <= maxPlaceholderLength) break;
  }
  return text;
}

/** What a library said, as one short line that tells nothing about this machine. */
function reasonOf(error: unknown, path: string): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.replaceAll(path, '').split('\n')[0] ?? '';
  const words = line
    .replace(/\p{C}+/gu, ' ')
    .split(':')
    .map((part) => part.replace(/\s+/g, ' ').trim());
  const telling = words.filter((part) => part !== '' && !/^(?:vips\w*|\w+load)$/i.test(part));
  return telling.join(': ').slice(0, 200) || 'the file cannot be read';
}
