// The order in which things reach the disk, beyond that of an upload (test/program/order.test.ts): renditions before their row, and on
// removal the row before the files.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { createClient } from '../support/client.ts';
import { filesBelow } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { drawPng } from '../support/pictures.ts';
import { startProgram } from '../support/start-program.ts';
import { type Call, parseCalls, skipWithoutStrace, straceTo } from '../support/strace.ts';

const watched = ['rename', 'fsync', 'fdatasync', 'unlink', 'unlinkat'];

test('F6 renditions are on the disk before their row, and leave it after their row', {
  skip: skipWithoutStrace,
}, async (t) => {
  const uploadsDir = await makeFolder(t);
  const output = join(await makeFolder(t), 'calls');
  const program = await startProgram({ uploadsDir, under: straceTo(output, watched) });
  t.after(() => program.kill('SIGKILL'));
  const client = createClient(program.url);
  const { id } = await client.keep(drawPng({ seed: 1, width: 900, height: 600 }));
  await client.developed(id);
  const renditions = filesBelow(join(uploadsDir, 'renditions')).map(({ path }) => path);
  const originals = filesBelow(join(uploadsDir, 'originals')).map(({ path }) => path);
  assert.equal(originals.length, 2, 'the original and its sidecar');
  assert.ok(renditions.length >= 2);
  await client.removeForGood(id);
  await program.stop();

  const calls = parseCalls(await readFile(output, 'utf8'));
  const syncsOf = (path: string) =>
    calls.filter(({ name, args }) => /^f(data)?sync$/.test(name) && args.includes(`<${path}>`));
  const commits = syncsOf(join(uploadsDir, 'gallery.db-wal'));
  for (const path of renditions) {
    const rename = callOn(calls, /^rename$/, `"${path}"`);
    const [, source = ''] = /"([^"]+)"/.exec(rename.args) ?? [];
    assert.ok(
      syncsOf(source).some(({ returned }) => returned < rename.entered),
      `${path} is synced before it gets its name`,
    );
    const folder = syncsOf(dirname(path)).find(({ entered }) => entered > rename.returned);
    assert.ok(folder, `the folder of ${path} is synced after it has its name`);
    assert.ok(
      commits.some(({ entered }) => entered > folder.returned),
      'its row comes after that',
    );
    const removal = callOn(calls, /^unlink/, `"${path}"`);
    const before = commits.filter(({ returned }) => returned < removal.entered);
    assert.ok((before.at(-1)?.entered ?? 0) > folder.returned, 'its row goes before it does');
  }
  // Else a power cut brings back what was deleted for good, and nothing says any more that it was.
  for (const path of [...originals, ...renditions]) {
    const removal = callOn(calls, /^unlink/, `"${path}"`);
    const gone = syncsOf(dirname(path)).find(({ entered }) => entered > removal.returned);
    assert.ok(gone, `the folder of ${path} is synced after it is gone`);
    const forgotten = commits.find(({ entered }) => entered > removal.returned);
    assert.ok(forgotten && forgotten.entered > gone.returned, 'and only then the removal is forgotten');
  }
});

function callOn(calls: readonly Call[], name: RegExp, what: string): Call {
  const call = calls.find((one) => name.test(one.name) && one.args.includes(what));
  assert.ok(call, `the program never made such a call on ${what}`);
  return call;
}
