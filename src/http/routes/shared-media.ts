// Pictures by a link: renditions, and the original without what was written around it.
import type { RequestHandler } from 'express';
import { idIn } from '../asking.ts';
import { openedBy } from '../by-link.ts';
import type { HttpParts } from '../parts.ts';
import { sendCopy } from './copies.ts';
import { sendOrStandIn } from './media.ts';

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

/** Always to be saved. */
export function sendSharedOriginal(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { guest } = await openedBy(parts, request, 'shows');
    const photo = await parts.gallery.getPhoto(guest, idIn(request));
    await sendCopy(parts, request, response, photo, { cacheControl: forAnHour, isDownload: true });
  };
}
