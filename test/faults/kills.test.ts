// Kills without warning: of the server while phones upload, of the server and its children while photos develop, and again and again.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient, isOver, type PhotoJson } from '../support/client.ts';
import { fixturesFolder } from '../support/data.ts';
import { isShort, seed, tell } from '../support/faults.ts';
import { makeFolder } from '../support/folder.ts';
import {
  type Acknowledged,
  assertDeveloped,
  assertKept,
  assertPaired,
  assertSound,
  assertSwept,
} from '../support/invariants.ts';
import { uploadThroughKills } from '../support/kills.ts';
import { pictureBetween, uploadAll } from '../support/phones.ts';
import { drawPng, randomFrom, remarkJpeg } from '../support/pictures.ts';
import { childrenOf, type Program, startProgram } from '../support/start-program.ts';
import { until } from '../support/until.ts';

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

test(`F1 every acknowledged photo outlives the kills (seed ${seed})`, async (t) => {
  const [uploads, kills] = isShort ? [200, 20] : [1000, 100];
  const uploadsDir = await makeFolder(t);
  const pictureOf = pictureBetween(20_000, 8_000_000, seed);
  const began = performance.now();
  const options = { uploadsDir, uploads, kills, phones: 8, seed, pictureOf } as const;
  const { program, acknowledged, startsMs } = await uploadThroughKills(t, options);
  const tookMs = performance.now() - began;

  const client = createClient(program.url);
  assert.equal(acknowledged.length, uploads);
  await assertKept(client, acknowledged);
  assert.equal((await assertPaired(program)).length, uploads);
  await assertDeveloped(client);
  await assertSwept(uploadsDir);
  assert.equal((await program.stop()).code, 0);
  assertSound(uploadsDir);
  const starts = `a start took ${seconds(median(startsMs))}, at most ${seconds(Math.max(...startsMs))}`;
  tell(
    t,
    'F1',
    `${uploads} acknowledged, ${kills} kills in ${seconds(tookMs)}; 0 lost, 0 twice, 0 orphans; ${starts}`,
  );
});

test(`F2 photos are developed through kills of the server and of its children (seed ${seed})`, async (t) => {
  const [photos, kills] = isShort ? [30, 3] : [500, 50];
  const uploadsDir = await makeFolder(t);
  const options = {
    uploadsDir,
    env: { DETECTOR: 'centernet', DARKROOM_CHILDREN: '2', OFFLINE: '1' },
  } as const;
  let running = startProgram(options);
  t.after(async () => (await running).kill('SIGKILL'));
  const sign = readFileSync(join(fixturesFolder, 'stop-sign.jpg'));
  const acknowledged: Acknowledged[] = [];
  await uploadAll({
    ...{ uploads: photos, phones: 4, current: () => running, onKept: (kept) => acknowledged.push(kept) },
    pictureOf: (index) => remarkJpeg(sign, `${seed} ${index}`),
  });

  const random = randomFrom(seed);
  for (let kill = 0; kill < 2 * kills; kill += 1) {
    const program = await running;
    // Each meets work at another stage.
    const enough = Math.floor((photos / (2 * kills + 1)) * kill);
    await until('photos to be developed', async () => (await countDone(program)) >= enough, {
      deadlineMs: 300_000,
      everyMs: 100,
    });
    await pause(random() % 800);
    if (kill % 2 === 0) {
      await killOneOf(await childrenOf(program.pid), random());
      continue;
    }
    await program.kill('SIGKILL');
    running = startProgram(options);
  }
  const program = await running;
  const client = createClient(program.url);
  const interrupted = (await client.everything()).filter((photo) => !isOver(photo)).length;
  await assertDeveloped(client, 1_200_000);
  await retryFailed(program);
  const developed = await assertDeveloped(client, 1_200_000);
  // The same picture in another file, which nobody interrupts.
  const undisturbed = await client.keep(remarkJpeg(sign, `${seed} undisturbed`));
  const { detections: expected } = await client.developed(undisturbed.id);
  assert.ok(expected.length > 0, 'something is seen');
  for (const { id, state, reason, detections } of developed) {
    assert.equal(state, 'done', `${id}: ${reason}`);
    assert.deepEqual(whatAndWhere(detections), whatAndWhere(expected), 'seen, and once');
  }
  await assertKept(client, acknowledged);
  assert.equal((await assertPaired(program)).length, photos + 1);
  await assertSwept(uploadsDir);
  assert.equal((await program.stop()).code, 0);
  assertSound(uploadsDir);
  tell(
    t,
    'F2',
    `${photos} photos, ${kills} kills of the server and ${kills} of children, ${interrupted} still to do after the last; all done, each seen once`,
  );
});

const whatAndWhere = (detections: PhotoJson['detections']) =>
  detections.map(({ label, score, box }) => ({ label, score, box }));

const countDone = async ({ url }: Program) => (await createClient(url).everything()).filter(isOver).length;

async function killOneOf(pids: readonly number[], chance: number): Promise<void> {
  const pid = pids[chance % pids.length];
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself a moment ago.
  }
}

/** One whose child was killed three times by chance is rightly given up; asked again, it is developed. */
const retryFailed = async ({ url }: Program) => {
  for (const { id, state } of await createClient(url).everything())
    if (state === 'failed') await createClient(url).ask(`/photos/${id}/retry`, { method: 'POST' });
};

test(`F24 it starts every time when it is killed again and again (seed ${seed})`, async (t) => {
  const rounds = isShort ? 12 : 50;
  const uploadsDir = await makeFolder(t);
  const random = randomFrom(seed);
  const began = performance.now();
  let largestLog = 0;
  const kept: Acknowledged[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const program = await startProgram({ uploadsDir });
    t.after(() => program.kill('SIGKILL'));
    const upload = createClient(program.url).keep(drawPng({ seed: round }));
    if (round % 3 === 0) await pause(random() % 20);
    else kept.push(await upload);
    upload.catch(() => undefined);
    await program.kill('SIGKILL');
    largestLog = Math.max(
      largestLog,
      statSync(join(uploadsDir, 'gallery.db-wal'), { throwIfNoEntry: false })?.size ?? 0,
    );
  }
  const tookMs = performance.now() - began;
  assert.ok(largestLog <= 64 * 1024 * 1024, `the log grew to ${largestLog} bytes`);
  const program = await startProgram({ uploadsDir });
  const client = createClient(program.url);
  await assertDeveloped(client);
  await assertKept(client, kept);
  await assertPaired(program);
  assert.equal((await program.stop()).code, 0);
  assertSound(uploadsDir);
  tell(
    t,
    'F24',
    `${rounds} kills and starts in ${seconds(tookMs)}, the log at most ${Math.ceil(largestLog / 1024)} KiB`,
  );
});
