// The step of the schema that gives photos owners, audiences and a trash.

/**
 * Whose a photo is, whom it is for, and since when it lies in the trash (audience.ts says how). Two people may own the same bytes, so
 * a digest is no longer unique by itself. A constraint can't be taken off a table: the table is made anew, with foreign keys off.
 */
export const audienceStep = `
  CREATE TABLE new_photos (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL DEFAULT 1,
    owner TEXT NOT NULL DEFAULT '',
    audience TEXT NOT NULL DEFAULT '',
    trashed_at INTEGER,
    title TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'developing', 'done', 'failed')),
    failure TEXT,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    bytes INTEGER NOT NULL,
    type TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    frames INTEGER NOT NULL DEFAULT 1,
    uploaded_at INTEGER NOT NULL,
    taken_at TEXT,
    camera TEXT,
    placeholder TEXT,
    renditions TEXT NOT NULL DEFAULT '[]',
    labels TEXT NOT NULL DEFAULT '[]',
    engine TEXT,
    model TEXT
  ) STRICT;
  INSERT INTO new_photos (id, version, title, state, failure, sha256, bytes, type, width, height, frames, uploaded_at, taken_at,
      camera, placeholder, renditions, labels, engine, model)
    SELECT id, version, title, state, failure, sha256, bytes, type, width, height, frames, uploaded_at, taken_at,
      camera, placeholder, renditions, labels, engine, model FROM photos ORDER BY id;
  DROP TABLE photos;
  ALTER TABLE new_photos RENAME TO photos;
  CREATE UNIQUE INDEX photos_by_digest ON photos (sha256, owner);
  CREATE INDEX photos_by_audience ON photos (audience, id);
  CREATE INDEX photos_by_model ON photos (model, id) WHERE model IS NOT NULL;
  CREATE INDEX photos_failed ON photos (id) WHERE state = 'failed';
  CREATE INDEX photos_trashed ON photos (trashed_at) WHERE trashed_at IS NOT NULL;
  CREATE TRIGGER photos_model_changed AFTER UPDATE OF model ON photos WHEN old.model IS NOT new.model BEGIN
    UPDATE model_totals SET photos = photos - 1 WHERE model = old.model;
    INSERT INTO model_totals
      SELECT new.model, coalesce(json_extract(new.engine, '$.engine'), ''), 1 WHERE new.model IS NOT NULL
      ON CONFLICT (model) DO UPDATE SET photos = photos + 1;
  END;
  CREATE TRIGGER photos_removed AFTER DELETE ON photos WHEN old.model IS NOT NULL BEGIN
    UPDATE model_totals SET photos = photos - 1 WHERE model = old.model;
  END;

  CREATE TABLE audience_totals (
    audience TEXT PRIMARY KEY,
    photos INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO audience_totals SELECT audience, count(*) FROM photos GROUP BY audience;
  CREATE TRIGGER photos_audience_added AFTER INSERT ON photos BEGIN
    INSERT INTO audience_totals VALUES (new.audience, 1) ON CONFLICT (audience) DO UPDATE SET photos = photos + 1;
  END;
  CREATE TRIGGER photos_audience_removed AFTER DELETE ON photos BEGIN
    UPDATE audience_totals SET photos = photos - 1 WHERE audience = old.audience;
  END;
  CREATE TRIGGER photos_audience_changed AFTER UPDATE OF audience ON photos WHEN old.audience <> new.audience BEGIN
    UPDATE audience_totals SET photos = photos - 1 WHERE audience = old.audience;
    INSERT INTO audience_totals VALUES (new.audience, 1) ON CONFLICT (audience) DO UPDATE SET photos = photos + 1;
  END;

  CREATE TABLE old_labels AS SELECT label, step, photo_id FROM photo_labels;
  DROP TABLE photo_labels;
  DROP TABLE label_totals;
  CREATE TABLE photo_labels (
    audience TEXT NOT NULL,
    label TEXT NOT NULL,
    step INTEGER NOT NULL,
    photo_id TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    PRIMARY KEY (audience, label, step, photo_id)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO photo_labels SELECT '', label, step, photo_id FROM old_labels ORDER BY label, step, photo_id;
  DROP TABLE old_labels;
  CREATE INDEX photo_labels_by_photo ON photo_labels (photo_id);
  CREATE TABLE label_totals (
    audience TEXT NOT NULL,
    label TEXT NOT NULL,
    step INTEGER NOT NULL,
    photos INTEGER NOT NULL,
    PRIMARY KEY (audience, label, step)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO label_totals SELECT audience, label, step, count(*) FROM photo_labels GROUP BY audience, label, step;
  CREATE TRIGGER photo_labels_added AFTER INSERT ON photo_labels BEGIN
    INSERT INTO label_totals VALUES (new.audience, new.label, new.step, 1)
      ON CONFLICT (audience, label, step) DO UPDATE SET photos = photos + 1;
  END;
  CREATE TRIGGER photo_labels_removed AFTER DELETE ON photo_labels BEGIN
    UPDATE label_totals SET photos = photos - 1 WHERE audience = old.audience AND label = old.label AND step = old.step;
    DELETE FROM label_totals WHERE audience = old.audience AND label = old.label AND step = old.step AND photos = 0;
  END;
  `;
