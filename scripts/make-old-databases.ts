// Makes test/fixtures/databases/: what databases of released versions look like, from the very steps that made them, with a few rows as
// those versions wrote them. Run it once for a release, never to change a file that is there.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
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
  fillWords(database);
  addLabels(database, 'INSERT INTO photo_labels VALUES (?, ?, ?)');
}

function fillWords(database: Database.Database): void {
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
}

function addLabels(database: Database.Database, sql: string): void {
  const label = database.prepare(sql);
  label.run('vase', 20, id(1));
  label.run('dog', 18, id(1));
}

/** With people, ways in, links, and photos that not everybody sees. */
function fillMembers(database: Database.Database): void {
  fillWords(database);
  addLabels(database, `INSERT INTO photo_labels VALUES ('', ?, ?, ?)`);
  const at = uploadedAt;
  const until = at + 365 * 24 * 60 * 60 * 1000;
  const [boss, mina, link] = [user(1), user(2), '01990000-0000-7000-8000-0000000000c1'];
  database.prepare('UPDATE gallery SET id = ?').run('ab'.repeat(16));
  const person = database.prepare('INSERT INTO users VALUES (?, ?, ?, ?, 0, ?, ?)');
  person.run(boss, '보리네', '보리네', 'owner', password, at);
  person.run(mina, 'Mina', 'mina', 'member', password, at);
  database
    .prepare('INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
    .run('01990000-0000-7000-8000-0000000000e1', secret(1), mina, at, at, until, 'Firefox', '192.0.2.7', at);
  database
    .prepare('INSERT INTO passkeys VALUES (?, ?, ?, 0, ?, ?, ?, NULL)')
    .run('Y3JlZGVudGlhbA', mina, Buffer.from('a public key'), '["internal"]', 'phone', at);
  database
    .prepare('INSERT INTO grants VALUES (?, ?, ?, ?, ?, ?)')
    .run('01990000-0000-7000-8000-0000000000d1', 'invite', secret(2), at, until, '{"role":"viewer"}');
  const photo = database.prepare(
    `INSERT INTO photos (id, owner, audience, trashed_at, title, state, sha256, bytes, type, width, height, uploaded_at)
     VALUES (?, ?, ?, ?, ?, 'done', ?, 1000, 'image/jpeg', 400, 300, ?)`,
  );
  photo.run(id(5), mina, mina, null, 'mine alone', sha256(5), at + 3000);
  photo.run(id(6), mina, '-', at + 5000, 'thrown away', sha256(6), at + 4000);
  photo.run(id(7), boss, '+', null, 'from a guest', sha256(7), at + 5000);
  const give = database.prepare(
    `INSERT INTO links (id, token_hash, owner, kind, title, approval, most, received, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  give.run(link, secret(3), boss, 'upload', 'party', 1, 10, 1, at, until);
  give.run('01990000-0000-7000-8000-0000000000c2', secret(4), mina, 'photos', '보리', 0, null, 0, at, until);
  const inLink = database.prepare('INSERT INTO link_photos VALUES (?, ?, 1, ?)');
  inLink.run(link, id(7), 'a guest');
  inLink.run('01990000-0000-7000-8000-0000000000c2', id(1), '');
  database
    .prepare(
      `INSERT INTO audit (at, actor, action, subject, address) VALUES (?, '보리네', 'user-added', 'Mina', '192.0.2.7')`,
    )
    .run(at);
  database.prepare('INSERT INTO arriving VALUES (?, ?)').run(sha256(8), mina);
}

const user = (digit: number) => `01990000-0000-7000-8000-0000000000a${digit}`;
/** Of a token only that is kept. */
const secret = (digit: number) => `${digit}c`.repeat(32);
const password = '$scrypt$ln=15,r=8,p=3$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g';

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
  { name: '0.4.0', schema: 13, fill: fillMembers },
  { name: '0.5.0', schema: 14, fill: fillMembers },
  { name: '0.5.1', schema: 14, fill: fillMembers },
];

mkdirSync(folder, { recursive: true });
for (const { name, schema, fill: fillOne } of versions) {
  const file = join(folder, `${name}.sql`);
  if (existsSync(file)) continue;
  const database = new Database(':memory:');
  migrate(database, schema);
  fillOne(database);
  writeFileSync(file, dump(database));
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
  if (value instanceof Buffer) return `x'${value.toString('hex')}'`;
  return typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`;
}
