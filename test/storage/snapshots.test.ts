// Snapshots in a folder of backups: whole or not there, and none that leads anywhere else.
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { openSnapshots } from '../../src/storage/snapshots.ts';
import { makeFolder } from '../support/folder.ts';

async function open(t: TestContext) {
  const folder = join(await makeFolder(t), 'snapshots');
  const snapshots = await openSnapshots(folder);
  const database = join(await makeFolder(t), 'gallery.db');
  await writeFile(database, 'a database');
  const originals = [{ name: `originals/ab/${'ab'.repeat(32)}.jpg`, bytes: 10 }];
  const add = (takenAt: Date) =>
    snapshots.add(database, { takenAt, schema: 5, photos: 1, originals, damaged: [] });
  return { folder, snapshots, add, originals };
}

describe('a snapshot', () => {
  test('is given back as it was added, latest first', async (t) => {
    const { snapshots, add, originals } = await open(t);
    const older = await add(new Date('2026-11-20T10:12:00.5Z'));
    const newer = await add(new Date('2026-11-21T10:12:00Z'));
    assert.equal(older.name, '2026-11-20T10-12-00.500Z');
    assert.deepEqual(await snapshots.list(), [newer, older]);
    assert.deepEqual(older.originals, originals);
    assert.equal(await readFile(older.path, 'utf8'), 'a database');
    await snapshots.remove(newer.name);
    assert.deepEqual(await snapshots.list(), [older]);
  });

  test('without a manifest, or with one that is torn, is none', async (t) => {
    const { folder, snapshots, add } = await open(t);
    await add(new Date('2026-11-20T10:12:00Z'));
    assert.equal(await snapshots.hasUnreadable(), false);
    await mkdir(join(folder, '2026-11-22T00-00-00.000Z'));
    const torn = join(folder, '2026-11-23T00-00-00.000Z');
    await mkdir(torn);
    await writeFile(join(torn, 'manifest.json'), '{"format":"sajin-ba');
    assert.equal((await snapshots.list()).length, 1);
    assert.equal(await snapshots.hasUnreadable(), true);
  });

  test('that names a file outside of the originals is none', async (t) => {
    const { snapshots, add } = await open(t);
    const { path } = await add(new Date('2026-11-20T10:12:00Z'));
    const manifest = join(path, '../manifest.json');
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace('originals/ab/', '../../etc/'));
    assert.deepEqual(await snapshots.list(), []);
  });

  test('that was cut off is swept later, and never in the way', async (t) => {
    const { folder, snapshots, add } = await open(t);
    const draft = join(folder, '.draft-of-yesterday');
    await mkdir(draft, { recursive: true });
    const yesterday = new Date(Date.now() - 86_400_000);
    await utimes(draft, yesterday, yesterday);
    assert.deepEqual(await snapshots.list(), []);
    await add(new Date());
    assert.equal((await readdir(folder)).length, 1);
  });
});
