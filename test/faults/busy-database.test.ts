// Another process at the database: it holds the lock for a moment, for long, or writes all the time. Nobody hears of it but who has
// to wait too long.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { createClient, type PhotoJson, sha256Of } from '../support/client.ts';
import { isShort, tell } from '../support/faults.ts';
import { makeFolder } from '../support/folder.ts';
import {
  assertDeveloped,
  assertKept,
  assertPaired,
  assertSound,
  assertSwept,
} from '../support/invariants.ts';
import { drawPng } from '../support/pictures.ts';
import { type Program, startProgram } from '../support/start-program.ts';
import { createTusClient } from '../support/tus-client.ts';

/** The program, and the database in the hands of this process, which is another one. */
async function openBoth(t: { after(clean: () => unknown): void }) {
  const program = await startProgram({ uploadsDir: await makeFolder(t) });
  t.after(() => program.kill('SIGKILL'));
  const other = new Database(join(program.uploadsDir, 'gallery.db'), { timeout: 2_000 });
  t.after(() => other.close());
  return { program, other, client: createClient(program.url) };
}

async function assertWell(program: Program, kept: readonly PhotoJson[]): Promise<void> {
  const client = createClient(program.url);
  await assertDeveloped(client);
  await assertKept(client, kept);
  assert.equal((await assertPaired(program)).length, kept.length);
  await assertSwept(program.uploadsDir);
  assert.equal((await program.stop()).code, 0);
  assertSound(program.uploadsDir);
}

/** The longest that a page which needs no database took, in milliseconds: how long the program did nothing else. */
async function longestLook(url: string, whileGoing: Promise<unknown>): Promise<number> {
  let over = false;
  void whileGoing.finally(() => {
    over = true;
  });
  let longestMs = 0;
  while (!over) {
    const started = performance.now();
    await (await fetch(`${url}/healthz`)).text();
    longestMs = Math.max(longestMs, performance.now() - started);
    await pause(10);
  }
  return longestMs;
}

test('F7 an upload waits for a second, and keeps nobody else waiting', async (t) => {
  const { program, other, client } = await openBoth(t);
  const kept = [await client.keep(drawPng({ seed: 1 }))];
  await client.developed(kept[0]?.id ?? '');
  other.exec('BEGIN IMMEDIATE');
  const started = performance.now();
  const upload = client.keep(drawPng({ seed: 2 }));
  const looks = longestLook(program.url, upload);
  await pause(1_000);
  other.exec('COMMIT');
  kept.push(await upload);
  assert.ok(performance.now() - started >= 1_000, 'it waited');
  const longestMs = await looks;
  // Beside the 50 ms that SQLite itself may wait; a shared machine adds its own.
  assert.ok(longestMs < 500, `somebody else waited for ${longestMs} ms`);
  tell(t, 'F7', `held for 1 s: taken; others waited at most ${Math.round(longestMs)} ms`);
  await assertWell(program, kept);
});

test('F7 an upload that waits too long is told to come again, and then comes through', async (t) => {
  const { program, other, client } = await openBoth(t);
  const tus = createTusClient(program.url);
  const pieces = drawPng({ seed: 4 });
  const path = await tus.made({ bytes: pieces.length });
  other.exec('BEGIN IMMEDIATE');
  const held = performance.now();
  const [answer, piece] = await Promise.all([
    client.upload(drawPng({ seed: 3 })),
    tus.patch(path, 0, pieces),
  ]);
  assert.equal(answer.status, 503, answer.text);
  assert.ok(Number(answer.headers.get('retry-after')) > 0, 'it says when to come again');
  assert.equal(piece.status, 503, piece.text);
  assert.equal((await client.ask('/')).status, 200, 'looking goes on');
  if (!isShort) await pause(30_000 - (performance.now() - held));
  other.exec('COMMIT');
  // A phone that asks how far it is hears that nothing is to be sent again.
  const head = await tus.head(path);
  assert.deepEqual([head.status, head.headers['upload-offset']], [200, String(pieces.length)]);
  const id = String(head.headers['sajin-photo']).split('/').at(-1) ?? '';
  const kept = [await client.keep(drawPng({ seed: 3 })), await client.photo(id)];
  assert.equal(kept[1]?.sha256, sha256Of(pieces));
  await assertWell(program, kept);
});

test('F8 no write that reads first is refused because somebody else wrote in between', async (t) => {
  const { program, other, client } = await openBoth(t);
  const bump = other.prepare('UPDATE gallery SET revision = revision + 1');
  let [writes, over] = [0, false];
  const writing = (async () => {
    while (!over) {
      bump.run();
      writes += 1;
      await pause(1);
    }
  })();
  const kept: PhotoJson[] = [];
  await Promise.all(
    Array.from({ length: 4 }, async (_, phone) => {
      for (let count = 0; count < (isShort ? 8 : 100); count += 1) {
        const photo = await client.keep(drawPng({ seed: phone * 1000 + count }));
        kept.push(photo);
        const headers = { 'Content-Type': 'application/json' };
        const correction = JSON.stringify({ kind: 'add', label: 'vase' });
        const corrected = await client.ask(`/photos/${photo.id}/corrections`, {
          method: 'POST',
          headers,
          body: correction,
        });
        assert.ok(corrected.status < 300, corrected.text);
      }
    }),
  );
  over = true;
  await writing;
  assert.deepEqual(
    program.lines.filter((line) => /SQLITE_BUSY|"code":"internal"/.test(line)),
    [],
  );
  tell(t, 'F8', `${kept.length} uploads and corrections beside ${writes} writes of another process`);
  await assertWell(program, kept);
});
