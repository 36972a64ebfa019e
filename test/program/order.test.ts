// Nothing is acknowledged before it is on disk. Killing a program can't show that, because the system's cache survives;
// the order of its system calls can.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createClient, sha256Of } from '../support/client.ts';
import { filesBelow } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { drawPng } from '../support/pictures.ts';
import { runCli } from '../support/run-cli.ts';
import { type Program, startProgram } from '../support/start-program.ts';
import { type Call, parseCalls, skipWithoutStrace, straceTo } from '../support/strace.ts';
import { createTusClient } from '../support/tus-client.ts';

const watched = [
  'rename',
  'renameat',
  'renameat2',
  'fsync',
  'fdatasync',
  'write',
  'writev',
  'sendto',
  'sendmsg',
];

const ways = {
  'by form': {
    folder: 'incoming',
    answered: 'HTTP/1.1 201',
    send: async (url: string, bytes: Buffer<ArrayBuffer>) => {
      await createClient(url).keep(bytes);
    },
  },
  'in pieces': {
    folder: 'resumable',
    answered: 'HTTP/1.1 204',
    send: async (url: string, bytes: Buffer<ArrayBuffer>) => {
      const { headers, text } = await createTusClient(url).send(bytes);
      assert.ok(headers['sajin-photo'], text);
    },
  },
} as const;

for (const [way, { folder: arrivesIn, answered, send }] of Object.entries(ways))
  describe(`an upload ${way}`, { skip: skipWithoutStrace }, () => {
    let uploadsDir = '';
    let calls: Call[] = [];
    let original = '';
    let program: Program | undefined;

    before(async () => {
      uploadsDir = await makeFolder();
      const output = join(await makeFolder(), 'calls');
      program = await startProgram({ uploadsDir, under: straceTo(output, watched) });
      const bytes = drawPng({ seed: 1, width: 300, height: 200 });
      const sha256 = sha256Of(bytes);
      await send(program.url, bytes);
      await program.stop();
      calls = parseCalls(await readFile(output, 'utf8'));
      const kept = filesBelow(join(uploadsDir, 'originals')).find(({ name }) => name.includes(sha256));
      original = found(kept, 'a file for the original').path;
    });

    after(() => program?.kill('SIGKILL'));

    const syncs = (path: string) =>
      calls.filter(({ name, args }) => /^f(data)?sync$/.test(name) && args.includes(`<${path}>`));
    const rename = (target = original) =>
      found(
        calls.find(({ name, args }) => name.startsWith('rename') && args.includes(`"${target}"`)),
        'the rename',
      );
    const answer = () =>
      found(
        calls.find(({ args }) => args.includes(answered)),
        'the answer',
      );

    test('syncs the file before it gets its name', () => {
      const [, source = ''] = /"([^"]+)"/.exec(rename().args) ?? [];
      assert.ok(source.startsWith(join(uploadsDir, arrivesIn)), source);
      const file = found(syncs(source)[0], 'an fsync of the file');
      assert.ok(file.returned < rename().entered);
    });

    test('syncs the folder after the name, before the row is committed', () => {
      const folder = found(
        syncs(dirname(original)).find(({ entered }) => entered > rename().returned),
        'an fsync of the folder',
      );
      const wal = found(
        syncs(join(uploadsDir, 'gallery.db-wal')).find(({ entered }) => entered > folder.returned),
        'an fsync of the write-ahead log after that of the folder',
      );
      assert.ok(wal.returned < answer().entered, 'the answer is written after the commit');
    });

    test('does the same for its sidecar, before the answer', () => {
      const { args, entered, returned } = rename(`${original}.json`);
      const [, source = ''] = /"([^"]+)"/.exec(args) ?? [];
      assert.ok(entered > rename().returned, 'the original comes first');
      assert.ok(found(syncs(source)[0], 'an fsync of the sidecar').returned < entered);
      const folder = found(
        syncs(dirname(original)).find((sync) => sync.entered > returned),
        'an fsync of the folder after that',
      );
      assert.ok(folder.returned < answer().entered);
    });

    test('syncs the folders above it, which are new as well', () => {
      const above: string[] = [];
      for (let folder = dirname(dirname(original)); folder.startsWith(uploadsDir); folder = dirname(folder))
        above.push(folder);
      assert.ok(above.includes(uploadsDir), 'up to the folder of the gallery');
      for (const folder of above)
        assert.ok(
          syncs(folder).some(({ returned }) => returned < answer().entered),
          `${folder} is not synced before the answer`,
        );
    });
  });

test('a backup gets its name when everything in it is on the disk', {
  skip: skipWithoutStrace,
}, async (t) => {
  const uploadsDir = await makeFolder(t);
  const program = await startProgram({ uploadsDir });
  await createClient(program.url).keep(drawPng({ seed: 1 }));
  await program.stop();
  const [folder, output] = [await makeFolder(t), join(await makeFolder(t), 'calls')];
  const { code, err } = await runCli(
    ['backup', folder],
    { UPLOADS_DIR: uploadsDir },
    straceTo(output, watched),
  );
  assert.equal(code, 0, err);
  const calls = parseCalls(await readFile(output, 'utf8'));
  const snapshots = join(folder, 'snapshots');
  const named = found(
    calls.findLast(({ name, args }) => name.startsWith('rename') && args.includes(`"${snapshots}/2`)),
    'the rename of the snapshot',
  );
  const [, draft = ''] = /"([^"]+)"/.exec(named.args) ?? [];
  const copied = filesBelow(join(folder, 'originals')).map(({ path }) => dirname(path));
  for (const path of [`${draft}/gallery.db`, `${draft}/manifest.json`, draft, ...copied]) {
    const sync = calls.find(({ name, args }) => /^f(data)?sync$/.test(name) && args.includes(`<${path}>`));
    assert.ok(found(sync, `an fsync of ${path}`).returned < named.entered, path);
  }
  const after = calls.find(
    ({ name, args, entered }) =>
      name === 'fsync' && args.includes(`<${snapshots}>`) && entered > named.returned,
  );
  found(after, 'an fsync of the folder of snapshots after that');
});

function found<T>(value: T | undefined, what: string): T {
  assert.ok(value !== undefined, `the program never made ${what}`);
  return value;
}
