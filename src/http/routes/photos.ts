// List, detail, title, delete, retry: the same addresses answer browsers with pages and programs with JSON.
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { GalleryError } from '../../gallery/errors.ts';
import { type PhotoId, parsePhotoId } from '../../gallery/photo.ts';
import { askedBy, idIn, queryText } from '../asking.ts';
import { listJson, photoJson } from '../json.ts';
import { photoPath } from '../links.ts';
import { createPageCache } from '../page-cache.ts';
import type { HttpParts } from '../parts.ts';

/** Divisible by 2, 3, 4 and 6, so that a square grid ends in a full row. */
const pageSize = 48;
const largestPage = 200;
const longestLabel = 64;

export function showList(parts: HttpParts): RequestHandler {
  const cache = createPageCache();
  return async (request, response) => {
    const { viewer, language, speech, json, context } = askedBy(parts, request);
    const label = labelIn(queryText(request, 'label'));
    const before = beforeIn(queryText(request, 'before'));
    const limit = limitIn(queryText(request, 'limit'));
    const query = {
      limit,
      ...(label === undefined ? {} : { label }),
      ...(before === undefined ? {} : { before }),
    };
    response.vary('Accept').vary('Accept-Language').vary('Cookie').set('Cache-Control', 'private, no-cache');
    if (json) {
      response.json(listJson(await parts.photos.listWholePhotos(viewer, query), speech, query));
      return;
    }
    const key = [context.path, language, limit, context.today.toDateString(), context.problem].join('\n');
    const { html, etag } = await cache.get(parts.photos.revision(), key, async () => {
      const [page, labels] = await Promise.all([
        parts.photos.listPhotos(viewer, query),
        parts.photos.listLabels(viewer),
      ]);
      return parts.views.list(context, {
        page,
        labels,
        ...(label === undefined ? {} : { label }),
        first: before === undefined,
      });
    });
    response.set('ETag', etag).type('html');
    if (request.fresh) response.status(304).end();
    else response.send(html);
  };
}

export function showPhoto(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { viewer, language, speech, json } = askedBy(parts, request);
    response.vary('Accept').vary('Accept-Language').vary('Cookie').set('Cache-Control', 'private, no-cache');
    const photo = await parts.gallery.getPhoto(viewer, idIn(request));
    if (json) {
      response.set('ETag', etagOf(photo.version, language)).json(photoJson(photo, speech));
      return;
    }
    response.send(await renderPhoto(parts, request, photo.id));
  };
}

/** A form's new title: 303 back to the photo, or 409 with both titles when somebody was faster than `was` knows. */
export function editByForm(parts: HttpParts): RequestHandler {
  const form = z.object({
    title: z.string(),
    was: z.string().optional(),
  });
  return async (request, response) => {
    const { viewer, language, speech, json } = askedBy(parts, request);
    const id = idIn(request);
    const { title, was } = parse(form, request.body);
    try {
      const photo = await parts.gallery.retitle(viewer, id, title, { title: was });
      if (json) response.set('ETag', etagOf(photo.version, language)).json(photoJson(photo, speech));
      else response.redirect(303, photoPath(id));
    } catch (error) {
      if (json || !(error instanceof GalleryError) || error.code !== 'edited-meanwhile') throw error;
      response.status(409).set('Cache-Control', 'no-store');
      response.send(await renderPhoto(parts, request, id, { title }));
    }
  };
}

/** A program's new title. `If-Match` with the photo's ETag is required, so that nobody overwrites what they have not seen. */
export function editByProgram(parts: HttpParts): RequestHandler {
  const body = z.strictObject({ title: z.string() });
  return async (request, response) => {
    const { viewer, language, speech } = askedBy(parts, request);
    const id = idIn(request);
    const { title } = parse(body, request.body);
    const present = await parts.gallery.getPhoto(viewer, id);
    const expected = versionsIn(request.headers['if-match']);
    if (expected !== '*' && !expected.includes(present.version)) {
      response.set('ETag', etagOf(present.version, language));
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
    response.set('ETag', etagOf(photo.version, language)).json(photoJson(photo, speech));
  };
}

export function removeByForm(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { viewer, json } = askedBy(parts, request);
    await parts.gallery.remove(viewer, idIn(request));
    if (json) response.status(204).end();
    else response.redirect(303, '/');
  };
}

export function removeByProgram(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    await parts.gallery.remove(askedBy(parts, request).viewer, idIn(request));
    response.status(204).end();
  };
}

export function retry(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { viewer, speech, json } = askedBy(parts, request);
    const photo = await parts.gallery.retry(viewer, idIn(request));
    if (json) response.status(202).location(photoPath(photo.id)).json(photoJson(photo, speech));
    else response.redirect(303, photoPath(photo.id));
  };
}

async function renderPhoto(
  parts: HttpParts,
  request: Parameters<RequestHandler>[0],
  id: PhotoId,
  conflict?: { title: string },
): Promise<string> {
  const { viewer, context } = askedBy(parts, request);
  const label = labelIn(queryText(request, 'label'));
  const [photo, neighbours, place] = await Promise.all([
    parts.gallery.getPhoto(viewer, id),
    parts.photos.findNeighbours(viewer, id, label),
    parts.photos.findPlace(viewer, id),
  ]);
  return parts.views.photo(context, {
    photo,
    neighbours,
    ...(label === undefined ? {} : { label }),
    ...(place === undefined ? {} : { place }),
    ...(conflict === undefined ? {} : { conflict }),
  });
}

// The language is part of it because reasons and label names are: one tag must never stand for two bodies.
const etagOf = (version: number, language: string) => `"${version}-${language}"`;

/** The versions that an If-Match names; `*` for any. @throws GalleryError `precondition-required` without the header. */
function versionsIn(header: string | undefined): '*' | number[] {
  if (header === undefined) {
    throw new GalleryError(
      'precondition-required',
      'Send If-Match with the ETag of the photo as you read it.',
    );
  }
  if (header.trim() === '*') return '*';
  return [...header.matchAll(/(W\/)?"(\d+)-[a-z]+"/g)].flatMap(([, weak, version]) =>
    weak === undefined ? [Number(version)] : [],
  );
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new GalleryError('bad-request', `${issue?.path.join('.')}: ${issue?.message}`, {
    field: issue?.path.join('.') ?? '',
  });
}

function labelIn(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (text.length <= longestLabel) return text;
  throw new GalleryError('bad-request', 'There is no label that long; choose one from the list of labels.');
}

function beforeIn(text: string | undefined): PhotoId | undefined {
  if (text === undefined) return undefined;
  const id = parsePhotoId(text);
  if (id !== undefined) return id;
  throw new GalleryError('bad-request', 'This page does not exist; begin with the first one.');
}

function limitIn(text: string | undefined): number {
  if (text === undefined) return pageSize;
  const limit = Number(text);
  if (/^\d{1,3}$/.test(text) && limit >= 1 && limit <= largestPage) return limit;
  throw new GalleryError('bad-request', `limit is a whole number from 1 to ${largestPage}.`, {
    limit: largestPage,
  });
}
