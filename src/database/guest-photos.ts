// What a guest's photos need to know of the link that they come by. Called inside the transactions of photos.ts.
import type { Database } from 'better-sqlite3';
import { type LinkId, linkOver } from '../gallery/link.ts';
import type { PhotoId, Sha256 } from '../gallery/photo.ts';
import type { UserId } from '../gallery/user.ts';
import type { Guest } from '../gallery/viewer.ts';
import { everybody, waiting } from './audience.ts';

export interface GuestPhotos {
  /** Whose the photos are, and for whom. @throws GalleryError `link-over` for a link that takes none */
  expect(guest: Guest): { readonly owner: UserId | ''; readonly audience: string };
  /** The photo with these bytes that is this user's, in whatever state. */
  ownerHas(owner: UserId | '', sha256: Sha256): PhotoId | undefined;
  /** Was this photo sent by the guest's link before? */
  cameBy(guest: Guest, id: PhotoId): boolean;
  /** By whom and by which link it came; of one that was here before only that it came again. */
  note(guest: Guest, id: PhotoId, wasHere: boolean): void;
}

export function openGuestPhotos(database: Database): GuestPhotos {
  // Revoked or full a moment ago is no reason: the place was taken before the bytes were kept (LinkDatabase.takePlace).
  const link = database.prepare<[LinkId], { owner: UserId | ''; approval: 0 | 1 }>(
    `SELECT owner, approval FROM links WHERE id = ? AND kind = 'upload'`,
  );
  const byOwner = database
    .prepare<[Sha256, UserId | ''], PhotoId>('SELECT id FROM photos WHERE sha256 = ? AND owner = ?')
    .pluck();
  const came = database.prepare<[LinkId, PhotoId]>(
    'SELECT 1 FROM link_photos WHERE link_id = ? AND photo_id = ?',
  );
  const add = database.prepare<[LinkId, PhotoId, LinkId, string]>(
    `INSERT INTO link_photos (link_id, photo_id, place, sender)
     VALUES (?, ?, (SELECT coalesce(max(place), 0) + 1 FROM link_photos WHERE link_id = ?), ?)`,
  );
  // In no place: nobody is its sender.
  const addKnown = database.prepare<[LinkId, PhotoId]>(
    'INSERT OR IGNORE INTO link_photos (link_id, photo_id, place) VALUES (?, ?, 0)',
  );
  return {
    expect({ link: id }) {
      const found = link.get(id);
      if (found === undefined) throw linkOver();
      return { owner: found.owner, audience: found.approval === 1 ? waiting : everybody };
    },
    ownerHas: (owner, sha256) => byOwner.get(sha256, owner),
    cameBy: ({ link: id }, photo) => came.get(id, photo) !== undefined,
    note({ link: id, name = '' }, photo, wasHere) {
      if (wasHere) addKnown.run(id, photo);
      else add.run(id, photo, id, name);
    },
  };
}
