// Originals for who has no account: without what was written around their picture. Told by their tag before anything is read of them.
import type { Request, Response } from 'express';
import { contentOf } from '../../gallery/bare/bare.ts';
import { originalKey } from '../../gallery/media.ts';
import type { Photo } from '../../gallery/photo.ts';
import type { HttpParts } from '../parts.ts';
import { fileName, noSuchPicture, pourAll, renditionFile, send, setHeaders } from './media.ts';

interface CopyOptions {
  readonly cacheControl: string;
  /** Named after its title, for the browser to save. */
  readonly isDownload: boolean;
}

/** Where there is no such copy, the largest rendition, which holds nothing but the picture. Rejects `busy`, `not-found`. */
export async function sendCopy(
  parts: HttpParts,
  request: Request,
  response: Response,
  photo: Photo,
  options: CopyOptions,
): Promise<void> {
  if (isKnown(parts, request, response, photo)) {
    setCopyHeaders(parts, response, photo, options);
    response.status(304).end();
    return;
  }
  const gone = goneSignal(response);
  const copy = await parts.copies.find(photo, gone).catch((error: unknown) => {
    if (!gone.aborted) throw error;
    return undefined;
  });
  // Nobody hears an answer.
  if (gone.aborted) return;
  if (copy === undefined) {
    await sendLargest(parts, request, response, photo, options);
    return;
  }
  setCopyHeaders(parts, response, photo, options);
  response.set('Content-Length', String(copy.bytes));
  if (request.method === 'HEAD') response.end();
  else {
    const key = originalKey(photo.sha256, photo.type);
    await pourAll(parts, request, response, { key, content: contentOf(parts.media, photo, copy) });
  }
}

/** The tag is given together with such a copy only, so whoever has it has the copy. */
function isKnown({ copies }: HttpParts, request: Request, response: Response, photo: Photo): boolean {
  // Express compares with the ETag that is on the response already.
  response.set('ETag', `"${copies.tagOf(photo)}"`);
  const { fresh } = request;
  response.removeHeader('ETag');
  return fresh;
}

function setCopyHeaders(
  { copies }: HttpParts,
  response: Response,
  photo: Photo,
  { cacheControl, isDownload }: CopyOptions,
): void {
  const saveAs = isDownload ? { saveAs: fileName(photo) } : {};
  const { type } = photo;
  setHeaders(response, { type, hasRanges: false, cacheControl, ...saveAs }, `"${copies.tagOf(photo)}"`);
}

async function sendLargest(
  parts: HttpParts,
  request: Request,
  response: Response,
  photo: Photo,
  { cacheControl, isDownload }: CopyOptions,
): Promise<void> {
  const largest = photo.renditions.at(-1);
  if (largest === undefined) throw noSuchPicture();
  const file = renditionFile(photo, `${largest.size}-${largest.sha256.slice(0, 12)}.webp`);
  const saveAs = isDownload ? { saveAs: fileName({ ...photo, type: 'image/webp' }) } : {};
  await send(parts, request, response, { ...file, cacheControl, ...saveAs });
}

/** Aborted when the visitor goes away, or has gone already. */
function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  const leave = () => gone.abort(new Error('the visitor has gone away'));
  if (response.closed) leave();
  else response.once('close', leave);
  return gone.signal;
}
