// Steps of the schema by which nothing is lost: which sidecars are behind, and which originals were read again. Each stands behind
// whatever makes `photos` anew in `migrations.ts`, since a table that is dropped takes its triggers along.

/**
 * The outbox of sidecars (gallery/sidecar-database.ts). Triggers leave the notes, so that no statement can forget to; a later note has
 * another number, by which the writer of an older one sees that it was overtaken. What is here already has no sidecar yet.
 */
export const sidecarsDue = `
  CREATE TABLE sidecars_due (
    note INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256 TEXT NOT NULL UNIQUE
  ) STRICT;
  INSERT INTO sidecars_due (sha256) SELECT DISTINCT sha256 FROM photos ORDER BY uploaded_at;

  CREATE TRIGGER sidecars_due_added AFTER INSERT ON photos BEGIN
    DELETE FROM sidecars_due WHERE sha256 = new.sha256;
    INSERT INTO sidecars_due (sha256) VALUES (new.sha256);
  END;
  CREATE TRIGGER sidecars_due_changed AFTER UPDATE OF title, owner, audience, trashed_at ON photos BEGIN
    DELETE FROM sidecars_due WHERE sha256 = new.sha256;
    INSERT INTO sidecars_due (sha256) VALUES (new.sha256);
  END;
  CREATE TRIGGER sidecars_due_removed AFTER DELETE ON photos BEGIN
    DELETE FROM sidecars_due WHERE sha256 = old.sha256;
    INSERT INTO sidecars_due (sha256) VALUES (old.sha256);
  END;
  CREATE TRIGGER sidecars_due_corrected AFTER INSERT ON changes BEGIN
    DELETE FROM sidecars_due WHERE sha256 = (SELECT sha256 FROM photos WHERE id = new.photo_id);
    INSERT INTO sidecars_due (sha256) SELECT sha256 FROM photos WHERE id = new.photo_id;
  END;
  CREATE TRIGGER sidecars_due_undone AFTER DELETE ON changes BEGIN
    DELETE FROM sidecars_due WHERE sha256 = (SELECT sha256 FROM photos WHERE id = old.photo_id);
    INSERT INTO sidecars_due (sha256) SELECT sha256 FROM photos WHERE id = old.photo_id;
  END;
`;

/**
 * When each original was last read. An upload counts, since its bytes were hashed as they came; of those that are here already nobody
 * knows. Kept by digest: several photos may have the same bytes.
 */
export const originalChecks = `
  CREATE TABLE original_checks (
    sha256 TEXT PRIMARY KEY,
    checked_at INTEGER NOT NULL,
    fault TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX original_checks_by_age ON original_checks (checked_at);
  CREATE INDEX original_checks_faulty ON original_checks (sha256) WHERE fault IS NOT NULL;
  INSERT INTO original_checks SELECT DISTINCT sha256, 0, NULL FROM photos;
  CREATE TRIGGER original_checks_added AFTER INSERT ON photos BEGIN
    INSERT INTO original_checks SELECT new.sha256, new.uploaded_at, NULL
      WHERE NOT EXISTS (SELECT 1 FROM original_checks WHERE sha256 = new.sha256);
  END;
  CREATE TRIGGER original_checks_removed AFTER DELETE ON photos BEGIN
    DELETE FROM original_checks
      WHERE sha256 = old.sha256 AND NOT EXISTS (SELECT 1 FROM photos WHERE sha256 = old.sha256);
  END;

  CREATE TABLE verification (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    asked INTEGER NOT NULL,
    strays TEXT NOT NULL
  ) STRICT;
  INSERT INTO verification VALUES (1, 0, '[]');
`;

/** Whose bytes are on their way to be kept for them only. The note goes with the row; one that stays is of an upload that was cut off. */
export const arriving = `
  CREATE TABLE arriving (
    sha256 TEXT PRIMARY KEY,
    owner TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** Sidecars know people by name. Of somebody who is removed they must not go on saying it: another person may be called the same. */
export const sidecarsOfTheRemoved = `
  CREATE TRIGGER sidecars_due_of_removed AFTER DELETE ON users BEGIN
    DELETE FROM sidecars_due WHERE sha256 IN (SELECT sha256 FROM photos WHERE owner = old.id);
    INSERT INTO sidecars_due (sha256) SELECT DISTINCT sha256 FROM photos WHERE owner = old.id;
  END;
`;
