// The runner of jobs: a few at a time, none forgotten, none twice, and an end that waits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startJobs } from '../src/jobs.ts';
import { openLog } from '../src/log.ts';
import { newPhoto, owner } from './contracts/photo-database.ts';
import { openMemoryGallery } from './support/memory-gallery.ts';
import { until } from './support/until.ts';

const log = openLog('silent');

test('works every job once, never more at a time than told', async () => {
  const { photos, jobs } = openMemoryGallery(Date.now);
  let atOnce = 0;
  let most = 0;
  const worked: string[] = [];
  const runner = startJobs({
    queue: jobs,
    capacity: 2,
    log,
    async work(job) {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise(setImmediate);
      atOnce -= 1;
      worked.push(job.photoId);
      await jobs.complete(job);
    },
  });
  for (let count = 0; count < 9; count += 1) {
    await photos.recordPhoto(owner, newPhoto());
    runner.wake();
  }
  await until('nine jobs', () => worked.length === 9);
  assert.equal(new Set(worked).size, 9);
  assert.equal(most, 2);
  await runner.close();
});

test('comes back by itself for a job that is due later', async () => {
  const { photos, jobs } = openMemoryGallery(Date.now);
  await photos.recordPhoto(owner, newPhoto());
  const tries: number[] = [];
  const runner = startJobs({
    queue: jobs,
    capacity: 1,
    log,
    async work(job) {
      tries.push(job.tries);
      if (tries.length < 3) await jobs.release(job, { delayMs: 20, counted: true });
      else await jobs.complete(job);
    },
  });
  await until('three tries', () => tries.length === 3);
  assert.deepEqual(tries, [1, 2, 3]);
  await runner.close();
});

test('goes on after work that throws', async () => {
  const { photos, jobs } = openMemoryGallery(Date.now);
  await photos.recordPhoto(owner, newPhoto());
  await photos.recordPhoto(owner, newPhoto());
  let worked = 0;
  const runner = startJobs({
    queue: jobs,
    capacity: 1,
    log,
    async work(job) {
      worked += 1;
      await jobs.complete(job);
      throw new Error('a bug');
    },
  });
  await until('both jobs', () => worked === 2);
  await runner.close();
});

test('closing aborts what runs, waits for it, and takes nothing new', async () => {
  const { photos, jobs } = openMemoryGallery(Date.now);
  await photos.recordPhoto(owner, newPhoto());
  let ended = false;
  const runner = startJobs({
    queue: jobs,
    capacity: 1,
    log,
    work: (job, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          void jobs.release(job, { delayMs: 0, counted: false }).then(() => {
            ended = true;
            resolve();
          });
        });
      }),
  });
  await until('the job to be taken', async () => (await jobs.dueIn()) !== 0);
  await runner.close();
  assert.equal(ended, true);
  runner.wake();
  assert.equal(await jobs.dueIn(), 0);
});
