// What a link shows to whoever comes by it: the photos, one of them, the form for its password.
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { GalleryError } from '../../gallery/errors.ts';
import type { PhotoId } from '../../gallery/photo.ts';
import type { OpenedLink } from '../../gallery/sharing.ts';
import { idIn, queryText } from '../asking.ts';
import { countVisit, guestContext, openedBy, orLocked, rememberPass, tokenIn, tryAt } from '../by-link.ts';
import { clientAddress } from '../client.ts';
import { problemOf } from '../errors.ts';
import { beforeIn, parse } from '../fields.ts';
import { guestsPath, sharedPath } from '../links.ts';
import type { HttpParts } from '../parts.ts';

const pageSize = 48;

/** A link to one photo shows that photo at once. */
export function showShared(parts: HttpParts): RequestHandler {
  return orLocked(parts, sharedPath, async (request, response) => {
    const opened = await openedBy(parts, request, 'shows');
    const { link, guest } = opened;
    const before = beforeIn(queryText(request, 'before'));
    const query = { limit: pageSize, ...(before === undefined ? {} : { before }) };
    const page = await parts.links.listGiven(guest, query);
    await countVisit(parts, request, response, opened);
    const [only] = page.photos;
    if (link.kind === 'photos' && link.photos === 1 && only !== undefined) {
      response.send(await renderPhoto(parts, request, opened, only.id));
      return;
    }
    const model = { link, token: tokenIn(request), page, first: before === undefined };
    response.send(parts.views.shared(guestContext(parts, request), model));
  });
}

export function showSharedPhoto(parts: HttpParts): RequestHandler {
  return orLocked(parts, sharedPath, async (request, response) => {
    const opened = await openedBy(parts, request, 'shows');
    const page = await renderPhoto(parts, request, opened, idIn(request));
    await countVisit(parts, request, response, opened);
    response.send(page);
  });
}

async function renderPhoto(
  parts: HttpParts,
  request: Parameters<RequestHandler>[0],
  { link, guest }: OpenedLink,
  id: PhotoId,
): Promise<string> {
  const [photo, beside] = await Promise.all([
    parts.gallery.getPhoto(guest, id),
    parts.links.findGivenBeside(guest, id),
  ]);
  const model = { link, token: tokenIn(request), photo, beside };
  return parts.views.sharedPhoto(guestContext(parts, request), model);
}

export const unlockShared = (parts: HttpParts) => unlock(parts, sharedPath);
export const unlockGuests = (parts: HttpParts) => unlock(parts, guestsPath);

/** A form's password: 303 to what it opens, or the form again. */
function unlock(parts: HttpParts, base: (token: string) => string): RequestHandler {
  const form = z.object({ password: z.string().max(1000) });
  return async (request, response) => {
    const token = tokenIn(request);
    const { password } = parse(form, request.body);
    const { id } = await parts.sharing.find(token);
    try {
      const attempt = tryAt(parts, request, id);
      const pass = await parts.sharing.unlock(token, password, clientAddress(request));
      attempt.succeeded();
      if (pass !== undefined) rememberPass(response, base(token), pass);
      response.redirect(303, base(token));
    } catch (error) {
      if (!(error instanceof GalleryError) || !['wrong-link-password', 'too-many-tries'].includes(error.code))
        throw error;
      const { status, detail } = problemOf(parts, request, error);
      const { seconds } = error.facts;
      if (seconds !== undefined) response.set('Retry-After', String(seconds));
      response.status(status).set('Cache-Control', 'no-store');
      response.send(parts.views.locked(guestContext(parts, request), { action: base(token), error: detail }));
    }
  };
}
