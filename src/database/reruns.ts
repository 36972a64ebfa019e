// RerunDatabase on SQLite: what was looked at again waits in `rerun_photos` until somebody says yes. People's words are never touched.
import { confidenceOf } from '../gallery/calibration.ts';
import { merge, type Said } from '../gallery/correction.ts';
import { GalleryError, noSuchPhoto, noSuchRerun } from '../gallery/errors.ts';
import type { DetectionId, EngineDetection, Failure, Photo, PhotoId } from '../gallery/photo.ts';
import type { Job } from '../gallery/ports.ts';
import { compare, type Difference, type Rerun, type RerunId, type RerunScope } from '../gallery/rerun.ts';
import type { RerunDatabase } from '../gallery/rerun-database.ts';
import { mayChange, mayOperate, notAllowed, type Viewer } from '../gallery/viewer.ts';
import { eyesOf, hearerOf } from './audience.ts';
import type { Connection } from './connection.ts';
import { priorities, type RerunFeeder } from './rerun-feeder.ts';
import {
  formatLook,
  formatScope,
  formatThreshold,
  type Look,
  parseLook,
  toRerun,
  toRerunPhoto,
} from './rerun-rows.ts';
import { prepareRerunStatements } from './rerun-statements.ts';
import { toPhoto } from './rows.ts';
import type { SaidRows } from './said.ts';

interface Rooms {
  readonly said: SaidRows;
  readonly feeder: RerunFeeder;
}

const newest = '~' as PhotoId;
const mostKept = 50;

/** One closure, since every method needs the same statements and ends what it did by settling the re-run. */
export function openReruns(
  connection: Connection,
  { said, feeder }: Rooms,
  now: () => number,
): RerunDatabase {
  const { read, write, touch } = connection;
  const sql = prepareRerunStatements(connection);

  const find = (id: RerunId): Rerun | undefined => {
    const row = sql.byId.get(id);
    return row === undefined ? undefined : toRerun(row);
  };
  const sees = (viewer: Viewer, { scope }: Rerun): boolean => {
    // Also when its photo is gone.
    if (viewer.kind === 'machine') return true;
    if (scope.kind !== 'photo') return mayOperate(viewer);
    const row = sql.seenPhoto.get({ ...eyesOf(viewer), id: scope.photo });
    return row !== undefined && mayChange(viewer, row.owner === '' ? undefined : row.owner);
  };
  const expect = (viewer: Viewer, id: RerunId) => {
    const rerun = find(id);
    if (rerun === undefined || !sees(viewer, rerun)) throw noSuchRerun();
  };
  const expectScope = (viewer: Viewer, scope: RerunScope) => {
    if (scope.kind === 'photo') {
      const row = sql.seenPhoto.get({ ...eyesOf(viewer), id: scope.photo });
      if (row === undefined) throw noSuchPhoto();
      if (mayChange(viewer, row.owner === '' ? undefined : row.owner)) return;
    } else if (mayOperate(viewer)) return;
    throw notAllowed();
  };
  const getUnfinished = (id: RerunId): Rerun => {
    const rerun = find(id);
    if (rerun === undefined) throw noSuchRerun();
    if (rerun.state === 'done' || rerun.state === 'cancelled') throw over();
    return rerun;
  };
  const get = (id: RerunId): Rerun => find(id) ?? getUnfinished(id);

  const apply = (rerun: RerunId, photo: PhotoId, look: Look) => {
    said.look(photo, look.engine, look.detections);
    sql.bumpPhoto.run(photo);
    sql.countApplied.run(rerun);
    touch();
  };
  const differencesOf = (rerun: Rerun, photo: PhotoId, detections: readonly EngineDetection[]) => {
    const { said: before, words } = said.opinions(photo);
    const after = detections.map((one, at) => asSaid(one, at));
    return compare(merge(before, words).detections, merge(after, words).detections, rerun.threshold);
  };
  /** Runs `save` and ends the job, unless an attempt that came later holds it, or nobody wants to know any more. */
  const finish = (job: Job, save: (rerun: Rerun) => void) =>
    write(() => {
      if (job.rerun === undefined || sql.endJob.run(job.id, job.attempt).changes === 0) return undefined;
      const rerun = find(job.rerun);
      if (rerun === undefined || rerun.state === 'cancelled') return undefined;
      save(rerun);
      feeder.settle(rerun.id);
      return find(rerun.id);
    });
  const note = (rerun: RerunId, photo: PhotoId, saw: Saw) => {
    const { differences, failure, look, applied } = saw;
    const differs = differences.length > 0 || failure !== undefined;
    sql.note.run({
      rerun,
      photo,
      differences: JSON.stringify(differences),
      differs: differs ? 1 : 0,
      applied: applied ? 1 : 0,
      failure: failure === undefined ? null : JSON.stringify(failure),
      result: look === undefined || applied ? null : formatLook(look),
      before: sql.modelOf.get(photo) ?? null,
    });
    const count = (kind: Difference['kind']) => differences.filter((one) => one.kind === kind).length;
    sql.count.run({
      rerun,
      failed: failure === undefined ? 0 : 1,
      differing: differences.length > 0 ? 1 : 0,
      found: count('found'),
      lost: count('lost'),
      changed: count('changed'),
    });
  };

  return {
    startRerun: (viewer, { scope, threshold, approved, automatic, model }) =>
      write(() => {
        expectScope(viewer, scope);
        const { lastInsertRowid } = sql.insert.run({
          scope: formatScope(scope),
          approved: approved ? 1 : 0,
          automatic: automatic ? 1 : 0,
          threshold: formatThreshold(threshold),
          model,
          priority: priorities[scope.kind],
          at: now(),
          total: feeder.count(scope, model),
        });
        // Whoever asked sees at once whether there is anything to look at.
        feeder.next('all');
        return get(Number(lastInsertRowid) as RerunId);
      }),
    findRerun: (viewer, id) =>
      read(() => {
        const rerun = find(id);
        return rerun !== undefined && sees(viewer, rerun) ? rerun : undefined;
      }),
    listReruns: (viewer) =>
      read(() =>
        sql.all
          .all(mostKept)
          .map(toRerun)
          .filter((rerun) => sees(viewer, rerun)),
      ),
    listUnfinished: () =>
      read(() =>
        sql.unfinished.all().map((row) => {
          const rerun = toRerun(row);
          const { owner = '' } = rerun.scope.kind === 'photo' ? (sql.owner.get(rerun.scope.photo) ?? {}) : {};
          return owner === '' ? rerun : { ...rerun, owner };
        }),
      ),
    listRerunPhotos: (viewer, id, { differing, before = newest, limit }) =>
      read(() => {
        const range = { ...eyesOf(viewer), rerun: id, before, limit: limit + 1 };
        const rows = (differing ? sql.differing : sql.photos).all(range);
        const shown = rows.slice(0, limit).map(toRerunPhoto);
        const last = shown.at(-1)?.photo.id;
        return { photos: shown, ...(rows.length > limit && last ? { next: last } : {}) };
      }),
    setRerunState: (viewer, id, state, model) =>
      write(() => {
        expect(viewer, id);
        const rerun = getUnfinished(id);
        // What was all looked at has nothing to pause.
        if (state !== 'cancelled' && rerun.state === 'ready') return rerun;
        sql.setState.run(state, id);
        if (model !== undefined) sql.setModel.run(model, id);
        // At most a hundred or so; what waits is left to tidyReruns.
        if (state === 'cancelled') sql.dropJobs.run(id);
        feeder.settle(id);
        return get(id);
      }),
    suspendRerun: (id, problem) =>
      write(() => (sql.suspend.run(problem, id).changes === 1 ? find(id) : undefined)),
    approveRerun: (viewer, id) =>
      write(() => {
        expect(viewer, id);
        if (find(id)?.state === 'done') return get(id);
        const { state } = getUnfinished(id);
        sql.approve.run(id);
        if (state === 'ready') sql.setState.run('looking', id);
        feeder.settle(id);
        return get(id);
      }),
    applyResults: (limit) =>
      write(() => {
        const rows = sql.waiting.all(limit);
        const applied = rows.map((row) => {
          const { rerun_id: rerun, photo_id: photo, result, state, before, model } = row;
          const hearer = hearerOf(row.audience);
          const changed = before === model;
          if (changed) apply(rerun, photo, parseLook(result));
          sql.noteApplied.run(changed ? 1 : 0, rerun, photo);
          return { photo, rerun, state, changed, ...(hearer === undefined ? {} : { onlyFor: hearer }) };
        });
        for (const id of new Set(applied.map(({ rerun }) => rerun))) feeder.settle(id);
        return applied;
      }),
    tidyReruns: (limit) =>
      write(() => {
        const few = { kept: mostKept, limit };
        const rows = sql.tidyRows.run(few).changes;
        return rows > 0 ? rows : sql.tidyReruns.run(few).changes;
      }),
    beginLook: (job) =>
      read((): Photo | undefined => {
        if (job.rerun === undefined || sql.heldJob.get(job.id, job.attempt) === undefined) return undefined;
        const row = sql.photo.get(job.photoId);
        return row === undefined ? undefined : toPhoto(row, said.view(row.id));
      }),
    saveLook: (job, look) =>
      finish(job, (rerun) => {
        const differences = differencesOf(rerun, job.photoId, look.detections);
        note(rerun.id, job.photoId, { differences, look, applied: rerun.approved });
        if (rerun.approved) apply(rerun.id, job.photoId, look);
      }),
    saveLookFailure: (job, failure) =>
      finish(job, (rerun) => note(rerun.id, job.photoId, { differences: [], failure, applied: false })),
  };
}

interface Saw {
  readonly differences: readonly Difference[];
  readonly look?: Look;
  readonly failure?: Failure;
  readonly applied: boolean;
}

const asSaid = (one: EngineDetection, at: number): Said => ({
  ...one,
  id: `new${at}` as DetectionId,
  confidence: confidenceOf(one.origin.engine, one.score),
});

const over = () => new GalleryError('rerun-over', 'This re-run has ended; begin a new one.');
