// Puts files and rows together again after a crash, a lost database or an old backup. Deletes no original that nobody removed.
import type { KeyedLock } from './keyed-lock.ts';
import { digestOf, keysOf, type MediaKey, originalKey, sidecarKey, typeOf } from './media.ts';
import { type MediaType, mediaTypes, type Sha256, toldOf } from './photo.ts';
import type { NewPhoto, PhotoDatabase, RemovedPhoto } from './photo-database.ts';
import type { Darkroom, EventHub, Inbox, MediaStore } from './ports.ts';
import type { Sidecar } from './sidecar.ts';
import { listBereft, readSidecar } from './sidecars.ts';
import { storedDigest } from './stored-digest.ts';
import type { VerificationDatabase } from './verification-database.ts';
import { machine } from './viewer.ts';

export interface ReconcileParts {
  readonly inbox: Inbox;
  readonly media: MediaStore;
  readonly darkroom: Darkroom;
  readonly photos: PhotoDatabase;
  readonly verification: Pick<VerificationDatabase, 'noteStrays'>;
  readonly events: EventHub;
  readonly lockOriginal: KeyedLock;
  readonly wakeJobs: () => void;
}

export interface Reconciled {
  /** Files of removed photos, and renditions of which neither original nor sidecar is left. */
  readonly deleted: number;
  /** Originals without a row that are photos again. */
  readonly adopted: number;
  /** How many of those have their ids, titles and corrections back. */
  readonly recalled: number;
  /** Originals without a row that can't be read; they stay where they are. */
  readonly unreadable: number;
}

/** Younger ones may be uploads that are still under way. */
const graceMs = 60 * 60 * 1000;

/** More than a person would look at one by one. */
const mostStrays = 200;

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
  await parts.media.check();
  let [deleted, adopted, recalled] = [0, 0, 0];
  const strays: MediaKey[] = [];
  for (const removed of await parts.photos.listRemoved()) {
    await parts.lockOriginal(removed.sha256, async () => {
      if (!(await parts.photos.hasOriginal(removed.sha256))) deleted += await removeFiles(parts, removed);
    });
  }
  for await (const { key, sha256, modifiedAt } of orphans(parts, 'originals', signal)) {
    await parts.lockOriginal(sha256, async () => {
      if (await parts.photos.hasOriginal(sha256)) return;
      const found = await findLost(parts, key, sha256, modifiedAt);
      await adopt(parts, found);
      adopted += found.length;
      recalled += found.filter(({ was }) => was !== undefined).length;
      if (found.length === 0) strays.push(key);
    });
  }
  const unreadable = strays.length;
  for await (const { key, sha256 } of orphans(parts, 'renditions', signal)) {
    await parts.lockOriginal(sha256, async () => {
      if (await parts.photos.hasOriginal(sha256)) return;
      if (await isOfLost(parts.media, sha256)) return void strays.push(key);
      await parts.media.remove(key);
      deleted += 1;
    });
  }
  for await (const { sha256, type } of listBereft(parts.media))
    if (!(await parts.photos.hasOriginal(sha256))) strays.push(sidecarKey(sha256, type));
  if (!signal.aborted) await parts.verification.noteStrays(strays.slice(0, mostStrays));
  return { deleted, adopted, recalled, unreadable };
}

/** Something beside its place tells of an original that is no photo: a rendition may be the last picture that there is of it. */
async function isOfLost(media: MediaStore, sha256: Sha256): Promise<boolean> {
  for (const type of mediaTypes)
    for (const key of [originalKey(sha256, type), sidecarKey(sha256, type)])
      if ((await media.stat(key)) !== undefined) return true;
  return false;
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
 * database is new or older than the file. Its sidecar tells which one it was; without that it comes back without its title.
 */
async function findLost(
  parts: ReconcileParts,
  key: MediaKey,
  sha256: Sha256,
  uploadedAt: Date,
): Promise<NewPhoto[]> {
  const type = typeOf(key);
  if (type === undefined) return [];
  const sidecar = await readSidecar(parts.media, sha256, type);
  return sidecar === undefined ? await measured(parts, key, sha256, type, uploadedAt) : told(sidecar);
}

async function adopt(
  { photos, events, wakeJobs }: ReconcileParts,
  found: readonly NewPhoto[],
): Promise<void> {
  for (const photo of found) {
    const { photo: recorded } = await photos.recordPhoto(machine, photo);
    events.publish({ kind: 'photo-added', ...toldOf(recorded) });
  }
  if (found.length > 0) wakeJobs();
}

/** Whatever the original is like now: a photo that was here is one still, and developing says what is wrong with its file. */
function told({ photos, ...file }: Sidecar): NewPhoto[] {
  return photos.map(({ title, uploadedAt, ...was }) => ({ ...file, title, uploadedAt, was }));
}

async function measured(
  { media, darkroom }: ReconcileParts,
  key: MediaKey,
  sha256: Sha256,
  type: MediaType,
  uploadedAt: Date,
): Promise<NewPhoto[]> {
  const file = await media.lease(key);
  if (file === undefined) return [];
  try {
    const found = await storedDigest(media, key);
    const probe = await darkroom.probe(file.path, type);
    // One that rotted, or was only half restored, is not what its name says.
    if (probe.kind !== 'picture' || found?.sha256 !== sha256) return [];
    const { width, height, frames } = probe;
    const { bytes } = found;
    return [{ title: '', sha256, bytes, type, width, height, frames, uploadedAt, isAdopted: true }];
  } finally {
    await file.release();
  }
}
