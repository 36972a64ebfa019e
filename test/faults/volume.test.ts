// A folder that is not the one it was: originals swapped away, a disk that is not mounted, before the start and while the gallery runs.
// What was acknowledged is there when the right folder is back, and nothing is acknowledged meanwhile.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type Client, createClient, type PhotoJson } from '../support/client.ts';
import { copiesOf, makeFolder } from '../support/folder.ts';
import { assertKept, assertPaired } from '../support/invariants.ts';
import { drawPng } from '../support/pictures.ts';
import { type ProgramOptions, runProgram, startProgram } from '../support/start-program.ts';
import { createTusClient } from '../support/tus-client.ts';
import { until } from '../support/until.ts';

const used = copiesOf(async (uploadsDir) => {
  const program = await startProgram({ uploadsDir });
  const client = createClient(program.url);
  const photos = [await client.keep(drawPng({ seed: 1 })), await client.keep(drawPng({ seed: 2 }))];
  for (const { id } of photos) await client.developed(id);
  await program.stop();
  return photos;
});

const marker = (uploadsDir: string) => join(uploadsDir, 'originals', '.gallery-id');

async function start(t: TestContext, options: ProgramOptions) {
  const program = await startProgram(options);
  t.after(() => program.stop());
  return { ...program, client: createClient(program.url) };
}

async function refused(options: ProgramOptions, why: RegExp) {
  const { code, lines } = await runProgram(options);
  assert.equal(code, 78, lines.join('\n'));
  assert.match(lines.join('\n'), why);
  assert.doesNotMatch(lines.join('\n'), /^ +at /m, 'a refusal is a sentence, not a stack');
}

/** Whoever sends something is told to come again, and whoever sends visitors here that none should come. */
async function assertTakesNothing({ ask, upload, url }: Client) {
  assert.equal((await ask('/readyz')).status, 503);
  const answer = await upload(drawPng({ seed: 50 }));
  assert.deepEqual([answer.status, (JSON.parse(answer.text) as { code: string }).code], [503, 'unavailable']);
  const bytes = drawPng({ seed: 51 });
  const tus = createTusClient(url);
  const sent = await tus.patch(await tus.made({ bytes: bytes.length }), 0, bytes);
  assert.equal(sent.status, 503, sent.text);
}

describe('F26 originals that are not where they were, at the start', () => {
  const swaps: readonly (readonly [what: string, swap: (originals: string) => Promise<void>])[] = [
    ['are an empty folder', async (originals) => void (await mkdir(originals))],
    ['are no folder at all', async () => {}],
    [
      'are an empty disk',
      async (originals) => void (await mkdir(join(originals, 'lost+found'), { recursive: true })),
    ],
    [
      'are others, unmarked',
      async (originals) => {
        await mkdir(join(originals, 'ab'), { recursive: true });
        await writeFile(join(originals, 'ab', `${'ab'.repeat(32)}.jpg`), 'x');
      },
    ],
  ];
  for (const [what, swap] of swaps)
    test(`F26 originals that ${what} are refused with 78, and everything is there when they are back`, async (t) => {
      const { folder: uploadsDir, told: photos } = await used(t);
      const originals = join(uploadsDir, 'originals');
      await rename(originals, `${originals}.away`);
      await swap(originals);
      await refused({ uploadsDir }, /originals .* are not in .*mounted.*--init/);
      assert.equal(existsSync(marker(uploadsDir)), false, 'nobody claims it');
      await rm(originals, { recursive: true, force: true });
      await rename(`${originals}.away`, originals);
      const { client } = await start(t, { uploadsDir });
      await assertKept(client, photos);
    });

  test('F26 a folder of originals that can not be marked is refused with 78, in a sentence', async (t) => {
    const uploadsDir = await makeFolder(t);
    await writeFile(join(uploadsDir, 'originals'), 'in the way');
    await refused({ uploadsDir }, /originals can't be written/);
  });

  test('F26 originals of another gallery are refused with 78, and stay as they are', async (t) => {
    const { folder: uploadsDir } = await used(t);
    const other = await makeFolder(t);
    const program = await startProgram({ uploadsDir: other });
    await createClient(program.url).keep(drawPng({ seed: 3 }));
    await program.stop();
    await rename(join(uploadsDir, 'originals'), join(uploadsDir, '.away'));
    await rename(join(other, 'originals'), join(uploadsDir, 'originals'));
    const before = readFileSync(marker(uploadsDir));
    await refused({ uploadsDir }, /another gallery/);
    assert.deepEqual(readFileSync(marker(uploadsDir)), before);
  });

  test('F26 whoever has lost them for good says so once, and keeps titles and small pictures', async (t) => {
    const { folder: uploadsDir, told: photos } = await used(t);
    await rm(join(uploadsDir, 'originals'), { recursive: true });
    const first = await startProgram({ uploadsDir, args: ['--init'] });
    await first.stop();
    const { client } = await start(t, { uploadsDir });
    assert.equal((await client.everything()).length, photos.length);
    const [small] = (await client.photo(photos[0]?.id ?? '')).links.renditions;
    assert.ok((await client.bytes(small?.url ?? '')).length > 0);
    const kept = await client.keep(drawPng({ seed: 1 }));
    await assertKept(client, [kept]);
  });

  test('F26 a gallery of before there were markers is marked, and so is a copy without its marker', async (t) => {
    const { folder: uploadsDir, told: photos } = await used(t);
    const id = readFileSync(marker(uploadsDir), 'utf8');
    assert.match(id, /^[0-9a-f]{32}\n$/);
    await rm(marker(uploadsDir));
    const { client } = await start(t, { uploadsDir });
    await assertKept(client, photos);
    assert.equal(readFileSync(marker(uploadsDir), 'utf8'), id);
    await assertPaired({ url: client.url, uploadsDir });
  });

  test('F26 a new database beside old originals is another gallery, and marks them', async (t) => {
    const { folder: uploadsDir, told: photos } = await used(t);
    const id = readFileSync(marker(uploadsDir), 'utf8');
    await rm(join(uploadsDir, 'gallery.db'));
    await refused({ uploadsDir }, /--init/);
    assert.equal(readFileSync(marker(uploadsDir), 'utf8'), id, 'a refusal changes nothing');
    const first = await startProgram({ uploadsDir, args: ['--init'] });
    await first.stop();
    assert.notEqual(readFileSync(marker(uploadsDir), 'utf8'), id);
    const { client } = await start(t, { uploadsDir });
    await until('all to be back', async () => (await client.everything()).length === photos.length);
  });
});

test('F26 originals that are swapped away while the gallery runs: nothing is acknowledged until they are back', async (t) => {
  const { folder: uploadsDir, told } = await used(t);
  const originals = join(uploadsDir, 'originals');
  const { client } = await start(t, { uploadsDir });
  const kept: PhotoJson[] = [...told, await client.keep(drawPng({ seed: 4 }))];
  for (const swap of [() => mkdir(originals), async () => {}]) {
    await rename(originals, `${originals}.away`);
    await swap();
    await assertTakesNothing(client);
    const [first] = kept;
    assert.equal((await client.ask(`/photos/${first?.id}`)).status, 200, 'looking goes on');
    if (existsSync(originals))
      assert.deepEqual(await readdir(originals), [], 'nothing came into the wrong folder');
    await rm(originals, { recursive: true, force: true });
    await rename(`${originals}.away`, originals);
    assert.equal((await client.ask('/readyz')).status, 200);
    kept.push(await client.keep(drawPng({ seed: 5 + kept.length })));
  }
  await assertKept(client, kept);
});

test('F26 what is deleted for good while originals are away does not come back with them', async (t) => {
  const { folder: uploadsDir, told } = await used(t);
  const originals = join(uploadsDir, 'originals');
  const [gone] = told;
  const first = await startProgram({ uploadsDir });
  await rename(originals, `${originals}.away`);
  const client = createClient(first.url);
  for (const query of ['', '?forever=1'])
    await client.ask(`/photos/${gone?.id}${query}`, { method: 'DELETE' });
  await rename(`${originals}.away`, originals);
  await first.stop();
  const again = await start(t, { uploadsDir });
  await until('its original to go', async () =>
    (await readdir(originals, { recursive: true })).every((name) => !name.includes(gone?.sha256 ?? '')),
  );
  assert.ok((await again.client.everything()).every(({ id }) => id !== gone?.id));
});

const mayMount = spawnSync('unshare', ['-m', 'true']).status === 0;

test('F26 a disk that is mounted over originals, and taken away again', {
  skip: mayMount ? false : 'needs root to mount',
}, async (t) => {
  const { folder: uploadsDir, told } = await used(t);
  const originals = join(uploadsDir, 'originals');
  // Only the program sees it, whose name space ends with it; entered from outside for each change.
  const under = ['unshare', '-m', 'sh', '-c', 'exec "$@"', 'sh'];
  const program = await start(t, { uploadsDir, under });
  const inside = (...command: string[]) => {
    const { status, stderr } = spawnSync('nsenter', ['-t', String(program.pid), '-m', ...command]);
    assert.equal(status, 0, String(stderr));
  };
  inside('mount', '-t', 'tmpfs', 'sajin', originals);
  await assertTakesNothing(program.client);
  inside('umount', originals);
  const kept = await program.client.keep(drawPng({ seed: 6 }));
  await assertKept(program.client, [...told, kept]);
  await program.stop();
  const cover = `mount -t tmpfs sajin ${originals} && exec "$@"`;
  await refused({ uploadsDir, under: ['unshare', '-m', 'sh', '-c', cover, 'sh'] }, /are not in .*mounted/);
  const all = `mount -t tmpfs sajin ${uploadsDir} && exec "$@"`;
  await refused(
    { uploadsDir, under: ['unshare', '-m', 'sh', '-c', all, 'sh'], env: { EXPECT_GALLERY: '1' } },
    /There is no gallery/,
  );
});

test('F26 where a gallery is expected, an empty folder is refused with 78 and stays empty, until one is asked for', async (t) => {
  const uploadsDir = await makeFolder(t);
  const env = { EXPECT_GALLERY: '1' };
  await refused({ uploadsDir, env }, /There is no gallery .*EXPECT_GALLERY.*mounted.*--init/);
  assert.deepEqual(await readdir(uploadsDir), []);
  await (await startProgram({ uploadsDir, env, args: ['--init'] })).stop();
  const { client } = await start(t, { uploadsDir, env });
  assert.equal((await client.ask('/readyz')).status, 200);
});
