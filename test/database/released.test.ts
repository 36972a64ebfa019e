// Databases of every version that was released: each opens, keeps its rows, and is kept as it was before anything is changed.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { migrate, schemaVersion } from '../../src/database/migrations.ts';
import { StartRefused } from '../../src/database/open.ts';
import { prepareRestored } from '../../src/database/restored.ts';
import { dropPhotos, examineSnapshot, takeSnapshot } from '../../src/database/snapshot.ts';
import { openSqlite } from '../../src/database/sqlite.ts';
import { defaultThreshold } from '../../src/gallery/detection.ts';
import type { PhotoId, Sha256 } from '../../src/gallery/photo.ts';
import type { UserId } from '../../src/gallery/user.ts';
import type { Viewer } from '../../src/gallery/viewer.ts';
import { newPhoto, owner } from '../contracts/photo-database.ts';
import { fixturesFolder, projectRoot } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';

const fixtures = join(fixturesFolder, 'databases');
const versions = readdirSync(fixtures).map((name) => name.replace(/\.sql$/, ''));
const id = (digit: number) => `01990000-0000-7000-8000-00000000000${digit}` as PhotoId;
const open = (folder: string) => openSqlite(folder, { mayCreate: false, now: Date.now });

async function released(t: TestContext, version: string) {
  const folder = await makeFolder(t);
  const path = join(folder, 'gallery.db');
  const database = new Database(path);
  // As a gallery leaves it.
  database.pragma('journal_mode = WAL');
  // Tables come in the order in which they were made, so that rows may point to some that are still to come.
  database.pragma('foreign_keys = OFF');
  database.exec(readFileSync(join(fixtures, `${version}.sql`), 'utf8'));
  const schema = database.pragma('user_version', { simple: true }) as number;
  database.close();
  return { folder, path, schema };
}

const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const count = (path: string, table: string) => {
  const database = new Database(path, { readonly: true });
  const rows = database.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get();
  database.close();
  return rows;
};

test('there is one for every version that was released', () => {
  const changelog = readFileSync(join(projectRoot, 'CHANGELOG.md'), 'utf8');
  const all = [...changelog.matchAll(/^## (\d+\.\d+\.\d+)/gm)].map(([, version = '']) => version);
  assert.ok(all.length >= 4);
  // A release without one: add it to scripts/make-old-databases.ts before the next step of the schema, and run that.
  assert.deepEqual(versions.toSorted(), all.toSorted());
});

const definitions = (database: Database.Database) =>
  database
    .prepare<[], string>(
      `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY sql`,
    )
    .pluck()
    .all();
/** What belongs to people rather than to photos, in versions that have it. */
const peoplesTables = [
  'users',
  'sessions',
  'passkeys',
  'grants',
  'links',
  'link_photos',
  'audit',
  'arriving',
];
const rowsOf = (path: string) => {
  const database = new Database(path, { readonly: true });
  const has = database.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`);
  const there = peoplesTables.filter((table) => has.get(table) !== undefined);
  const rows = there.map(
    (table) =>
      [
        table,
        database.prepare<[], Readonly<Record<string, unknown>>>(`SELECT * FROM ${table}`).all(),
      ] as const,
  );
  database.close();
  return Object.fromEntries(rows);
};

for (const version of versions)
  describe(`a database of ${version}`, () => {
    test('has the schema that its steps make still: one that was released never changes', async (t) => {
      const { path, schema } = await released(t, version);
      const [old, made] = [new Database(path, { readonly: true }), new Database(':memory:')];
      migrate(made, schema);
      assert.deepEqual(definitions(old), definitions(made));
      for (const database of [old, made]) database.close();
    });

    test('opens and keeps everybody, their ways in, links and the audit', async (t) => {
      const { folder, path } = await released(t, version);
      const before = rowsOf(path);
      await open(folder).photos.close();
      const after = rowsOf(path);
      for (const [table, rows] of Object.entries(before)) {
        assert.ok(rows.length > 0, `${table} of the fixture is empty`);
        // A later step may add columns.
        const columns = Object.keys(rows[0] ?? {});
        const kept = after[table]?.map((row) => Object.fromEntries(columns.map((name) => [name, row[name]])));
        assert.deepEqual(
          kept,
          rows.map((row) => ({ ...row })),
          table,
        );
      }
    });

    test('opens and keeps every photo, place, label, job and note', async (t) => {
      const { folder, path } = await released(t, version);
      const all = count(path, 'photos');
      const { photos, jobs, sidecars, verification } = open(folder);
      t.after(() => photos.close());
      while ((await photos.recalibrate(10)) > 0);
      const [done, waiting, failed] = await Promise.all(
        [1, 2, 3].map((one) => photos.findPhoto(owner, id(one))),
      );
      assert.deepEqual([done?.title, done?.state, done?.engine?.engine], ['보리', 'done', 'yolox']);
      assert.deepEqual(
        [waiting?.state, failed?.state, failed?.failure],
        ['waiting', 'failed', { code: 'crashed' }],
      );
      assert.ok(done?.detections.some(({ label, score }) => label === 'dog' && score === 0.9));
      assert.equal(
        done?.detections.some(({ label, origin }) => label === 'vase' && origin.by === 'person'),
        version !== '0.1.0',
      );
      assert.deepEqual(await photos.findPlace(owner, id(1)), {
        latitude: 37.5665,
        longitude: 126.978,
        altitude: 38,
      });
      assert.ok((await photos.listLabels(owner, defaultThreshold)).some(({ label }) => label === 'dog'));
      assert.equal((await jobs.claim(1000))?.photoId, id(2));
      assert.deepEqual(
        (await photos.listRemoved()).map(({ sha256 }) => sha256),
        ['4'.repeat(64)],
      );
      assert.equal((await sidecars.listDueSidecars(10)).length, all, 'none has a sidecar yet');
      assert.equal(
        (await verification.summarizeChecks(owner, new Date(Date.UTC(2027, 0, 1)))).overdue,
        all,
        'none was checked since it came',
      );
    });

    test('is copied and verified before it is changed, once', async (t) => {
      const { folder, path, schema } = await released(t, version);
      const before = count(path, 'photos');
      for (let start = 0; start < 2; start += 1) await open(folder).photos.close();
      // The newest has nothing to be changed.
      if (schema === schemaVersion) return assert.equal(existsSync(join(folder, 'backups')), false);
      const [name = '', ...more] = await readdir(join(folder, 'backups'));
      assert.deepEqual(more, []);
      assert.match(name, new RegExp(`^gallery-before-update-from-schema-${schema}-\\d{8}T\\d{6}\\.db$`));
      const facts = examineSnapshot(join(folder, 'backups', name));
      assert.deepEqual([facts.schema, facts.photos], [schema, before]);
      assert.equal(count(path, 'photos'), before);
    });

    test('is not touched when there is no room for that copy', async (t) => {
      const { folder, path, schema } = await released(t, version);
      await writeFile(join(folder, 'backups'), 'in the way');
      if (schema === schemaVersion) return void (await rm(join(folder, 'backups')));
      const before = digest(path);
      assert.throws(
        () => open(folder),
        (error: unknown) =>
          error instanceof StartRefused && error.exitCode === 75 && /backups/.test(error.message),
      );
      assert.equal(digest(path), before);
      await rm(join(folder, 'backups'));
      await open(folder).photos.close();
    });

    test('comes back from a backup: developed again where nothing is left, its sidecars due, and no old removal ended', async (t) => {
      const { folder, path } = await released(t, version);
      const all = count(path, 'photos');
      assert.equal(
        prepareRestored(path, () => false, Date.now),
        1,
      );
      assert.deepEqual(await readdir(folder), ['gallery.db'], 'in one file, without another copy beside it');
      const { photos, jobs, sidecars } = open(folder);
      t.after(() => photos.close());
      const restored = await photos.findPhoto(owner, id(1));
      assert.deepEqual([restored?.state, restored?.renditions], ['waiting', []]);
      assert.ok(
        restored?.labels.some(({ label }) => label === 'dog'),
        'what was seen is shown until then',
      );
      assert.equal(await jobs.count(), 2);
      assert.equal((await sidecars.listDueSidecars(10)).length, all);
      assert.deepEqual(await photos.listRemoved(), []);
    });

    test('of a version that does not exist yet is refused', async (t) => {
      const { folder, path } = await released(t, version);
      const database = new Database(path);
      database.pragma(`user_version = ${schemaVersion + 1}`);
      database.close();
      const before = digest(path);
      assert.throws(
        () => open(folder),
        (error: unknown) => error instanceof StartRefused && error.exitCode === 78,
      );
      assert.equal(digest(path), before);
    });
  });

test('a database of 0.4.0 goes on showing nobody what was private, thrown away or waits to be let in', async (t) => {
  const { folder } = await released(t, '0.4.0');
  const { photos } = open(folder);
  t.after(() => photos.close());
  const user = (digit: number, role: 'owner' | 'viewer' | 'member') =>
    ({ kind: 'user', id: `01990000-0000-7000-8000-0000000000a${digit}` as UserId, role }) as const;
  const seenBy = async (viewer: Viewer) => {
    const found = await Promise.all([5, 6, 7].map((one) => photos.findPhoto(viewer, id(one))));
    return found.map((photo) => photo !== undefined);
  };
  assert.deepEqual(await seenBy(user(3, 'viewer')), [false, false, false]);
  assert.deepEqual(await seenBy(user(2, 'member')), [true, true, false], 'theirs');
  assert.deepEqual(await seenBy(user(1, 'owner')), [false, true, true]);
  const { photos: listed } = await photos.listPhotos(user(2, 'member'), { limit: 10 });
  assert.deepEqual(listed.map((photo) => photo.id).sort(), [1, 2, 3, 5].map(id));
});

test('of copies that were made before updates the latest three stay, and nothing else goes', async (t) => {
  const { folder, schema } = await released(t, '0.2.0');
  const backups = join(folder, 'backups');
  await mkdir(backups);
  const old = [
    'gallery-before-update-from-schema-9-20250101T000000Z.db',
    'gallery-before-update-from-schema-1-20260101T000000Z.db',
    'gallery-before-update-from-schema-2-20260201T000000Z.db',
    'gallery-before-update-from-schema-2-20260301T000000Z.db',
  ];
  const others = ['mine.db', 'gallery-before-update-from-schema-1-20200101T000000Z.db.gz'];
  for (const name of [...old, ...others]) await writeFile(join(backups, name), '');
  const { photos } = open(folder);
  await photos.close();
  const left = await readdir(backups);
  const made = left.filter((name) => name.includes(`schema-${schema}-`) && !old.includes(name));
  assert.equal(made.length, 1);
  assert.deepEqual(left.sort(), [...old.slice(2), ...made, ...others].sort());
  await (await open(folder)).photos.close();
  assert.equal((await readdir(backups)).length, left.length);
});

describe('a snapshot', () => {
  test('comes back with all that lay in its trash, however old it is', async (t) => {
    const folder = await makeFolder(t);
    const [path, snapshot] = [join(folder, 'gallery.db'), join(folder, 'snapshot.db')];
    const day = 24 * 60 * 60 * 1000;
    const begun = Date.UTC(2026, 0, 1);
    const first = openSqlite(folder, { mayCreate: true, now: () => begun });
    const { photo } = await first.photos.recordPhoto(owner, newPhoto());
    await first.photos.trashPhoto(owner, photo.id);
    await first.photos.passTime(new Date(begun));
    takeSnapshot(path, snapshot);
    await first.photos.close();
    for (const days of [29, 31, 400]) {
      const now = begun + days * day;
      await copyFile(snapshot, path);
      prepareRestored(
        path,
        () => true,
        () => now,
      );
      const { photos } = openSqlite(folder, { mayCreate: false, now: () => now });
      await photos.passTime(new Date(now + day));
      const found = await photos.findPhoto(owner, photo.id);
      await photos.close();
      assert.deepEqual(found?.trashedAt, new Date(now), `${days} days old`);
    }
  });

  test('is one moment of a database that is written to, in a file without a log', async (t) => {
    const folder = await makeFolder(t);
    const { photos } = openSqlite(folder, { mayCreate: true, now: Date.now });
    t.after(() => photos.close());
    for (let one = 0; one < 5; one += 1) await photos.recordPhoto(owner, newPhoto());
    const other = new Database(join(folder, 'gallery.db'));
    other.exec('BEGIN IMMEDIATE');
    const facts = takeSnapshot(join(folder, 'gallery.db'), join(folder, 'snapshot.db'));
    other.exec('COMMIT');
    other.close();
    assert.deepEqual([facts.photos, facts.originals.length, facts.schema], [5, 5, schemaVersion]);
    const left = (await readdir(folder)).filter((name) => name.startsWith('snapshot'));
    assert.deepEqual(left, ['snapshot.db']);
    const [one] = facts.originals;
    const less = dropPhotos(join(folder, 'snapshot.db'), [one?.sha256 as Sha256]);
    assert.deepEqual([less.photos, less.originals.length], [4, 4]);
  });

  test('is not made of a damaged database, and nothing is left of it', async (t) => {
    const folder = await makeFolder(t);
    const path = join(folder, 'gallery.db');
    const { photos } = openSqlite(folder, { mayCreate: true, now: Date.now });
    for (let one = 0; one < 50; one += 1) await photos.recordPhoto(owner, newPhoto());
    await photos.close();
    await writeFile(path, readFileSync(path).fill(0x5a, 4096 * 2, 4096 * 9));
    assert.throws(() => takeSnapshot(path, join(folder, 'snapshot.db')), StartRefused);
    assert.equal((await readdir(folder)).includes('snapshot.db'), false);
  });
});
