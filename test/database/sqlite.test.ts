// SQLite keeps the contracts, and what is special about a file: how it opens, who holds it, when it refuses.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import Database from 'better-sqlite3';
import { migrate, schemaVersion } from '../../src/database/migrations.ts';
import { openDatabase, StartRefused } from '../../src/database/open.ts';
import { openSqlite } from '../../src/database/sqlite.ts';
import { calibrationVersion, confidenceOf } from '../../src/gallery/calibration.ts';
import { defaultThreshold } from '../../src/gallery/detection.ts';
import { GalleryError } from '../../src/gallery/errors.ts';
import type { PhotoId } from '../../src/gallery/photo.ts';
import { correctionsContract } from '../contracts/corrections.ts';
import { jobQueueContract } from '../contracts/job-queue.ts';
import { linksContract } from '../contracts/links.ts';
import { development, newPhoto, owner, photoDatabaseContract } from '../contracts/photo-database.ts';
import { rerunsContract } from '../contracts/reruns.ts';
import { sidecarsContract } from '../contracts/sidecars.ts';
import { verificationContract } from '../contracts/verification.ts';
import { visibilityContract } from '../contracts/visibility.ts';

const openTemporary = async (now: () => number) => {
  const folder = await mkdtemp('/tmp/sajin-sqlite-');
  const opened = openSqlite(folder, { mayCreate: true, now });
  return {
    ...opened,
    async close() {
      await opened.photos.close();
      await rm(folder, { recursive: true });
    },
  };
};

photoDatabaseContract('SQLite', openTemporary);
correctionsContract('SQLite', openTemporary);
jobQueueContract('SQLite', openTemporary);
rerunsContract('SQLite', openTemporary);
sidecarsContract('SQLite', openTemporary);
verificationContract('SQLite', openTemporary);
visibilityContract('SQLite', openTemporary);
linksContract('SQLite', openTemporary);

describe('the database file', () => {
  let folder = '';
  let path = '';
  beforeEach(async () => {
    folder = await mkdtemp('/tmp/sajin-sqlite-');
    path = join(folder, 'gallery.db');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = () => openSqlite(folder, { mayCreate: true, now: Date.now });
  const digest = () => createHash('sha256').update(readFileSync(path)).digest('hex');
  const refused = (exitCode: number, words: RegExp) => (error: unknown) =>
    error instanceof StartRefused && error.exitCode === exitCode && words.test(error.message);

  test('learns while it is open how much there is of what, when it is told to', async () => {
    const opened = open();
    const watcher = new Database(path, { readonly: true });
    const known = () =>
      watcher.prepare(`SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'`).get() === undefined
        ? 0
        : watcher.prepare(`SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'photos'`).pluck().get();
    for (let count = 0; count < 30; count += 1) await opened.photos.recordPhoto(owner, newPhoto());
    await opened.photos.listPhotos(owner, { limit: 10 });
    assert.equal(known(), 0);
    await opened.optimize();
    assert.notEqual(known(), 0);
    watcher.close();
    await opened.photos.close();
  });

  test('syncs every commit, also when it is opened again', async () => {
    for (let time = 0; time < 2; time += 1) {
      const database = openDatabase(path, { mayCreate: true });
      assert.equal(database.pragma('synchronous', { simple: true }), 2);
      assert.equal(database.pragma('journal_mode', { simple: true }), 'wal');
      assert.equal(database.pragma('foreign_keys', { simple: true }), 1);
      database.close();
    }
  });

  test('writes over what a kill left in the log, since its sync may have failed', async () => {
    const first = open();
    await first.photos.recordPhoto(owner, newPhoto());
    const left = await mkdtemp('/tmp/sajin-sqlite-');
    for (const end of ['', '-wal'])
      await writeFile(join(left, `gallery.db${end}`), readFileSync(`${path}${end}`));
    await first.photos.close();
    const database = openDatabase(join(left, 'gallery.db'), { mayCreate: false });
    // The file alone, without its log.
    await writeFile(join(left, 'alone.db'), readFileSync(join(left, 'gallery.db')));
    database.close();
    const alone = new Database(join(left, 'alone.db'), { readonly: true });
    assert.equal(alone.prepare('SELECT count(*) FROM photos').pluck().get(), 1);
    alone.close();
    await rm(left, { recursive: true });
  });

  test('remembers photos and jobs after closing', async () => {
    const first = open();
    const { photo } = await first.photos.recordPhoto(owner, newPhoto({ title: '사진' }));
    await first.jobs.claim(3_600_000);
    await first.photos.close();
    const second = open();
    assert.equal((await second.photos.findPhoto(owner, photo.id))?.title, '사진');
    const job = await second.jobs.claim(1000);
    assert.equal(job?.photoId, photo.id, 'a lease dies with the program that held it');
    assert.equal(job.tries, 1, 'and is not held against the photo');
    await second.photos.close();
  });

  test('takes up at once what a clock that was ahead had put off', async () => {
    const first = openSqlite(folder, { mayCreate: true, now: () => Date.now() + 86_400_000 });
    const { photo } = await first.photos.recordPhoto(owner, newPhoto());
    await first.photos.close();
    const second = open();
    assert.equal((await second.jobs.claim(1000))?.photoId, photo.id);
    await second.photos.close();
  });

  test('refuses a file of zero bytes and leaves it alone', async () => {
    await writeFile(path, '');
    assert.throws(open, refused(78, /empty/));
    assert.equal(readFileSync(path).length, 0);
  });

  for (const [what, damage] of [
    [
      'text',
      Buffer.from('this is no database, and it is long enough to have a header of its own: '.repeat(4)),
    ],
    ['a header without pages', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(84, 7)])],
  ] as const) {
    test(`refuses ${what} and leaves it alone`, async () => {
      await writeFile(path, damage);
      assert.throws(open, refused(78, /can't be used|newer/));
      assert.deepEqual(readFileSync(path), damage);
    });
  }

  test('refuses a database with torn pages and leaves it alone', async () => {
    const whole = open();
    for (let count = 0; count < 50; count += 1) await whole.photos.recordPhoto(owner, newPhoto());
    await whole.photos.close();
    const bytes = readFileSync(path);
    bytes.fill(0x5a, 4096, 4096 * 4);
    await writeFile(path, bytes);
    assert.throws(open, refused(78, /can't be used/));
    assert.deepEqual(readFileSync(path), bytes);
  });

  test('refuses a database that was killed and then damaged, and leaves it and its log alone', async () => {
    const whole = openSqlite(folder, { mayCreate: true, now: Date.now });
    for (let count = 0; count < 50; count += 1) await whole.photos.recordPhoto(owner, newPhoto());
    const handle = new Database(path);
    handle.pragma('wal_checkpoint(PASSIVE)');
    handle.close();
    await whole.photos.recordPhoto(owner, newPhoto());
    // What a kill leaves: the file and its log as they are now.
    const left = await mkdtemp('/tmp/sajin-sqlite-');
    const bytes = readFileSync(path);
    bytes.fill(0x5a, 4096 * 5, 4096 * 7);
    await writeFile(join(left, 'gallery.db'), bytes);
    const log = readFileSync(`${path}-wal`);
    assert.ok(log.length > 0);
    await writeFile(join(left, 'gallery.db-wal'), log);
    await whole.photos.close();
    assert.throws(() => openSqlite(left, { mayCreate: true, now: Date.now }), refused(78, /can't be used/));
    assert.deepEqual(readFileSync(join(left, 'gallery.db')), bytes);
    assert.deepEqual(readFileSync(join(left, 'gallery.db-wal')), log);
    await rm(left, { recursive: true });
  });

  test('begins anew without the log of a database that was moved away', async () => {
    const first = open();
    await first.photos.recordPhoto(owner, newPhoto());
    const log = readFileSync(`${path}-wal`);
    await first.photos.close();
    await rm(path);
    await writeFile(`${path}-wal`, log);
    const second = open();
    assert.deepEqual((await second.photos.listPhotos(owner, { limit: 5 })).photos, []);
    await second.photos.close();
    assert.equal(readdirSync(folder).filter((name) => name.includes('-wal.left-')).length, 1);
  });

  test('refuses a database of a newer version and leaves it alone', async () => {
    await open().photos.close();
    const database = new Database(path);
    database.pragma(`user_version = ${schemaVersion + 1}`);
    database.close();
    const before = digest();
    assert.throws(open, refused(78, /newer/));
    assert.equal(digest(), before);
  });

  test("refuses another program's database and leaves it alone", () => {
    const database = new Database(path);
    database.pragma('application_id = 1234');
    database.close();
    const before = digest();
    assert.throws(open, refused(78, /another program/));
    assert.equal(digest(), before);
  });

  test('refuses to begin anew beside photos, unless told to', () => {
    assert.throws(() => openSqlite(folder, { mayCreate: false, now: Date.now }), refused(78, /--init/));
    assert.equal(existsSync(path), false);
  });

  test('refuses a folder that is in use, and names the process', async () => {
    const first = open();
    assert.throws(open, refused(75, new RegExp(`process ${process.pid}`)));
    await first.photos.close();
    await open().photos.close();
  });

  test('waits for another writer off the event loop, and gives up with `busy`', async () => {
    const { photos } = open();
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    const recording = photos.recordPhoto(owner, newPhoto());
    let ticks = 0;
    const ticker = setInterval(() => (ticks += 1), 10);
    await new Promise((resolve) => setTimeout(resolve, 300));
    other.exec('COMMIT');
    assert.equal((await recording).duplicate, false);
    assert.ok(ticks > 2, `the event loop ran on (${ticks} ticks)`);
    other.exec('BEGIN IMMEDIATE');
    await assert.rejects(
      photos.recordPhoto(owner, newPhoto()),
      (error: unknown) => error instanceof GalleryError && error.code === 'busy',
    );
    other.exec('COMMIT');
    other.close();
    clearInterval(ticker);
    await photos.close();
  });

  test('takes over the photos of the first version: their labels, their jobs, and which model looked', async () => {
    const old = new Database(path);
    migrate(old, 1);
    const model = 'f'.repeat(64);
    const id = (digit: string) => `01990000-0000-7000-8000-00000000000${digit}`;
    const insert = old.prepare(
      `INSERT INTO photos (id, title, state, sha256, bytes, type, width, height, uploaded_at, renditions, labels, engine)
       VALUES (?, '보리', ?, ?, 10, 'image/jpeg', 400, 300, 0, ?, ?, ?)`,
    );
    const rendition = '[{"size":320,"width":320,"height":240,"bytes":1,"sha256":"a"}]';
    const labels = '[{"label":"dog","count":1,"score":0.9}]';
    insert.run(
      id('1'),
      'done',
      '1'.repeat(64),
      rendition,
      labels,
      JSON.stringify({ engine: 'yolox', model, tookMs: 9 }),
    );
    insert.run(id('2'), 'waiting', '2'.repeat(64), '[]', '[]', null);
    const detection = old.prepare(
      `INSERT INTO detections VALUES (?, ?, ?, ?, 0.1, 0.1, 0.2, 0.2, 'yolox', '${model}')`,
    );
    detection.run(id('1'), 0, 'dog', 0.9);
    detection.run(id('1'), 1, 'cat', 0.2);
    old.prepare(`INSERT INTO photo_labels VALUES ('dog', ?)`).run(id('1'));
    old.prepare('INSERT INTO jobs (photo_id, due_at) VALUES (?, 0)').run(id('2'));
    old.close();

    const now = open();
    // Roughly at once, rightly a little later.
    assert.deepEqual(await now.photos.listLabels(owner, defaultThreshold), [{ label: 'dog', photos: 1 }]);
    assert.equal((await now.photos.findPhoto(owner, id('1') as PhotoId))?.labels[0]?.label, 'dog');
    assert.equal(await now.photos.recalibrate(10), 2);
    assert.equal(await now.photos.recalibrate(10), 0);
    const photo = await now.photos.findPhoto(owner, id('1') as PhotoId);
    assert.deepEqual(photo?.labels, [{ label: 'dog', confidences: [confidenceOf('yolox', 0.9)] }]);
    assert.deepEqual(
      photo.detections.map(({ label, score }) => [label, score]),
      [['dog', 0.9]],
      'of two names for one box the better stays',
    );
    assert.equal(photo.title, '보리');
    assert.equal(photo.frames, undefined, 'nobody counted: it passes for a still');
    assert.deepEqual(await now.photos.listLabels(owner, defaultThreshold), [{ label: 'dog', photos: 1 }]);
    assert.deepEqual(await now.photos.listModels(owner), [{ engine: 'yolox', model, photos: 1 }]);
    assert.equal((await now.jobs.claim(1000))?.photoId, id('2'));
    await now.photos.close();
  });

  test('makes every confidence and the index again when the calibration is another one, and only then', async () => {
    const first = open();
    const { photo } = await first.photos.recordPhoto(owner, newPhoto());
    const job = await first.jobs.claim(1000);
    assert.ok(job);
    await first.photos.saveDevelopment(job, development(['dog']));
    while ((await first.photos.recalibrate(10)) > 0);
    await first.photos.close();
    const spoil = (calibration: string) => {
      const database = new Database(path);
      database.exec(
        `UPDATE detections SET confidence = 11; UPDATE gallery SET calibration = '${calibration}'`,
      );
      database.close();
    };
    const confidence = async () => {
      let database = open();
      // One at a time, and as if the program had ended in between.
      for (let done = 1; done > 0; ) {
        done = await database.photos.recalibrate(1);
        await database.photos.close();
        database = open();
      }
      const found = await database.photos.findPhoto(owner, photo.id);
      const totals = await database.photos.listLabels(owner, defaultThreshold);
      await database.photos.close();
      return [found?.detections[0]?.confidence, totals.length];
    };
    spoil('another table');
    assert.deepEqual(await confidence(), [confidenceOf('yolox', 0.9), 1]);
    spoil(calibrationVersion);
    assert.deepEqual(await confidence(), [11, 1]);
  });
});
