// The schema, as numbered steps. A step that was released never changes; the next one is added below it.
import type { Database } from 'better-sqlite3';
import { accountsStep } from './account-schema.ts';
import { audienceStep } from './audience-schema.ts';
import { linkStep } from './link-schema.ts';
import { arriving, originalChecks, sidecarsDue, sidecarsOfTheRemoved } from './steps-keeping.ts';

/** `SAJN` in ASCII: how a file says that it is a gallery's database (PRAGMA application_id). */
export const applicationId = 0x53414a4e;

const steps: readonly string[] = [
  // Renditions and shown labels are kept as JSON inside the photo's row, so that a page of a list is one index range
  // and nothing else. `photo_labels` is the index for "everything under a label"; triggers keep `label_totals` so that
  // counting labels costs the number of labels, not of photos. `removed` remembers whose files may be deleted.
  `
  CREATE TABLE gallery (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    revision INTEGER NOT NULL
  ) STRICT;
  INSERT INTO gallery VALUES (1, 1);

  CREATE TABLE photos (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL DEFAULT 1,
    title TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'developing', 'done', 'failed')),
    failure TEXT,
    sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
    bytes INTEGER NOT NULL,
    type TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    uploaded_at INTEGER NOT NULL,
    taken_at TEXT,
    camera TEXT,
    placeholder TEXT,
    renditions TEXT NOT NULL DEFAULT '[]',
    labels TEXT NOT NULL DEFAULT '[]',
    engine TEXT
  ) STRICT;

  CREATE TABLE places (
    photo_id TEXT PRIMARY KEY REFERENCES photos (id) ON DELETE CASCADE,
    latitude REAL NOT NULL,
    longitude REAL NOT NULL,
    altitude REAL
  ) STRICT;

  CREATE TABLE detections (
    photo_id TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    label TEXT NOT NULL,
    score REAL NOT NULL,
    x REAL NOT NULL,
    y REAL NOT NULL,
    width REAL NOT NULL,
    height REAL NOT NULL,
    engine TEXT NOT NULL,
    model TEXT NOT NULL,
    PRIMARY KEY (photo_id, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE photo_labels (
    label TEXT NOT NULL,
    photo_id TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    PRIMARY KEY (label, photo_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX photo_labels_by_photo ON photo_labels (photo_id);

  CREATE TABLE label_totals (
    label TEXT PRIMARY KEY,
    photos INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER photo_labels_added AFTER INSERT ON photo_labels BEGIN
    INSERT INTO label_totals VALUES (new.label, 1) ON CONFLICT (label) DO UPDATE SET photos = photos + 1;
  END;
  CREATE TRIGGER photo_labels_removed AFTER DELETE ON photo_labels BEGIN
    UPDATE label_totals SET photos = photos - 1 WHERE label = old.label;
  END;

  CREATE TABLE removed (
    sha256 TEXT PRIMARY KEY,
    type TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    photo_id TEXT NOT NULL UNIQUE REFERENCES photos (id) ON DELETE CASCADE,
    attempt INTEGER NOT NULL DEFAULT 0,
    refunded INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    leased_until INTEGER
  ) STRICT;
  CREATE INDEX jobs_by_due ON jobs (due_at, id);
  `,
  // What people say (`words`, made and ended by `changes`) lies apart from what engines say (`detections`), so that a re-run replaces
  // the one and never the other. `photo_labels` is cut into steps of confidence: any threshold is a few index ranges, never a scan.
  // What is known of the labels so far is taken over roughly; `recalibrate` (said.ts) makes it right, a few photos at a time. `stale` is
  // how far that is: photos older than this one are still to come.
  `
  ALTER TABLE gallery ADD COLUMN calibration TEXT NOT NULL DEFAULT '';
  ALTER TABLE gallery ADD COLUMN stale TEXT;

  ALTER TABLE photos ADD COLUMN model TEXT;
  UPDATE photos SET model = coalesce(json_extract(engine, '$.model'), '') WHERE state = 'done' OR renditions <> '[]';
  UPDATE photos SET labels = (
    SELECT json_group_array(json_object('label', value ->> 'label', 'confidences', json_array(50))) FROM json_each(labels));
  CREATE INDEX photos_by_model ON photos (model, id) WHERE model IS NOT NULL;
  CREATE INDEX photos_failed ON photos (id) WHERE state = 'failed';
  CREATE TABLE model_totals (
    model TEXT PRIMARY KEY,
    engine TEXT NOT NULL,
    photos INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO model_totals
    SELECT model, coalesce(max(json_extract(engine, '$.engine')), ''), count(*) FROM photos WHERE model IS NOT NULL GROUP BY model;
  CREATE TRIGGER photos_model_changed AFTER UPDATE OF model ON photos WHEN old.model IS NOT new.model BEGIN
    UPDATE model_totals SET photos = photos - 1 WHERE model = old.model;
    INSERT INTO model_totals
      SELECT new.model, coalesce(json_extract(new.engine, '$.engine'), ''), 1 WHERE new.model IS NOT NULL
      ON CONFLICT (model) DO UPDATE SET photos = photos + 1;
  END;
  CREATE TRIGGER photos_removed AFTER DELETE ON photos WHEN old.model IS NOT NULL BEGIN
    UPDATE model_totals SET photos = photos - 1 WHERE model = old.model;
  END;

  CREATE TABLE new_detections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    photo_id TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    score REAL NOT NULL,
    confidence INTEGER NOT NULL,
    x REAL NOT NULL,
    y REAL NOT NULL,
    width REAL NOT NULL,
    height REAL NOT NULL,
    engine TEXT NOT NULL,
    model TEXT NOT NULL
  ) STRICT;
  INSERT INTO new_detections (photo_id, label, score, confidence, x, y, width, height, engine, model)
    SELECT photo_id, label, score, CAST(score * 100 AS INTEGER), x, y, width, height, engine, model FROM detections ORDER BY photo_id, position;
  DROP TABLE detections;
  ALTER TABLE new_detections RENAME TO detections;
  CREATE INDEX detections_by_photo ON detections (photo_id);

  CREATE TABLE changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    photo_id TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('confirm', 'reject', 'rename', 'move', 'add')),
    label TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX changes_by_photo ON changes (photo_id, id);
  CREATE TABLE words (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    photo_id TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    change_id INTEGER NOT NULL REFERENCES changes (id) ON DELETE CASCADE,
    ended_by INTEGER REFERENCES changes (id),
    present INTEGER NOT NULL CHECK (present IN (0, 1)),
    label TEXT NOT NULL,
    x REAL,
    y REAL,
    width REAL,
    height REAL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX words_by_photo ON words (photo_id);
  CREATE INDEX words_by_change ON words (change_id);
  CREATE INDEX words_by_end ON words (ended_by) WHERE ended_by IS NOT NULL;

  CREATE TABLE old_labels AS SELECT label, photo_id FROM photo_labels;
  DROP TABLE photo_labels;
  DROP TABLE label_totals;
  CREATE TABLE photo_labels (
    label TEXT NOT NULL,
    step INTEGER NOT NULL,
    photo_id TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    PRIMARY KEY (label, step, photo_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX photo_labels_by_photo ON photo_labels (photo_id);
  CREATE TABLE label_totals (
    label TEXT NOT NULL,
    step INTEGER NOT NULL,
    photos INTEGER NOT NULL,
    PRIMARY KEY (label, step)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER photo_labels_added AFTER INSERT ON photo_labels BEGIN
    INSERT INTO label_totals VALUES (new.label, new.step, 1) ON CONFLICT (label, step) DO UPDATE SET photos = photos + 1;
  END;
  CREATE TRIGGER photo_labels_removed AFTER DELETE ON photo_labels BEGIN
    UPDATE label_totals SET photos = photos - 1 WHERE label = old.label AND step = old.step;
    DELETE FROM label_totals WHERE label = old.label AND step = old.step AND photos = 0;
  END;
  INSERT INTO photo_labels SELECT label, 10, photo_id FROM old_labels;
  DROP TABLE old_labels;

  CREATE TABLE reruns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    scope TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('looking', 'paused', 'ready', 'done', 'cancelled')),
    approved INTEGER NOT NULL,
    automatic INTEGER NOT NULL,
    threshold TEXT NOT NULL,
    model TEXT NOT NULL,
    problem TEXT,
    priority INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    cursor TEXT,
    total INTEGER NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    differing INTEGER NOT NULL DEFAULT 0,
    applied INTEGER NOT NULL DEFAULT 0,
    found INTEGER NOT NULL DEFAULT 0,
    lost INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX reruns_unfinished ON reruns (priority, id) WHERE state IN ('looking', 'paused', 'ready');
  CREATE TABLE rerun_photos (
    rerun_id INTEGER NOT NULL REFERENCES reruns (id) ON DELETE CASCADE,
    photo_id TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    differences TEXT NOT NULL,
    differs INTEGER NOT NULL,
    applied INTEGER NOT NULL,
    failure TEXT,
    -- What was seen, while it waits, and which weights had looked before: if that is not so any more, it comes too late.
    result TEXT,
    before TEXT,
    PRIMARY KEY (rerun_id, photo_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX rerun_photos_differing ON rerun_photos (rerun_id, photo_id) WHERE differs = 1;
  CREATE INDEX rerun_photos_waiting ON rerun_photos (rerun_id, photo_id) WHERE result IS NOT NULL;
  CREATE INDEX rerun_photos_by_photo ON rerun_photos (photo_id);

  CREATE TABLE new_jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    photo_id TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    rerun_id INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0,
    refunded INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    leased_until INTEGER,
    UNIQUE (photo_id, rerun_id)
  ) STRICT;
  INSERT INTO new_jobs (id, photo_id, attempt, refunded, due_at, leased_until)
    SELECT id, photo_id, attempt, refunded, due_at, leased_until FROM jobs;
  DROP TABLE jobs;
  ALTER TABLE new_jobs RENAME TO jobs;
  CREATE INDEX jobs_by_due ON jobs (rerun_id, due_at, id);
  `,
  // How many pictures move in a photo. Nobody counted in those that are here already: they pass for stills.
  'ALTER TABLE photos ADD COLUMN frames INTEGER NOT NULL DEFAULT 1',
  audienceStep,
  accountsStep,
  sidecarsDue,
  originalChecks,
  linkStep,
  // When whoever it is last showed who they are. Of sessions that are here already nobody knows: they are asked once.
  'ALTER TABLE sessions ADD COLUMN confirmed_at INTEGER',
  // What the clock said when it was last looked at (gallery/trash.ts).
  'ALTER TABLE gallery ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0',
  // Which gallery this is, so that a folder of backups knows its own.
  `ALTER TABLE gallery ADD COLUMN id TEXT NOT NULL DEFAULT '';
  UPDATE gallery SET id = lower(hex(randomblob(16)))`,
  arriving,
  sidecarsOfTheRemoved,
  // What somebody added, newest first: what they may give by a link. And how much it is, told from this alone whenever they send something.
  'CREATE INDEX photos_by_owner ON photos (owner, audience, id, bytes)',
];

export const schemaVersion = steps.length;

/** Each missing step in a transaction of its own; the version is part of it, so a step is done wholly or not at all. */
export function migrate(database: Database, to = schemaVersion): void {
  const from = database.pragma('user_version', { simple: true }) as number;
  // A table that is made anew must not take along what points to it. Inside a transaction this can't be said.
  const enforced = database.pragma('foreign_keys', { simple: true }) as number;
  database.pragma('foreign_keys = OFF');
  steps.slice(from, to).forEach((sql, index) => {
    database
      .transaction(() => {
        database.exec(sql);
        if ((database.pragma('foreign_key_check') as unknown[]).length > 0)
          throw new Error('a migration left rows that point to nothing');
        database.pragma(`user_version = ${from + index + 1}`);
        database.pragma(`application_id = ${applicationId}`);
      })
      .immediate();
  });
  database.pragma(`foreign_keys = ${enforced}`);
}
