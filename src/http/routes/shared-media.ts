// Pictures by a link: renditions, and the original without what was written around it.
import { pipeline } from 'node:stream/promises';
import type { RequestHandler, Response } from 'express';
import { type Bare, bareCopy, contentOf } from '../../gallery/bare/bare.ts';
import type { Photo } from '../../gallery/photo.ts';
import { idIn } from '../asking.ts';
import { openedBy } from '../by-link.ts';
import type { HttpParts } from '../parts.ts';
import { fileName, noSuchPicture, renditionFile, send, sendOrStandIn, setHeaders } from './media.ts';

/** A link may end at any time: what it showed leaves the visitor's own cache soon, and no other keeps it. */
const forAnHour = 'private, max-age=3600';

export function sendSharedRendition(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { guest } = await openedBy(parts, request, 'shows');
    const photo = await parts.gallery.getPhoto(guest, idIn(request));
    const name = String(request.params['name']);
    await sendOrStandIn(parts, request, response, { photo, name, cacheControl: forAnHour });
  };
}

/** Always to be saved. Where there is no such copy, the largest rendition, which holds nothing but the picture. */
export function sendSharedOriginal(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { guest } = await openedBy(parts, request, 'shows');
    const photo = await parts.gallery.getPhoto(guest, idIn(request));
    const copy = await bareCopy(parts.media, photo);
    if (copy !== undefined) {
      setCopyHeaders(response, photo, copy);
      if (request.fresh) response.status(304).end();
      else if (request.method === 'HEAD') response.end();
      else await pour(parts, response, photo, copy);
      return;
    }
    const largest = photo.renditions.at(-1);
    if (largest === undefined) throw noSuchPicture();
    const file = renditionFile(photo, `${largest.size}-${largest.sha256.slice(0, 12)}.webp`);
    const saveAs = fileName({ ...photo, type: 'image/webp' });
    await send(parts, request, response, { ...file, cacheControl: forAnHour, saveAs });
  };
}

function setCopyHeaders(response: Response, photo: Photo, { bytes }: Bare): void {
  // Of other bytes than the original's, and so of another tag.
  const etag = `"${photo.sha256}-bare"`;
  const { type } = photo;
  setHeaders(response, { type, hasRanges: false, cacheControl: forAnHour, saveAs: fileName(photo) }, etag);
  response.set('Content-Length', String(bytes));
}

async function pour(parts: HttpParts, response: Response, photo: Photo, copy: Bare): Promise<void> {
  await pipeline(contentOf(parts.media, photo, copy), response).catch((error: unknown) => {
    // A visitor who goes away in the middle is no error of ours.
    if (error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE') return;
    parts.log.error({ err: error }, 'a copy could not be read to its end');
  });
}
