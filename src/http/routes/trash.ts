// What was deleted and may still come back: the list, out of it again, and for good. Nothing gets in here that is not on its page.
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { type Photo, parsePhotoId } from '../../gallery/photo.ts';
import { mayChange, type Viewer } from '../../gallery/viewer.ts';
import { askedBy, idIn, queryText } from '../asking.ts';
import { beforeIn, labelIn, limitIn, parse } from '../fields.ts';
import { photoJson } from '../json.ts';
import { photoPath, trashPath } from '../links.ts';
import { withMenu } from '../menu.ts';
import { noteChange, noteDone } from '../noted.ts';
import type { HttpParts } from '../parts.ts';
import { sendPhotoJson } from '../photo-answer.ts';

const pageSize = 24;

export function showTrash(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const { viewer, json } = asking;
    const before = beforeIn(queryText(request, 'before'));
    const limit = limitIn(queryText(request, 'limit'), pageSize);
    const query = { trash: true, limit, ...(before === undefined ? {} : { before }) };
    response.vary('Accept').vary('Accept-Language').vary('Cookie').set('Cache-Control', 'private, no-cache');
    if (json) {
      const { photos, next } = await parts.photos.listWholePhotos(viewer, query);
      response.json({
        photos: photos.map((photo) => photoJson(photo, asking)),
        ...(next === undefined ? {} : { next: `${trashPath({ before: next })}&limit=${limit}` }),
      });
      return;
    }
    const [menu, page, restored] = await Promise.all([
      withMenu(parts, asking),
      parts.photos.listPhotos(viewer, query),
      ownPhoto(parts, viewer, queryText(request, 'restored'), 'out of the trash'),
    ]);
    response.send(parts.views.trash(menu, { page, first: before === undefined, restored }));
  };
}

export function restore(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const photo = await noteChange(parts, request, parts.gallery.restore);
    if (asking.json) sendPhotoJson(response, photo, asking);
    else {
      const isInTrash = queryText(request, 'then') === 'trash';
      response.redirect(303, isInTrash ? trashPath({ restored: photo.id }) : photoPath(photo.id));
    }
  };
}

/** The photo that an address names. Undefined unless it lies there and is the reader's to change: no link can make a page say more. */
export async function ownPhoto(
  { photos }: HttpParts,
  viewer: Viewer,
  text: string | undefined,
  where: 'in the trash' | 'out of the trash',
): Promise<Photo | undefined> {
  const id = parsePhotoId(text ?? '');
  const photo = id === undefined ? undefined : await photos.findPhoto(viewer, id);
  if (photo === undefined || !mayChange(viewer, photo.owner)) return undefined;
  return (photo.trashedAt !== undefined) === (where === 'in the trash') ? photo : undefined;
}

/** For good; only what lies in the trash. */
export function removeForGood(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { viewer, json } = askedBy(parts, request);
    await removeAndNote(parts, request, viewer);
    if (json) response.status(204).end();
    else response.redirect(303, trashPath());
  };
}

export async function removeAndNote(parts: HttpParts, request: Request, viewer: Viewer): Promise<void> {
  const id = idIn(request);
  await parts.gallery.remove(viewer, id);
  await noteDone(parts, request, 'photo-removed', id);
}

/** Everything that this viewer may take out of the trash is removed for good. */
export function emptyTrash(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { viewer, json } = askedBy(parts, request);
    const removed = await parts.gallery.emptyTrash(viewer);
    if (removed > 0) await noteDone(parts, request, 'trash-emptied', String(removed));
    if (json) response.json({ removed });
    else response.redirect(303, trashPath());
  };
}

/** `private` is 1 for "only I see it", 0 for "everybody who may look". */
export function setPrivate(parts: HttpParts): RequestHandler {
  const body = z.object({
    private: z.union([z.enum(['0', '1']).transform((one) => one === '1'), z.boolean()]),
  });
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const { private: isPrivate } = parse(body, request.body);
    const photo = await noteChange(parts, request, (viewer, id) =>
      parts.gallery.setPrivate(viewer, id, isPrivate),
    );
    if (asking.json) sendPhotoJson(response, photo, asking);
    else response.redirect(303, `${photoPath(photo.id, labelIn(queryText(request, 'label')))}#privacy`);
  };
}
