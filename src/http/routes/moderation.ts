// What guests sent: looked at, let in. Thrown away as any photo is, into the trash.
import type { RequestHandler } from 'express';
import { askedBy, queryText } from '../asking.ts';
import { beforeIn, limitIn } from '../fields.ts';
import { photoJson } from '../json.ts';
import { moderationPath } from '../links.ts';
import { withMenu } from '../menu.ts';
import { noteChange, noteDone } from '../noted.ts';
import type { HttpParts } from '../parts.ts';
import { sendPhotoJson } from '../photo-answer.ts';

const pageSize = 24;

export function showModeration(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const { viewer, json } = asking;
    const before = beforeIn(queryText(request, 'before'));
    const limit = limitIn(queryText(request, 'limit'), pageSize);
    const query = { waiting: true, limit, ...(before === undefined ? {} : { before }) };
    response.vary('Accept').vary('Accept-Language').vary('Cookie').set('Cache-Control', 'private, no-cache');
    const page = await parts.photos.listWholePhotos(viewer, query);
    const ids = page.photos.map(({ id }) => id);
    const senders = await parts.links.listSenders(viewer, ids);
    if (json) {
      response.json({
        photos: page.photos.map((photo) => ({ ...photoJson(photo, asking), sender: senders.get(photo.id) })),
        ...(page.next === undefined ? {} : { next: `${moderationPath(page.next)}&limit=${limit}` }),
      });
      return;
    }
    const model = { page, senders, first: before === undefined };
    response.send(parts.views.moderation(await withMenu(parts, asking), model));
  };
}

export function approve(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const photo = await noteChange(parts, request, parts.gallery.approve);
    if (asking.json) sendPhotoJson(response, photo, asking);
    else response.redirect(303, moderationPath());
  };
}

export function approveAll(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { viewer, json } = askedBy(parts, request);
    const approved = await parts.gallery.approveAll(viewer);
    if (approved > 0) await noteDone(parts, request, 'guest-photos-approved', String(approved));
    if (json) response.json({ approved });
    else response.redirect(303, moderationPath());
  };
}
