// Clocks that jump: a year ahead, a day back, over a leap day. Photos are taken in, developed and listed all the same, and nobody is told
// to come again in minus a day.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { createClient, type PhotoJson } from '../support/client.ts';
import { tell } from '../support/faults.ts';
import { makeFolder } from '../support/folder.ts';
import { assertDeveloped, assertKept, assertPaired } from '../support/invariants.ts';
import { drawPng } from '../support/pictures.ts';
import { openRunningGallery } from '../support/running-gallery.ts';
import { startProgram } from '../support/start-program.ts';

const day = 86_400_000;

/** Where Debian's package puts it, for whichever processor. */
function findFaketime(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  return readdirSync('/usr/lib')
    .map((folder) => join('/usr/lib', folder, 'faketime/libfaketimeMT.so.1'))
    .find((path) => existsSync(path));
}

const faketime = findFaketime();
const skip = faketime === undefined ? 'no libfaketime on this machine (Debian has it as faketime)' : false;

/** Uploads, looks and waits as people would; returns what was taken. */
async function useFor(url: string, seed: number): Promise<PhotoJson> {
  const client = createClient(url);
  const photo = await client.keep(drawPng({ seed }));
  assert.equal((await client.developed(photo.id)).state, 'done');
  assert.equal((await client.ask('/')).status, 200);
  return photo;
}

async function assertAllThere(
  program: { url: string; uploadsDir: string },
  kept: readonly PhotoJson[],
): Promise<void> {
  const client = createClient(program.url);
  await assertDeveloped(client, 30_000);
  await assertKept(client, kept);
  assert.equal((await assertPaired(program)).length, kept.length);
}

/** What somebody is told who comes while another process holds the database. */
async function assertComeAgain(url: string, uploadsDir: string, t: TestContext): Promise<PhotoJson> {
  const other = new Database(join(uploadsDir, 'gallery.db'));
  t.after(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  const answer = await createClient(url).upload(drawPng({ seed: 9_999 }));
  other.exec('COMMIT');
  assert.equal(answer.status, 503);
  assert.ok(Number(answer.headers.get('retry-after')) > 0, String(answer.headers.get('retry-after')));
  return createClient(url).keep(drawPng({ seed: 9_999 }));
}

describe('F12 a clock that jumps', { concurrency: 2 }, () => {
  test('F12 under the program changes nothing for whoever uploads', async (t) => {
    let time = Date.UTC(2026, 10, 20);
    const { url, folder } = await openRunningGallery(t, {}, { now: () => time });
    const kept: PhotoJson[] = [];
    const jumps = [365 * day, -366 * day, -day, Date.UTC(2028, 1, 29, 12) - time, day, -10 * 365 * day];
    for (const [index, jump] of jumps.entries()) {
      kept.push(await useFor(url, index));
      time += jump;
    }
    kept.push(await useFor(url, jumps.length));
    await assertAllThere({ url, uploadsDir: folder }, kept);
  });

  test('F12 beneath the whole program changes nothing for whoever uploads', { skip }, async (t) => {
    const uploadsDir = await makeFolder(t);
    const clock = join(await makeFolder(t), 'clock');
    const jumps = ['+0', '+365d', '-1d', '@2028-02-29 12:00:00', '+0'];
    await writeFile(clock, jumps[0] ?? '');
    const env = {
      LD_PRELOAD: faketime ?? '',
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    const program = await startProgram({ uploadsDir, env });
    t.after(() => program.stop());
    const kept: PhotoJson[] = [];
    const years = new Set<string>();
    for (const [index, jump] of jumps.entries()) {
      await writeFile(clock, jump);
      const photo = await useFor(program.url, 100 + index);
      years.add(photo.uploadedAt.slice(0, 10));
      kept.push(photo);
    }
    assert.ok(years.size >= 4, `the clock did jump: ${[...years].join(' ')}`);
    kept.push(await assertComeAgain(program.url, uploadsDir, t));
    await assertAllThere(program, kept);
    tell(t, 'F12', `uploads on ${[...years].join(', ')}`);
  });

  test('F12 while it was off puts off no job', async (t) => {
    const uploadsDir = await makeFolder(t);
    let time = Date.UTC(2030, 0, 1);
    const first = await openRunningGallery(t, { uploadsDir }, { now: () => time });
    const kept = [await createClient(first.url).keep(drawPng({ seed: 1 }))];
    await first.close();
    time = Date.UTC(2026, 0, 1);
    const second = await openRunningGallery(t, { uploadsDir }, { now: () => time });
    kept.push(await useFor(second.url, 2));
    await assertAllThere({ url: second.url, uploadsDir }, kept);
  });
});
