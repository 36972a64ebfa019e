// Photos that ended as failed: which, why, and once more for all of them. One alone is tried again at its own address.
import type { RequestHandler } from 'express';
import type { Photo } from '../../gallery/photo.ts';
import { mayChange } from '../../gallery/viewer.ts';
import { askedBy, queryText } from '../asking.ts';
import { beforeIn, limitIn } from '../fields.ts';
import { photoJson } from '../json.ts';
import { failedPath } from '../links.ts';
import type { HttpParts } from '../parts.ts';

const pageSize = 24;

export function showFailed(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const { viewer, threshold, json, context } = asking;
    const before = beforeIn(queryText(request, 'before'));
    const limit = limitIn(queryText(request, 'limit'), pageSize);
    const query = { failed: true, threshold, limit, ...(before === undefined ? {} : { before }) };
    response.vary('Accept').vary('Accept-Language').vary('Cookie').set('Cache-Control', 'private, no-cache');
    const count = await parts.photos.countFailed(viewer);
    const page = await parts.photos.listWholePhotos(viewer, query);
    if (json) {
      response.json({
        count,
        photos: page.photos.map((photo) => photoJson(photo, asking)),
        ...(page.next === undefined ? {} : { next: `${failedPath(page.next)}&limit=${limit}` }),
      });
      return;
    }
    const mayRetry = ({ owner }: Photo) => mayChange(viewer, owner);
    response.send(
      parts.views.failed(
        { ...context, failed: count },
        { page, mayRetry, count, first: before === undefined },
      ),
    );
  };
}

export function retryFailed(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { viewer, json } = askedBy(parts, request);
    const retried = await parts.gallery.retryAll(viewer);
    if (json) response.status(202).json({ retried });
    else response.redirect(303, failedPath());
  };
}
