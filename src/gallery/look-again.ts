// Re-runs: photos that were developed are looked at once more. What comes of it waits for somebody's yes, unless that was given; what
// people said about a photo is never touched.

import type { Log } from '../log.ts';
import type { Threshold } from './detection.ts';
import { DarkroomError, GalleryError, noSuchPhoto } from './errors.ts';
import { originalKey, renditionKey } from './media.ts';
import { type Failure, type Photo, toldOf } from './photo.ts';
import type { PhotoDatabase } from './photo-database.ts';
import type { Darkroom, EventHub, Job, JobQueue, MediaStore, Sighting } from './ports.ts';
import { isSameScope, type Rerun, type RerunId, type RerunScope } from './rerun.ts';
import type { RerunDatabase } from './rerun-database.ts';
import { throttledTeller } from './rerun-news.ts';
import type { UserId } from './user.ts';
import { machine, mayChange, mayOperate, notAllowed, userOf, type Viewer } from './viewer.ts';

export interface LookAgainParts {
  readonly photos: PhotoDatabase;
  readonly reruns: RerunDatabase;
  readonly jobs: JobQueue;
  readonly media: MediaStore;
  readonly darkroom: Darkroom;
  readonly events: EventHub;
  readonly wakeJobs: () => void;
  readonly log: Log;
  /** An automatic re-run is through: time to see whether there is more of that kind. */
  readonly onAutomaticDone?: () => void;
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
/** Of those that count for somebody: each may hold an answer for every photo. */
const mostUnfinished = 20;
const applyAgainMs = 5_000;

/** One closure: its methods share one teller and one applier. */
export function createLookAgain(parts: LookAgainParts): LookAgain {
  const { photos, reruns, darkroom, events, wakeJobs, onAutomaticDone = () => {} } = parts;
  const applier = createApplier(parts);
  const tell = throttledTeller(events);

  const start = async (
    viewer: Viewer,
    scope: RerunScope,
    threshold: Threshold,
    more: { approved: boolean; automatic: boolean },
  ) => {
    const { engine } = darkroom.status();
    if (engine === undefined) throw noEngine();
    const unfinished = await reruns.listUnfinished();
    const same = unfinished.filter((one) => one.model === engine.model && isSameScope(one.scope, scope));
    const running = same.find(({ state, approved }) => state !== 'ready' && (approved || !more.approved));
    // Whether it may be asked for is looked at before anything that runs is told of or ended.
    if (!(await mayLook(parts, viewer, scope))) throw notAllowed();
    if (running !== undefined) return running;
    // What waits for a yes is looked at afresh; nobody shall have two answers to choose from.
    for (const { id } of same) tell(await reruns.setRerunState(machine, id, 'cancelled'));
    const theirs = unfinished.filter((one) => !same.includes(one) && countsFor(viewer, one));
    if (theirs.length >= mostUnfinished) throw tooMany();
    const rerun = await reruns.startRerun(viewer, { scope, threshold, model: engine.model, ...more });
    tell(rerun);
    wakeJobs();
    return rerun;
  };

  const save = (photo: Photo, rerun: Rerun | undefined) => {
    if (rerun === undefined) return;
    tell(rerun);
    if (rerun.approved) events.publish({ kind: 'photo-changed', state: photo.state, ...toldOf(photo) });
    // Photos that the lesser engine was at when this one began came too late for it. One that changed nothing is not repeated.
    if (rerun.automatic && rerun.state === 'done' && rerun.applied > 0) onAutomaticDone();
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
      const { engine } = darkroom.status();
      if (state === 'looking' && engine === undefined) throw noEngine();
      const rerun = await reruns.setRerunState(
        viewer,
        id,
        state,
        state === 'looking' ? engine?.model : undefined,
      );
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
        const rerun = await lookAt(parts, job, photo, signal);
        if (rerun?.problem === undefined) save(photo, rerun);
        else tell(rerun);
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
  let later: NodeJS.Timeout | undefined;

  const applyAll = async () => {
    while (!closed) {
      const applied = await reruns.applyResults(appliedAtOnce);
      if (applied.length === 0) return;
      for (const { photo: id, state, changed, onlyFor } of applied)
        if (changed)
          events.publish({ kind: 'photo-changed', id, state, ...(onlyFor === undefined ? {} : { onlyFor }) });
      for (const id of new Set(applied.map(({ rerun }) => rerun)))
        events.publish({ kind: 'rerun-changed', id });
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const wake = () => {
    again = running !== undefined;
    running ??= applyAll()
      .catch((error: unknown) => {
        log.error({ err: error }, 'results of a re-run could not be saved; tried again soon');
        later = setTimeout(wake, applyAgainMs).unref();
      })
      .finally(() => {
        running = undefined;
        if (again && !closed) wake();
      });
  };
  return {
    wake,
    async close() {
      closed = true;
      clearTimeout(later);
      await running;
    },
  };
}

/** Rejects `not-found` for a photo that the viewer does not see. */
async function mayLook({ photos }: LookAgainParts, viewer: Viewer, scope: RerunScope): Promise<boolean> {
  if (scope.kind !== 'photo') return mayOperate(viewer);
  const photo = await photos.findPhoto(viewer, scope.photo);
  if (photo === undefined) throw noSuchPhoto();
  return mayChange(viewer, photo.owner);
}

/** Of whose photos one is, or who runs the gallery: nobody takes away from others what these may not even see. */
const countsFor = (viewer: Viewer, { scope, owner }: Pick<Rerun, 'scope'> & { readonly owner?: UserId }) =>
  scope.kind === 'photo' && owner !== undefined ? owner === userOf(viewer) : mayOperate(viewer);

const tooMany = () =>
  new GalleryError('busy', 'Enough photos are being looked at again; decide about those first.');

const noEngine = () =>
  new GalleryError('no-engine', 'Nothing can look at photos now; look at the models page first.');

// The rendition that an engine is given when a photo is developed, so that nothing has to be decoded at full size again.
async function lookAt(
  parts: LookAgainParts,
  job: Job,
  photo: Photo,
  signal: AbortSignal,
): Promise<Rerun | undefined> {
  const { media, darkroom, reruns } = parts;
  const rendition = await media.lease(renditionKey(photo.sha256, 800));
  const file = rendition ?? (await media.lease(originalKey(photo.sha256, photo.type)));
  if (file === undefined) return reruns.saveLookFailure(job, { code: 'missing-original' });
  try {
    const type = rendition === undefined ? photo.type : 'image/webp';
    const sighting = await darkroom.look(file.path, type, signal);
    const problem = await problemOf(parts, job, sighting);
    if (problem !== undefined) return await suspend(parts, job, problem);
    if (sighting.kind === 'seen') {
      const { engine, model, tookMs, detections } = sighting;
      return await reruns.saveLook(job, { engine: { engine, model, tookMs }, detections });
    }
    const detail = sighting.kind === 'unavailable' ? { detail: sighting.detail } : {};
    return await reruns.saveLookFailure(job, { code: 'not-looked', ...detail });
  } finally {
    await file.release();
  }
}

/** Was it another engine that looked, or none? Then nothing is said about this picture, and the others would fare the same. */
async function problemOf(
  { darkroom, reruns }: LookAgainParts,
  job: Job,
  sighting: Sighting,
): Promise<Rerun['problem']> {
  const rerun = job.rerun === undefined ? undefined : await reruns.findRerun(machine, job.rerun);
  if (rerun === undefined) return undefined;
  const looked = sighting.kind === 'seen' ? sighting.model : darkroom.status().engine?.model;
  if (looked === undefined) return 'no-engine';
  return looked === rerun.model ? undefined : 'other-engine';
}

async function suspend(
  { jobs, reruns }: LookAgainParts,
  job: Job,
  problem: NonNullable<Rerun['problem']>,
): Promise<Rerun | undefined> {
  await jobs.release(job, { delayMs: 0, counted: false });
  return job.rerun === undefined ? undefined : reruns.suspendRerun(job.rerun, problem);
}

// As when developing: only what a picture may have done itself costs it a try.
async function afterLoss(
  { jobs, reruns }: LookAgainParts,
  job: Job,
  error: unknown,
): Promise<Rerun | undefined> {
  if (!(error instanceof DarkroomError)) {
    // A full disk or a busy database passes; a file that can't be read may stay so, and shall not keep the re-run for ever.
    const passes = error instanceof GalleryError && ['disk-full', 'busy'].includes(error.code);
    if (!passes && job.tries >= mostTries) return reruns.saveLookFailure(job, failureOf('missing-original'));
    await jobs.release(job, { delayMs: 60_000, counted: !passes });
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
