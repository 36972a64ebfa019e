// A folder of backups that is only read is not changed, and may be one where nothing can be written.
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatMarker, markerFile } from '../../src/storage/backup-folder.ts';
import { openBackup } from '../../src/storage/backup-source.ts';
import { makeFolder } from '../support/folder.ts';

test('opening a folder of backups to read makes nothing in it', async (t) => {
  const folder = await makeFolder(t);
  await writeFile(join(folder, markerFile), formatMarker('ab'.repeat(16)));
  const { gallery, snapshots } = await openBackup(folder);
  assert.equal(gallery, 'ab'.repeat(16));
  assert.deepEqual(await snapshots.list(), []);
  assert.deepEqual(await readdir(folder), [markerFile]);
});
