// Originals and renditions: strong ETags, ranges, cached for ever. Serves pictures only, and nothing that could run.
import { pipeline } from 'node:stream/promises';
import type { Request, RequestHandler, Response } from 'express';
import { GalleryError } from '../../gallery/errors.ts';
import { extensions, type MediaKey, originalKey, renditionKey } from '../../gallery/media.ts';
import type { Photo, Rendition } from '../../gallery/photo.ts';
import type { ByteRange } from '../../gallery/ports.ts';
import { askedBy, idIn } from '../asking.ts';
import type { HttpParts } from '../parts.ts';
import { logOf } from '../request-log.ts';

const forEver = 'private, max-age=31536000, immutable';

/** @param isDownload names the file after its title and lets the browser save it; what no browser shows is always saved */
export function originalFile(photo: Photo, isDownload: boolean): Sent {
  return {
    key: originalKey(photo.sha256, photo.type),
    sha256: photo.sha256,
    bytes: photo.bytes,
    type: photo.type,
    hasRanges: true,
    cacheControl: forEver,
    ...(isDownload || photo.type === 'image/heic' ? { saveAs: fileName(photo) } : {}),
  };
}

export function sendRendition(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const photo = await parts.gallery.getPhoto(askedBy(parts, request).viewer, idIn(request));
    await sendOrStandIn(parts, request, response, { photo, name: String(request.params['name']) });
  };
}

interface AskedRendition {
  readonly photo: Photo;
  /** As an address says it. */
  readonly name: string;
  readonly cacheControl?: string;
}

/** Another size where this one is gone from the disk or not as it was saved; it is made again meanwhile. */
export async function sendOrStandIn(
  parts: HttpParts,
  request: Request,
  response: Response,
  { photo, name, ...more }: AskedRendition,
): Promise<void> {
  const file = renditionFile(photo, name);
  try {
    await send(parts, request, response, { ...file, ...more });
  } catch (error) {
    if (!(error instanceof GalleryError) || !['not-found', 'unavailable'].includes(error.code)) throw error;
    parts.gallery.verification.lookAfter(photo);
    const other = await standIn(parts, photo, file);
    if (other === undefined) throw error;
    await send(parts, request, response, { ...other, cacheControl: 'no-store' });
  }
}

/** The next larger one that is whole, else the largest of the smaller ones. */
async function standIn(parts: HttpParts, photo: Photo, { bytes, sha256 }: Sent): Promise<Sent | undefined> {
  const others = photo.renditions
    .filter((one) => one.sha256 !== sha256)
    .map((one) => renditionFile(photo, nameOf(one)))
    .sort((a, b) => a.bytes - b.bytes);
  const larger = others.filter((one) => one.bytes >= bytes);
  for (const one of [...larger, ...others.filter((other) => other.bytes < bytes).reverse()]) {
    const found = await parts.media.stat(one.key).catch(() => undefined);
    if (found?.bytes === one.bytes) return one;
  }
  return undefined;
}

const nameOf = ({ size, sha256 }: Rendition) => `${size}-${sha256.slice(0, 12)}.webp`;

/** @param name as an address says it. @throws GalleryError `not-found` */
export function renditionFile(photo: Photo, name: string): Sent {
  const [, size, digest] = /^(\d+)-([0-9a-f]{12})\.webp$/.exec(name) ?? [];
  const rendition = photo.renditions.find((candidate) => String(candidate.size) === size);
  if (rendition === undefined || digest === undefined) throw noSuchPicture();
  const { sha256, bytes } = rendition;
  return {
    key: renditionKey(photo.sha256, rendition.size),
    sha256,
    bytes,
    type: 'image/webp',
    hasRanges: false,
    // An address from before the photo was developed again still works, but must not be kept as if it were right.
    cacheControl: sha256.startsWith(digest) ? forEver : 'private, no-cache',
  };
}

interface Sent {
  readonly key: MediaKey;
  readonly sha256: string;
  /** As the row says. */
  readonly bytes: number;
  readonly type: string;
  readonly hasRanges: boolean;
  readonly cacheControl: string;
  readonly saveAs?: string;
}

// RFC 9110 13.2.2: If-Match, then If-None-Match, then Range under If-Range. Headers of the picture are set only when it is
// sure that a picture is the answer.
export async function send(
  parts: HttpParts,
  request: Request,
  response: Response,
  file: Sent,
): Promise<void> {
  const etag = `"${file.sha256}"`;
  await expectWhole(parts, request, file);
  if (!matches(request.headers['if-match'], etag)) {
    throw new GalleryError('precondition-failed', 'The file is not the one you expect; read it again.');
  }
  // Express compares with the ETag that is on the response already.
  response.set('ETag', etag);
  if (request.fresh) {
    setHeaders(response, file, etag);
    response.status(304).end();
    return;
  }
  response.removeHeader('ETag');
  const wantsRange = file.hasRanges && request.method === 'GET';
  const range = wantsRange ? rangeIn(request, response, etag, file.bytes) : undefined;
  setHeaders(response, file, etag);
  response.set('Content-Length', String(range === undefined ? file.bytes : range.end - range.start + 1));
  if (range !== undefined) {
    response.status(206).set('Content-Range', `bytes ${range.start}-${range.end}/${file.bytes}`);
  }
  if (request.method === 'HEAD') response.end();
  else await pour(parts, request, response, { key: file.key, range });
}

export function setHeaders(
  response: Response,
  file: Pick<Sent, 'type' | 'hasRanges' | 'cacheControl' | 'saveAs'>,
  etag: string,
): void {
  if (file.saveAs !== undefined) response.attachment(file.saveAs);
  response.set({
    ETag: etag,
    'Content-Type': file.type,
    'Cache-Control': file.cacheControl,
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...(file.hasRanges ? { 'Accept-Ranges': 'bytes' } : {}),
  });
}

/** A length that the disk does not keep would leave the visitor waiting, or the next answer out of step. */
async function expectWhole(parts: HttpParts, request: Request, { key, bytes }: Sent): Promise<void> {
  const found = await parts.media.stat(key);
  if (found === undefined) throw noSuchPicture();
  if (found.bytes === bytes) return;
  logOf(parts, request).error(
    { key, bytes: found.bytes, expected: bytes },
    'a file does not have the length it was saved with',
  );
  throw new GalleryError('unavailable', 'The file of this photo is damaged on the disk; look at the disk.');
}

async function pour(
  parts: HttpParts,
  request: Request,
  response: Response,
  { key, range }: { readonly key: MediaKey; readonly range: ByteRange | undefined },
): Promise<void> {
  const opened = await parts.media.read(key, range);
  if (opened === undefined) {
    response.destroy();
    return;
  }
  await pourAll(parts, request, response, { key, content: opened.stream });
}

/** Until all of it is sent; what can't be is in the log, since the answer has begun. */
export async function pourAll(
  parts: HttpParts,
  request: Request,
  response: Response,
  { key, content }: { readonly key: MediaKey; readonly content: AsyncIterable<unknown> },
): Promise<void> {
  await pipeline(content, response).catch((error: unknown) => {
    // A visitor who goes away in the middle is no error of ours.
    if (error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE') return;
    logOf(parts, request).error({ key, err: error }, 'a file could not be read to its end');
  });
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined || header.trim() === '*') return true;
  return header.split(',').some((candidate) => candidate.trim() === etag);
}

/** One range, or undefined for the whole: also for several ranges and unknown units, as RFC 9110 14.2 allows. */
function rangeIn(request: Request, response: Response, etag: string, bytes: number): ByteRange | undefined {
  const condition = request.headers['if-range'];
  if (condition !== undefined && condition !== etag) return undefined;
  const ranges = request.range(bytes);
  // The last n bytes of a shorter file are all of it (RFC 9110 14.1.2).
  if (ranges === -1 && /^bytes=-0*[1-9]\d*$/.test(request.headers.range ?? ''))
    return { start: 0, end: bytes - 1 };
  if (ranges === -1) {
    response.set('Content-Range', `bytes */${bytes}`);
    throw new GalleryError('bad-range', 'The file is shorter than that; ask for a range inside it.', {
      bytes,
    });
  }
  if (ranges === undefined || ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1)
    return undefined;
  return ranges[0];
}

/** The title where it makes a sane file name, else the end of the id; never what the uploader's file was called. */
export function fileName({ id, title, type }: Pick<Photo, 'id' | 'title' | 'type'>): string {
  const clean = title
    .replace(/[^\p{L}\p{N} ._-]+/gu, ' ')
    .trim()
    .replace(/^\.+/, '');
  // By characters: half of one can't be written into a header.
  const base = [...clean].slice(0, 80).join('').trim();
  return `${base === '' ? `photo-${id.slice(-12)}` : base}.${extensions[type]}`;
}

export const noSuchPicture = () =>
  new GalleryError('not-found', 'There is no such picture; it may have been deleted.');
