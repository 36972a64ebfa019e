// RerunDatabase in plain maps. Puts every photo into the queue at once: it is never asked to look at a million.
import { confidenceOf } from '../../src/gallery/calibration.ts';
import { merge } from '../../src/gallery/correction.ts';
import type { Threshold } from '../../src/gallery/detection.ts';
import { GalleryError, noSuchPhoto, noSuchRerun } from '../../src/gallery/errors.ts';
import type {
  DetectionId,
  EngineDetection,
  EngineRun,
  Failure,
  Photo,
  PhotoId,
} from '../../src/gallery/photo.ts';
import type { Job } from '../../src/gallery/ports.ts';
import {
  compare,
  type Difference,
  type Rerun,
  type RerunId,
  type RerunScope,
} from '../../src/gallery/rerun.ts';
import type { RerunDatabase } from '../../src/gallery/rerun-database.ts';
import { mayChange, mayOperate, notAllowed, type Viewer } from '../../src/gallery/viewer.ts';
import { toCard } from './memory-gallery.ts';
import type { MemoryOpinions } from './memory-opinions.ts';

interface Around {
  readonly now: () => number;
  readonly opinions: MemoryOpinions;
  readonly find: (id: PhotoId) => Photo | undefined;
  readonly sees: (viewer: Viewer, id: PhotoId) => boolean;
  readonly newestFirst: () => readonly Photo[];
  readonly shows: (photo: Photo, label: string, threshold: Threshold) => boolean;
  readonly looked: (id: PhotoId, engine: EngineRun) => void;
  readonly heldJob: (job: Job) => boolean;
  readonly endJob: (job: Job) => void;
  readonly dropJobs: (rerun: RerunId) => void;
  readonly enqueue: (id: PhotoId, rerun: RerunId) => void;
  readonly hasJobs: (rerun: RerunId) => boolean;
}

const isForAll = ({ isPrivate, trashedAt }: Photo) => isPrivate === undefined && trashedAt === undefined;

interface Look {
  readonly engine: EngineRun;
  readonly detections: readonly EngineDetection[];
}

interface Note {
  readonly photo: PhotoId;
  readonly differences: readonly Difference[];
  readonly applied: boolean;
  readonly failure?: Failure;
  readonly look?: Look;
  /** Which weights had looked when this was seen; once it was put into the photo, or came too late, nothing waits. */
  readonly before?: string;
  readonly settled?: boolean;
}

export interface MemoryReruns {
  readonly database: RerunDatabase;
  lookingNow(background: 'single' | 'all'): readonly RerunId[];
  settle(id: RerunId): void;
}

/** As the database keeps it: undefined until developed, '' when nobody looked. */
const seenBy = (photo: Photo | undefined) =>
  photo === undefined || photo.renditions.length === 0 ? undefined : (photo.engine?.model ?? '');

const breadth: Readonly<Record<RerunScope['kind'], number>> = { photo: 1, label: 2, model: 3, older: 3 };

export function openMemoryReruns(around: Around): MemoryReruns {
  const { opinions } = around;
  const reruns = new Map<RerunId, Rerun>();
  const notes = new Map<RerunId, Map<PhotoId, Note>>();

  const change = (id: RerunId, changes: Partial<Rerun>): Rerun => {
    const changed = { ...(reruns.get(id) as Rerun), ...changes };
    reruns.set(id, changed);
    return changed;
  };
  const unfinished = (id: RerunId): Rerun => {
    const rerun = reruns.get(id);
    if (rerun === undefined) throw new GalleryError('not-found', 'There is no such re-run.');
    if (rerun.state === 'done' || rerun.state === 'cancelled')
      throw new GalleryError('rerun-over', 'It is over.');
    return rerun;
  };
  const waiting = (id: RerunId) =>
    [...(notes.get(id)?.values() ?? [])].filter(
      ({ applied, settled, look }) => !applied && settled !== true && look !== undefined,
    );
  const settle = (id: RerunId) => {
    const rerun = reruns.get(id);
    if (rerun?.state !== 'looking' || around.hasJobs(id)) return;
    if (!rerun.approved) change(id, { state: rerun.seen === 0 ? 'done' : 'ready' });
    else if (waiting(id).length === 0) change(id, { state: 'done' });
  };
  const apply = (id: RerunId, photo: PhotoId, { engine, detections }: Look) => {
    opinions.replace(photo, detections);
    around.looked(photo, engine);
    change(id, { applied: (reruns.get(id) as Rerun).applied + 1 });
  };
  const expectScope = (viewer: Viewer, scope: RerunScope) => {
    if (scope.kind === 'photo' && !around.sees(viewer, scope.photo)) throw noSuchPhoto();
    if (!mayStart(viewer, scope)) throw notAllowed();
  };
  const mayStart = (viewer: Viewer, scope: RerunScope) =>
    scope.kind === 'photo' ? mayChange(viewer, around.find(scope.photo)?.owner) : mayOperate(viewer);
  const seesRerun = (viewer: Viewer, { scope }: Rerun) =>
    viewer.kind === 'machine' ||
    (mayStart(viewer, scope) && (scope.kind !== 'photo' || around.sees(viewer, scope.photo)));
  const expect = (viewer: Viewer, id: RerunId) => {
    const rerun = reruns.get(id);
    if (rerun !== undefined && !seesRerun(viewer, rerun)) throw noSuchRerun();
  };
  const inScope = (scope: RerunScope, model: string): PhotoId[] =>
    around
      .newestFirst()
      .filter((photo) => {
        if (scope.kind === 'label')
          return isForAll(photo) && around.shows(photo, scope.label, scope.threshold);
        if (photo.renditions.length === 0) return false;
        if (scope.kind === 'photo') return photo.id === scope.photo;
        return scope.kind === 'model' ? seenBy(photo) === scope.model : seenBy(photo) !== model;
      })
      .map(({ id }) => id);
  const differencesOf = (rerun: Rerun, id: PhotoId, detections: readonly EngineDetection[]) => {
    const { said, words } = opinions.opinions(id);
    const fresh = detections.map((one, at) => ({
      ...one,
      id: `new${at}` as DetectionId,
      confidence: confidenceOf(one.origin.engine, one.score),
    }));
    return compare(merge(said, words).detections, merge(fresh, words).detections, rerun.threshold);
  };
  const finish = (job: Job, save: (rerun: Rerun) => Note): Rerun | undefined => {
    const rerun = job.rerun === undefined ? undefined : reruns.get(job.rerun);
    if (rerun === undefined || !around.heldJob(job) || rerun.state === 'cancelled') return undefined;
    around.endJob(job);
    const note = save(rerun);
    notes.get(rerun.id)?.set(job.photoId, note);
    const count = (kind: Difference['kind']) => note.differences.filter((one) => one.kind === kind).length;
    const before = reruns.get(rerun.id) as Rerun;
    change(rerun.id, {
      seen: before.seen + 1,
      failed: before.failed + (note.failure === undefined ? 0 : 1),
      differing: before.differing + (note.differences.length > 0 ? 1 : 0),
      found: before.found + count('found'),
      lost: before.lost + count('lost'),
      changed: before.changed + count('changed'),
    });
    settle(rerun.id);
    return reruns.get(rerun.id);
  };

  const database: RerunDatabase = {
    async startRerun(viewer, { scope, threshold, approved, automatic, model }) {
      expectScope(viewer, scope);
      const id = (reruns.size + 1) as RerunId;
      const photos = inScope(scope, model);
      const none = { seen: 0, failed: 0, differing: 0, applied: 0, found: 0, lost: 0, changed: 0 };
      const startedAt = new Date(around.now());
      const total = photos.length;
      reruns.set(id, {
        id,
        scope,
        state: 'looking',
        approved,
        automatic,
        threshold,
        model,
        startedAt,
        total,
        ...none,
      });
      notes.set(id, new Map());
      for (const photo of photos) around.enqueue(photo, id);
      settle(id);
      return reruns.get(id) as Rerun;
    },
    async findRerun(viewer, id) {
      const rerun = reruns.get(id);
      return rerun !== undefined && seesRerun(viewer, rerun) ? rerun : undefined;
    },
    listReruns: async (viewer) =>
      [...reruns.values()]
        .filter(({ seen, state }) => seen > 0 || state !== 'done')
        .reverse()
        .slice(0, 50)
        .filter((rerun) => seesRerun(viewer, rerun)),
    listUnfinished: async () =>
      [...reruns.values()]
        .filter(({ state }) => state !== 'done' && state !== 'cancelled')
        .reverse()
        .map((rerun) => {
          const owner = rerun.scope.kind === 'photo' ? around.find(rerun.scope.photo)?.owner : undefined;
          return owner === undefined ? rerun : { ...rerun, owner };
        }),
    async listRerunPhotos(viewer, id, { differing, before, limit }) {
      const all = [...(notes.get(id)?.values() ?? [])]
        .filter(({ differences, failure }) => !differing || differences.length > 0 || failure !== undefined)
        .filter(({ photo }) => before === undefined || photo < before)
        .sort((a, b) => (a.photo < b.photo ? 1 : -1))
        .flatMap(({ photo: photoId, look: _look, before: _before, settled: _settled, ...rest }) => {
          const photo = around.sees(viewer, photoId) ? around.find(photoId) : undefined;
          return photo === undefined || photo.trashedAt !== undefined
            ? []
            : [{ ...rest, photo: toCard(photo) }];
        });
      const shown = all.slice(0, limit);
      const last = shown.at(-1)?.photo.id;
      return { photos: shown, ...(all.length > limit && last ? { next: last } : {}) };
    },
    async setRerunState(viewer, id, state, model) {
      expect(viewer, id);
      const { problem: _over, ...rerun } = unfinished(id);
      if (state !== 'cancelled' && rerun.state === 'ready') return rerun;
      reruns.set(id, { ...rerun, state, model: model ?? rerun.model });
      if (state === 'cancelled') around.dropJobs(id);
      settle(id);
      return reruns.get(id) as Rerun;
    },
    async suspendRerun(id, problem) {
      return reruns.get(id)?.state === 'looking' ? change(id, { state: 'paused', problem }) : undefined;
    },
    async tidyReruns(limit) {
      const over = [...reruns.values()].filter(({ state }) => state === 'done' || state === 'cancelled');
      const useless = over
        .flatMap(({ id }) => [...(notes.get(id)?.values() ?? [])].map((note) => ({ id, note })))
        .filter(({ note }) => !note.applied && note.differences.length === 0 && note.failure === undefined);
      const inVain = over.flatMap(({ id }) => waiting(id).map((note) => ({ id, note })));
      const rows = [...new Map([...useless, ...inVain].map((row) => [row.note, row])).values()].slice(
        0,
        limit,
      );
      for (const { id, note } of rows) notes.get(id)?.delete(note.photo);
      return rows.length;
    },
    async approveRerun(viewer, id) {
      expect(viewer, id);
      const rerun = reruns.get(id);
      if (rerun?.state === 'done') return rerun;
      const { state } = unfinished(id);
      change(id, { approved: true, state: state === 'ready' ? 'looking' : state });
      settle(id);
      return reruns.get(id) as Rerun;
    },
    async applyResults(limit) {
      const due = [...reruns.values()]
        .filter(({ approved, state }) => approved && state === 'looking')
        .flatMap(({ id }) => waiting(id).map((note) => ({ id, note })))
        .slice(0, limit);
      const applied = due.map(({ id, note }) => {
        const { look, photo } = note;
        const present = around.find(photo);
        const changed = look !== undefined && present !== undefined && seenBy(present) === note.before;
        if (changed) apply(id, photo, look);
        notes.get(id)?.set(photo, { ...note, applied: changed, settled: true });
        return { photo, rerun: id, state: present?.state ?? ('done' as const), changed };
      });
      for (const { id } of due) settle(id);
      return applied;
    },
    beginLook: async (job) => (around.heldJob(job) ? around.find(job.photoId) : undefined),
    saveLook: async (job, look) =>
      finish(job, (rerun) => {
        const differences = differencesOf(rerun, job.photoId, look.detections);
        const before = seenBy(around.find(job.photoId));
        if (rerun.approved) apply(rerun.id, job.photoId, look);
        return {
          photo: job.photoId,
          differences,
          applied: rerun.approved,
          look,
          ...(before === undefined ? {} : { before }),
        };
      }),
    saveLookFailure: async (job, failure) =>
      finish(job, () => ({ photo: job.photoId, differences: [], applied: false, failure })),
  };
  return {
    database,
    lookingNow(background) {
      for (const id of reruns.keys()) settle(id);
      return [...reruns.values()]
        .filter(({ state, scope }) => state === 'looking' && (background === 'all' || scope.kind === 'photo'))
        .sort((a, b) => breadth[a.scope.kind] - breadth[b.scope.kind] || a.id - b.id)
        .map(({ id }) => id);
    },
    settle,
  };
}
