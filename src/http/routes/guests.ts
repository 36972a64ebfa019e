// Photos from guests: a form that works without scripts, and the way of every upload from there on.
import type { Request, RequestHandler } from 'express';
import { GalleryError } from '../../gallery/errors.ts';
import { guestName, type OpenedLink } from '../../gallery/sharing.ts';
import type { Guest } from '../../gallery/viewer.ts';
import { queryText } from '../asking.ts';
import {
  countVisit,
  guestContext,
  openedBy,
  orLocked,
  rememberSender,
  senderOf,
  tokenIn,
} from '../by-link.ts';
import { countRefused, countUpload } from '../count-upload.ts';
import { problemOf, toGalleryError } from '../errors.ts';
import { guestsPath } from '../links.ts';
import type { HttpParts } from '../parts.ts';
import { type IncomingFile, receiveUpload } from '../receive.ts';
import { idleMs } from '../server.ts';

export function showGuestForm(parts: HttpParts): RequestHandler {
  return orLocked(parts, guestsPath, async (request, response) => {
    const { link } = await openedBy(parts, request, 'takes');
    const sent = Number(/^\d{1,3}$/.exec(queryText(request, 'sent') ?? '')?.[0] ?? 0);
    await countVisit(parts, request, response, { link });
    const model = { link, token: tokenIn(request), sender: senderOf(request), ...(sent > 0 ? { sent } : {}) };
    response.send(parts.views.guestForm(guestContext(parts, request), model));
  });
}

/** 303 to the thanks when all of it was taken, else a page that says of each what is wrong. */
export function receiveFromGuest(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const opened = await openedBy(parts, request, 'takes');
    const release = parts.uploadSlots.take(opened.guest, request);
    try {
      const receiving = receiveUpload(request, response, {
        inbox: parts.inbox,
        maxFileBytes: parts.maxUploadBytes,
        expectRoom: (bytes) => parts.gallery.quota.expectRoom(opened.guest, bytes),
      });
      const { files, sender } = await countRefused(parts.metrics, 'guest', receiving);
      // The connection is idle while the answer is made; the server would hang up after a minute.
      const { socket } = request;
      socket.setTimeout(0);
      response.once('finish', () => socket.setTimeout(idleMs));
      const token = tokenIn(request);
      const refused = await ingestAll(parts, request, opened, { files, sender });
      rememberSender(response, token, sender.slice(0, 80));
      const taken = files.length - refused.length;
      if (refused.length === 0) {
        response.redirect(303, `${guestsPath(token)}?sent=${taken}`);
        return;
      }
      const model = { link: opened.link, token, taken, refused };
      response.status(taken === 0 ? 422 : 207).set('Cache-Control', 'no-store');
      response.send(parts.views.guestResult(guestContext(parts, request), model));
    } finally {
      release();
    }
  };
}

interface Sent {
  readonly files: readonly IncomingFile[];
  readonly sender: string;
}

/** Those that were not taken, and why. What is here already counts as taken: a guest is not told what a gallery holds. */
async function ingestAll(parts: HttpParts, request: Request, { guest }: OpenedLink, { files, sender }: Sent) {
  const refused: { name: string; error: string }[] = [];
  try {
    if (files.length === 0) throw new GalleryError('no-file', 'No photo was sent; choose one first.');
    const named: Guest = { ...guest, name: guestName(sender) };
    for (const file of files) {
      const error = await ingestOne(parts, named, file);
      if (error !== undefined)
        refused.push({ name: file.name, error: problemOf(parts, request, error).detail });
    }
    return refused;
  } finally {
    // A body is sent again as a whole, so nothing of it is kept for later.
    for (const file of files) await parts.inbox.discard(file.path);
  }
}

async function ingestOne(
  parts: HttpParts,
  guest: Guest,
  file: IncomingFile,
): Promise<GalleryError | undefined> {
  try {
    const keeping = parts.gallery.ingest(guest, file, '');
    await countUpload(parts.metrics, { way: 'guest', bytes: file.bytes }, keeping);
    return undefined;
  } catch (thrown) {
    return toGalleryError(thrown);
  }
}
