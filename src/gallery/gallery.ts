// The use cases that a visitor can start. Each takes who asks; what that viewer may see is the query's business.
import type { Log } from '../log.ts';
import { type Correction, checkedCorrection } from './correction.ts';
import { createDevelop } from './develop.ts';
import { GalleryError, noSuchPhoto } from './errors.ts';
import { checkedTitle, createIngest, type Ingest } from './ingest.ts';
import { createKeyedLock } from './keyed-lock.ts';
import { linksKeptMs } from './link.ts';
import type { LinkDatabase } from './link-database.ts';
import { createLookAgain, type LookAgain } from './look-again.ts';
import { originalKey } from './media.ts';
import { type ChangeId, type Photo, type PhotoId, type Sha256, toldOf } from './photo.ts';
import type { PhotoDatabase, Seen } from './photo-database.ts';
import type { Darkroom, EventHub, Inbox, Job, JobQueue, MediaStore } from './ports.ts';
import { openQuota, type Quota } from './quota.ts';
import { type Reconciled, reconcile, removeFiles, sweepInbox } from './reconcile.ts';
import type { RerunDatabase } from './rerun-database.ts';
import type { SidecarDatabase } from './sidecar-database.ts';
import { createSidecars, type Sidecars } from './sidecars.ts';
import { createVerification, type Verification } from './verification.ts';
import type { VerificationDatabase } from './verification-database.ts';
import { machine, type Viewer } from './viewer.ts';

/** So long a deleted photo may come back. */
export const trashKeptMs = 30 * 24 * 60 * 60 * 1000;

export interface GalleryParts {
  readonly photos: PhotoDatabase;
  readonly reruns: RerunDatabase;
  readonly sidecars: SidecarDatabase;
  readonly verification: VerificationDatabase;
  readonly jobs: JobQueue;
  readonly links: LinkDatabase;
  readonly media: MediaStore;
  readonly inbox: Inbox;
  readonly darkroom: Darkroom;
  readonly events: EventHub;
  readonly wakeJobs: () => void;
  /** Is somebody sending something now? Nobody, if absent. */
  readonly isReceiving?: () => boolean;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly log: Log;
  readonly onAutomaticDone?: () => void;
  /** See USER_QUOTA_GB; absent for no limit. */
  readonly userQuotaBytes?: number;
}

export interface Gallery {
  readonly ingest: Ingest;
  readonly quota: Pick<Quota, 'expectRoom'>;
  /**
   * The photo with these bytes, if its original is there, as long as it should be, and not known to be damaged: nobody need send it again.
   * With `isPrivate` only one that nobody else sees: sending is what hides it.
   */
  findKept(viewer: Viewer, sha256: Sha256, isPrivate?: boolean): Promise<Photo | undefined>;
  /** Rejects `not-found`. */
  getPhoto(viewer: Viewer, id: PhotoId): Promise<Photo>;
  /** Rejects `not-found`, `title-too-long`, `edited-meanwhile`. */
  retitle(viewer: Viewer, id: PhotoId, title: string, seen?: Seen): Promise<Photo>;
  /** Whether only whose it is sees it. Rejects `not-found`, `not-allowed`. */
  setPrivate(viewer: Viewer, id: PhotoId, isPrivate: boolean): Promise<Photo>;
  /** Into the trash, from where it comes back whole, for 30 days. Rejects `not-found`, `not-allowed`. */
  discard(viewer: Viewer, id: PhotoId): Promise<Photo>;
  /** Lets in what a guest sent. Rejects `not-found`, `not-allowed`. */
  approve(viewer: Viewer, id: PhotoId): Promise<Photo>;
  /** Lets in all that waits and this viewer may let in; returns how many. */
  approveAll(viewer: Viewer): Promise<number>;
  /** Out of the trash. Rejects `not-found`, `not-allowed`. */
  restore(viewer: Viewer, id: PhotoId): Promise<Photo>;
  /**
   * For good, what lies in the trash. Row first, files second: what a crash in between leaves is an orphan file, not a photo without its
   * picture. Rejects `not-found`, `not-allowed`, `not-in-trash`.
   */
  remove(viewer: Viewer, id: PhotoId): Promise<void>;
  /** Removes for good all that this viewer may take out of the trash; returns how many. */
  emptyTrash(viewer: Viewer): Promise<number>;
  /** Removes for good what has been in the trash for 30 days that were seen to pass; returns how many. */
  expireTrash(now: Date, signal: AbortSignal): Promise<number>;
  /** Forgets links that have been over for long; returns how many. */
  forgetLinks(now: Date): Promise<number>;
  /** A failed photo is developed once more. */
  retry(viewer: Viewer, id: PhotoId): Promise<Photo>;
  /** Every failed photo is developed once more; returns how many. */
  retryAll(viewer: Viewer): Promise<number>;
  /** Rejects `not-found`, `edited-meanwhile`, `bad-label`, `bad-box`, `too-many-labels`. */
  correct(viewer: Viewer, id: PhotoId, correction: Correction): Promise<Photo>;
  /** Rejects `not-found`, `edited-meanwhile`. */
  undo(viewer: Viewer, id: PhotoId, change: ChangeId): Promise<Photo>;
  readonly lookAgain: LookAgain;
  readonly verification: Verification;
  readonly sidecars: Pick<Sidecars, 'drain' | 'resume' | 'close'>;
  /** Works off one job of either kind to its end. */
  work(job: Job, signal: AbortSignal): Promise<void>;
  /** After an update that changed what scores mean: all photos, in short transactions. Returns how many. */
  recalibrate(signal: AbortSignal): Promise<number>;
  /** Forgets what nobody will ask for any more of re-runs that are over. */
  tidy(signal: AbortSignal): Promise<void>;
  sweepInbox(): Promise<number>;
  reconcile(signal: AbortSignal): Promise<Reconciled>;
}

export function openGallery(parts: GalleryParts): Gallery {
  const { photos, events } = parts;
  const lockOriginal = createKeyedLock();
  const sidecars = createSidecars({ ...parts, lockOriginal });
  const quota = openQuota(parts);
  const ingest = createIngest({ ...parts, quota, lockOriginal, writeSidecar: sidecars.write });
  const develop = createDevelop({ ...parts, lockOriginal });
  const lookAgain = createLookAgain(parts);
  const putTogether = (signal: AbortSignal) => reconcile({ ...parts, lockOriginal }, signal);
  const verification = createVerification({
    isReceiving: () => false,
    now: Date.now,
    ...parts,
    lockOriginal,
    wakeSidecars: sidecars.wake,
    reconcile: putTogether,
  });
  const tell = (photo: Photo) =>
    events.publish({ kind: 'photo-changed', state: photo.state, ...toldOf(photo) });
  const removed = (photo: Photo) => events.publish({ kind: 'photo-removed', ...toldOf(photo) });
  /** To everybody else it is gone, or new, unless it lies in the trash; to whose it is, it is another one. */
  const tellOthers = (photo: Photo) => {
    const { id, owner, isPrivate, trashedAt } = photo;
    if (isPrivate === undefined && trashedAt === undefined) events.publish({ kind: 'photo-added', id });
    else events.publish({ kind: 'photo-removed', id, ...(owner === undefined ? {} : { notFor: owner }) });
    tell(photo);
  };
  const getPhoto = async (viewer: Viewer, id: PhotoId) => {
    const photo = await photos.findPhoto(viewer, id);
    if (photo !== undefined) return photo;
    throw noSuchPhoto();
  };
  const remove = async (viewer: Viewer, id: PhotoId) => {
    const photo = await getPhoto(viewer, id);
    await lockOriginal(photo.sha256, async () => {
      const files = await photos.removePhoto(viewer, id);
      removed(photo);
      if (files !== undefined) await removeFiles(parts, files);
    });
  };
  return {
    ingest,
    quota,
    lookAgain,
    sidecars,
    verification,
    work: (job, signal) => (job.rerun === undefined ? develop(job, signal) : lookAgain.look(job, signal)),
    getPhoto,
    async findKept(viewer, sha256, isPrivate = false) {
      const photo = await photos.findByDigest(viewer, sha256);
      if (photo === undefined || (isPrivate && photo.isPrivate !== true)) return undefined;
      const found = await parts.media.stat(originalKey(sha256, photo.type));
      if (found?.bytes !== photo.bytes) return undefined;
      const check = await parts.verification.findCheck(viewer, photo.id);
      return check?.fault === undefined ? photo : undefined;
    },
    async retitle(viewer, id, title, seen) {
      const photo = await photos.retitle(viewer, id, checkedTitle(title), seen);
      tell(photo);
      return photo;
    },
    async setPrivate(viewer, id, isPrivate) {
      const before = await getPhoto(viewer, id);
      const photo = await photos.setPrivate(viewer, id, isPrivate);
      if (before.isPrivate !== photo.isPrivate) tellOthers(photo);
      return photo;
    },
    async discard(viewer, id) {
      const photo = await photos.trashPhoto(viewer, id);
      removed(photo);
      return photo;
    },
    async approve(viewer, id) {
      const photo = await photos.approvePhoto(viewer, id);
      events.publish({ kind: 'photo-added', ...toldOf(photo) });
      return photo;
    },
    async approveAll(viewer) {
      let count = 0;
      for (;;) {
        const { photos: page } = await photos.listPhotos(viewer, { waiting: true, limit: approvedAtOnce });
        for (const { id } of page) {
          const photo = await photos.approvePhoto(viewer, id).catch(unlessGone);
          if (photo !== undefined) events.publish({ kind: 'photo-added', ...toldOf(photo) });
        }
        count += page.length;
        if (page.length < approvedAtOnce) return count;
        await breathe();
      }
    },
    async restore(viewer, id) {
      const photo = await photos.restorePhoto(viewer, id);
      if (photo.isWaiting === true) tell(photo);
      else events.publish({ kind: 'photo-added', ...toldOf(photo) });
      return photo;
    },
    remove,
    async emptyTrash(viewer) {
      let count = 0;
      for (let before: PhotoId | undefined, isLast = false; !isLast; ) {
        const query = { trash: true, limit: removedAtOnce, ...(before === undefined ? {} : { before }) };
        const { photos: page, next } = await photos.listPhotos(viewer, query);
        for (const { id } of page) await remove(viewer, id).catch(unlessGone);
        count += page.length;
        before = next;
        isLast = next === undefined;
      }
      return count;
    },
    async expireTrash(now, signal) {
      if (await photos.passTime(now)) {
        parts.log.warn({}, 'the clock jumped or nothing ran for days: the trash is kept that much longer');
        sidecars.wake();
      }
      const before = new Date(now.getTime() - trashKeptMs);
      let count = 0;
      while (!signal.aborted) {
        const ids = await photos.listTrashed(before, removedAtOnce);
        for (const id of ids) await remove(machine, id).catch(unlessGone);
        count += ids.length;
        if (ids.length < removedAtOnce) break;
      }
      return count;
    },
    forgetLinks: (now) => parts.links.forgetOver(new Date(now.getTime() - linksKeptMs)),
    async retry(viewer, id) {
      const photo = await photos.retryPhoto(viewer, id);
      tell(photo);
      parts.wakeJobs();
      return photo;
    },
    async retryAll(viewer) {
      let count = 0;
      let before: PhotoId | undefined;
      do {
        // From the newest to the oldest once: what fails again meanwhile is not tried again.
        const ids = await photos.retryFailed(viewer, retriedAtOnce, before);
        for (const told of ids) events.publish({ kind: 'photo-changed', state: 'waiting', ...told });
        count += ids.length;
        before = ids.at(-1)?.id;
        await breathe();
      } while (before !== undefined);
      parts.wakeJobs();
      return count;
    },
    async correct(viewer, id, correction) {
      const photo = await photos.correct(viewer, id, checkedCorrection(correction));
      tell(photo);
      return photo;
    },
    async undo(viewer, id, change) {
      const photo = await photos.undo(viewer, id, change);
      tell(photo);
      return photo;
    },
    async recalibrate(signal) {
      let count = 0;
      for (let done = -1; done !== 0 && !signal.aborted; count += done) {
        done = await photos.recalibrate(recalibratedAtOnce);
        await breathe();
      }
      return count;
    },
    async tidy(signal) {
      while (!signal.aborted && (await parts.reruns.tidyReruns(tidiedAtOnce)) > 0) await breathe();
    },
    sweepInbox: () => sweepInbox(parts),
    reconcile: putTogether,
  };
}

/** Short transactions: readers and uploads come in between. */
const retriedAtOnce = 200;
const recalibratedAtOnce = 20;
const tidiedAtOnce = 500;
const removedAtOnce = 20;
const approvedAtOnce = 50;

/** The database answers at once, so a loop over it lets nobody else in unless it says so. */
const breathe = () => new Promise((resolve) => setImmediate(resolve));

// Somebody else was faster: restored, or removed.
function unlessGone(error: unknown): undefined {
  if (!(error instanceof GalleryError) || !['not-found', 'not-in-trash'].includes(error.code)) throw error;
}
