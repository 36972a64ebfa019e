// Whether originals are as they came: what is wrong with which, reading all of them now, and putting one back.
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { GalleryError, noSuchPhoto } from '../../gallery/errors.ts';
import { type PhotoId, parseSha256, type Sha256 } from '../../gallery/photo.ts';
import type { ReceivedFile } from '../../gallery/ports.ts';
import type { Viewer } from '../../gallery/viewer.ts';
import { askedBy, queryText } from '../asking.ts';
import { hasBody, watchPace, welcomeBody } from '../body-guard.ts';
import { beforeIn, limitIn, parse } from '../fields.ts';
import { photoPath, verificationPath } from '../links.ts';
import { withMenu } from '../menu.ts';
import type { HttpParts } from '../parts.ts';
import { idleMs } from '../server.ts';
import { viewerNow } from '../viewer-now.ts';

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
    parts.health.check();
    if (json) response.status(202).json(await parts.gallery.verification.summarize(viewer));
    else response.redirect(303, verificationPath());
  };
}

/** Without a body it is only looked at. */
export function repairOriginal(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { viewer, json } = askedBy(parts, request);
    const sha256 = parseSha256(String(request.params.sha256));
    if (sha256 === undefined) throw noSuchPhoto();
    const file = hasBody(request) ? await receiveOriginal(parts, request, response, sha256) : undefined;
    // The connection is idle while files are read; the server would hang up after a minute.
    const { socket } = request;
    socket.setTimeout(0);
    response.once('finish', () => socket.setTimeout(idleMs));
    const by = await viewerNow(parts, viewer).catch(async (error: unknown) => {
      if (file !== undefined) await parts.inbox.discard(file.path);
      throw error;
    });
    const repaired = await parts.gallery.verification.repair(by, sha256, file);
    if (json) response.set('Cache-Control', 'no-store').json(repaired);
    else response.redirect(303, verificationPath());
  };
}

/** As long as the original has to be, whatever may be uploaded: that limit may have been another one when it came. */
async function receiveOriginal(
  parts: HttpParts,
  request: Request,
  response: Response,
  sha256: Sha256,
): Promise<ReceivedFile> {
  const { viewer } = askedBy(parts, request);
  const original = await parts.verification.findOriginal(viewer, sha256);
  if (original === undefined) throw noSuchPhoto();
  const release = parts.uploadSlots.take(viewer, request);
  try {
    const room = await parts.inbox.reserve(original.bytes);
    const stopWatching = watchPace(request, () => request.destroy(cutOff()));
    try {
      welcomeBody(request, response);
      return await parts.inbox.receive(request, original.bytes);
    } catch (error) {
      throw error instanceof GalleryError ? error : cutOff(error);
    } finally {
      stopWatching();
      room.release();
    }
  } finally {
    release();
  }
}

const cutOff = (cause?: unknown) =>
  new GalleryError('bad-upload', 'The file arrived incomplete; send it again.', {}, { cause });

async function findAll(
  { gallery, verification, health }: HttpParts,
  viewer: Viewer,
  limit: number,
  before: PhotoId | undefined,
) {
  const [summary, strays, found] = await Promise.all([
    gallery.verification.summarize(viewer),
    verification.listStrays(viewer),
    verification.listDamaged(viewer, limit + 1, before),
  ]);
  return {
    summary,
    strays,
    damaged: found.slice(0, limit),
    hasMore: found.length > limit,
    database: health.status(),
  };
}

function toJson(
  { summary, strays, damaged, hasMore, database }: Awaited<ReturnType<typeof findAll>>,
  limit: number,
) {
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
    database: {
      ...(database.checkedAt === undefined ? {} : { checkedAt: database.checkedAt.toISOString() }),
      damaged: database.isDamaged,
      reading: database.isReading,
    },
    ...(hasMore && last !== undefined ? { next: `${verificationPath(last)}&limit=${limit}` } : {}),
  };
}
