// Reads originals again and compares: all of them within a month, one after the other with rests, and never while somebody waits for
// something. Says what it finds and makes renditions again; never deletes or moves an original, and replaces none but by its own bytes.
import type { Log } from '../log.ts';
import type { MediaSource, Original } from './copy-originals.ts';
import { GalleryError, noSuchPhoto } from './errors.ts';
import { expectDigest } from './ingest.ts';
import type { KeyedLock } from './keyed-lock.ts';
import { originalKey, renditionKey } from './media.ts';
import { type Photo, type Sha256, toldOf } from './photo.ts';
import type { PhotoDatabase } from './photo-database.ts';
import type { EventHub, Inbox, JobQueue, MediaStore, ReceivedFile } from './ports.ts';
import type { SidecarDatabase } from './sidecar-database.ts';
import { readSidecar } from './sidecars.ts';
import { storedDigest } from './stored-digest.ts';
import type {
  CheckSummary,
  OriginalFault,
  OriginalToCheck,
  VerificationDatabase,
} from './verification-database.ts';
import { machine, mayOperate, notAllowed, type Viewer } from './viewer.ts';

export interface VerificationParts {
  readonly verification: VerificationDatabase;
  readonly sidecars: Pick<SidecarDatabase, 'noteSidecar'>;
  /** A sidecar is due. */
  readonly wakeSidecars: () => void;
  readonly photos: Pick<PhotoDatabase, 'hasOriginal' | 'retryPhoto'>;
  readonly jobs: Pick<JobQueue, 'count'>;
  readonly media: MediaStore;
  readonly inbox: Pick<Inbox, 'discard'>;
  readonly events: EventHub;
  readonly lockOriginal: KeyedLock;
  readonly wakeJobs: () => void;
  /** Is somebody sending something now? */
  readonly isReceiving: () => boolean;
  /** Puts files and rows together, both ways. */
  readonly reconcile: (signal: AbortSignal) => Promise<unknown>;
  readonly now: () => number;
  readonly log: Log;
}

export interface Verification {
  /**
   * Checks what is `overdue`, or everything, as soon as uploads and developing leave time for it. Rejects `not-allowed` for who does not
   * run the gallery.
   */
  start(viewer: Viewer, what: 'overdue' | 'all'): Promise<void>;
  /**
   * Somebody came upon a file of this photo that is not as it should be: reads its original now, and has renditions made again. Returns
   * at once. Nothing is read twice: not while it is read, nor what is known to be damaged or is to be developed anyway.
   */
  lookAfter(photo: Photo): void;
  /**
   * Reads this original now, and notes what was found. A file that was received takes its place before, unless what lies there is whole;
   * it is gone afterwards in any case. Where it came from does not matter: bytes with the digest of the original are the original.
   * Rejects `not-found` when the viewer sees no photo that has it, `wrong-digest` for any other bytes.
   */
  repair(viewer: Viewer, sha256: Sha256, file?: ReceivedFile): Promise<Repaired>;
  summarize(viewer: Viewer): Promise<CheckSummary>;
  /** From now on checks by itself. */
  resume(): void;
  /** Ends in the middle of a file, which is then read anew another time. */
  close(): Promise<void>;
}

export interface Repaired {
  readonly isPutBack: boolean;
  /** What is wrong with it still, or was found to be. */
  readonly fault?: OriginalFault;
}

const dayMs = 24 * 60 * 60 * 1000;
/** Six days are left for a machine that is busy or off: within 30 every original was read. */
const periodMs = 24 * dayMs;
const shortestRestMs = 1_000;
const longestRestMs = 60 * 60 * 1000;
/** After the start, and while somebody waits for something else. */
const busyRestMs = 5_000;

export function createVerification(parts: VerificationParts): Verification {
  const { verification, jobs, log, now } = parts;
  const abort = new AbortController();
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isResumed = false;
  let compareFirst = false;

  const overdue = () => new Date(now() - periodMs);
  /** Checks one original at most; returns how long to rest. */
  const step = async (): Promise<number> => {
    if (parts.isReceiving() || (await jobs.count()) > 0) return busyRestMs;
    if (compareFirst) {
      compareFirst = false;
      await parts.reconcile(abort.signal);
    }
    const next = await verification.findNextOriginal(overdue());
    if (next !== undefined) await checkOne(parts, next, abort.signal);
    // Whether any are left that somebody asked for is found at once; counting them each time would cost the square of how many there are.
    if ((await verification.findNextOriginal(new Date(0))) !== undefined) return 0;
    const { originals } = await verification.summarizeChecks(machine, overdue());
    return Math.min(longestRestMs, Math.max(shortestRestMs, periodMs / Math.max(1, originals)));
  };
  const looking = new Map<Sha256, Promise<void>>();
  const look = async (photo: Photo) => {
    if (photo.state !== 'done') return;
    if ((await verification.findCheck(machine, photo.id))?.fault !== undefined) return;
    await checkOne(parts, { ...photo, photos: [photo] }, abort.signal);
  };
  const wakeIn = (ms: number) => {
    clearTimeout(timer);
    if (isResumed && !abort.signal.aborted) timer = setTimeout(wake, ms).unref();
  };
  const wake = () => {
    running ??= step()
      .catch((error: unknown) => {
        if (!abort.signal.aborted)
          log.error({ err: error }, 'an original could not be checked; tried again later');
        return longestRestMs / 60;
      })
      .then((restMs) => {
        running = undefined;
        wakeIn(restMs);
      });
  };

  return {
    async start(viewer, what) {
      if (!mayOperate(viewer)) throw notAllowed('owner');
      await verification.askFor(what === 'all' ? new Date(now()) : overdue());
      compareFirst = true;
      wakeIn(0);
    },
    lookAfter(photo) {
      const { id, sha256 } = photo;
      if (abort.signal.aborted || looking.has(sha256)) return;
      const done = look(photo)
        .catch((error: unknown) => log.error({ err: error, photo: id }, 'an original could not be checked'))
        .finally(() => looking.delete(sha256));
      looking.set(sha256, done);
    },
    async repair(viewer, sha256, file) {
      try {
        return await parts.lockOriginal(sha256, () => repairOne(parts, viewer, sha256, file));
      } finally {
        if (file !== undefined) await parts.inbox.discard(file.path);
      }
    },
    summarize: (viewer) => verification.summarizeChecks(viewer, overdue()),
    resume() {
      isResumed = true;
      wakeIn(busyRestMs);
    },
    async close() {
      abort.abort();
      clearTimeout(timer);
      await Promise.all([running, ...looking.values()]);
    },
  };
}

/** Under the lock of these bytes: somebody may remove the photo, or heal its original by sending it again. */
async function checkOne(parts: VerificationParts, one: OriginalToCheck, signal: AbortSignal): Promise<void> {
  const { sha256 } = one;
  await parts.lockOriginal(sha256, async () => {
    if (!(await parts.photos.hasOriginal(sha256))) return;
    const fault = await faultOf(parts.media, one, signal);
    if (!signal.aborted) await noteFault(parts, one, fault);
  });
}

/** Under the same lock. Every byte is read again where it lies now: only that says that it is mended. */
async function repairOne(
  parts: VerificationParts,
  viewer: Viewer,
  sha256: Sha256,
  file: ReceivedFile | undefined,
): Promise<Repaired> {
  const one = await parts.verification.findOriginal(viewer, sha256);
  if (one === undefined) throw noSuchPhoto();
  if (file !== undefined) expectDigest(file, sha256, 'wrong-digest');
  const before = await faultOf(parts.media, one);
  const isPutBack = file !== undefined && before !== undefined;
  if (isPutBack) await parts.media.put(originalKey(sha256, one.type), file.path);
  const fault = isPutBack ? await faultOf(parts.media, one) : before;
  await noteFault(parts, one, fault);
  if (isPutBack && fault === undefined) {
    parts.log.info({ sha256 }, 'an original is whole again');
    await retryFailed(parts, one);
  }
  return { isPutBack, ...(fault === undefined ? {} : { fault }) };
}

/** There was nothing to develop them from. */
async function retryFailed({ photos, events, wakeJobs }: VerificationParts, one: OriginalToCheck) {
  for (const { id } of one.photos.filter(({ state }) => state === 'failed')) {
    const photo = await photos.retryPhoto(machine, id);
    events.publish({ kind: 'photo-changed', state: photo.state, ...toldOf(photo) });
    wakeJobs();
  }
}

/** What is made of an original, and what lies beside it, is made anew where it is gone. */
async function noteFault(
  parts: VerificationParts,
  one: OriginalToCheck,
  fault: OriginalFault | undefined,
): Promise<void> {
  const { verification, events, log } = parts;
  const { sha256 } = one;
  // In a folder that is not the right one nothing is found, and nothing is wrong.
  if (fault !== undefined) await parts.media.check();
  if (fault !== undefined)
    log.warn({ sha256, fault }, 'an original is damaged: put it back with "sajin repair", see /verification');
  if (await verification.noteCheck(sha256, fault)) {
    for (const { renditions: _none, ...photo } of one.photos)
      events.publish({ kind: 'photo-changed', ...photo });
  }
  if (fault === undefined && !(await hasRenditions(parts.media, one))) await remake(parts, sha256);
  if ((await readSidecar(parts.media, sha256, one.type)) !== undefined) return;
  await parts.sidecars.noteSidecar(sha256);
  parts.wakeSidecars();
}

/** What is wrong with the file of an original in this store; undefined when every byte of it is right. */
export async function faultOf(
  media: MediaSource,
  { sha256, bytes, type }: Original,
  signal?: AbortSignal,
): Promise<OriginalFault | undefined> {
  const key = originalKey(sha256, type);
  try {
    const found = await media.stat(key);
    if (found === undefined) return 'missing';
    if (found.bytes !== bytes) return 'short';
    return (await storedDigest(media, key, signal))?.sha256 === sha256 ? undefined : 'changed';
  } catch (error) {
    // Too many open files, say: that tells nothing of this one.
    if (error instanceof GalleryError && error.code !== 'unavailable') throw error;
    return 'unreadable';
  }
}

async function hasRenditions(media: MediaStore, { sha256, photos }: OriginalToCheck): Promise<boolean> {
  const [done] = photos.filter(({ state }) => state === 'done');
  for (const rendition of done?.renditions ?? []) {
    const key = renditionKey(sha256, rendition.size);
    if ((await storedDigest(media, key))?.sha256 !== rendition.sha256) return false;
  }
  return true;
}

async function remake(
  { verification, events, wakeJobs, log }: VerificationParts,
  sha256: Sha256,
): Promise<void> {
  const photos = await verification.redevelop(sha256);
  if (photos.length === 0) return;
  log.info({ sha256 }, 'a picture made of an original was gone or damaged; it is made again');
  for (const told of photos) events.publish({ kind: 'photo-changed', ...told, state: 'waiting' });
  wakeJobs();
}
