// Makes test/fixtures/databases/: what databases of released versions look like, from the very steps that made them, with a few rows as
// those versions wrote them. Run it once for a release, never to change a file that is there.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { migrate } from '../src/database/migrations.ts';

const folder = fileURLToPath(new URL('../test/fixtures/databases/', import.meta.url));
const model = 'f'.repeat(64);
const id = (digit: number) => `01990000-0000-7000-8000-00000000000${digit}`;
const sha256 = (digit: number) => String(digit).repeat(64);
const rendition = JSON.stringify([
  { size: 320, width: 320, height: 240, bytes: 5000, sha256: 'a'.repeat(64) },
]);
const engine = JSON.stringify({ engine: 'yolox', model, tookMs: 15 });
const uploadedAt = Date.UTC(2026, 8, 1);

/** Three photos: one that is done, one that waits, one that failed; the file of a fourth is to be deleted. */
function fill(database: Database.Database, labels: string): void {
  const photo = database.prepare(
    `INSERT INTO photos (id, title, state, failure, sha256, bytes, type, width, height, uploaded_at, renditions, labels, engine)
     VALUES (?, ?, ?, ?, ?, 1000, 'image/jpeg', 400, 300, ?, ?, ?, ?)`,
  );
  photo.run(id(1), '보리', 'done', null, sha256(1), uploadedAt, rendition, labels, engine);
  photo.run(id(2), '', 'waiting', null, sha256(2), uploadedAt + 1000, '[]', '[]', null);
  photo.run(id(3), 'broken', 'failed', '{"code":"crashed"}', sha256(3), uploadedAt + 2000, '[]', '[]', null);
  database.prepare('INSERT INTO places VALUES (?, 37.5665, 126.978, 38)').run(id(1));
  database.prepare('INSERT INTO jobs (photo_id, due_at) VALUES (?, 0)').run(id(2));
  database.prepare('INSERT INTO removed VALUES (?, ?)').run(sha256(4), 'image/png');
}

/** With what people said, and how sure of a label the engine was. */
function fillCorrected(database: Database.Database): void {
  fill(database, '[{"label":"vase","confidences":[100]},{"label":"dog","confidences":[93]}]');
  database.prepare('UPDATE photos SET model = ? WHERE id = ?').run(model, id(1));
  database
    .prepare(
      `INSERT INTO detections (photo_id, label, score, confidence, x, y, width, height, engine, model)
       VALUES (?, 'dog', 0.9, 93, 0.1, 0.1, 0.2, 0.2, 'yolox', ?)`,
    )
    .run(id(1), model);
  database
    .prepare(`INSERT INTO changes (photo_id, kind, label, at) VALUES (?, 'add', 'vase', ?)`)
    .run(id(1), uploadedAt);
  database
    .prepare(`INSERT INTO words (photo_id, change_id, present, label, at) VALUES (?, 1, 1, 'vase', ?)`)
    .run(id(1), uploadedAt);
  const label = database.prepare('INSERT INTO photo_labels VALUES (?, ?, ?)');
  label.run('vase', 20, id(1));
  label.run('dog', 18, id(1));
}

const versions: readonly { name: string; schema: number; fill: (database: Database.Database) => void }[] = [
  {
    name: '0.1.0',
    schema: 1,
    fill(database) {
      fill(database, '[{"label":"dog","count":1,"score":0.9}]');
      database
        .prepare(`INSERT INTO detections VALUES (?, 0, 'dog', 0.9, 0.1, 0.1, 0.2, 0.2, 'yolox', ?)`)
        .run(id(1), model);
      database.prepare(`INSERT INTO photo_labels VALUES ('dog', ?)`).run(id(1));
    },
  },
  { name: '0.2.0', schema: 2, fill: fillCorrected },
  { name: '0.3.0', schema: 3, fill: fillCorrected },
];

mkdirSync(folder, { recursive: true });
for (const { name, schema, fill: fillOne } of versions) {
  const database = new Database(':memory:');
  migrate(database, schema);
  fillOne(database);
  writeFileSync(join(folder, `${name}.sql`), dump(database));
  database.close();
}

/** As statements, so that a reader sees what is in it. */
function dump(database: Database.Database): string {
  const pragmas = ['application_id', 'user_version'].map(
    (name) => `PRAGMA ${name} = ${database.pragma(name, { simple: true }) as number};`,
  );
  const objects = database
    .prepare<[], { type: string; name: string; sql: string }>(
      `SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid`,
    )
    .all();
  const of = (wanted: string) => objects.filter(({ type }) => type === wanted);
  const rows = of('table').flatMap(({ name }) =>
    database
      .prepare<[], unknown[]>(`SELECT * FROM ${name}`)
      .raw()
      .all()
      .map((row) => `INSERT INTO ${name} VALUES (${row.map(literal).join(', ')});`),
  );
  const definitions = (type: string) => of(type).map(({ sql }) => `${sql};`);
  // Triggers last: what they count is among the rows already.
  return [
    ...pragmas,
    ...definitions('table'),
    ...rows,
    ...definitions('index'),
    ...definitions('trigger'),
    '',
  ].join('\n');
}

function literal(value: unknown): string {
  if (value === null) return 'NULL';
  return typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`;
}
