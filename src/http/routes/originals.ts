// Originals: as they came for who has an account, and for everybody else without what was written around their picture.
import type { Request, RequestHandler, Response } from 'express';
import { bareCopy, contentOf } from '../../gallery/bare/bare.ts';
import { originalKey } from '../../gallery/media.ts';
import type { Photo } from '../../gallery/photo.ts';
import { mayKnowPlaces } from '../../gallery/viewer.ts';
import { askedBy, idIn, queryText } from '../asking.ts';
import type { HttpParts } from '../parts.ts';
import { fileName, noSuchPicture, originalFile, pourAll, renditionFile, send, setHeaders } from './media.ts';

/** `?download` names the file after its title and lets the browser save it. */
export function sendOriginal(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { viewer } = askedBy(parts, request);
    const photo = await parts.gallery.getPhoto(viewer, idIn(request));
    const isDownload = queryText(request, 'download') !== undefined;
    if (mayKnowPlaces(viewer)) await send(parts, request, response, originalFile(photo, isDownload));
    // Whoever signs in afterwards asks at the same address for more, and must not find this in their own cache.
    else await sendCopy(parts, request, response, photo, { cacheControl: 'private, no-cache', isDownload });
  };
}

interface CopyOptions {
  readonly cacheControl: string;
  readonly isDownload: boolean;
}

/** Where there is no such copy, the largest rendition, which holds nothing but the picture. */
export async function sendCopy(
  parts: HttpParts,
  request: Request,
  response: Response,
  photo: Photo,
  { cacheControl, isDownload }: CopyOptions,
): Promise<void> {
  const copy = await bareCopy(parts.media, photo);
  if (copy !== undefined) {
    const saveAs = isDownload ? { saveAs: fileName(photo) } : {};
    // Of other bytes than the original's, and so of another tag.
    const etag = `"${photo.sha256}-bare"`;
    setHeaders(response, { type: photo.type, hasRanges: false, cacheControl, ...saveAs }, etag);
    response.set('Content-Length', String(copy.bytes));
    if (request.fresh) response.status(304).end();
    else if (request.method === 'HEAD') response.end();
    else {
      const key = originalKey(photo.sha256, photo.type);
      await pourAll(parts, request, response, { key, content: contentOf(parts.media, photo, copy) });
    }
    return;
  }
  const largest = photo.renditions.at(-1);
  if (largest === undefined) throw noSuchPicture();
  const file = renditionFile(photo, `${largest.size}-${largest.sha256.slice(0, 12)}.webp`);
  const saveAs = isDownload ? { saveAs: fileName({ ...photo, type: 'image/webp' }) } : {};
  await send(parts, request, response, { ...file, cacheControl, ...saveAs });
}
