// Jobs that come twice, too late, or to two workers: one result, and it is that of whoever holds the job.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openSqlite } from '../../src/database/sqlite.ts';
import { openEvents } from '../../src/events.ts';
import { openGallery } from '../../src/gallery/gallery.ts';
import { originalKey } from '../../src/gallery/media.ts';
import type { Developed, Job } from '../../src/gallery/ports.ts';
import { openDisk } from '../../src/storage/disk.ts';
import { openInbox } from '../../src/storage/inbox.ts';
import { newPhoto, owner } from '../contracts/photo-database.ts';
import { collectingLog } from '../support/collecting-log.ts';
import { filesBelow } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { goodAnswer, openScriptedDarkroom } from '../support/scripted-darkroom.ts';

const leaseMs = 60_000;
const never = new AbortController().signal;

/** A gallery with one photo, a clock that stands still, and answers that come when a test lets them. */
async function openWorkshop(t: TestContext) {
  const folder = await makeFolder(t);
  let time = Date.UTC(2026, 10, 20);
  const { photos, reruns, sidecars, verification, links, jobs } = openSqlite(folder, {
    mayCreate: true,
    now: () => time,
  });
  t.after(() => photos.close());
  const inbox = await openInbox(join(folder, 'incoming'));
  const answers: ((label: string) => void)[] = [];
  const answer = (outputFolder: string) =>
    new Promise<Developed>((resolve) => {
      answers.push((label) => resolve(goodAnswer(outputFolder, label)));
    });
  const darkroom = openScriptedDarkroom({ develop: [answer, answer, answer] });
  const media = openDisk(folder);
  const log = collectingLog();
  const parts = {
    photos,
    reruns,
    sidecars,
    verification,
    links,
    jobs,
    media,
    inbox,
    darkroom,
    events: openEvents(),
    wakeJobs: () => {},
    log,
  };
  const gallery = openGallery(parts);
  const { photo } = await photos.recordPhoto(owner, newPhoto());
  await mkdir(join(folder, 'arrived'));
  await writeFile(join(folder, 'arrived/photo'), 'a picture');
  await media.put(originalKey(photo.sha256, photo.type), join(folder, 'arrived/photo'));
  return {
    folder,
    jobs,
    answers,
    developed: darkroom.developed,
    work: (job: Job) => gallery.work(job, never),
    async claim(): Promise<Job> {
      const job = await jobs.claim(leaseMs);
      assert.ok(job, 'there is a job');
      return job;
    },
    leaseRunsOut: () => {
      time += leaseMs;
    },
    photo: async () => {
      const found = await photos.findPhoto(owner, photo.id);
      assert.ok(found);
      return found;
    },
  };
}

const labelsOf = (photo: { readonly detections: readonly { readonly label: string }[] }) =>
  photo.detections.map(({ label }) => label);

const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

test('F22 a job that is delivered twice has one result', async (t) => {
  const shop = await openWorkshop(t);
  const job = await shop.claim();
  const working = shop.work(job);
  while (shop.answers.length === 0) await turn();
  shop.answers[0]?.('dog');
  await working;
  await shop.work(job);
  assert.equal(shop.developed.length, 1, 'the second time there is nothing to do');
  assert.deepEqual(labelsOf(await shop.photo()), ['dog']);
  assert.equal(await shop.jobs.count(), 0);
  assert.deepEqual(filesBelow(join(shop.folder, 'incoming')), []);
});

test('F22 of two workers that were given it at the same time one result is left', async (t) => {
  const shop = await openWorkshop(t);
  const job = await shop.claim();
  const working = [shop.work(job), shop.work(job)];
  while (shop.answers.length < 2) await turn();
  for (const answer of shop.answers) answer('dog');
  await Promise.all(working);
  assert.deepEqual(labelsOf(await shop.photo()), ['dog'], 'seen once');
  assert.equal(await shop.jobs.count(), 0);
});

for (const [order, first, second] of [
  ['comes before the present one', 0, 1],
  ['comes after the present one', 1, 0],
] as const)
  test(`F22 a worker whose lease ran out changes nothing, when its answer ${order}`, async (t) => {
    const shop = await openWorkshop(t);
    const late = await shop.claim();
    const working = [shop.work(late)];
    while (shop.answers.length === 0) await turn();
    shop.leaseRunsOut();
    const present = await shop.claim();
    assert.equal(present.id, late.id);
    working.push(shop.work(present));
    while (shop.answers.length < 2) await turn();
    const labels = ['cat', 'dog'];
    for (const at of [first, second]) {
      shop.answers[at]?.(labels[at] ?? '');
      await working[at];
    }
    const photo = await shop.photo();
    assert.deepEqual([photo.state, labelsOf(photo)], ['done', ['dog']]);
    assert.equal(await shop.jobs.count(), 0);
    assert.deepEqual(filesBelow(join(shop.folder, 'incoming')), [], 'what the late one made is gone');
  });
