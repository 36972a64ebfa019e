// Writes down for whoever runs the gallery what was done to photos and links: by ids, since titles and names may be private.
import type { Request } from 'express';
import type { Photo, PhotoId } from '../gallery/photo.ts';
import type { Recorded } from '../gallery/photo-database.ts';
import type { Viewer } from '../gallery/viewer.ts';
import { idIn } from './asking.ts';
import type { HttpParts } from './parts.ts';
import { actorOf } from './visit.ts';

/** @param subject an id or a number, nothing that somebody wrote */
export function noteDone({ membership }: HttpParts, request: Request, action: string, subject: string) {
  const { name, address } = actorOf(request);
  return membership.note({ actor: name, action, subject, address });
}

/** Does this to the photo of the address, and notes what became of it, if anything did. */
export async function noteChange(
  parts: HttpParts,
  request: Request,
  change: (viewer: Viewer, id: PhotoId) => Promise<Photo>,
): Promise<Photo> {
  const { viewer } = actorOf(request);
  const id = idIn(request);
  const before = await parts.gallery.getPhoto(viewer, id);
  const after = await change(viewer, id);
  const action = actionBetween(before, after);
  if (action !== undefined) await noteDone(parts, request, action, id);
  return after;
}

/** The same of what somebody sent again: that may bring a photo back, and hide it. */
export async function noteSentAgain(
  parts: HttpParts,
  request: Request,
  { before, photo }: Pick<Recorded, 'before' | 'photo'>,
): Promise<void> {
  if (before === undefined) return;
  const actions = new Set([actionBetween(before, photo), actionBetween(privacyOf(before), privacyOf(photo))]);
  for (const action of actions) if (action !== undefined) await noteDone(parts, request, action, photo.id);
}

const privacyOf = ({ isPrivate }: Photo) => (isPrivate === true ? { isPrivate } : {});

type Place = Pick<Photo, 'trashedAt' | 'isWaiting' | 'isPrivate'>;

function actionBetween(before: Place, after: Place): string | undefined {
  if (before.trashedAt === undefined && after.trashedAt !== undefined)
    return before.isWaiting === true ? 'guest-photo-refused' : 'photo-trashed';
  if (before.trashedAt !== undefined && after.trashedAt === undefined) return 'photo-restored';
  if (before.isWaiting === true && after.isWaiting !== true) return 'guest-photo-approved';
  if (before.isPrivate === after.isPrivate) return undefined;
  return after.isPrivate === true ? 'photo-hidden' : 'photo-shown';
}
