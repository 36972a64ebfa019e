// The use cases that a visitor can start. Each takes who asks; what that viewer may see is the query's business.
import { createDevelop } from './develop.ts';
import { noSuchPhoto } from './errors.ts';
import { checkedTitle, createIngest, type Ingest } from './ingest.ts';
import { createKeyedLock } from './keyed-lock.ts';
import type { Photo, PhotoId } from './photo.ts';
import type {
  Darkroom,
  EventHub,
  Inbox,
  Job,
  JobQueue,
  MediaStore,
  PhotoDatabase,
  Seen,
  Viewer,
} from './ports.ts';
import { type Reconciled, reconcile, removeFiles, sweepInbox } from './reconcile.ts';

export interface GalleryParts {
  readonly photos: PhotoDatabase;
  readonly jobs: JobQueue;
  readonly media: MediaStore;
  readonly inbox: Inbox;
  readonly darkroom: Darkroom;
  readonly events: EventHub;
  readonly wakeJobs: () => void;
}

export interface Gallery {
  readonly ingest: Ingest;
  /** Rejects `not-found`. */
  getPhoto(viewer: Viewer, id: PhotoId): Promise<Photo>;
  /** Rejects `not-found`, `title-too-long`, `edited-meanwhile`. */
  retitle(viewer: Viewer, id: PhotoId, title: string, seen?: Seen): Promise<Photo>;
  /** Row first, files second: what a crash in between leaves is an orphan file, not a photo without its picture. */
  remove(viewer: Viewer, id: PhotoId): Promise<void>;
  /** A failed photo is developed once more. */
  retry(viewer: Viewer, id: PhotoId): Promise<Photo>;
  develop(job: Job, signal: AbortSignal): Promise<void>;
  sweepInbox(): Promise<number>;
  reconcile(signal: AbortSignal): Promise<Reconciled>;
}

export function openGallery(parts: GalleryParts): Gallery {
  const { photos, events } = parts;
  const lockOriginal = createKeyedLock();
  const ingest = createIngest({ ...parts, lockOriginal });
  const develop = createDevelop({ ...parts, lockOriginal });
  const getPhoto = async (viewer: Viewer, id: PhotoId) => {
    const photo = await photos.findPhoto(viewer, id);
    if (photo !== undefined) return photo;
    throw noSuchPhoto();
  };
  return {
    ingest,
    develop,
    getPhoto,
    async retitle(viewer, id, title, seen) {
      const photo = await photos.retitle(viewer, id, checkedTitle(title), seen);
      events.publish({ kind: 'photo-changed', id, state: photo.state });
      return photo;
    },
    async remove(viewer, id) {
      const { sha256 } = await getPhoto(viewer, id);
      await lockOriginal(sha256, async () => {
        const removed = await photos.removePhoto(viewer, id);
        events.publish({ kind: 'photo-removed', id });
        await removeFiles(parts, removed);
      });
    },
    async retry(viewer, id) {
      const photo = await photos.retryPhoto(viewer, id);
      events.publish({ kind: 'photo-changed', id, state: photo.state });
      parts.wakeJobs();
      return photo;
    },
    sweepInbox: () => sweepInbox(parts),
    reconcile: (signal) => reconcile({ ...parts, lockOriginal }, signal),
  };
}
