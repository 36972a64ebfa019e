// Originals: as they came for who has an account, and for everybody else without what was written around their picture.
import type { RequestHandler } from 'express';
import { mayKnowPlaces } from '../../gallery/viewer.ts';
import { askedBy, idIn, queryText } from '../asking.ts';
import type { HttpParts } from '../parts.ts';
import { sendCopy } from './copies.ts';
import { originalFile, send } from './media.ts';

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
