// How much of the disk one member may fill, where whoever runs the gallery has said so. Owners can: they can also change that.
import { GalleryError } from './errors.ts';
import { createKeyedLock } from './keyed-lock.ts';
import type { Sha256 } from './photo.ts';
import type { PhotoDatabase } from './photo-database.ts';
import type { Viewer } from './viewer.ts';

export interface Quota {
  /**
   * Of a body that may come. Rejects `quota-used-up` when so many bytes more are too many, beside those announced for what they have begun
   * to send. Bytes that are theirs already take no room as a photo, but while they come they do, and nobody knows yet whether it is them.
   */
  expectRoom(viewer: Viewer, bytes: number, sha256?: Sha256, announced?: number): Promise<void>;
  /** Keeps these bytes, if there is room for them: one at a time for each member, so that many at once do not share the same room. */
  within<T>(
    viewer: Viewer,
    file: { readonly sha256: Sha256; readonly bytes: number; readonly isPrivate: boolean },
    keep: () => Promise<T>,
  ): Promise<T>;
}

export interface QuotaParts {
  readonly photos: Pick<PhotoDatabase, 'countCharged' | 'findByDigest'>;
  /** Absent: nobody is held to any. */
  readonly userQuotaBytes?: number;
}

export function openQuota({ photos, userQuotaBytes }: QuotaParts): Quota {
  const oneAtATime = createKeyedLock();
  // Were it less for a guest to send what is there already, they would learn of any photo whether it is.
  const countFor = (viewer: Viewer, sha256?: Sha256) =>
    photos.countCharged(viewer, viewer.kind === 'guest' ? undefined : sha256);
  /** Beside what is announced; undefined where nothing is in the way. */
  const countTaken = async (viewer: Viewer, sha256: Sha256 | undefined, announced: number) => {
    const charged = await countFor(viewer, sha256);
    if (charged !== undefined) return charged.bytes;
    // One that is theirs already may always come, or somebody who may have as much as they like.
    return announced === 0 || (await countFor(viewer)) === undefined ? undefined : 0;
  };
  const expectRoom = async (viewer: Viewer, bytes: number, sha256?: Sha256, announced = 0) => {
    if (userQuotaBytes === undefined) return;
    const taken = await countTaken(viewer, sha256, announced);
    if (taken === undefined) return;
    const freeBytes = Math.max(0, userQuotaBytes - taken - announced);
    if (bytes <= freeBytes) return;
    if (viewer.kind === 'guest') throw takesNoMore();
    throw usedUp(userQuotaBytes, freeBytes, bytes);
  };
  /** As nobody's it takes no more room, except for a copy of their own that nobody else sees. */
  const isNobodys = async (viewer: Viewer, { sha256, isPrivate }: { sha256: Sha256; isPrivate: boolean }) =>
    viewer.kind !== 'guest' && !isPrivate && (await photos.findByDigest(viewer, sha256)) !== undefined;
  return {
    expectRoom,
    async within(viewer, file, keep) {
      const { sha256, bytes } = file;
      const owner = userQuotaBytes === undefined ? undefined : (await countFor(viewer, sha256))?.owner;
      if (owner === undefined || (await isNobodys(viewer, file))) return keep();
      return oneAtATime(owner, async () => {
        // The same bytes may just have become theirs.
        await expectRoom(viewer, bytes, sha256);
        return keep();
      });
    },
  };
}

const usedUp = (quotaBytes: number, freeBytes: number, neededBytes: number) =>
  new GalleryError(
    'quota-used-up',
    'There is no more room for this member’s photos; empty the trash, or ask an owner for more.',
    { quotaBytes, freeBytes, neededBytes },
  );

/** Whoever came by a link empties no trash, and how much somebody has is not for them. */
const takesNoMore = () =>
  new GalleryError('quota-used-up', 'This link takes no more photos now; tell whoever gave it to you.');
