// Hundreds of uploads that are cut or crawl: the gallery answers others meanwhile, and afterwards files, memory and folders are as before.
import assert from 'node:assert/strict';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '../support/client.ts';
import { abortUpload, beginSlowUpload } from '../support/crowd.ts';
import { filesBelow } from '../support/data.ts';
import { seed } from '../support/faults.ts';
import { makeFolder } from '../support/folder.ts';
import { drawPng, randomFrom } from '../support/pictures.ts';
import { startProgram } from '../support/start-program.ts';
import { createTusClient } from '../support/tus-client.ts';
import { until } from '../support/until.ts';

const ways = ['form', 'pieces'] as const;

async function openFiles(pid: number): Promise<string[]> {
  const names = await readdir(`/proc/${pid}/fd`);
  return Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
}

async function megabytesOf(pid: number): Promise<number> {
  return Number(/^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

test(`F9 500 cut and 200 crawling uploads leave nothing behind (seed ${seed}) (T29)`, async (t) => {
  const program = await startProgram({ uploadsDir: await makeFolder(t) });
  t.after(() => program.stop());
  const client = createClient(program.url);
  const random = randomFrom(seed);
  const incoming = () => filesBelow(join(program.uploadsDir, 'incoming'));
  const unfinished = () =>
    filesBelow(join(program.uploadsDir, 'resumable')).filter(({ name }) => !name.endsWith('.json'));
  await client.developed((await client.keep(drawPng({ seed: 1 }))).id);
  const cutSome = async (count: number) => {
    for (let index = 0; index < count; index += 1) {
      const bytes = 1 + (random() % 3_000_000);
      await abortUpload(program.url, ways[index % 2] ?? 'form', { bytes, sent: random() % bytes });
    }
  };
  // Some beforehand: over thousands of them the collector lets memory rise by half and fall again, so that only what a process holds that
  // has been at work can be compared.
  await Promise.all(Array.from({ length: 10 }, () => cutSome(10)));
  await until('the first ones to be done with', () => incoming().length === 0);
  const before = { files: (await openFiles(program.pid)).length, megabytes: await megabytesOf(program.pid) };

  await t.test('F9 the cut ones', async () => {
    await Promise.all(Array.from({ length: 10 }, () => cutSome(50)));
    await until('what came of forms to be gone', () => incoming().length === 0);
    assert.equal((await client.ask('/')).status, 200);
  });

  await t.test('F9 the crawling ones', async () => {
    const crawling = await Promise.all(
      Array.from({ length: 200 }, (_, index) => beginSlowUpload(program.url, ways[index % 2] ?? 'form')),
    );
    for (let look = 0; look < 20; look += 1) {
      assert.equal((await client.ask('/')).status, 200);
      await pause(150);
    }
    for (const { leave } of crawling) leave();
    await Promise.all(crawling.map(({ cut }) => cut));
    await until('what came of forms to be gone', () => incoming().length === 0);
  });

  await t.test('F9 leave only what can be resumed, and that can be given up', async () => {
    const tus = createTusClient(program.url);
    const left = unfinished();
    assert.ok(left.length > 0, 'pieces wait for their rest');
    for (const { name } of left) assert.equal((await tus.remove(`/uploads/${name}`)).status, 204);
    assert.deepEqual(filesBelow(join(program.uploadsDir, 'resumable')), []);
  });

  await t.test('F9 leave files and memory as they were', async () => {
    await until(
      'file handles to be closed',
      async () => (await openFiles(program.pid)).length <= before.files + 3,
    );
    const deleted = (await openFiles(program.pid)).filter(
      (name) => name.includes('(deleted)') && name.includes(program.uploadsDir),
    );
    assert.deepEqual(deleted, [], 'no space is held by files without a name');
    const after = await megabytesOf(program.pid);
    // The collector takes its time; what 700 uploads of some megabytes would have left is far more.
    assert.ok(after < before.megabytes + 80, `${before.megabytes} MB became ${after} MB`);
  });

  await t.test('F9 take nothing from those who come afterwards', async () => {
    const kept = await client.keep(drawPng({ seed: 2 }));
    assert.equal((await client.developed(kept.id)).state, 'done');
  });
});
