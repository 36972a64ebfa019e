// A disk that fails to keep what was written: after a failed fsync(2) the kernel may call the next one a success, though the bytes are
// gone. So the program only lets look, ends with 75, and a service manager starts it again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient, sha256Of } from '../support/client.ts';
import { failCall, threadThatRenames } from '../support/failing-calls.ts';
import { tell } from '../support/faults.ts';
import { makeFolder } from '../support/folder.ts';
import { assertKept, assertPaired, assertSound, assertSwept } from '../support/invariants.ts';
import { drawPng, fattenPng } from '../support/pictures.ts';
import { startProgram } from '../support/start-program.ts';
import { skipWithoutStrace } from '../support/strace.ts';
import { createTusClient } from '../support/tus-client.ts';
import { until, within } from '../support/until.ts';

const draw = (seed: number) => fattenPng(drawPng({ seed }), 300_000);

for (const where of ['an original', 'the database'])
  test(`F3 a sync of ${where} that fails lets nobody write until a new start`, {
    skip: skipWithoutStrace,
  }, async (t) => {
    const options = { uploadsDir: await makeFolder(t), env: { UV_THREADPOOL_SIZE: '1' } } as const;
    const program = await startProgram(options);
    t.after(() => program.kill('SIGKILL'));
    const client = createClient(program.url);
    const kept = [await client.keep(draw(1))];
    const pool = await threadThatRenames(program.pid, async () => {
      kept.push(await client.keep(draw(2)));
    });
    for (const { id } of kept) await client.developed(id);
    // Whole but for its last byte: bytes that were never synced are not to be lost by that.
    const tus = createTusClient(program.url);
    const waiting = draw(3);
    const path = await tus.made({ bytes: waiting.length, sha256: sha256Of(waiting) });
    assert.equal((await tus.patch(path, 0, waiting.subarray(0, -1))).status, 204);

    const fault = await failCall(where === 'the database' ? program.pid : pool, {
      call: 'fsync',
      error: 'EIO',
      when: 1,
    });
    const failed = await client.upload(draw(4));
    assert.ok(await fault.end(), 'the fault was met');
    const failedAt = performance.now();
    for (const answer of [failed, await client.upload(draw(5))]) {
      assert.equal(answer.status, 503, answer.text);
      assert.equal(answer.headers.get('content-type'), 'application/problem+json; charset=utf-8');
      assert.equal((JSON.parse(answer.text) as { code: string }).code, 'read-only');
      assert.ok(Number(answer.headers.get('retry-after')) > 0, 'it says when to come again');
    }
    assert.equal((await tus.patch(path, waiting.length - 1, waiting.subarray(-1))).status, 503);
    assert.equal((await client.ask('/readyz')).status, 503);
    assert.equal((await client.ask('/healthz')).status, 200);
    assert.equal((await client.ask('/')).status, 200, 'looking goes on');
    await assertKept(client, kept);
    assert.equal((await client.everything()).length, kept.length, 'what was refused is not to be seen');

    const { code } = await within('the program to end by itself', 45_000, program.exited);
    assert.equal(code, 75);
    tell(t, 'F3', `${where}: ended with 75 after ${Math.round((performance.now() - failedAt) / 1000)} s`);

    const again = await startProgram(options);
    t.after(() => again.kill('SIGKILL'));
    const after = createClient(again.url);
    assert.equal((await after.ask('/readyz')).status, 200);
    const next = await after.upload(draw(6));
    assert.equal(next.status, 201, next.text);
    kept.push(JSON.parse(next.text), await after.keep(draw(4)));
    const last = await createTusClient(again.url).patch(path, waiting.length - 1, waiting.subarray(-1));
    assert.equal(last.status, 204, last.text);
    const [, id = ''] = /([^/]+)$/.exec(String(last.headers['sajin-photo'])) ?? [];
    kept.push(await after.photo(id));
    await assertKept(after, kept);
    await until('nothing to wait', async () =>
      (await after.everything()).every(({ state }) => state === 'done'),
    );
    assert.equal((await assertPaired(again)).length, kept.length);
    await assertSwept(again.uploadsDir);
    assert.equal((await again.stop()).code, 0);
    assertSound(again.uploadsDir);
  });
