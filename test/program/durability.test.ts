// What was acknowledged is there: the program is killed without warning, again and again, while phones upload.
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type PhotoJson, sha256Of } from '../support/client.ts';
import { filesBelow } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { drawPng, randomFrom } from '../support/pictures.ts';
import { type Program, startProgram } from '../support/start-program.ts';
import { createTusClient } from '../support/tus-client.ts';
import { until } from '../support/until.ts';

const uploads = 200;
const clients = 6;
const kills = 12;
const seed = Number(process.env.SAJIN_TEST_SEED ?? Date.now() % 1_000_000);

interface Acknowledged {
  readonly id: string;
  readonly sha256: string;
}

/** A picture of 9 KB to 1.5 MB, another one for every number. */
function picture(index: number) {
  const large = index % 10 === 0;
  return large
    ? drawPng({ seed: index, width: 800, height: 640, compression: 0 })
    : drawPng({ seed: index, width: 40 + (index % 90), height: 48 });
}

/** The same in pieces that resume: goes on where the program that died had got to. */
async function resumeUntilKept(
  bytes: Buffer<ArrayBuffer>,
  current: () => Promise<Program>,
): Promise<Acknowledged> {
  let path: string | undefined;
  for (;;) {
    const tus = createTusClient((await current()).url);
    const answer = await (async () => {
      if (path === undefined) {
        const made = await tus.make({ bytes: bytes.length, sha256: sha256Of(bytes) });
        if (made.status !== 201) return made;
        path = String(made.headers.location);
      }
      const head = await tus.head(path);
      if (head.status !== 200 || head.headers['sajin-photo'] !== undefined) return head;
      const offset = Number(head.headers['upload-offset']);
      return tus.patch(path, offset, bytes.subarray(offset));
    })().catch(() => undefined);
    const photo = answer?.headers['sajin-photo'];
    if (typeof photo === 'string') return { id: photo.split('/').at(-1) ?? '', sha256: sha256Of(bytes) };
    // Killed between the photo and the note of it: begun anew, it is a duplicate.
    if (answer?.status === 404) path = undefined;
    else if (answer !== undefined && answer.status !== 503) assert.fail(`${answer.status} ${answer.text}`);
    await pause(10);
  }
}

/** Sends the same bytes until they are acknowledged, to whichever program runs then, as a phone would. */
async function uploadUntilKept(
  bytes: Buffer<ArrayBuffer>,
  current: () => Promise<Program>,
): Promise<Acknowledged> {
  for (;;) {
    const { url } = await current();
    const answer = await createClient(url)
      .upload(bytes)
      .catch(() => undefined);
    if (answer === undefined || answer.status === 503) {
      await pause(10);
      continue;
    }
    assert.ok([200, 201].includes(answer.status), `${answer.status} ${answer.text}`);
    return JSON.parse(answer.text) as PhotoJson;
  }
}

test(`keeps every acknowledged photo through ${kills} kills (seed ${seed})`, async (t) => {
  const uploadsDir = await makeFolder(t);
  const random = randomFrom(seed);
  let running = startProgram({ uploadsDir });
  t.after(async () => (await running).kill('SIGKILL'));

  const acknowledged: Acknowledged[] = [];
  let next = 0;
  const phone = async () => {
    while (next < uploads) {
      const bytes = picture(next++);
      const send = next % 2 === 0 ? uploadUntilKept : resumeUntilKept;
      const kept = await send(bytes, () => running);
      assert.equal(kept.sha256, sha256Of(bytes));
      acknowledged.push(kept);
    }
  };

  // Each kill waits for some uploads to be under way since the start before, so that it meets work at every stage.
  const killer = async () => {
    for (let kill = 1; kill <= kills; kill += 1) {
      const program = await running;
      const enough = Math.min(uploads - 5, Math.floor((uploads / (kills + 1)) * kill));
      await until('uploads to kill in', () => acknowledged.length >= enough, {
        everyMs: 1,
        deadlineMs: 60_000,
      });
      await pause(random() % 60);
      await program.kill('SIGKILL');
      running = startProgram({ uploadsDir });
      await running;
    }
  };
  await Promise.all([killer(), ...Array.from({ length: clients }, phone)]);

  const program = await running;
  const client = createClient(program.url);
  assert.equal(acknowledged.length, uploads);

  for (const { id, sha256 } of acknowledged) {
    const original = await client.bytes((await client.photo(id)).links.original);
    assert.equal(sha256Of(original), sha256);
  }
  const listed = await client.everything();
  assert.equal(listed.length, uploads, 'no photo is there twice');
  assert.equal(new Set(listed.map(({ sha256 }) => sha256)).size, uploads);

  for (const { id } of listed) {
    const { state, reason } = await client.developed(id);
    assert.ok(state === 'done' || reason, `${id} is ${state} without a reason`);
  }
  const beside = filesBelow(join(uploadsDir, 'originals'));
  const sidecars = beside.filter(({ name }) => name.endsWith('.json'));
  assert.equal(beside.length - sidecars.length, uploads, 'an original for each, and no more');
  assert.equal(sidecars.length, uploads, 'and a sidecar for each');
  await until(
    'what the kills left half-way to be swept',
    () => filesBelow(join(uploadsDir, 'incoming')).length === 0,
  );
  // An upload that was made in the moment of a kill, and never heard of, is empty and expires; nothing else may be left.
  const unfinished = filesBelow(join(uploadsDir, 'resumable')).filter(({ name }) => !name.endsWith('.json'));
  assert.deepEqual(
    unfinished.filter(({ path }) => statSync(path).size > 0),
    [],
  );
  assert.ok(existsSync(join(uploadsDir, 'gallery.db')));
  assert.equal((await program.stop()).code, 0);
});
