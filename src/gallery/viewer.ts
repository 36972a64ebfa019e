// Who asks, and what they may do. What they may see is the database's business: its queries carry it (photo-database.ts).

import { GalleryError } from './errors.ts';
import type { LinkId } from './link.ts';
import type { Role, UserId } from './user.ts';

export type Viewer =
  /** The program itself, and whoever sits at its machine while nobody else can reach it. Everything is theirs. */
  | { readonly kind: 'machine' }
  | { readonly kind: 'user'; readonly id: UserId; readonly role: Role }
  /** Somebody who has not signed in, where a gallery is public. */
  | { readonly kind: 'visitor' }
  /** The same where it is not: sees nothing at all, whatever is asked. */
  | { readonly kind: 'stranger' }
  | Guest;

/** Whoever came by a link: sees what it shows and nothing else, wherever it was that they signed in. */
export interface Guest {
  readonly kind: 'guest';
  readonly link: LinkId;
  /** As they call themselves who send photos. */
  readonly name?: string;
}

export const machine: Viewer = { kind: 'machine' };
export const stranger: Viewer = { kind: 'stranger' };

/** Whoever has signed in. */
export const asViewer = ({ id, role }: { readonly id: UserId; readonly role: Role }): Viewer => ({
  kind: 'user',
  id,
  role,
});

/** Whose a photo is that this viewer adds; nobody's, when the machine does. */
export const userOf = (viewer: Viewer): UserId | undefined =>
  viewer.kind === 'user' ? viewer.id : undefined;

/** At the gallery as a whole: a guest sees a few photos of it. */
export const mayLook = (viewer: Viewer): boolean => viewer.kind !== 'stranger' && viewer.kind !== 'guest';

/** Gets originals as they came, and with them where they were taken: not who only looks at what everybody may. */
export const mayKnowPlaces = (viewer: Viewer): boolean => viewer.kind === 'machine' || viewer.kind === 'user';

/** Looks after the gallery: models, re-runs, what failed, people. */
export const mayOperate = (viewer: Viewer): boolean =>
  viewer.kind === 'machine' || (viewer.kind === 'user' && viewer.role === 'owner');

/** Adds photos, and changes those that are theirs. */
export const mayAdd = (viewer: Viewer): boolean =>
  mayOperate(viewer) || (viewer.kind === 'user' && viewer.role === 'member');

/** Also a guest, as far as their link takes photos in; that is looked at where they are kept. */
export const maySend = (viewer: Viewer): boolean => mayAdd(viewer) || viewer.kind === 'guest';

/** @param owner of a photo that this viewer sees */
export const mayChange = (viewer: Viewer, owner: UserId | undefined): boolean =>
  mayOperate(viewer) || (mayAdd(viewer) && owner !== undefined && owner === userOf(viewer));

/** May say who sees it: only whose it is, for an owner would hide it from themselves. What is nobody's is theirs who runs the gallery. */
export const mayHide = (viewer: Viewer, owner: UserId | undefined): boolean =>
  viewer.kind === 'user' &&
  (owner === undefined ? mayOperate(viewer) : mayAdd(viewer) && owner === viewer.id);

/** @param needs the least that whoever asks would have to be; absent for what they see, and is not theirs to change */
export function notAllowed(needs?: 'owner' | 'member'): GalleryError {
  const sentence = {
    owner: 'Only an owner of this gallery may see or do this; ask one of them.',
    member: 'You may look, but not add or change photos; ask an owner of this gallery.',
    nothing: 'You may look at this, but not change it; ask whoever runs this gallery.',
  }[needs ?? 'nothing'];
  return new GalleryError('not-allowed', sentence, needs === undefined ? {} : { needs });
}
