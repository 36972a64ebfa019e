// List, detail, title, delete, retry: the same addresses answer browsers with pages and programs with JSON.
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { GalleryError, noSuchPhoto } from '../../gallery/errors.ts';
import type { Photo } from '../../gallery/photo.ts';
import { askedBy, idIn, queryText, viewerKey } from '../asking.ts';
import { beforeIn, labelIn, limitIn, parse } from '../fields.ts';
import { listJson, photoJson } from '../json.ts';
import { listPath, moderationPath, photoPath } from '../links.ts';
import { withMenu } from '../menu.ts';
import { noteChange } from '../noted.ts';
import { createPageCache } from '../page-cache.ts';
import type { HttpParts } from '../parts.ts';
import { etagOf, renderPhoto, sendPhotoJson, versionsOf } from '../photo-answer.ts';
import { formatThreshold } from '../threshold.ts';
import { ownPhoto, removeAndNote } from './trash.ts';

/** Divisible by 2, 3, 4 and 6, so that a square grid ends in a full row. */
const pageSize = 48;

export function showList(parts: HttpParts): RequestHandler {
  const cache = createPageCache();
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const { viewer, language, threshold, json, context } = asking;
    const label = labelIn(queryText(request, 'label'));
    const before = beforeIn(queryText(request, 'before'));
    const limit = limitIn(queryText(request, 'limit'), pageSize);
    const query = {
      limit,
      threshold,
      ...(label === undefined ? {} : { label }),
      ...(before === undefined ? {} : { before }),
    };
    response.vary('Accept').vary('Accept-Language').vary('Cookie').set('Cache-Control', 'private, no-cache');
    if (json) {
      response.json(listJson(await parts.photos.listWholePhotos(viewer, query), asking, query));
      return;
    }
    const render = async (deleted?: Photo) => {
      const [menu, page, labels] = await Promise.all([
        withMenu(parts, asking),
        parts.photos.listPhotos(viewer, query),
        parts.photos.listLabels(viewer, threshold),
      ]);
      return parts.views.list(menu, { page, labels, label, first: before === undefined, deleted });
    };
    const deleted = await ownPhoto(parts, viewer, queryText(request, 'deleted'), 'in the trash');
    if (deleted !== undefined) {
      // Said once, to whom it concerns: nothing of it is kept for the next reader.
      response.send(await render(deleted));
      return;
    }
    const { path, today, problem } = context;
    const shown = formatThreshold(threshold);
    const key = [
      viewerKey(viewer),
      context.user?.name,
      path,
      language,
      limit,
      shown,
      today.toDateString(),
      problem,
    ].join('\n');
    const { html, etag } = await cache.get(parts.photos.revision(), key, () => render());
    response.set('ETag', etag).type('html');
    if (request.fresh) response.status(304).end();
    else response.send(html);
  };
}

export function showPhoto(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const id = idIn(request);
    response.vary('Accept').vary('Accept-Language').vary('Cookie').set('Cache-Control', 'private, no-cache');
    if (asking.json) sendPhotoJson(response, await parts.gallery.getPhoto(asking.viewer, id), asking);
    else response.send(await renderPhoto(parts, request, id));
  };
}

/** A form's new title: 303 back to the photo, or 409 with both titles when somebody was faster than `was` knows. */
export function editByForm(parts: HttpParts): RequestHandler {
  const form = z.object({
    title: z.string(),
    was: z.string().optional(),
  });
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const { viewer, json } = asking;
    const id = idIn(request);
    const { title, was } = parse(form, request.body);
    try {
      const photo = await parts.gallery.retitle(viewer, id, title, { title: was });
      if (json) sendPhotoJson(response, photo, asking);
      else response.redirect(303, photoPath(id));
    } catch (error) {
      if (json || !(error instanceof GalleryError) || error.code !== 'edited-meanwhile') throw error;
      response.status(409).set('Cache-Control', 'no-store');
      response.send(await renderPhoto(parts, request, id, { conflict: { title } }));
    }
  };
}

/** A program's new title. `If-Match` with the photo's ETag is required, so that nobody overwrites what they have not seen. */
export function editByProgram(parts: HttpParts): RequestHandler {
  const body = z.strictObject({ title: z.string() });
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const { viewer } = asking;
    const id = idIn(request);
    const { title } = parse(body, request.body);
    const present = await parts.gallery.getPhoto(viewer, id);
    const expected = versionsIn(request.headers['if-match']);
    if (expected !== '*' && !expected.includes(present.version)) {
      response.set('ETag', etagOf(present.version, asking));
      throw new GalleryError('precondition-failed', 'The photo changed since you read it; read it again.', {
        title: present.title,
      });
    }
    const photo = await parts.gallery
      .retitle(viewer, id, title, { version: present.version })
      .catch((error: unknown) => {
        if (!(error instanceof GalleryError) || error.code !== 'edited-meanwhile') throw error;
        throw new GalleryError('precondition-failed', error.message, error.facts);
      });
    sendPhotoJson(response, photo, asking);
  };
}

/** Into the trash, and to the list, which offers to put it back. */
export function removeByForm(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { json } = askedBy(parts, request);
    const label = labelIn(queryText(request, 'label'));
    const { id } = await noteChange(parts, request, parts.gallery.discard);
    const isModerating = queryText(request, 'then') === 'moderation';
    if (json) response.status(204).end();
    else response.redirect(303, isModerating ? moderationPath() : listPath({ label, deleted: id }));
  };
}

/** Into the trash; what lies there is gone for whoever does not say `?forever=1`. */
export function removeByProgram(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { viewer } = askedBy(parts, request);
    const id = idIn(request);
    if (queryText(request, 'forever') === '1') await removeAndNote(parts, request, viewer);
    else if ((await parts.gallery.getPhoto(viewer, id)).trashedAt !== undefined) throw noSuchPhoto();
    else await noteChange(parts, request, parts.gallery.discard);
    response.status(204).end();
  };
}

export function retry(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const photo = await parts.gallery.retry(asking.viewer, idIn(request));
    if (asking.json) response.status(202).location(photoPath(photo.id)).json(photoJson(photo, asking));
    else response.redirect(303, photoPath(photo.id));
  };
}

/** The versions that an If-Match names; `*` for any. @throws GalleryError `precondition-required` without the header. */
function versionsIn(header: string | undefined): '*' | number[] {
  if (header === undefined) {
    throw new GalleryError(
      'precondition-required',
      'Send If-Match with the ETag of the photo as you read it.',
    );
  }
  return header.trim() === '*' ? '*' : versionsOf(header);
}
