// Links of whoever may share: the list, making one, taking one back. The address of a link is told in the answer that makes it, and never again.
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { defaultThreshold } from '../../gallery/detection.ts';
import { GalleryError, noSuchPhoto } from '../../gallery/errors.ts';
import {
  type Link,
  type LinkSubject,
  linkDays,
  mostLinkPhotos,
  noSuchLink,
  parseLinkId,
} from '../../gallery/link.ts';
import { type PhotoCard, type PhotoId, parsePhotoId } from '../../gallery/photo.ts';
import { type Asking, askedBy, queryText } from '../asking.ts';
import { beforeIn, labelIn, limitIn, parse } from '../fields.ts';
import { guestsPath, linksPath, sharedPath } from '../links.ts';
import { withMenu } from '../menu.ts';
import { noteDone } from '../noted.ts';
import { ownAddress } from '../own-address.ts';
import { linkJson } from '../pages/links.ts';
import type { HttpParts } from '../parts.ts';

const pageSize = 50;
const choiceSize = 48;

export function showLinks(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const text = queryText(request, 'before');
    const before = text === undefined ? undefined : parseLinkId(text);
    const limit = limitIn(queryText(request, 'limit'), pageSize);
    const page = await parts.links.listLinks(asking.viewer, {
      limit,
      ...(before === undefined ? {} : { before }),
    });
    response.vary('Accept').vary('Accept-Language').vary('Cookie').set('Cache-Control', 'private, no-cache');
    if (asking.json) {
      const next = page.next === undefined ? {} : { next: `${linksPath(page.next)}&limit=${limit}` };
      response.json({ links: page.links.map(linkJson), ...next });
      return;
    }
    response.send(parts.views.links(await withMenu(parts, asking), { page, first: before === undefined }));
  };
}

/** For one photo or several (`photo`), a `label`, guests (`upload`), or first to `choose` photos. */
export function showNewLink(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const asking = askedBy(parts, request);
    response.vary('Accept-Language').vary('Cookie').set('Cache-Control', 'private, no-cache');
    const context = await withMenu(parts, asking);
    const photos = await cardsOf(parts, asking, request);
    const isChoosing = queryText(request, 'choose') !== undefined;
    // Also of photos that were named and are gone, or another's, nothing is left to go on with.
    const wantsToGoOn = isChoosing ? queryText(request, 'go') !== undefined : 'photo' in request.query;
    if (wantsToGoOn ? photos.length === 0 : isChoosing) {
      const before = beforeIn(queryText(request, 'before'));
      const query = { limit: choiceSize, ...(before === undefined ? {} : { before }) };
      const page = await parts.links.listGivable(asking.viewer, query);
      response.send(parts.views.chooseForLink(context, { chosen: photos, page, isEmpty: wantsToGoOn }));
      return;
    }
    response.send(parts.views.newLink(context, subjectOf(request, photos)));
  };
}

function subjectOf(request: Request, photos: readonly PhotoCard[]) {
  const label = labelIn(queryText(request, 'label'));
  if (photos.length > 0) return { kind: 'photos', photos } as const;
  if (label === undefined) return { kind: 'upload' } as const;
  const from = Number(queryText(request, 'from') ?? defaultThreshold.all);
  return { kind: 'label', label, from: Number.isInteger(from) ? from : defaultThreshold.all } as const;
}

/** Those that were chosen and may be given, in their order. */
function cardsOf(parts: HttpParts, { viewer }: Asking, request: Request): Promise<readonly PhotoCard[]> {
  const texts = [request.query['photo'] ?? []].flat().slice(0, mostLinkPhotos);
  const ids = new Set(texts.flatMap((text) => parsePhotoId(String(text)) ?? []));
  return parts.links.findGivable(viewer, [...ids]);
}

const yes = z.union([z.boolean(), z.enum(['0', '1']).transform((text) => text === '1')]);
const photoId = z.string().transform((text): PhotoId => {
  const id = parsePhotoId(text);
  if (id === undefined) throw noSuchPhoto();
  return id;
});
const body = z.object({
  photo: z.union([photoId.transform((id) => [id]), z.array(photoId)]).optional(),
  label: z.string().optional(),
  from: z.coerce.number().optional(),
  upload: yes.optional(),
  approval: yes.optional(),
  most: z.coerce.number().int().optional(),
  title: z.string().default(''),
  password: z.string().optional(),
  /** '' for a link that never ends. */
  days: z
    .union([z.literal(''), z.coerce.number().refine((days) => linkDays.some((known) => known === days))])
    .optional(),
});

export function createLink(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const { title, password, days, ...wish } = parse(body, request.body);
    const { link, token } = await parts.sharing.create(asking.viewer, {
      subject: wanted(wish),
      title,
      password,
      days: days === '' ? undefined : days,
    });
    await noteDone(parts, request, `${nameOf(link)}-made`, link.id);
    const path = link.kind === 'upload' ? guestsPath(token) : sharedPath(token);
    const { origin, isLoopback } = ownAddress(parts, request);
    const address = `${origin}${path}`;
    response.status(201).set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
    if (asking.json) response.json({ ...linkJson(link), path, address });
    else response.send(parts.views.linkMade(await withMenu(parts, asking), { link, address, isLoopback }));
  };
}

function wanted({
  photo,
  label,
  from,
  upload,
  approval = false,
  most,
}: Partial<z.output<typeof body>>): LinkSubject {
  if (photo !== undefined) return { kind: 'photos', photos: photo };
  if (label !== undefined) return { kind: 'label', label, from: from ?? defaultThreshold.all };
  if (upload === true) return { kind: 'upload', needsApproval: approval, most: most ?? usualMost };
  throw new GalleryError('bad-request', 'Say what the link is for: photo, label or upload.', {
    field: 'photo',
  });
}

const usualMost = 200;

export function revokeLink(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { viewer, json } = askedBy(parts, request);
    const id = parseLinkId(String(request.params['id']));
    if (id === undefined) throw noSuchLink();
    const link = await parts.sharing.revoke(viewer, id);
    await noteDone(parts, request, `${nameOf(link)}-revoked`, id);
    if (json) response.json(linkJson(link));
    else response.redirect(303, linksPath());
  };
}

const nameOf = ({ kind }: Pick<Link, 'kind'>) => (kind === 'upload' ? 'upload-link' : 'share-link');
