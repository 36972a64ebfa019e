// SIGTERM in the middle of it all: uploads under way end or are cut, nobody new comes in, what was acknowledged is there, and what was
// sent in pieces goes on where it was.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type PhotoJson, sha256Of } from '../support/client.ts';
import { filesBelow } from '../support/data.ts';
import { tell } from '../support/faults.ts';
import { makeFolder } from '../support/folder.ts';
import {
  type Acknowledged,
  assertDeveloped,
  assertKept,
  assertPaired,
  assertSound,
  assertSwept,
} from '../support/invariants.ts';
import { drawPng, fattenPng } from '../support/pictures.ts';
import { startProgram } from '../support/start-program.ts';
import { createTusClient } from '../support/tus-client.ts';
import { until } from '../support/until.ts';

const phones = 50;
const picture = (seed: number) => fattenPng(drawPng({ seed }), 400_000);

test(`F19 ${phones} uploads under way end well or can be taken up`, async (t) => {
  const options = { uploadsDir: await makeFolder(t) } as const;
  const program = await startProgram(options);
  t.after(() => program.kill('SIGKILL'));
  const tus = createTusClient(program.url);
  const kept: Acknowledged[] = [];
  const waiting: { readonly path: string; readonly sent: number; readonly bytes: Buffer<ArrayBuffer> }[] = [];

  // Half of them have sent half of it, and wait.
  for (let seed = 0; seed < phones / 2; seed += 1) {
    const bytes = picture(seed);
    const path = await tus.made({ bytes: bytes.length });
    const sent = 1000 + seed * 10_000;
    assert.equal((await tus.patch(path, 0, bytes.subarray(0, sent))).status, 204);
    waiting.push({ path, sent, bytes });
  }
  // Twenty more send whole pictures, as fast as they can, and five send bytes one by one until they are cut.
  const busy = Array.from({ length: 20 }, async (_, phone) => {
    for (let count = 0; ; count += 1) {
      const answer = await createClient(program.url)
        .upload(picture(1_000 * (phone + 1) + count))
        .catch(() => undefined);
      if (answer?.status !== 201) return;
      kept.push(JSON.parse(answer.text) as PhotoJson);
    }
  });
  const slow = Array.from({ length: 5 }, async (_, phone) => {
    const bytes = picture(100 + phone);
    const path = await tus.made({ bytes: bytes.length });
    const { sent, reply } = tus.begin(path, 0, { 'Content-Length': bytes.length });
    reply.catch(() => undefined);
    sent.on('error', () => undefined);
    sent.write(bytes.subarray(0, 100_000));
    waiting.push({ path, sent: 0, bytes });
    return reply.catch(() => undefined);
  });
  await until('uploads to be under way', () => kept.length >= 20);
  await until('the slow ones, too', () => filesBelow(join(program.uploadsDir, 'resumable')).length >= phones);

  const started = performance.now();
  const exit = await program.kill('SIGTERM');
  const tookMs = performance.now() - started;
  assert.equal(exit.code, 0, program.lines.slice(-3).join('\n'));
  assert.ok(tookMs < 40_000, `it took ${tookMs} ms`);
  await Promise.all([...busy, ...slow]);
  const acknowledged = kept.length;

  const again = await startProgram(options);
  t.after(() => again.kill('SIGKILL'));
  const client = createClient(again.url);
  await assertKept(client, kept);
  const tusAgain = createTusClient(again.url);
  for (const { path, sent, bytes } of waiting) {
    const offset = Number((await tusAgain.head(path)).headers['upload-offset']);
    assert.ok(offset >= sent, `${offset} of ${sent} bytes are left`);
    const rest = await tusAgain.patch(path, offset, bytes.subarray(offset));
    assert.ok(rest.headers['sajin-photo'], rest.text);
    kept.push({ id: String(rest.headers['sajin-photo']).split('/').at(-1) ?? '', sha256: sha256Of(bytes) });
  }
  await assertKept(client, kept.slice(acknowledged));
  // One that was cut after its file was kept and before it was answered is a photo again.
  await pause(200);
  assert.ok((await assertPaired(again)).length >= kept.length);
  await assertDeveloped(client);
  await assertSwept(again.uploadsDir);
  assert.equal((await again.stop()).code, 0);
  assertSound(again.uploadsDir);
  tell(
    t,
    'F19',
    `ended after ${(tookMs / 1000).toFixed(1)} s; ${acknowledged} acknowledged are there, ${waiting.length} in pieces went on`,
  );
});
