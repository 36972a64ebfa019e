// Whether there is room for an upload that is about to begin, beside all that its sender has begun and not ended yet.
import type { AnnouncedUploads } from '../gallery/announced-uploads.ts';
import { GalleryError } from '../gallery/errors.ts';
import { createKeyedLock } from '../gallery/keyed-lock.ts';
import type { Sha256 } from '../gallery/photo.ts';
import type { Quota } from '../gallery/quota.ts';
import { userOf, type Viewer } from '../gallery/viewer.ts';

export interface Beginning {
  readonly id: string;
  /** As it says itself. */
  readonly bytes: number;
  readonly sha256: Sha256 | undefined;
}

export interface UploadRoom {
  /** From here on it is counted, until it is forgotten or became a photo. Rejects `quota-used-up`, `too-many-uploads`. */
  announce(viewer: Viewer, upload: Beginning): Promise<void>;
  /** What makes a photo of one that is whole, and ends with it being no upload any more. */
  whileEnding<T>(viewer: Viewer, work: () => Promise<T>): Promise<T>;
}

/** Three uploads of a phone end one after another; whoever lets theirs end again and again waits no longer than this. */
const mostWaits = 10;

export interface UploadRoomParts {
  readonly quota: Pick<Quota, 'expectRoom'>;
  readonly unfinished: AnnouncedUploads;
}

export function openUploadRoom({ quota, unfinished }: UploadRoomParts): UploadRoom {
  // Many that begin at once must not share the same room.
  const oneAtATime = createKeyedLock();
  const ending = new Map<string, Set<Promise<unknown>>>();
  const endingOf = (by: string) => [...(ending.get(by) ?? [])];
  const expectRoom = async (viewer: Viewer, { id, bytes, sha256 }: Beginning) => {
    for (let waits = 0; ; waits += 1) {
      const underWay = endingOf(nameOf(viewer));
      try {
        return await quota.expectRoom(viewer, bytes, sha256, unfinished.announcedBefore(id));
      } catch (error) {
        const isUsedUp = error instanceof GalleryError && error.code === 'quota-used-up';
        if (!isUsedUp || underWay.length === 0 || waits === mostWaits) throw error;
        // For a moment each of these is a photo already and an upload still, and counted twice.
        await Promise.allSettled(underWay);
      }
    }
  };
  return {
    announce: (viewer, upload) =>
      oneAtATime(nameOf(viewer), async () => {
        await expectRoom(viewer, upload);
        unfinished.announce(upload.id, upload.bytes);
      }),
    async whileEnding(viewer, work) {
      const by = nameOf(viewer);
      const mine = ending.get(by) ?? new Set();
      ending.set(by, mine);
      const working = work();
      mine.add(working);
      try {
        return await working;
      } finally {
        mine.delete(working);
        if (mine.size === 0) ending.delete(by);
      }
    },
  };
}

const nameOf = (viewer: Viewer) => userOf(viewer) ?? '';
