// The schema, as numbered steps. A step that was released never changes; the next one is added below it.
import type { Database } from 'better-sqlite3';

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
];

export const schemaVersion = steps.length;

/** Each missing step in a transaction of its own; the version is part of it, so a step is done wholly or not at all. */
export function migrate(database: Database): void {
  const from = database.pragma('user_version', { simple: true }) as number;
  steps.slice(from).forEach((sql, index) => {
    database
      .transaction(() => {
        database.exec(sql);
        database.pragma(`user_version = ${from + index + 1}`);
        database.pragma(`application_id = ${applicationId}`);
      })
      .immediate();
  });
}
