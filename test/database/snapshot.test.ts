// What a snapshot that somebody else has made may hold: whatever would be taken for the name of a file and is none.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import Database from 'better-sqlite3';
import { examineSnapshot } from '../../src/database/snapshot.ts';
import { openSqlite } from '../../src/database/sqlite.ts';
import { newPhoto, owner } from '../contracts/photo-database.ts';
import { makeFolder } from '../support/folder.ts';

describe('a snapshot', () => {
  for (const [what, change] of [
    ['a path for a digest', `sha256 = '../../outside/holiday'`],
    ['a digest in capitals', 'sha256 = upper(sha256)'],
    ['bytes for a digest', 'sha256 = CAST(sha256 AS BLOB)'],
    ['a type that there is not', `type = 'image/tiff'`],
  ] as const)
    test(`is refused with ${what}`, async (t) => {
      const folder = await makeFolder(t);
      const { photos } = openSqlite(folder, { mayCreate: true, now: Date.now });
      await photos.recordPhoto(owner, newPhoto());
      await photos.close();
      const path = join(folder, 'gallery.db');
      assert.equal(examineSnapshot(path).originals.length, 1);
      const database = new Database(path);
      database.pragma('ignore_check_constraints = ON');
      // A table that is strict takes no bytes for a text, but a file can be written by anything.
      const changed = () => database.exec(`UPDATE photos SET ${change}`);
      if (change.includes('BLOB')) assert.throws(changed, /cannot store BLOB/);
      else {
        changed();
        database.close();
        assert.throws(() => examineSnapshot(path), /names files as no Sajin does|is damaged/);
      }
      if (database.open) database.close();
    });
});
