// Puts files and rows together again after a crash, a lost database or an old backup. Deletes no original that nobody removed.
import { createHash } from 'node:crypto';
import type { KeyedLock } from './keyed-lock.ts';
import { digestOf, keysOf, type MediaKey, typeOf } from './media.ts';
import { type Sha256, toldOf } from './photo.ts';
import type { PhotoDatabase, RemovedPhoto } from './photo-database.ts';
import type { Darkroom, EventHub, Inbox, MediaStore } from './ports.ts';
import { machine } from './viewer.ts';

export interface ReconcileParts {
  readonly inbox: Inbox;
  readonly media: MediaStore;
  readonly darkroom: Darkroom;
  readonly photos: PhotoDatabase;
  readonly events: EventHub;
  readonly lockOriginal: KeyedLock;
  readonly wakeJobs: () => void;
}

export interface Reconciled {
  /** Files of removed photos, and renditions of nothing. */
  readonly deleted: number;
  /** Originals without a row that are photos again. */
  readonly adopted: number;
  /** Originals without a row that can't be read; they stay where they are. */
  readonly unreadable: number;
}

/** Younger ones may be uploads that are still under way. */
const graceMs = 60 * 60 * 1000;

/** Unfinished uploads older than an hour; returns how many went. */
export function sweepInbox({ inbox }: Pick<ReconcileParts, 'inbox'>): Promise<number> {
  return inbox.sweep(graceMs);
}

/** Ends what a removal began: the row is gone, now the files. Call inside the lock of these bytes. */
export async function removeFiles(
  { media, photos }: Pick<ReconcileParts, 'media' | 'photos'>,
  { sha256, type }: RemovedPhoto,
): Promise<number> {
  const keys = keysOf(sha256, type);
  for (const key of keys) await media.remove(key);
  await photos.forgetRemoved(sha256);
  return keys.length;
}

/**
 * Reads every file name: for a start and once a day, not for every minute. May run beside uploads and removals: whatever
 * touches the files of the same bytes takes turns with it.
 */
export async function reconcile(parts: ReconcileParts, signal: AbortSignal): Promise<Reconciled> {
  let [deleted, adopted, unreadable] = [0, 0, 0];
  for (const removed of await parts.photos.listRemoved()) {
    await parts.lockOriginal(removed.sha256, async () => {
      if (!(await parts.photos.hasOriginal(removed.sha256))) deleted += await removeFiles(parts, removed);
    });
  }
  for await (const { key, sha256, modifiedAt } of orphans(parts, 'originals', signal)) {
    await parts.lockOriginal(sha256, async () => {
      if (await parts.photos.hasOriginal(sha256)) return;
      if (await adopt(parts, key, sha256, modifiedAt)) adopted += 1;
      else unreadable += 1;
    });
  }
  for await (const { key, sha256 } of orphans(parts, 'renditions', signal)) {
    await parts.lockOriginal(sha256, async () => {
      if (await parts.photos.hasOriginal(sha256)) return;
      await parts.media.remove(key);
      deleted += 1;
    });
  }
  return { deleted, adopted, unreadable };
}

async function* orphans(
  { media, photos }: ReconcileParts,
  kind: 'originals' | 'renditions',
  signal: AbortSignal,
) {
  for await (const { key, modifiedAt } of media.list(kind)) {
    if (signal.aborted) return;
    const sha256 = digestOf(key);
    if (sha256 !== undefined && !(await photos.hasOriginal(sha256))) yield { key, sha256, modifiedAt };
  }
}

/**
 * An original that nobody removed is a photo, whatever became of its row: the upload was cut off before the answer, or the
 * database is new or older than the file. It comes back without its title.
 */
async function adopt(
  parts: ReconcileParts,
  key: MediaKey,
  sha256: Sha256,
  uploadedAt: Date,
): Promise<boolean> {
  const type = typeOf(key);
  const file = await parts.media.lease(key);
  if (type === undefined || file === undefined) return false;
  try {
    const bytes = await verifiedBytes(parts.media, key, sha256);
    const probe = await parts.darkroom.probe(file.path, type);
    if (probe.kind !== 'picture' || bytes === undefined) return false;
    const { width, height, frames } = probe;
    const photo = { title: '', sha256, bytes, type, width, height, frames, uploadedAt };
    const { photo: recorded } = await parts.photos.recordPhoto(machine, photo);
    parts.events.publish({ kind: 'photo-added', ...toldOf(recorded) });
    parts.wakeJobs();
    return true;
  } finally {
    await file.release();
  }
}

/** The length of a file that is what its name says; undefined for one that rotted or was only half restored. */
async function verifiedBytes(media: MediaStore, key: MediaKey, sha256: Sha256): Promise<number | undefined> {
  const opened = await media.read(key);
  if (opened === undefined) return undefined;
  const hash = createHash('sha256');
  for await (const chunk of opened.stream) hash.update(chunk as Uint8Array);
  return hash.digest('hex') === sha256 ? opened.bytes : undefined;
}
