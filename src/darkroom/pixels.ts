// The only place that sets sharp up and decodes a stranger's file. Never writes a file, never looks at more than one frame.
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import type { MediaType } from '../gallery/photo.ts';
import type { RgbImage } from './engines/detector.ts';
import { decodeHeif } from './heif.ts';
import { openHeifFile } from './heif-boxes.ts';
import { withProfile } from './png-profile.ts';

/** 8-bit sRGB, upright, row by row. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** 4 when some pixel is not opaque. */
  readonly channels: 3 | 4;
}

/** How forgiving a decode is: `strict` refuses at the first warning, `tolerant` takes whatever can be had. */
export type Patience = 'strict' | 'tolerant';

/**
 * Once per process, before anything is decoded. Only five loaders stay open: VIPS_BLOCK_UNTRUSTED alone would let TIFF through.
 * One thread an operation, no cache: several children use the cores better than several threads, and memory stays flat.
 * @throws Error when sharp or libheif are older than the fixes for CVE-2026-84383
 */
export function prepareSharp(): void {
  if (isOlder(sharp.versions.sharp, [0, 35, 4]) || isOlder(sharp.versions.heif, [1, 23, 3])) {
    throw new Error(
      `sharp ${sharp.versions.sharp} with libheif ${sharp.versions.heif} is too old to be safe`,
    );
  }
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: ['Jpeg', 'Png', 'Webp', 'Heif', 'Nsgif'].map((name) => `VipsForeignLoad${name}`),
  });
  sharp.cache(false);
  sharp.concurrency(1);
}

/** Of the main picture. No limit in pixels, since the answer is what says that there are too many. */
export async function readHeader(path: string, type: MediaType): Promise<Metadata> {
  return await headerOf(isHeif(type) ? (await openHeifFile(path)).input : path);
}

/** One decode, turned upright, in sRGB, with the longest edge at most `longestEdge`; JPEG and WebP are shrunk while they load. */
export async function decode(
  path: string,
  type: MediaType,
  longestEdge: number,
  patience: Patience,
): Promise<Pixels> {
  const { data, info } = await (await openPicture(path, type, longestEdge, patience))
    .autoOrient()
    .resize(within(longestEdge))
    .toColourspace('srgb')
    .timeout({ seconds: 20 })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return inColour({ data, width: info.width, height: info.height }, info.channels);
}

/** A smaller copy, never enlarged; the same pixels when they already fit. */
export async function shrink(pixels: Pixels, longestEdge: number): Promise<Pixels> {
  if (Math.max(pixels.width, pixels.height) <= longestEdge) return pixels;
  const { data, info } = await fromPixels(pixels)
    .resize({ width: longestEdge, height: longestEdge, fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: pixels.channels };
}

/** What a detector sees: transparency laid on white. */
export function flatten({ data, width, height, channels }: Pixels): RgbImage {
  if (channels === 3) return { data, width, height };
  const flat = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    const alpha = (data[from + 3] ?? 0) / 255;
    for (let band = 0; band < 3; band += 1) flat[to + band] = 255 + ((data[from + band] ?? 0) - 255) * alpha;
  }
  return { data: flat, width, height };
}

/** Exactly `width` x `height`, stretched if need be. Bilinear with the right support when shrinking, as models were trained. */
export async function stretch(image: RgbImage, width: number, height: number): Promise<Buffer> {
  return await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .resize({ width, height, fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer();
}

export function fromPixels({ data, width, height, channels }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels } });
}

const inputOptions: SharpOptions = {
  limitInputChannels: 5,
  unlimited: false,
  pages: 1,
  sequentialRead: true,
};

const within = (edge: number) =>
  ({ width: edge, height: edge, fit: 'inside', withoutEnlargement: true }) as const;

async function headerOf(input: string | Buffer): Promise<Metadata> {
  const options = { ...inputOptions, limitInputPixels: false, failOn: 'none' } as const;
  const first = await sharp(input, options).metadata();
  const { pagePrimary: page = 0 } = first;
  return page === 0 ? first : await sharp(input, { ...options, page }).metadata();
}

const isHeif = (type: MediaType) => type === 'image/avif' || type === 'image/heic';

/** A file of HEIF's family says which of its pictures is the main one, and what can decode it. */
async function openPicture(path: string, type: MediaType, edge: number, patience: Patience): Promise<Sharp> {
  const options: SharpOptions = {
    ...inputOptions,
    limitInputPixels: maxPixelsOf(type),
    failOn: patience === 'strict' ? 'warning' : 'none',
  };
  if (!isHeif(type)) return sharp(path, options);
  const { input, isHevc } = await openHeifFile(path);
  const { icc, pagePrimary = 0 } = await headerOf(input);
  if (isHevc) return await openHevc(input, maxPixelsOf(type), edge, icc);
  return sharp(input, { ...options, page: pagePrimary });
}

/**
 * sharp takes no colour profile for bare pixels, and iPhones write Display P3: so they are made small first and then handed on as
 * a PNG that carries the profile. Uncompressed, that takes some milliseconds.
 */
async function openHevc(
  input: string | Buffer,
  maxPixels: number,
  edge: number,
  icc: Uint8Array | undefined,
): Promise<Sharp> {
  const { data, ...raw } = await decodeHeif(input, maxPixels);
  const small = sharp(data, { raw }).resize(within(edge));
  if (icc === undefined) return small;
  const png = await small.png({ compressionLevel: 0 }).toBuffer();
  return sharp(withProfile(png, icc), { ...inputOptions, failOn: 'none' });
}

// Decoding AVIF takes about 19 MB a megapixel, HEIC 10 to 16, everything else stays below 250 MB at 100 megapixels (all measured).
const maxPixelsOf = (type: MediaType) => (isHeif(type) ? 50_000_000 : 100_000_000);

/** Grey becomes colour, and an alpha channel that hides nothing goes: it would cost bytes in every rendition. */
function inColour(size: { data: Buffer; width: number; height: number }, channels: number): Pixels {
  if (channels === 3) return { ...size, channels };
  if (channels === 4)
    return isOpaque(size.data) ? { ...withoutAlpha(size), channels: 3 } : { ...size, channels };
  throw new Error(`a decode gave ${channels} channels`);
}

function isOpaque(data: Buffer): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false;
  return true;
}

function withoutAlpha({ data, width, height }: { data: Buffer; width: number; height: number }) {
  const kept = Buffer.allocUnsafe(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3)
    kept.set(data.subarray(from, from + 3), to);
  return { data: kept, width, height };
}

function isOlder(version: string | undefined, least: readonly number[]): boolean {
  const parts = (version ?? '0').split('.').map(Number);
  for (const [at, wanted] of least.entries()) {
    const part = parts[at] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  return false;
}
