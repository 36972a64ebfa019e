// The step of the schema that brings links, and what makes one good: the tables that `given` (audience.ts) looks into.

/**
 * Of a token only its digest is kept. `owner` is '' for the machine, as in photos, so no foreign key can hold it: a trigger takes the links
 * of a user who is removed. `received` counts what came in by an upload link, and never goes down when a photo is removed later.
 */
export const linkStep = `
  CREATE TABLE links (
    id TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE CHECK (length(token_hash) = 64),
    owner TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('photos', 'label', 'upload')),
    title TEXT NOT NULL,
    label TEXT,
    step INTEGER,
    approval INTEGER NOT NULL DEFAULT 0 CHECK (approval IN (0, 1)),
    most INTEGER,
    received INTEGER NOT NULL DEFAULT 0,
    password TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    views INTEGER NOT NULL DEFAULT 0,
    last_seen_at INTEGER
  ) STRICT;
  CREATE INDEX links_by_owner ON links (owner, id);

  -- Of a selection what it shows, in this order; of an upload link what came in, and from whom.
  CREATE TABLE link_photos (
    link_id TEXT NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    photo_id TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    sender TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (link_id, photo_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX link_photos_in_order ON link_photos (link_id, place);
  CREATE INDEX link_photos_by_photo ON link_photos (photo_id);

  CREATE TRIGGER users_links_removed AFTER DELETE ON users BEGIN
    DELETE FROM links WHERE owner = old.id;
  END;
`;

/** A condition on `links`: whoever made it could still make one of its kind. */
export const linkIsBacked = `NOT EXISTS (SELECT 1 FROM users WHERE users.id = links.owner
  AND (users.disabled = 1 OR users.role = 'viewer' OR (links.kind = 'label' AND users.role <> 'owner')))`;

/**
 * The same for one photo of a selection, on `photos`: their own, or any while they run the gallery. What the machine made stays.
 * @param owner how SQL calls the link's owner
 */
export const photoIsBacked = (owner: string) => `(photos.owner = ${owner}
  OR NOT EXISTS (SELECT 1 FROM users WHERE users.id = ${owner} AND users.role <> 'owner'))`;

/** A condition on `links`, with `@now`. */
export const linkIsGood = `links.revoked_at IS NULL AND (links.expires_at IS NULL OR links.expires_at > @now) AND ${linkIsBacked}`;
