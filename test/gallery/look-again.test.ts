// Re-runs on in-memory parts: what is looked at, what goes into the photos and when, who is told, what a lost child costs.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { openEvents } from '../../src/events.ts';
import { defaultThreshold as threshold } from '../../src/gallery/detection.ts';
import { DarkroomError, GalleryError } from '../../src/gallery/errors.ts';
import { createLookAgain } from '../../src/gallery/look-again.ts';
import { originalKey, renditionKey } from '../../src/gallery/media.ts';
import type { PhotoId, Sha256 } from '../../src/gallery/photo.ts';
import type { GalleryEvent, Job, Sighting } from '../../src/gallery/ports.ts';
import type { RerunId } from '../../src/gallery/rerun.ts';
import type { UserId } from '../../src/gallery/user.ts';
import type { Viewer } from '../../src/gallery/viewer.ts';
import { development, newPhoto, owner, seen } from '../contracts/photo-database.ts';
import { collectingLog } from '../support/collecting-log.ts';
import { openTestInbox } from '../support/inbox.ts';
import { openMemoryGallery } from '../support/memory-gallery.ts';
import { openMemoryMedia } from '../support/memory-media.ts';
import { drawPng } from '../support/pictures.ts';
import { openScriptedDarkroom } from '../support/scripted-darkroom.ts';
import { until } from '../support/until.ts';

const model = 'e'.repeat(64);
const engine = { name: 'yolox', model };
const never = new AbortController().signal;
const saw = (...labels: string[]): Sighting => ({
  kind: 'seen',
  engine: 'yolox',
  model,
  tookMs: 8,
  detections: labels.map((label) => seen(label)),
});
const refusal = (code: string) => (error: unknown) => error instanceof GalleryError && error.code === code;

async function open(
  context: TestContext,
  {
    onAutomaticDone = () => {},
    ...script
  }: Parameters<typeof openScriptedDarkroom>[0] & { onAutomaticDone?: () => void } = {},
) {
  let time = Date.now();
  const { give } = await openTestInbox(context);
  const { photos, reruns, jobs } = openMemoryGallery(() => time);
  const media = openMemoryMedia();
  const events = openEvents();
  const told: GalleryEvent[] = [];
  events.subscribe((event) => told.push(event));
  const log = collectingLog();
  const darkroom = openScriptedDarkroom({ status: { engine }, ...script });
  const lookAgain = createLookAgain({
    photos,
    reruns,
    jobs,
    media,
    darkroom,
    events,
    log,
    wakeJobs: () => {},
    onAutomaticDone,
  });
  context.after(() => lookAgain.close());
  const claim = async (): Promise<Job> => {
    const job = await jobs.claim(60_000, 'all');
    assert.ok(job);
    return job;
  };
  return {
    photos,
    reruns,
    jobs,
    lookAgain,
    told,
    log,
    claim,
    pass: (ms: number) => (time += ms),
    /** With the labels an older model gave it; its 800 px rendition, its original, or neither lies in the store. */
    async developed(
      labels: readonly string[],
      file: 'rendition' | 'original' | 'none' = 'rendition',
      whose: Viewer = owner,
    ) {
      const { path, sha256 } = await give(drawPng({ seed: time % 1000 }));
      time += 1;
      const { photo } = await photos.recordPhoto(whose, newPhoto({ sha256 }));
      const job = await claim();
      await photos.saveDevelopment(job, development(labels));
      if (file === 'rendition') await media.put(renditionKey(sha256, 800), path);
      if (file === 'original') await media.put(originalKey(sha256 as Sha256, photo.type), path);
      return photo.id;
    },
    labelsOf: async (id: PhotoId) => (await photos.findPhoto(owner, id))?.labels.map(({ label }) => label),
    stateOf: async (id: RerunId) => (await reruns.findRerun(owner, id))?.state,
  };
}

describe('looking again', () => {
  test('shows first and applies when somebody says yes', async (context) => {
    const g = await open(context, { look: [saw('cat')] });
    const id = await g.developed(['dog']);
    const rerun = await g.lookAgain.start(owner, { kind: 'photo', photo: id }, threshold);
    await g.lookAgain.look(await g.claim(), never);
    assert.equal(await g.stateOf(rerun.id), 'ready');
    assert.deepEqual(await g.labelsOf(id), ['dog']);
    await g.lookAgain.approve(owner, rerun.id);
    await until('the result to be in the photo', async () => (await g.stateOf(rerun.id)) === 'done');
    assert.deepEqual(await g.labelsOf(id), ['cat']);
    assert.ok(g.told.some((event) => event.kind === 'photo-changed' && event.id === id));
    assert.ok(g.told.some((event) => event.kind === 'rerun-changed' && event.id === rerun.id));
  });

  test('puts what was approved into the photos after a restart, too', async (context) => {
    const g = await open(context, { look: [saw('cat')] });
    const id = await g.developed(['dog']);
    const rerun = await g.lookAgain.start(owner, { kind: 'photo', photo: id }, threshold);
    await g.lookAgain.look(await g.claim(), never);
    // As if the program had ended between the yes and the last result.
    await g.reruns.approveRerun(owner, rerun.id);
    g.lookAgain.resume();
    await until('the result to be in the photo', async () => (await g.stateOf(rerun.id)) === 'done');
    assert.deepEqual(await g.labelsOf(id), ['cat']);
  });

  test('looks at the original where there is no rendition, and says so when there is neither', async (context) => {
    const g = await open(context, { look: [saw('cat')] });
    await g.developed(['dog'], 'none');
    const id = await g.developed(['dog'], 'original');
    const rerun = await g.lookAgain.start(owner, { kind: 'older' }, threshold, true);
    await g.lookAgain.look(await g.claim(), never);
    assert.deepEqual(await g.labelsOf(id), ['cat']);
    await g.lookAgain.look(await g.claim(), never);
    const { photos } = await g.reruns.listRerunPhotos(owner, rerun.id, { differing: true, limit: 5 });
    assert.deepEqual(
      photos.map(({ failure }) => failure?.code),
      [undefined, 'missing-original'],
    );
  });

  test('refuses to begin when nothing can look', async (context) => {
    const g = await open(context, { status: {} });
    const id = await g.developed(['dog']);
    await assert.rejects(
      g.lookAgain.start(owner, { kind: 'photo', photo: id }, threshold),
      refusal('no-engine'),
    );
  });

  for (const code of ['crashed', 'timed-out', 'out-of-memory'] as const)
    test(`leaves a photo as it was whose child ${code} three times, and goes on with the others`, async (context) => {
      const lost = new DarkroomError(code, 'gone');
      const g = await open(context, { look: [lost, saw('cat'), lost, lost] });
      const other = await g.developed(['dog']);
      const poison = await g.developed(['dog']);
      const rerun = await g.lookAgain.start(owner, { kind: 'older' }, threshold, true);
      await g.lookAgain.look(await g.claim(), never);
      const second = await g.claim();
      assert.equal(second.photoId, other, 'the next try comes later');
      await g.lookAgain.look(second, never);
      for (let tries = 2; tries <= 3; tries += 1) {
        g.pass(60_000);
        await g.lookAgain.look(await g.claim(), never);
      }
      assert.deepEqual([await g.labelsOf(other), await g.labelsOf(poison)], [['cat'], ['dog']]);
      assert.equal(
        (await g.photos.findPhoto(owner, poison))?.state,
        'done',
        'the photo itself has not failed',
      );
      const after = await g.reruns.findRerun(owner, rerun.id);
      assert.deepEqual([after?.state, after?.failed], ['done', 1]);
    });

  test('does not hold it against a photo that the program closes or that no child starts', async (context) => {
    const g = await open(context, {
      look: [new DarkroomError('closed', ''), new DarkroomError('not-started', ''), saw('cat')],
    });
    const id = await g.developed(['dog']);
    await g.lookAgain.start(owner, { kind: 'older' }, threshold, true);
    await g.lookAgain.look(await g.claim(), never);
    await g.lookAgain.look(await g.claim(), never);
    g.pass(60_000);
    const job = await g.claim();
    assert.equal(job.tries, 1);
    await g.lookAgain.look(job, never);
    assert.deepEqual(await g.labelsOf(id), ['cat']);
  });

  test('gives up on a photo that ended the whole program three times', async (context) => {
    const g = await open(context);
    const id = await g.developed(['dog']);
    const rerun = await g.lookAgain.start(owner, { kind: 'photo', photo: id }, threshold);
    for (let ended = 0; ended < 3; ended += 1) {
      await g.claim();
      g.pass(120_000);
    }
    await g.lookAgain.look(await g.claim(), never);
    assert.equal((await g.reruns.findRerun(owner, rerun.id))?.failed, 1);
  });

  test('keeps what was there when this picture can not be looked at', async (context) => {
    const g = await open(context, { look: [{ kind: 'unavailable', detail: 'no model' }] });
    const id = await g.developed(['dog']);
    const rerun = await g.lookAgain.start(owner, { kind: 'photo', photo: id }, threshold, true);
    await g.lookAgain.look(await g.claim(), never);
    assert.deepEqual(await g.labelsOf(id), ['dog']);
    const { photos } = await g.reruns.listRerunPhotos(owner, rerun.id, { differing: true, limit: 5 });
    assert.deepEqual(photos[0]?.failure, { code: 'not-looked', detail: 'no model' });
  });

  test('pauses instead of taking the word of another engine, and goes on with that one when asked', async (context) => {
    const status: { engine?: typeof engine } = { engine: { name: 'yolox', model: 'c'.repeat(64) } };
    const g = await open(context, { look: [saw('cat'), saw('cat')], status });
    const id = await g.developed(['dog']);
    const rerun = await g.lookAgain.start(owner, { kind: 'older' }, threshold, true);
    status.engine = engine;
    await g.lookAgain.look(await g.claim(), never);
    const paused = await g.reruns.findRerun(owner, rerun.id);
    assert.deepEqual([paused?.state, paused?.problem, paused?.seen], ['paused', 'other-engine', 0]);
    assert.deepEqual(await g.labelsOf(id), ['dog']);
    await g.lookAgain.setState(owner, rerun.id, 'looking');
    await g.lookAgain.look(await g.claim(), never);
    assert.deepEqual(await g.labelsOf(id), ['cat']);
  });

  test('pauses when nothing can look any more, and says so when asked to go on', async (context) => {
    const status: { engine?: typeof engine } = { engine };
    const g = await open(context, { look: [{ kind: 'unavailable', detail: 'the file is gone' }], status });
    await g.developed(['dog']);
    const rerun = await g.lookAgain.start(owner, { kind: 'older' }, threshold, true);
    delete status.engine;
    await g.lookAgain.look(await g.claim(), never);
    assert.equal((await g.reruns.findRerun(owner, rerun.id))?.problem, 'no-engine');
    await assert.rejects(g.lookAgain.setState(owner, rerun.id, 'looking'), refusal('no-engine'));
  });

  test('ends although a file can not be read', async (context) => {
    const unreadable = Object.assign(new Error('EIO'), { code: 'EIO' });
    const g = await open(context, { look: [unreadable, unreadable, unreadable] });
    await g.developed(['dog']);
    const rerun = await g.lookAgain.start(owner, { kind: 'older' }, threshold, true);
    for (let tries = 1; tries <= 3; tries += 1) {
      await g.lookAgain
        .look(await g.claim(), never)
        .catch((error: unknown) => assert.equal(error, unreadable));
      g.pass(120_000);
    }
    assert.deepEqual([await g.stateOf(rerun.id)], ['done']);
  });

  test('pauses and goes on', async (context) => {
    const g = await open(context, { look: [saw('cat')] });
    await g.developed(['dog']);
    const rerun = await g.lookAgain.start(owner, { kind: 'older' }, threshold);
    await g.lookAgain.setState(owner, rerun.id, 'paused');
    assert.equal(await g.jobs.claim(1000, 'all'), undefined);
    await g.lookAgain.setState(owner, rerun.id, 'looking');
    await g.lookAgain.look(await g.claim(), never);
    assert.equal(await g.stateOf(rerun.id), 'ready');
  });
});

describe('beginning to look again', () => {
  test('twice at the same joins the one that runs, and takes the place of an answer that waits', async (context) => {
    const g = await open(context, { look: [saw('cat'), saw('bird')] });
    const id = await g.developed(['dog']);
    const begin = () => g.lookAgain.start(owner, { kind: 'photo', photo: id }, threshold);
    const [first, second] = [await begin(), await begin()];
    assert.equal(second.id, first.id);
    await g.lookAgain.look(await g.claim(), never);
    const third = await begin();
    assert.notEqual(third.id, first.id);
    assert.equal(await g.stateOf(first.id), 'cancelled');
  });

  test('is refused while many others wait for an answer', async (context) => {
    const g = await open(context);
    for (let count = 0; count < 20; count += 1) {
      const id = await g.developed(['dog']);
      await g.lookAgain.start(owner, { kind: 'photo', photo: id }, threshold);
    }
    await assert.rejects(g.lookAgain.start(owner, { kind: 'older' }, threshold), refusal('busy'));
  });

  test('is not refused for what others have waiting, who have their own number', async (context) => {
    const g = await open(context);
    const [member, boss] = [
      { kind: 'user', id: '01990000-0000-7000-8000-000000000001' as UserId, role: 'member' },
      { kind: 'user', id: '01990000-0000-7000-8000-000000000002' as UserId, role: 'owner' },
    ] as const;
    const start = async () => {
      const id = await g.developed(['dog'], 'rendition', member);
      return g.lookAgain.start(member, { kind: 'photo', photo: id }, threshold);
    };
    for (let count = 0; count < 20; count += 1)
      await g.lookAgain.setState(member, (await start()).id, 'paused');
    await assert.rejects(start(), refusal('busy'));
    assert.equal((await g.lookAgain.start(boss, { kind: 'older' }, threshold)).state, 'looking');
  });
});

describe('looking again by itself', () => {
  const lesser = 'yolox';
  const better = { engine: { name: 'other', model } };

  test('looks at what the lesser engine saw once a better one is there, approved, once', async (context) => {
    const g = await open(context, { status: better });
    await g.developed(['dog']);
    const rerun = await g.lookAgain.startAutomatic(owner, lesser, threshold);
    assert.deepEqual([rerun?.automatic, rerun?.approved, rerun?.total], [true, true, 1]);
    assert.equal(await g.lookAgain.startAutomatic(owner, lesser, threshold), undefined);
  });

  test('looks once more for what came too late, but not for ever at what can not be looked at', async (context) => {
    let times = 0;
    const g = await open(context, {
      status: better,
      look: [{ ...saw('cat'), engine: 'other' } as Sighting],
      onAutomaticDone: () => (times += 1),
    });
    await g.developed(['dog']);
    await g.lookAgain.startAutomatic(owner, lesser, threshold);
    await g.lookAgain.look(await g.claim(), never);
    assert.equal(times, 1);
    await g.developed(['dog'], 'none');
    await g.lookAgain.startAutomatic(owner, lesser, threshold);
    await g.lookAgain.look(await g.claim(), never);
    assert.equal(times, 1, 'nothing went into a photo');
  });

  test('does not begin again what somebody cancelled', async (context) => {
    const g = await open(context, { status: better });
    await g.developed(['dog']);
    const rerun = await g.lookAgain.startAutomatic(owner, lesser, threshold);
    assert.ok(rerun);
    await g.lookAgain.setState(owner, rerun.id, 'cancelled');
    assert.equal(await g.lookAgain.startAutomatic(owner, lesser, threshold), undefined);
  });

  test('does nothing while the lesser engine is the one at work, or saw nothing', async (context) => {
    const g = await open(context);
    await g.developed(['dog']);
    assert.equal(await g.lookAgain.startAutomatic(owner, lesser, threshold), undefined);
    const other = await open(context, { status: better });
    assert.equal(await other.lookAgain.startAutomatic(owner, lesser, threshold), undefined);
  });
});
