// Limits that the system sets: how large a file may become, and how many may be open. Told as what they are, and got over.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { createClient, type PhotoJson } from '../support/client.ts';
import { makeFolder } from '../support/folder.ts';
import {
  assertDeveloped,
  assertKept,
  assertPaired,
  assertSound,
  assertSwept,
} from '../support/invariants.ts';
import { drawPng, fattenPng } from '../support/pictures.ts';
import { type Program, startProgram } from '../support/start-program.ts';
import { createTusClient } from '../support/tus-client.ts';
import { until } from '../support/until.ts';

const skip = spawnSync('prlimit', ['--version']).status === 0 ? false : 'no prlimit on this machine';
const picture = (seed: number, bytes = 0) => fattenPng(drawPng({ seed }), bytes);
const codeOf = (text: string) => (JSON.parse(text) as { code: string }).code;

async function assertWell(program: Program, kept: readonly PhotoJson[]): Promise<void> {
  const client = createClient(program.url);
  await assertDeveloped(client);
  await assertKept(client, kept);
  assert.equal((await assertPaired(program)).length, kept.length);
  await assertSwept(program.uploadsDir);
  assert.equal((await program.stop()).code, 0);
  assertSound(program.uploadsDir);
}

test('F5 a file that may not grow is told as 507, and smaller ones are taken', { skip }, async (t) => {
  const program = await startProgram({
    uploadsDir: await makeFolder(t),
    under: ['prlimit', `--fsize=${6_000_000}`],
  });
  t.after(() => program.kill('SIGKILL'));
  const client = createClient(program.url);
  const kept = [await client.keep(picture(1, 500_000))];
  const refused = await client.upload(picture(2, 9_000_000));
  assert.deepEqual([refused.status, codeOf(refused.text)], [507, 'disk-full']);
  const tus = createTusClient(program.url);
  const large = picture(3, 9_000_000);
  const path = await tus.made({ bytes: large.length });
  assert.equal((await tus.patch(path, 0, large)).status, 507);
  assert.equal((await tus.remove(path)).status, 204);
  kept.push(await client.keep(picture(4, 500_000)));
  await assertWell(program, kept);
});

test('F5 without file handles uploads are told to come again, and those come through', {
  skip,
}, async (t) => {
  const program = await startProgram({
    uploadsDir: await makeFolder(t),
  });
  t.after(() => program.kill('SIGKILL'));
  const client = createClient(program.url);
  const kept = [await client.keep(picture(100))];
  await client.developed(kept[0]?.id ?? '');
  const openFiles = async () => (await readdir(`/proc/${program.pid}/fd`)).length;
  const before = await openFiles();
  // From now on only: loading a program takes more than running it.
  const limited = spawnSync('prlimit', ['--pid', String(program.pid), `--nofile=${before + 12}`]);
  assert.equal(limited.status, 0);

  const pictures = Array.from({ length: 60 }, (_, seed) => picture(200 + seed, 200_000));
  const answers = await Promise.all(pictures.map((bytes) => client.upload(bytes).catch(() => undefined)));
  for (const answer of answers)
    assert.ok(
      answer === undefined || [201, 503].includes(answer.status),
      `${answer?.status} ${answer?.text}`,
    );
  assert.ok(
    answers.some((answer) => answer?.status !== 201),
    'the limit was met',
  );
  await until('file handles to be closed', async () => (await openFiles()) <= before + 3);
  for (const bytes of pictures) kept.push(await client.keep(bytes));
  await assertWell(program, kept);
});
