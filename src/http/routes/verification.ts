// Whether originals are as they came: what is wrong with which, and reading all of them now.
import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { PhotoId } from '../../gallery/photo.ts';
import type { Viewer } from '../../gallery/viewer.ts';
import { askedBy, queryText } from '../asking.ts';
import { beforeIn, limitIn, parse } from '../fields.ts';
import { photoPath, verificationPath } from '../links.ts';
import { withMenu } from '../menu.ts';
import type { HttpParts } from '../parts.ts';

const pageSize = 24;

export function showVerification(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const { viewer, json } = asking;
    const before = beforeIn(queryText(request, 'before'));
    const limit = limitIn(queryText(request, 'limit'), pageSize);
    response.vary('Accept').vary('Accept-Language').vary('Cookie').set('Cache-Control', 'private, no-cache');
    const model = { ...(await findAll(parts, viewer, limit, before)), first: before === undefined };
    if (json) response.json(toJson(model, limit));
    else response.send(parts.views.verification(await withMenu(parts, asking), model));
  };
}

export function startVerification(parts: HttpParts): RequestHandler {
  const query = z.object({ which: z.enum(['all', 'overdue']).default('all') });
  return async (request, response) => {
    const { viewer, json } = askedBy(parts, request);
    const { which } = parse(query, { which: queryText(request, 'which') });
    await parts.gallery.verification.start(viewer, which);
    if (json) response.status(202).json(await parts.gallery.verification.summarize(viewer));
    else response.redirect(303, verificationPath());
  };
}

async function findAll(
  { gallery, verification }: HttpParts,
  viewer: Viewer,
  limit: number,
  before: PhotoId | undefined,
) {
  const [summary, strays, found] = await Promise.all([
    gallery.verification.summarize(viewer),
    verification.listStrays(viewer),
    verification.listDamaged(viewer, limit + 1, before),
  ]);
  return { summary, strays, damaged: found.slice(0, limit), hasMore: found.length > limit };
}

function toJson({ summary, strays, damaged, hasMore }: Awaited<ReturnType<typeof findAll>>, limit: number) {
  const last = damaged.at(-1)?.photo.id;
  return {
    ...summary,
    photos: damaged.map(({ photo: { id, title }, fault, checkedAt }) => ({
      id,
      title,
      fault,
      ...(checkedAt === undefined ? {} : { checkedAt: checkedAt.toISOString() }),
      links: { self: photoPath(id) },
    })),
    strays,
    ...(hasMore && last !== undefined ? { next: `${verificationPath(last)}&limit=${limit}` } : {}),
  };
}
