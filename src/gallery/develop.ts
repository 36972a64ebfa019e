// From an original to what pages show: the darkroom's answer becomes renditions, facts and detections, or a reason.
import { DarkroomError } from './errors.ts';
import type { KeyedLock } from './keyed-lock.ts';
import { originalKey, renditionKey } from './media.ts';
import { type Failure, type Photo, toldOf } from './photo.ts';
import type { Development, PhotoDatabase } from './photo-database.ts';
import type { Darkroom, Developed, EventHub, Inbox, Job, JobQueue, MediaStore } from './ports.ts';

export interface DevelopParts {
  readonly inbox: Inbox;
  readonly media: MediaStore;
  readonly darkroom: Darkroom;
  readonly photos: PhotoDatabase;
  readonly jobs: JobQueue;
  readonly events: EventHub;
  readonly lockOriginal: KeyedLock;
}

/** More than three renditions take; the reserve below is for the database, so that deleting works on a full disk. */
const renditionBytes = 4 * 1024 * 1024;

/** A picture that ended its child this often is not tried again by itself. */
const mostTries = 3;

/** Works off one job to its end: the photo is done, failed with a reason, or the job is back in the queue. */
export function createDevelop(parts: DevelopParts): (job: Job, signal: AbortSignal) => Promise<void> {
  return async (job, signal) => {
    const photo = await parts.photos.beginDevelopment(job);
    if (photo === undefined) {
      await parts.jobs.complete(job);
      return;
    }
    tell(parts, photo, 'developing');
    if (job.tries > mostTries) return fail(parts, job, photo, { code: 'crashed' });
    try {
      await develop(parts, job, photo, signal);
    } catch (error) {
      await handleFailure(parts, job, photo, error);
    }
  };
}

async function develop(parts: DevelopParts, job: Job, photo: Photo, signal: AbortSignal): Promise<void> {
  await parts.inbox.ensureSpace(renditionBytes);
  const original = await parts.media.lease(originalKey(photo.sha256, photo.type));
  if (original === undefined) {
    await parts.media.check();
    return fail(parts, job, photo, { code: 'missing-original' });
  }
  const scratch = await parts.inbox.openScratch();
  try {
    const developed = await parts.darkroom.develop(original.path, photo.type, scratch.path, signal);
    await save(parts, job, photo, developed);
  } finally {
    await scratch.release();
    await original.release();
  }
}

// Under the lock of these bytes: somebody may delete the photo while its renditions are put away.
function save(parts: DevelopParts, job: Job, photo: Photo, developed: Developed): Promise<void> {
  return parts.lockOriginal(photo.sha256, async () => {
    if (!(await parts.photos.hasOriginal(photo.sha256))) return;
    if (developed.kind === 'developed') {
      for (const { size, path } of developed.files)
        await parts.media.put(renditionKey(photo.sha256, size), path);
    }
    const development = toDevelopment(photo, developed);
    const saved = await parts.photos.saveDevelopment(job, development);
    if (saved) tell(parts, photo, development.failure === undefined ? 'done' : 'failed');
  });
}

function toDevelopment(photo: Photo, developed: Developed): Development {
  if (developed.kind === 'damaged') {
    const { width, height } = photo;
    const failure: Failure = { code: 'damaged', detail: developed.detail };
    return { width, height, renditions: [], detections: [], ...developed.facts, failure };
  }
  const { width, height, files, placeholder, facts, sighting, damage } = developed;
  const detections = sighting.kind === 'seen' ? sighting.detections : [];
  return {
    width,
    height,
    ...(placeholder === undefined ? {} : { placeholder }),
    ...facts,
    renditions: files.map(({ path: _path, ...rendition }) => rendition),
    detections,
    ...(sighting.kind === 'seen'
      ? { engine: { engine: sighting.engine, model: sighting.model, tookMs: sighting.tookMs } }
      : {}),
    ...(damage === undefined ? {} : { failure: { code: 'damaged', detail: damage } }),
  };
}

// A child that ended instead of answering costs the photo a try; the gallery's own shutdown, a full disk and children that do
// not even start say nothing about the photo.
async function handleFailure(parts: DevelopParts, job: Job, photo: Photo, error: unknown): Promise<void> {
  if (!(error instanceof DarkroomError)) {
    await giveBack(parts, job, photo, { delayMs: 60_000, counted: false });
    throw error;
  }
  const { code } = error;
  if (code === 'closed') return giveBack(parts, job, photo, { delayMs: 0, counted: false });
  if (code === 'not-started') return giveBack(parts, job, photo, { delayMs: 30_000, counted: false });
  if (job.tries >= mostTries) return fail(parts, job, photo, { code });
  await giveBack(parts, job, photo, { delayMs: 1_000 * 2 ** job.tries, counted: true });
}

async function giveBack(
  parts: DevelopParts,
  job: Job,
  photo: Photo,
  next: { delayMs: number; counted: boolean },
) {
  if (await parts.jobs.release(job, next)) tell(parts, photo, 'waiting');
}

async function fail(parts: DevelopParts, job: Job, photo: Photo, failure: Failure): Promise<void> {
  if (await parts.photos.saveFailure(job, failure)) tell(parts, photo, 'failed');
}

function tell({ events }: DevelopParts, photo: Photo, state: Photo['state']): void {
  events.publish({ kind: 'photo-changed', state, ...toldOf(photo) });
}
