// How much of the disk one member may fill, where whoever runs the gallery has said so. Owners can: they can also change that.
import { GalleryError } from './errors.ts';
import { createKeyedLock } from './keyed-lock.ts';
import type { Sha256 } from './photo.ts';
import type { PhotoDatabase } from './photo-database.ts';
import type { Viewer } from './viewer.ts';

export interface Quota {
  /** Of a body that may come. Rejects `quota-used-up` when so many bytes more are too many, and these are not theirs already. */
  expectRoom(viewer: Viewer, bytes: number, sha256?: Sha256): Promise<void>;
  /** Keeps these bytes, if there is room for them: one at a time for each member, so that many at once do not share the same room. */
  within<T>(
    viewer: Viewer,
    file: { readonly sha256: Sha256; readonly bytes: number },
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
  const expectRoom = async (viewer: Viewer, bytes: number, sha256?: Sha256) => {
    if (userQuotaBytes === undefined) return;
    const charged = await photos.countCharged(viewer, sha256);
    if (charged !== undefined && charged.bytes + bytes > userQuotaBytes)
      throw usedUp(userQuotaBytes, Math.max(0, userQuotaBytes - charged.bytes), bytes);
  };
  return {
    expectRoom,
    async within(viewer, { sha256, bytes }, keep) {
      const owner =
        userQuotaBytes === undefined ? undefined : (await photos.countCharged(viewer, sha256))?.owner;
      // What is there already, as theirs or as nobody's, takes no more room.
      if (owner === undefined || (await photos.findByDigest(viewer, sha256)) !== undefined) return keep();
      return oneAtATime(owner, async () => {
        await expectRoom(viewer, bytes);
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
