// The database is read as a whole while it is open: by who asks, once a week by itself, and never so long that its log grows without end.
import assert from 'node:assert/strict';
import { existsSync, truncateSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { type CheckNote, readNote, writeNote } from '../../src/database/check-note.ts';
import { type HealthOptions, openHealth } from '../../src/database/health.ts';
import { openSqlite } from '../../src/database/sqlite.ts';
import { openDiskTrust } from '../../src/gallery/disk-trust.ts';
import { newPhoto, owner } from '../contracts/photo-database.ts';
import { collectingLog } from '../support/collecting-log.ts';
import { makeFolder } from '../support/folder.ts';
import { until } from '../support/until.ts';

const day = 24 * 60 * 60 * 1000;
const readings = { deadlineMs: 60_000 };

async function open(t: TestContext, note: Partial<CheckNote> = {}, options: Partial<HealthOptions> = {}) {
  const folder = await makeFolder(t);
  const path = join(folder, 'gallery.db');
  const { photos } = openSqlite(folder, { mayCreate: true, now: Date.now });
  for (let one = 0; one < 50; one += 1) await photos.recordPhoto(owner, newPhoto());
  await photos.close();
  writeNote(path, { unchecked: true, ...note });
  const [trust, log] = [openDiskTrust(), collectingLog()];
  const health = openHealth({ path, isUnread: false, trust, now: Date.now, log, ...options });
  t.after(() => health.stop());
  return {
    folder,
    path,
    trust,
    log,
    health,
    read: () => until('it to be read', () => !health.status().isReading, readings),
  };
}

test('a database in order is said to be, and when', async (t) => {
  const { health, read, path, trust } = await open(t);
  assert.deepEqual(health.status(), { isDamaged: false, isReading: false });
  const began = Date.now();
  health.check();
  assert.equal(health.status().isReading, true);
  await read();
  assert.ok((health.status().checkedAt?.getTime() ?? 0) >= began);
  assert.equal(trust.lost.aborted, false);
  assert.equal(readNote(path).checkedAt, health.status().checkedAt?.getTime(), 'also after a restart');
});

test('an index that lost an entry is found, ends all writing, and is refused at the next start', async (t) => {
  const { folder, health, read, path, trust, log } = await open(t);
  // As a lost write does: the table goes on without its index.
  const define = (sql: string) => {
    const database = new Database(path);
    database.unsafeMode();
    database.pragma('writable_schema = ON');
    const before = database.prepare(`SELECT sql FROM sqlite_schema WHERE name = 'jobs_by_due'`).pluck().get();
    database.prepare(`UPDATE sqlite_schema SET sql = ? WHERE name = 'jobs_by_due'`).run(sql);
    database.close();
    return String(before);
  };
  const whole = define('CREATE INDEX jobs_by_due ON jobs (rerun_id, due_at, id) WHERE due_at < 0');
  const database = new Database(path);
  database.exec('UPDATE jobs SET due_at = due_at + 1');
  database.close();
  define(whole);
  health.check();
  await read();
  assert.equal(health.status().isDamaged, true);
  assert.throws(() => trust.expect(), { code: 'database-damaged' });
  assert.match(JSON.stringify(log.lines), /database is damaged/);
  await health.stop();
  assert.throws(() => openSqlite(folder, { mayCreate: false, now: Date.now }), { exitCode: 78 });
});

test('what was damaged is believed again when another database lies in its place', async (t) => {
  const { folder, path } = await open(t, { fault: 'it was corrupt' });
  const { photos, health } = openSqlite(folder, { mayCreate: false, now: Date.now });
  assert.equal(health.status().isDamaged, false);
  await photos.close();
  assert.deepEqual([readNote(path).unchecked, readNote(path).fault], [false, undefined]);
});

test('a week after it was last read it is read again, and not before', async (t) => {
  const lookEveryMs = 20;
  const late = await open(t, { checkedAt: Date.now() - 8 * day }, { lookEveryMs });
  late.health.resume();
  await until(
    'it to be read again',
    () =>
      readNote(late.path).checkedAt !== undefined && Date.now() - (readNote(late.path).checkedAt ?? 0) < day,
    readings,
  );
  const early = await open(t, { checkedAt: Date.now() - 6 * day }, { lookEveryMs });
  early.health.resume();
  await pause(200);
  assert.equal(early.health.status().isReading, false);
});

test('reading gives way when the log grows, and says so', async (t) => {
  const { health, read, path, log } = await open(t);
  writeFileSync(`${path}-wal`, '');
  truncateSync(`${path}-wal`, 129 * 1024 * 1024);
  health.check();
  await read();
  assert.deepEqual(health.status(), { isDamaged: false, isReading: false });
  assert.match(JSON.stringify(log.lines), /could not be read as a whole/);
});

test('a note says that it is open, and after a clean stop that it is not', async (t) => {
  const folder = await makeFolder(t);
  const path = join(folder, 'gallery.db');
  const { photos } = openSqlite(folder, { mayCreate: true, now: Date.now });
  assert.equal(readNote(path).unchecked, true);
  await photos.close();
  assert.equal(readNote(path).unchecked, false);
  await writeFile(join(folder, 'gallery.check'), 'torn');
  assert.deepEqual(readNote(path), { unchecked: true });
  assert.ok(existsSync(path) && (await readFile(path)).length > 0);
});
