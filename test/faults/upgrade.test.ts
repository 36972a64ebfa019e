// An upgrade that is cut off: the database of every released version, killed at each statement of its migration, is whole at the next
// start and has everything.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { migrate, schemaVersion } from '../../src/database/migrations.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createClient } from '../support/client.ts';
import { isShort, seed, tell } from '../support/faults.ts';
import { makeFolder } from '../support/folder.ts';
import { assertSound } from '../support/invariants.ts';
import { randomFrom } from '../support/pictures.ts';
import { startProgram } from '../support/start-program.ts';

/** Of a program that somebody may come from; the newest has nothing to migrate. */
const versions = Array.from({ length: schemaVersion - 1 }, (_, index) => index + 1);
const photos = 40;
const names = ['gallery.db', 'gallery.db-wal', 'gallery.db-shm'];

/** As that version left it: photos, half of them developed, with labels, detections and jobs. */
function makeOld(folder: string, version: number): void {
  const database = new Database(join(folder, 'gallery.db'));
  database.pragma('journal_mode = WAL');
  // Filled as the first version did, and taken along from there.
  migrate(database, 1);
  const model = 'f'.repeat(64);
  const engine = JSON.stringify({ engine: 'yolox', model, tookMs: 9 });
  const photo = database.prepare(
    `INSERT INTO photos (id, title, state, sha256, bytes, type, width, height, uploaded_at, renditions, labels, engine)
     VALUES (?, ?, ?, ?, 10, 'image/jpeg', 400, 300, 0, ?, ?, ?)`,
  );
  const detection = database.prepare(
    `INSERT INTO detections VALUES (?, 0, 'dog', 0.9, 0.1, 0.1, 0.2, 0.2, 'yolox', '${model}')`,
  );
  const label = database.prepare(`INSERT INTO photo_labels VALUES ('dog', ?)`);
  const job = database.prepare('INSERT INTO jobs (photo_id, due_at) VALUES (?, 0)');
  for (let index = 0; index < photos; index += 1) {
    const digits = index.toString(16).padStart(12, '0');
    const id = `01990000-0000-7000-8000-${digits}`;
    const isDone = index % 2 === 0;
    const labels = isDone ? '[{"label":"dog","count":1,"score":0.9}]' : '[]';
    const renditions = isDone ? '[{"size":320,"width":320,"height":240,"bytes":1,"sha256":"a"}]' : '[]';
    photo.run(
      id,
      `사진 ${index}`,
      isDone ? 'done' : 'waiting',
      digits.padStart(64, '0'),
      renditions,
      labels,
      isDone ? engine : null,
    );
    if (isDone) detection.run(id);
    if (isDone) label.run(id);
    else job.run(id);
  }
  migrate(database, version);
  database.close();
}

/** What must be the same whichever way a database came to the newest version. */
function contentsOf(folder: string): unknown {
  const database = new Database(join(folder, 'gallery.db'));
  const count = (table: string) => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  const contents = {
    version: database.pragma('user_version', { simple: true }),
    photos: database.prepare('SELECT id, title, state, sha256, model, labels FROM photos ORDER BY id').all(),
    detections: database
      .prepare('SELECT photo_id, label, score, confidence, x, y FROM detections ORDER BY photo_id')
      .all(),
    totals: database.prepare('SELECT * FROM label_totals ORDER BY label, step').all(),
    jobs: count('jobs'),
    schema: database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all(),
  };
  database.close();
  return contents;
}

/** What a kill leaves of a database: its files as they are at that moment. */
function copyDatabase(source: string, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const name of names)
    if (existsSync(join(source, name))) cpSync(join(source, name), join(target, name));
}

for (const version of versions)
  describe(`F16 an upgrade from schema ${version}`, () => {
    test(`F16 that is cut off at any statement since schema ${version} goes on at the next start`, async (t) => {
      const folder = await makeFolder(t);
      const old = join(folder, 'old');
      mkdirSync(old);
      makeOld(old, version);
      const wanted = join(folder, 'wanted');
      copyDatabase(old, wanted);
      openDatabase(join(wanted, 'gallery.db'), { mayCreate: false }).close();
      const expected = contentsOf(wanted);

      let cuts = 0;
      const verbose = () => copyDatabase(old, join(folder, `cut-${cuts++}`));
      const upgrading = new Database(join(old, 'gallery.db'), { verbose });
      migrate(upgrading);
      // After the last commit, too, with everything in the log.
      verbose();
      upgrading.close();
      assert.ok(cuts > 3, `${cuts} statements`);
      for (let cut = 0; cut < cuts; cut += 1) {
        const place = join(folder, `cut-${cut}`);
        openDatabase(join(place, 'gallery.db'), { mayCreate: false }).close();
        assert.deepEqual(contentsOf(place), expected, `cut off at statement ${cut}`);
        assertSound(place);
        rmSync(place, { recursive: true });
      }
      tell(
        t,
        'F16',
        `schema ${version} to ${schemaVersion}: cut off at each of ${cuts} statements, everything there`,
      );
    });

    test(`F16 by a program that is killed while it upgrades schema ${version} comes through (seed ${seed})`, async (t) => {
      const uploadsDir = await makeFolder(t);
      makeOld(uploadsDir, version);
      // One that is there shows that the folder is the right one.
      mkdirSync(join(uploadsDir, 'originals/00'), { recursive: true });
      writeFileSync(join(uploadsDir, `originals/00/${'0'.repeat(64)}.jpg`), '');
      const random = randomFrom(seed + version);
      for (let kill = 0; kill < (isShort ? 2 : 20); kill += 1) {
        const starting = startProgram({
          uploadsDir,
          onSpawn: (pid) => void killLater(pid, random() % 400),
        });
        await starting.then(
          (program) => program.kill('SIGKILL'),
          (error: unknown) => assert.match(String(error), /ended with SIGKILL/),
        );
      }
      const program = await startProgram({ uploadsDir });
      t.after(() => program.kill('SIGKILL'));
      const titles = (await createClient(program.url).everything()).map(({ title }) => title);
      assert.deepEqual(titles.sort(), Array.from({ length: photos }, (_, index) => `사진 ${index}`).sort());
      assert.equal((await program.stop()).code, 0);
      assertSound(uploadsDir);
    });
  });

async function killLater(pid: number, ms: number): Promise<void> {
  await pause(ms);
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
