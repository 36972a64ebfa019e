// How a photo gets its row: one that comes, comes again, comes from a guest, or comes back from its sidecar.
import { v7 as newUuid } from 'uuid';
import { noSuchPhoto } from '../gallery/errors.ts';
import type { Photo, PhotoId, Sha256 } from '../gallery/photo.ts';
import type { NewPhoto, Recorded } from '../gallery/photo-database.ts';
import type { UserId } from '../gallery/user.ts';
import { type Guest, mayChange, userOf, type Viewer } from '../gallery/viewer.ts';
import { audienceOf, eyesOf, onlyFor, trashed, waiting } from './audience.ts';
import type { Connection } from './connection.ts';
import { openGuestPhotos } from './guest-photos.ts';
import { openOwners } from './owners.ts';
import type { PhotoStatements } from './photo-statements.ts';
import { isListed, ownerOf, type PhotoRow } from './rows.ts';
import type { SaidRows } from './said.ts';

interface Parts {
  readonly sql: PhotoStatements;
  readonly said: SaidRows;
  now(): number;
  any(id: PhotoId): Photo | undefined;
  get(viewer: Viewer, id: PhotoId): Photo;
  /** Out of the trash, and in from where guests wait; with `isPrivate` for nobody but whose it is. */
  letIn(row: PhotoRow, isPrivate?: boolean): void;
}

/** Call what it returns inside a transaction. */
export function openRecording(
  { handle, touch }: Connection,
  { sql, said, now, any, get, letIn }: Parts,
): (viewer: Viewer, photo: NewPhoto) => Recorded {
  const owners = openOwners(handle, now);
  const guests = openGuestPhotos(handle);
  const ownerIn = ({ owner }: { readonly owner?: string }) =>
    owner === undefined ? undefined : owners.named(owner);
  const findSame = (viewer: Viewer, sha256: Sha256, owner: UserId | '', isOwnOnly: boolean) =>
    isOwnOnly ? sql.ownByDigest.get(sha256, owner) : sql.byDigest.get({ ...eyesOf(viewer), sha256, owner });
  const record = (viewer: Viewer, photo: NewPhoto): Recorded => {
    const expected = sql.endArriving.get(photo.sha256);
    if (viewer.kind === 'guest') return recordFrom(viewer, photo);
    if (photo.isAdopted === true && expected !== undefined) return adoptFor(expected, photo);
    const { was } = photo;
    const owner = was === undefined ? userOf(viewer) : ownerIn(was);
    // What is for oneself only can't be what is nobody's.
    const isOwnOnly = was !== undefined || photo.isPrivate === true;
    const known = findSame(viewer, photo.sha256, owner ?? '', isOwnOnly);
    if (known !== undefined) return again(viewer, known, photo);
    const { isPrivate = false } = was ?? photo;
    // What was nobody's but hidden, as from a guest, waits once more.
    const waits = (isPrivate && owner === undefined) || (photo.isAdopted === true && owners.any());
    const isTrashed = was?.trashedAt !== undefined;
    const shelf = waits ? waiting : audienceOf(isPrivate ? owner : undefined, false);
    const id = insert(photo, owner ?? '', isTrashed ? trashed(shelf) : shelf);
    return { photo: get(viewer, id), duplicate: false };
  };
  const adoptFor = (owner: UserId, photo: NewPhoto): Recorded => {
    const recorded = any(insert(photo, owner, audienceOf(owner, false)));
    if (recorded === undefined) throw noSuchPhoto();
    return { photo: recorded, duplicate: false };
  };
  const insert = (photo: NewPhoto, owner: UserId | '', audience: string): PhotoId => {
    const at = photo.uploadedAt?.getTime() ?? now();
    const { was, isPrivate: _said, isAdopted: _adopted, ...row } = photo;
    const isFree = was !== undefined && sql.cardById.get(was.id) === undefined;
    const id = isFree ? was.id : (newUuid({ msecs: at }) as PhotoId);
    // Whoever lost a gallery looks into its trash, too: the days there begin anew.
    sql.insert.run({
      ...{ frames: 1, ...row, id, owner, audience },
      ...{ uploadedAt: at, trashedAt: was?.trashedAt === undefined ? null : now() },
    });
    if (was !== undefined) said.recall(id, was.changes);
    sql.addJob.run(id, now());
    sql.forgetRemoved.run(photo.sha256);
    touch();
    return id;
  };
  const recordFrom = (guest: Guest, photo: NewPhoto): Recorded => {
    const { owner, audience } = guests.expect(guest);
    const known = guests.ownerHas(owner, photo.sha256);
    const id = known ?? insert(photo, owner, audience);
    // Or how many places a link has left would tell what its maker has.
    const isResent = known !== undefined && guests.cameBy(guest, known);
    guests.note(guest, id, known !== undefined);
    const recorded = any(id);
    if (recorded === undefined) throw noSuchPhoto();
    return { photo: recorded, duplicate: known !== undefined, ...(isResent ? { isResent } : {}) };
  };
  const again = (viewer: Viewer, known: PhotoRow, { title, isPrivate = false }: NewPhoto): Recorded => {
    const before = any(known.id);
    const isToHide = isPrivate && onlyFor(known.audience) === undefined;
    if (!isListed(known) || isToHide) letIn(known, isPrivate);
    if (known.title === '' && title !== '' && mayChange(viewer, ownerOf(known))) {
      sql.retitle.run(title, known.id);
      touch();
    }
    return { photo: get(viewer, known.id), duplicate: true, ...(before === undefined ? {} : { before }) };
  };
  return record;
}
