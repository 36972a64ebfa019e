// What every JobQueue promises (gallery/ports.ts), as tests. Jobs come into being with photos.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { JobQueue } from '../../src/gallery/ports.ts';
import { newPhoto, type OpenedDatabase, owner } from './photo-database.ts';

export function jobQueueContract(name: string, open: (now: () => number) => Promise<OpenedDatabase>): void {
  describe(`JobQueue contract: ${name}`, () => {
    let opened: OpenedDatabase;
    let jobs: JobQueue;
    let time = 0;
    beforeEach(async () => {
      time = Date.UTC(2026, 10, 20);
      opened = await open(() => time);
      jobs = opened.jobs;
    });
    afterEach(() => opened.close());

    const add = async () => {
      time += 1;
      return (await opened.photos.recordPhoto(owner, newPhoto())).photo.id;
    };

    test('gives each job to one, oldest first, and then says there is none', async () => {
      const ids = [await add(), await add()];
      const claimed = await Promise.all([jobs.claim(1000), jobs.claim(1000), jobs.claim(1000)]);
      assert.deepEqual(
        claimed.map((job) => job?.photoId),
        [...ids, undefined],
      );
    });

    test('counts a try before the work is done', async () => {
      await add();
      const job = await jobs.claim(1000);
      assert.deepEqual([job?.attempt, job?.tries], [1, 1]);
    });

    test('gives a job to somebody else when its lease ran out', async () => {
      await add();
      const first = await jobs.claim(1000);
      time += 999;
      assert.equal(await jobs.claim(1000), undefined);
      time += 1;
      const second = await jobs.claim(1000);
      assert.equal(second?.id, first?.id);
      assert.equal(second?.attempt, 2);
    });

    test('keeps a lease that is renewed', async () => {
      await add();
      const job = await jobs.claim(1000);
      assert.ok(job);
      time += 900;
      assert.equal(await jobs.renew(job, 1000), true);
      time += 900;
      assert.equal(await jobs.claim(1000), undefined);
    });

    test('answers false to whoever lost the lease, and changes nothing', async () => {
      await add();
      const late = await jobs.claim(1);
      time += 10;
      const present = await jobs.claim(1000);
      assert.ok(late && present);
      assert.equal(await jobs.renew(late, 99_000), false);
      assert.equal(await jobs.complete(late), false);
      assert.equal(await jobs.release(late, { delayMs: 0, counted: true }), false);
      assert.equal(await jobs.count(), 1);
      assert.equal(await jobs.complete(present), true);
      assert.equal(await jobs.count(), 0);
    });

    test('waits with a job that was given back until it is due', async () => {
      await add();
      const job = await jobs.claim(60_000);
      assert.ok(job);
      assert.equal(await jobs.release(job, { delayMs: 5000, counted: true }), true);
      assert.equal(await jobs.dueIn(), 5000);
      time += 4999;
      assert.equal(await jobs.claim(1000), undefined);
      time += 1;
      assert.equal((await jobs.claim(1000))?.tries, 2);
    });

    test('does not hold a try against the photo that was not its fault, yet fences it', async () => {
      await add();
      const job = await jobs.claim(60_000);
      assert.ok(job);
      await jobs.release(job, { delayMs: 0, counted: false });
      const again = await jobs.claim(60_000);
      assert.deepEqual([again?.attempt, again?.tries], [2, 1]);
      assert.equal(await jobs.complete(job), false);
    });

    test('shows the photo as waiting again when its job is given back', async () => {
      const id = await add();
      const job = await jobs.claim(60_000);
      assert.ok(job);
      await opened.photos.beginDevelopment(job);
      await jobs.release(job, { delayMs: 0, counted: true });
      assert.equal((await opened.photos.findPhoto(owner, id))?.state, 'waiting');
    });

    test('says for how long the oldest job that nobody has taken has been due', async () => {
      assert.equal(await jobs.oldestMs(), undefined);
      await add();
      time += 4000;
      await add();
      time += 1000;
      assert.equal(await jobs.oldestMs(), 5001);
      const oldest = await jobs.claim(60_000);
      assert.equal(await jobs.oldestMs(), 1000);
      assert.ok(oldest);
      await jobs.release(oldest, { delayMs: 9000, counted: true });
      assert.equal(await jobs.oldestMs(), 1000);
      time += 10_000;
      assert.equal(await jobs.oldestMs(), 11_000, 'since it was due again');
    });

    test('says how long until there is something to do', async () => {
      assert.equal(await jobs.dueIn(), undefined);
      await add();
      assert.equal(await jobs.dueIn(), 0);
      await jobs.claim(7000);
      assert.equal(await jobs.dueIn(), 7000);
    });
  });
}
