// What every RerunDatabase promises (gallery/rerun-database.ts) together with its JobQueue, as tests.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { defaultThreshold as threshold } from '../../src/gallery/detection.ts';
import { GalleryError } from '../../src/gallery/errors.ts';
import type { EngineDetection, EngineRun, PhotoId } from '../../src/gallery/photo.ts';
import type { Job } from '../../src/gallery/ports.ts';
import type { Rerun, RerunId, RerunScope } from '../../src/gallery/rerun.ts';
import type { RerunDatabase } from '../../src/gallery/rerun-database.ts';
import { development, newPhoto, type OpenedDatabase, owner, removeWhole, seen } from './photo-database.ts';

const refusal = (code: string) => (error: unknown) => error instanceof GalleryError && error.code === code;
const newModel = 'e'.repeat(64);
const oldModel = 'f'.repeat(64);
const engine: EngineRun = { engine: 'yolox', model: newModel, tookMs: 9 };
const now = (label: string, score = 0.9, x?: number): EngineDetection => ({
  ...seen(label, score, x),
  origin: { by: 'engine', engine: 'yolox', model: newModel },
});

export function rerunsContract(
  name: string,
  open: (now: () => number) => Promise<OpenedDatabase & { readonly reruns: RerunDatabase }>,
): void {
  describe(`RerunDatabase contract: ${name}`, () => {
    let opened: OpenedDatabase & { readonly reruns: RerunDatabase };
    let reruns: RerunDatabase;
    let time = Date.UTC(2026, 10, 20);
    beforeEach(async () => {
      opened = await open(() => (time += 1000));
      reruns = opened.reruns;
    });
    afterEach(() => opened.close());

    const developed = async (...labels: string[]): Promise<PhotoId> => {
      const { photo } = await opened.photos.recordPhoto(owner, newPhoto());
      const job = await opened.jobs.claim(60_000);
      assert.equal(job?.photoId, photo.id);
      assert.equal(await opened.photos.saveDevelopment(job, development(labels)), true);
      return photo.id;
    };
    const start = (scope: RerunScope, more: { approved?: boolean; automatic?: boolean } = {}) =>
      reruns.startRerun(owner, {
        scope,
        threshold,
        model: newModel,
        approved: false,
        automatic: false,
        ...more,
      });
    const claim = async (): Promise<Job> => {
      const job = await opened.jobs.claim(60_000, 'all');
      assert.ok(job);
      return job;
    };
    /** Looks at everything that is left; every photo shows the same. */
    const lookAll = async (...detections: EngineDetection[]): Promise<PhotoId[]> => {
      const looked: PhotoId[] = [];
      for (
        let job = await opened.jobs.claim(60_000, 'all');
        job !== undefined;
        job = await opened.jobs.claim(60_000, 'all')
      ) {
        assert.ok(await reruns.beginLook(job));
        assert.ok(await reruns.saveLook(job, { engine, detections }));
        looked.push(job.photoId);
      }
      return looked;
    };
    const get = async (id: RerunId): Promise<Rerun> => {
      const rerun = await reruns.findRerun(owner, id);
      assert.ok(rerun);
      return rerun;
    };
    const labelsOf = async (id: PhotoId) =>
      (await opened.photos.findPhoto(owner, id))?.labels.map(({ label }) => label);

    test('looks at one photo, shows what would change, and changes nothing before somebody says yes', async () => {
      const id = await developed('dog', 'cat');
      await developed('dog');
      const rerun = await start({ kind: 'photo', photo: id });
      assert.deepEqual([rerun.state, rerun.total, rerun.seen], ['looking', 1, 0]);
      assert.deepEqual(await lookAll(now('dog'), now('bird')), [id]);
      const ready = await get(rerun.id);
      const { state, seen: looked, differing, found, lost, changed, applied } = ready;
      assert.deepEqual(
        { state, looked, differing, found, lost, changed, applied },
        { state: 'ready', looked: 1, differing: 1, found: 1, lost: 1, changed: 0, applied: 0 },
      );
      const page = await reruns.listRerunPhotos(owner, rerun.id, { differing: true, limit: 5 });
      assert.deepEqual(
        page.photos[0]?.differences.map(({ kind, label }) => `${kind} ${label}`),
        ['found bird', 'lost cat'],
      );
      assert.deepEqual(await labelsOf(id), ['cat', 'dog']);
      await reruns.approveRerun(owner, rerun.id);
      assert.deepEqual(await reruns.applyResults(10), [
        { photo: id, rerun: rerun.id, state: 'done', changed: true },
      ]);
      assert.deepEqual(await reruns.applyResults(10), []);
      assert.deepEqual(await labelsOf(id), ['bird', 'dog']);
      assert.deepEqual([(await get(rerun.id)).state, (await get(rerun.id)).applied], ['done', 1]);
      assert.equal((await opened.photos.findPhoto(owner, id))?.engine?.model, newModel);
    });

    test('puts results into the photos as they come once it is approved', async () => {
      const ids = [await developed('dog'), await developed('dog')];
      const rerun = await start({ kind: 'older' }, { approved: true });
      const job = await claim();
      await reruns.saveLook(job, { engine, detections: [now('cat')] });
      assert.deepEqual(await labelsOf(job.photoId), ['cat']);
      await lookAll(now('cat'));
      for (const id of ids) assert.deepEqual(await labelsOf(id), ['cat']);
      assert.deepEqual([(await get(rerun.id)).state, (await get(rerun.id)).applied], ['done', 2]);
    });

    test('applies what waits and what is still to come when somebody says yes in the middle', async () => {
      const ids = [await developed('dog'), await developed('dog'), await developed('dog')];
      const rerun = await start({ kind: 'older' });
      await reruns.saveLook(await claim(), { engine, detections: [now('cat')] });
      await reruns.approveRerun(owner, rerun.id);
      assert.equal((await reruns.applyResults(10)).length, 1);
      await lookAll(now('cat'));
      for (const id of ids) assert.deepEqual(await labelsOf(id), ['cat']);
      assert.equal((await get(rerun.id)).state, 'done');
    });

    test('lets every photo that waits to be developed go first', async () => {
      const id = await developed('dog');
      await start({ kind: 'photo', photo: id });
      const { photo: fresh } = await opened.photos.recordPhoto(owner, newPhoto());
      assert.equal((await claim()).photoId, fresh.id);
      const look = await claim();
      assert.equal(look.photoId, id);
      assert.notEqual(look.rerun, undefined);
    });

    test('gives out photos of re-runs only to those who ask for them', async () => {
      const id = await developed('dog');
      await start({ kind: 'photo', photo: id });
      assert.equal(await opened.jobs.claim(60_000), undefined);
      assert.equal(await opened.jobs.dueIn(), undefined);
      assert.equal(await opened.jobs.dueIn('all'), 0);
      assert.equal(await opened.jobs.count(), 0);
    });

    test('lets only a single photo, for which somebody waits, be looked at when the others may not', async () => {
      const ids = [await developed('dog'), await developed('dog')];
      await start({ kind: 'older' });
      assert.equal(await opened.jobs.claim(60_000, 'single'), undefined);
      assert.equal(await opened.jobs.dueIn('single'), undefined);
      await start({ kind: 'photo', photo: ids[0] as PhotoId });
      assert.equal(await opened.jobs.dueIn('single'), 0);
      assert.equal((await opened.jobs.claim(60_000, 'single'))?.photoId, ids[0]);
      assert.equal(await opened.jobs.claim(60_000, 'single'), undefined);
    });

    test('lets the narrower re-run go first', async () => {
      const ids = [await developed('dog'), await developed('cat'), await developed('bird')];
      await start({ kind: 'older' });
      await start({ kind: 'label', label: 'cat', threshold });
      await start({ kind: 'photo', photo: ids[0] as PhotoId });
      assert.equal((await claim()).photoId, ids[0]);
      assert.equal((await claim()).photoId, ids[1]);
      assert.equal((await claim()).photoId, ids[2]);
    });

    test('takes what a label shows, what a model saw, and everything that another model saw, newest first', async () => {
      const dogs = [await developed('dog'), await developed('dog', 'cat')];
      const cat = await developed('cat');
      const label = await start({ kind: 'label', label: 'dog', threshold });
      assert.equal(label.total, 2);
      assert.deepEqual(await lookAll(now('dog')), dogs.toReversed());
      await reruns.approveRerun(owner, label.id);
      await reruns.applyResults(10);
      const older = await start({ kind: 'older' });
      assert.equal(older.total, 1);
      assert.deepEqual(await lookAll(now('cat')), [cat]);
      const model = await start({ kind: 'model', model: newModel });
      assert.equal(model.total, 2);
      assert.deepEqual(await lookAll(now('dog')), dogs.toReversed());
      const none = await start({ kind: 'model', model: oldModel.replace('f', '0') });
      assert.deepEqual([none.total, none.state], [0, 'done']);
    });

    test('looks at many photos once each, whatever comes or goes meanwhile', async () => {
      const ids: PhotoId[] = [];
      for (let count = 0; count < 250; count += 1) ids.push(await developed('dog'));
      const rerun = await start({ kind: 'label', label: 'dog', threshold }, { approved: true });
      await removeWhole(opened.photos, owner, ids[3] as PhotoId);
      const looked = await lookAll(now('cat'));
      assert.equal(looked.length, 249);
      assert.equal(new Set(looked).size, 249);
      assert.deepEqual(await opened.photos.listLabels(owner, threshold), [{ label: 'cat', photos: 249 }]);
      assert.equal((await get(rerun.id)).state, 'done');
    });

    test('stops while it is paused, keeps what it saw, and goes on', async () => {
      await developed('dog');
      await developed('dog');
      const rerun = await start({ kind: 'older' });
      await reruns.saveLook(await claim(), { engine, detections: [] });
      assert.equal((await reruns.setRerunState(owner, rerun.id, 'paused')).state, 'paused');
      assert.equal(await opened.jobs.claim(60_000, 'all'), undefined);
      assert.equal(await opened.jobs.dueIn('all'), undefined);
      assert.equal((await get(rerun.id)).seen, 1);
      await reruns.setRerunState(owner, rerun.id, 'looking');
      assert.equal((await lookAll()).length, 1);
      assert.equal((await get(rerun.id)).state, 'ready');
    });

    test('takes an answer that comes while it is paused', async () => {
      await developed('dog');
      const rerun = await start({ kind: 'older' });
      const job = await claim();
      await reruns.setRerunState(owner, rerun.id, 'paused');
      assert.equal((await reruns.saveLook(job, { engine, detections: [] }))?.seen, 1);
      assert.equal((await reruns.setRerunState(owner, rerun.id, 'looking')).state, 'ready');
    });

    test('leaves every photo as it is when it is cancelled, and what it put in before stays', async () => {
      const [first, second] = [await developed('dog'), await developed('dog')];
      const rerun = await start({ kind: 'older' });
      const job = await claim();
      await reruns.saveLook(await claim(), { engine, detections: [now('cat')] });
      assert.equal((await reruns.setRerunState(owner, rerun.id, 'cancelled')).state, 'cancelled');
      assert.equal(await reruns.saveLook(job, { engine, detections: [now('cat')] }), undefined);
      assert.equal(await opened.jobs.claim(60_000, 'all'), undefined);
      assert.deepEqual(await reruns.applyResults(10), []);
      for (const id of [first, second]) assert.deepEqual(await labelsOf(id), ['dog']);
      for (const state of ['looking', 'paused', 'cancelled'] as const)
        await assert.rejects(reruns.setRerunState(owner, rerun.id, state), refusal('rerun-over'));
      await assert.rejects(reruns.approveRerun(owner, rerun.id), refusal('rerun-over'));
    });

    test('never touches what a person said', async () => {
      const id = await developed('dog', 'cat');
      const photo = await opened.photos.findPhoto(owner, id);
      const dog = photo?.detections.find(({ label }) => label === 'dog');
      assert.ok(dog);
      const rerun = await start({ kind: 'photo', photo: id });
      await lookAll(now('dog'), now('bird'));
      // Said after the look, before the yes.
      await opened.photos.correct(owner, id, { kind: 'reject', detection: dog.id });
      await opened.photos.correct(owner, id, { kind: 'add', label: 'Bori' });
      await reruns.approveRerun(owner, rerun.id);
      await reruns.applyResults(10);
      assert.deepEqual(await labelsOf(id), ['Bori', 'bird']);
      const after = await start({ kind: 'photo', photo: id });
      await lookAll(now('dog'), now('bird'));
      assert.equal(
        (await get(after.id)).differing,
        0,
        'a rejected thing that is found again is no difference',
      );
    });

    test('compares as its reader sees it: what stays below the threshold is no difference', async () => {
      const id = await developed('dog');
      const rerun = await start({ kind: 'photo', photo: id });
      await lookAll(now('dog', 0.8), now('cat', 0.11));
      assert.equal((await get(rerun.id)).differing, 0);
      const page = await reruns.listRerunPhotos(owner, rerun.id, { differing: true, limit: 5 });
      assert.deepEqual(page.photos, []);
      const all = await reruns.listRerunPhotos(owner, rerun.id, { differing: false, limit: 5 });
      assert.equal(all.photos.length, 1);
    });

    test('keeps a newer look when somebody says yes to an older one', async () => {
      const id = await developed('dog');
      const first = await start({ kind: 'photo', photo: id });
      await lookAll(now('cat'));
      const second = await start({ kind: 'photo', photo: id }, { approved: true });
      await lookAll(now('bird'));
      assert.deepEqual([await labelsOf(id), (await get(second.id)).state], [['bird'], 'done']);
      await reruns.approveRerun(owner, first.id);
      assert.deepEqual(
        (await reruns.applyResults(10)).map(({ changed }) => changed),
        [false],
      );
      assert.deepEqual(await labelsOf(id), ['bird']);
      assert.deepEqual([(await get(first.id)).state, (await get(first.id)).applied], ['done', 0]);
    });

    test('is paused with a reason, and goes on with the weights that look then', async () => {
      await developed('dog');
      const rerun = await start({ kind: 'older' });
      const suspended = await reruns.suspendRerun(rerun.id, 'other-engine');
      assert.deepEqual([suspended?.state, suspended?.problem], ['paused', 'other-engine']);
      assert.equal(await opened.jobs.claim(60_000, 'all'), undefined);
      assert.equal(await reruns.suspendRerun(rerun.id, 'no-engine'), undefined, 'it does not look any more');
      const other = 'a'.repeat(64);
      const going = await reruns.setRerunState(owner, rerun.id, 'looking', other);
      assert.deepEqual([going.state, going.model, going.problem], ['looking', other, undefined]);
    });

    test('forgets of what is over what nobody will ask for, a few at a time, and nothing else', async () => {
      const ids = [await developed('dog'), await developed('dog'), await developed('dog')];
      const cancelled = await start({ kind: 'older' });
      await lookAll(now('cat'));
      const waiting = await start({ kind: 'photo', photo: ids[0] as PhotoId });
      await lookAll(now('cat'));
      assert.equal(await reruns.tidyReruns(10), 0);
      await reruns.setRerunState(owner, cancelled.id, 'cancelled');
      assert.equal(await reruns.tidyReruns(2), 2);
      assert.equal(await reruns.tidyReruns(2), 1);
      assert.equal(await reruns.tidyReruns(2), 0);
      assert.ok(await reruns.findRerun(owner, cancelled.id));
      await reruns.approveRerun(owner, waiting.id);
      await reruns.applyResults(10);
      assert.deepEqual(await labelsOf(ids[0] as PhotoId), ['cat']);
    });

    test('does not say that there is something to do at once while what is queued must wait', async () => {
      for (let count = 0; count < 150; count += 1) await developed('dog');
      await start({ kind: 'older' });
      for (
        let job = await opened.jobs.claim(60_000, 'all');
        job;
        job = await opened.jobs.claim(60_000, 'all')
      )
        await opened.jobs.release(job, { delayMs: 3_600_000, counted: false });
      const dueIn = await opened.jobs.dueIn('all');
      assert.ok(dueIn !== undefined && dueIn > 1_000, `due in ${dueIn} ms`);
    });

    test('calls the same place under another name changed', async () => {
      const id = await developed('dog');
      const rerun = await start({ kind: 'photo', photo: id });
      await lookAll({ ...now('cat'), box: seen('dog').box });
      const page = await reruns.listRerunPhotos(owner, rerun.id, { differing: true, limit: 5 });
      const [difference] = page.photos[0]?.differences ?? [];
      assert.deepEqual(
        { ...difference, box: undefined },
        { kind: 'changed', label: 'cat', was: 'dog', box: undefined },
      );
    });

    test('notes what could not be looked at, and leaves that photo as it was', async () => {
      const id = await developed('dog');
      const rerun = await start({ kind: 'photo', photo: id }, { approved: true });
      const after = await reruns.saveLookFailure(await claim(), { code: 'crashed' });
      assert.deepEqual([after?.state, after?.seen, after?.failed], ['done', 1, 1]);
      assert.deepEqual(await labelsOf(id), ['dog']);
      const page = await reruns.listRerunPhotos(owner, rerun.id, { differing: true, limit: 5 });
      assert.equal(page.photos[0]?.failure?.code, 'crashed');
    });

    test('drops what an older attempt still wants to say', async () => {
      const id = await developed('dog');
      await start({ kind: 'photo', photo: id }, { approved: true });
      const late = await opened.jobs.claim(1, 'all');
      const present = await claim();
      assert.ok(late);
      assert.equal(present.attempt, late.attempt + 1);
      assert.equal(await reruns.beginLook(late), undefined);
      assert.equal(await reruns.saveLook(late, { engine, detections: [] }), undefined);
      assert.deepEqual(await labelsOf(id), ['dog']);
      assert.ok(await reruns.saveLook(present, { engine, detections: [now('cat')] }));
      assert.deepEqual(await labelsOf(id), ['cat']);
    });

    test('gives a photo back without a word about its state, and ends when the last photo is gone', async () => {
      const id = await developed('dog');
      const rerun = await start({ kind: 'photo', photo: id });
      const job = await claim();
      assert.equal(await opened.jobs.release(job, { delayMs: 0, counted: false }), true);
      assert.equal((await opened.photos.findPhoto(owner, id))?.state, 'done');
      const again = await claim();
      await removeWhole(opened.photos, owner, id);
      assert.equal(await reruns.beginLook(again), undefined);
      await opened.jobs.complete(again);
      assert.equal(await opened.jobs.claim(60_000, 'all'), undefined);
      assert.equal((await get(rerun.id)).state, 'done');
    });

    test('pages through the photos that differ, newest first', async () => {
      const ids: PhotoId[] = [];
      for (let count = 0; count < 5; count += 1) ids.push(await developed('dog'));
      const rerun = await start({ kind: 'older' });
      await lookAll(now('cat'));
      const found: PhotoId[] = [];
      let before: PhotoId | undefined;
      do {
        const query = { differing: true, limit: 2, ...(before ? { before } : {}) };
        const page = await reruns.listRerunPhotos(owner, rerun.id, query);
        found.push(...page.photos.map(({ photo }) => photo.id));
        before = page.next;
      } while (before !== undefined);
      assert.deepEqual(found, ids.toReversed());
    });

    test('lists re-runs, latest first, and rejects what is not there', async () => {
      const id = await developed('dog');
      const first = await start({ kind: 'photo', photo: id });
      const second = await start({ kind: 'label', label: 'dog', threshold }, { automatic: true });
      assert.deepEqual(
        (await reruns.listReruns(owner)).map((one) => [one.id, one.scope, one.automatic]),
        [
          [second.id, { kind: 'label', label: 'dog', threshold }, true],
          [first.id, { kind: 'photo', photo: id }, false],
        ],
      );
      await reruns.setRerunState(owner, first.id, 'paused');
      assert.deepEqual(
        (await reruns.listUnfinished()).map((one) => one.id),
        [second.id, first.id],
      );
      await reruns.setRerunState(owner, first.id, 'cancelled');
      assert.deepEqual(
        (await reruns.listUnfinished()).map((one) => one.id),
        [second.id],
      );
      const nobody = 999 as RerunId;
      assert.equal(await reruns.findRerun(owner, nobody), undefined);
      await assert.rejects(reruns.approveRerun(owner, nobody), refusal('not-found'));
      await assert.rejects(reruns.setRerunState(owner, nobody, 'paused'), refusal('not-found'));
      const unknown = '01990000-0000-7000-8000-000000000000' as PhotoId;
      await assert.rejects(start({ kind: 'photo', photo: unknown }), refusal('not-found'));
    });
  });
}
