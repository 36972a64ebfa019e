// A database that is lost: `sajin rebuild` makes another one of what lies beside it, and deletes nothing.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createClient, type PhotoJson } from '../support/client.ts';
import { filesBelow } from '../support/data.ts';
import { type Cleaner, copiesOf, makeFolder } from '../support/folder.ts';
import { drawPng } from '../support/pictures.ts';
import { runCli } from '../support/run-cli.ts';
import { startProgram } from '../support/start-program.ts';
import { until } from '../support/until.ts';

const used = copiesOf(async (uploadsDir) => {
  const program = await startProgram({ uploadsDir });
  const client = createClient(program.url);
  for (const seed of [1, 2, 3]) {
    const { id } = await client.keep(drawPng({ seed }), { title: seed === 3 ? '' : `사진 ${seed}` });
    await client.developed(id);
  }
  const [first] = await client.everything();
  const added = await client.ask(`/photos/${first?.id}/corrections`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ kind: 'add', label: '보리의 꽃병' }),
  });
  assert.ok(added.status < 400, added.text);
  const photos = await client.everything();
  await until('the sidecar to know of the correction', () =>
    filesBelow(uploadsDir).some(
      ({ name, path }) => name.endsWith('.json') && readFileSync(path, 'utf8').includes('보리의 꽃병'),
    ),
  );
  await program.stop();
  return photos;
});

/** A folder that was used: three photos, one of them corrected. */
async function usedFolder(t: Cleaner) {
  const { folder, told } = await used(t);
  return { uploadsDir: folder, photos: told };
}

const gist = ({ id, title, uploadedAt, sha256, labels }: PhotoJson) => ({
  id,
  title,
  uploadedAt,
  sha256,
  labels,
});
const run = (uploadsDir: string) => runCli(['rebuild'], { UPLOADS_DIR: uploadsDir });

describe('sajin rebuild', () => {
  const path = (uploadsDir: string) => join(uploadsDir, 'gallery.db');
  const losses: readonly (readonly [what: string, lose: (uploadsDir: string) => Promise<void>])[] = [
    [
      'missing',
      async (uploadsDir) => {
        for (const { path } of filesBelow(uploadsDir).filter(({ name }) => name.startsWith('gallery.db')))
          await rm(path);
      },
    ],
    ['empty', (uploadsDir) => writeFile(path(uploadsDir), '')],
    [
      'torn',
      async (uploadsDir) => {
        const bytes = await readFile(path(uploadsDir));
        await writeFile(path(uploadsDir), bytes.fill(0x5a, 4096, 4096 * 6));
      },
    ],
  ];
  for (const [what, lose] of losses)
    test(`has every photo back from beside a database that is ${what}`, async (t) => {
      const { uploadsDir, photos } = await usedFolder(t);
      await lose(uploadsDir);
      const left = existsSync(path(uploadsDir)) ? await readFile(path(uploadsDir)) : undefined;
      const originals = filesBelow(join(uploadsDir, 'originals')).map(({ name }) => name);
      const { code, out, err } = await run(uploadsDir);
      assert.equal(code, 0, out + err);
      assert.match(out, /3 photos are back, 3 with title/);
      const aside = (await readdir(uploadsDir)).find((name) => /^gallery\.db\.aside-\d{8}T\d{6}$/.test(name));
      assert.deepEqual(aside === undefined ? undefined : await readFile(join(uploadsDir, aside)), left);
      assert.deepEqual(
        filesBelow(join(uploadsDir, 'originals')).map(({ name }) => name),
        originals,
      );
      const program = await startProgram({ uploadsDir });
      t.after(() => program.stop());
      const client = createClient(program.url);
      for (const { id } of photos) assert.equal((await client.developed(id)).state, 'done');
      assert.deepEqual((await client.everything()).map(gist), photos.map(gist));
    });

  test('says what is lost for good, and what nobody can read', async (t) => {
    const { uploadsDir, photos } = await usedFolder(t);
    const titled = photos.find(({ title }) => title === '사진 1');
    const originals = filesBelow(join(uploadsDir, 'originals'));
    for (const { path } of originals.filter(({ name }) => name.endsWith(`${titled?.sha256}.png`)))
      await rm(path);
    await mkdir(join(uploadsDir, 'originals/ab'), { recursive: true });
    await writeFile(join(uploadsDir, `originals/ab/${'ab'.repeat(32)}.jpg`), 'no picture');
    await rm(path(uploadsDir));
    const { code, out, err } = await run(uploadsDir);
    assert.equal(code, 1);
    assert.match(out, /2 photos are back/);
    assert.match(err, /1 original nobody can read/);
    assert.match(err, /picture is gone:\n {2}\d{4}-\d\d-\d\d 사진 1: [0-9a-f]{64}/);
    const smaller = /a smaller one is (renditions\/\S+\.webp)/.exec(err)?.[1] ?? 'none';
    assert.ok(existsSync(join(uploadsDir, smaller)), 'the last picture that there is of it');
  });

  const untouched = async (uploadsDir: string, code: number, words: RegExp) => {
    const before = (await readdir(uploadsDir)).sort();
    const bytes = existsSync(path(uploadsDir)) ? await readFile(path(uploadsDir)) : undefined;
    const refused = await run(uploadsDir);
    assert.equal(refused.code, code, refused.err);
    assert.match(refused.err, words);
    assert.doesNotMatch(refused.err, /^ +at /m);
    if (bytes !== undefined) assert.deepEqual(await readFile(path(uploadsDir)), bytes);
    // A look at a database in WAL mode leaves its empty log.
    const passing = /^gallery\.(lock|pid|db-wal|db-shm)|^(models|incoming)$/;
    assert.deepEqual(
      (await readdir(uploadsDir)).filter((name) => !passing.test(name)).sort(),
      before.filter((name) => !passing.test(name)),
    );
  };

  test('leaves a database alone that is in order', async (t) => {
    const { uploadsDir } = await usedFolder(t);
    await untouched(uploadsDir, 78, /in order/);
  });

  test('makes no empty gallery of a folder without photos', async (t) => {
    await untouched(await makeFolder(t), 78, /no photos .* mounted/);
  });

  test('does not touch a folder that is in use', async (t) => {
    const uploadsDir = await makeFolder(t);
    const program = await startProgram({ uploadsDir });
    t.after(() => program.stop());
    await createClient(program.url).keep(drawPng({ seed: 1 }));
    const refused = await run(uploadsDir);
    assert.equal(refused.code, 75);
    assert.match(refused.err, /in use/);
  });

  test('knows no options', async () => assert.equal((await runCli(['rebuild', '--force'], {})).code, 64));
});
