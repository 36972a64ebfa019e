// Re-runs: photos that were developed are looked at once more. What comes of it waits for somebody's yes, unless that was given; what
// people said about a photo is never touched.

import type { Log } from '../log.ts';
import type { Threshold } from './detection.ts';
import { DarkroomError, GalleryError } from './errors.ts';
import { originalKey, renditionKey } from './media.ts';
import type { Failure, Photo } from './photo.ts';
import type { PhotoDatabase, Viewer } from './photo-database.ts';
import type { Darkroom, EventHub, Job, JobQueue, MediaStore } from './ports.ts';
import type { Rerun, RerunId, RerunScope } from './rerun.ts';
import type { RerunDatabase } from './rerun-database.ts';

export interface LookAgainParts {
  readonly photos: PhotoDatabase;
  readonly reruns: RerunDatabase;
  readonly jobs: JobQueue;
  readonly media: MediaStore;
  readonly darkroom: Darkroom;
  readonly events: EventHub;
  readonly wakeJobs: () => void;
  readonly log: Log;
}

export interface LookAgain {
  /** Rejects `not-found`; `no-engine` when nothing can look now. @param approved results go into the photos unseen */
  start(viewer: Viewer, scope: RerunScope, threshold: Threshold, approved?: boolean): Promise<Rerun>;
  /** What an engine that people did not choose saw, once a better one is there. Undefined when there is nothing to do. */
  startAutomatic(viewer: Viewer, lesser: string, threshold: Threshold): Promise<Rerun | undefined>;
  /** Rejects `not-found`, `rerun-over`. */
  approve(viewer: Viewer, id: RerunId): Promise<Rerun>;
  /** Rejects `not-found`, `rerun-over`. */
  setState(viewer: Viewer, id: RerunId, state: 'looking' | 'paused' | 'cancelled'): Promise<Rerun>;
  /** Works off one job of a re-run to its end. */
  look(job: Job, signal: AbortSignal): Promise<void>;
  /** Call when the gallery opens: what was approved before goes on going into the photos. */
  resume(): void;
  /** Stops putting results into photos and waits for what runs; what is left goes in after the next `resume`. */
  close(): Promise<void>;
}

/** A picture that ended its child this often is left as it was. */
const mostTries = 3;
/** Short transactions: readers and uploads come in between. */
const appliedAtOnce = 50;
const tellEveryMs = 500;

export function createLookAgain(parts: LookAgainParts): LookAgain {
  const { photos, reruns, darkroom, events, wakeJobs } = parts;
  const applier = createApplier(parts);
  const tell = throttledTeller(events);

  const start = async (
    viewer: Viewer,
    scope: RerunScope,
    threshold: Threshold,
    more: { approved: boolean; automatic: boolean },
  ) => {
    const { engine } = darkroom.status();
    if (engine === undefined) {
      throw new GalleryError('no-engine', 'Nothing can look at photos now; look at the models page first.');
    }
    const rerun = await reruns.startRerun(viewer, { scope, threshold, model: engine.model, ...more });
    tell(rerun);
    wakeJobs();
    return rerun;
  };

  const save = (photo: Photo, rerun: Rerun | undefined) => {
    if (rerun === undefined) return;
    tell(rerun);
    if (rerun.approved) events.publish({ kind: 'photo-changed', id: photo.id, state: photo.state });
  };

  return {
    start: (viewer, scope, threshold, approved = false) =>
      start(viewer, scope, threshold, { approved, automatic: false }),
    async startAutomatic(viewer, lesser, threshold) {
      const { engine } = darkroom.status();
      if (engine === undefined || engine.name === lesser) return undefined;
      const seen = (await photos.listModels(viewer)).find((one) => one.engine === lesser && one.photos > 0);
      if (seen === undefined) return undefined;
      const before = (await reruns.listReruns(viewer)).filter(
        (one) => one.automatic && one.model === engine.model,
      );
      // One that runs is enough, and one that somebody cancelled was not wanted.
      if (before.some(({ state }) => state !== 'done')) return undefined;
      const scope = { kind: 'model', model: seen.model } as const;
      return start(viewer, scope, threshold, { approved: true, automatic: true });
    },
    async approve(viewer, id) {
      const rerun = await reruns.approveRerun(viewer, id);
      tell(rerun);
      applier.wake();
      wakeJobs();
      return rerun;
    },
    async setState(viewer, id, state) {
      const rerun = await reruns.setRerunState(viewer, id, state);
      tell(rerun);
      applier.wake();
      wakeJobs();
      return rerun;
    },
    async look(job, signal) {
      const photo = await reruns.beginLook(job);
      if (photo === undefined) {
        await parts.jobs.complete(job);
        return;
      }
      if (job.tries > mostTries) return save(photo, await reruns.saveLookFailure(job, { code: 'crashed' }));
      try {
        save(photo, await lookAt(parts, job, photo, signal));
      } catch (error) {
        save(photo, await afterLoss(parts, job, error));
      }
    },
    resume: () => applier.wake(),
    close: () => applier.close(),
  };
}

/** Puts approved results into their photos, one short transaction after the other, until there are none left. */
function createApplier({ reruns, events, log }: LookAgainParts): { wake(): void; close(): Promise<void> } {
  let closed = false;
  let running: Promise<void> | undefined;
  let again = false;

  const applyAll = async () => {
    while (!closed) {
      const applied = await reruns.applyResults(appliedAtOnce);
      if (applied.length === 0) return;
      for (const { photo } of applied) events.publish({ kind: 'photo-changed', id: photo, state: 'done' });
      for (const id of new Set(applied.map(({ rerun }) => rerun)))
        events.publish({ kind: 'rerun-changed', id });
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const wake = () => {
    again = running !== undefined;
    running ??= applyAll()
      .catch((error: unknown) => log.error({ err: error }, 'results of a re-run could not be saved'))
      .finally(() => {
        running = undefined;
        if (again && !closed) wake();
      });
  };
  return {
    wake,
    async close() {
      closed = true;
      await running;
    },
  };
}

// The rendition that an engine is given when a photo is developed, so that nothing has to be decoded at full size again.
async function lookAt(
  { media, darkroom, reruns }: LookAgainParts,
  job: Job,
  photo: Photo,
  signal: AbortSignal,
): Promise<Rerun | undefined> {
  const rendition = await media.lease(renditionKey(photo.sha256, 800));
  const file = rendition ?? (await media.lease(originalKey(photo.sha256, photo.type)));
  if (file === undefined) return reruns.saveLookFailure(job, { code: 'missing-original' });
  try {
    const type = rendition === undefined ? photo.type : 'image/webp';
    const sighting = await darkroom.look(file.path, type, signal);
    if (sighting.kind === 'seen') {
      const { engine, model, tookMs, detections } = sighting;
      return reruns.saveLook(job, { engine: { engine, model, tookMs }, detections });
    }
    const detail = sighting.kind === 'unavailable' ? { detail: sighting.detail } : {};
    return reruns.saveLookFailure(job, { code: 'not-looked', ...detail });
  } finally {
    await file.release();
  }
}

// As when developing: only what a picture may have done itself costs it a try.
async function afterLoss(
  { jobs, reruns }: LookAgainParts,
  job: Job,
  error: unknown,
): Promise<Rerun | undefined> {
  if (!(error instanceof DarkroomError)) {
    await jobs.release(job, { delayMs: 60_000, counted: false });
    throw error;
  }
  const { code } = error;
  if (code === 'closed') await jobs.release(job, { delayMs: 0, counted: false });
  else if (code === 'not-started') await jobs.release(job, { delayMs: 30_000, counted: false });
  else if (job.tries >= mostTries) return reruns.saveLookFailure(job, failureOf(code));
  else await jobs.release(job, { delayMs: 1_000 * 2 ** job.tries, counted: true });
  return undefined;
}

const failureOf = (code: Failure['code']): Failure => ({ code });

/** Sixty photos a second are looked at; a page needs to hear of two. A change of state is told at once. */
function throttledTeller(events: EventHub): (rerun: Rerun) => void {
  const told = new Map<RerunId, { state: Rerun['state']; at: number }>();
  return ({ id, state }) => {
    const last = told.get(id);
    const now = performance.now();
    if (last?.state === state && now - last.at < tellEveryMs) return;
    told.set(id, { state, at: now });
    events.publish({ kind: 'rerun-changed', id });
  };
}
