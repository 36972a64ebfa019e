// The SQL behind LinkDatabase, prepared once, and a link's row.
import type { Database } from 'better-sqlite3';
import type { Link, LinkId } from '../gallery/link.ts';
import type { PhotoId } from '../gallery/photo.ts';
import type { UserId } from '../gallery/user.ts';
import type { PasswordHash } from '../security/passwords.ts';
import type { TokenHash } from '../security/tokens.ts';
import { type Eyes, everybody, givable, seen, seenById } from './audience.ts';
import { linkIsBacked, linkIsGood, photoIsBacked } from './link-schema.ts';
import { type CardRow, cardColumns } from './rows.ts';

export interface LinkRow {
  readonly id: LinkId;
  readonly owner: UserId | '';
  readonly kind: Link['kind'];
  readonly title: string;
  readonly label: string | null;
  readonly step: number | null;
  readonly approval: 0 | 1;
  readonly most: number | null;
  readonly received: number;
  readonly password: PasswordHash | null;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
  readonly views: number;
  readonly last_seen_at: number | null;
}

/** A place in a selection: behind this photo, '' for its beginning. */
interface Place {
  readonly link: LinkId;
  readonly owner: UserId | '';
  readonly after: PhotoId | '';
  readonly limit: number;
}

interface ListRange {
  readonly all: 0 | 1;
  readonly owner: UserId | '';
  readonly before: LinkId;
  readonly limit: number;
}

/** Whose choice it is among photos to give. */
export interface Choice extends Pick<Eyes, 'mine'> {
  /** Gives what is everybody's, whosever it is. */
  readonly any: 0 | 1;
}

/** A part of `givable` (audience.ts), as a page reads it. */
const newestWhere = (condition: string) =>
  `SELECT id FROM (SELECT id FROM photos WHERE ${condition} AND id < @before ORDER BY id DESC LIMIT @limit)`;

export function prepareLinkStatements(database: Database) {
  const columns = `id, owner, kind, title, label, step, approval, most, received, password,
    created_at, expires_at, revoked_at, views, last_seen_at`;
  // What `given` (audience.ts) shows of a selection, found from its other end: by the link and in order.
  const ofSelection = `FROM link_photos JOIN photos ON photos.id = photo_id
    WHERE link_id = @link AND photos.audience IN ('${everybody}', @owner) AND ${photoIsBacked('@owner')}`;
  const placeOfAfter = `(SELECT place FROM link_photos WHERE link_id = @link AND photo_id = @after)`;
  return {
    insert: database.prepare(
      `INSERT INTO links (id, token_hash, owner, kind, title, label, step, approval, most, password, created_at, expires_at)
       VALUES (@id, @tokenHash, @owner, @kind, @title, @label, @step, @approval, @most, @password, @at, @end)`,
    ),
    addPhoto: database.prepare<[LinkId, PhotoId, number]>(
      'INSERT OR IGNORE INTO link_photos (link_id, photo_id, place) VALUES (?, ?, ?)',
    ),
    byId: database.prepare<[LinkId], LinkRow>(`SELECT ${columns} FROM links WHERE id = ?`),
    byToken: database.prepare<[TokenHash], LinkRow>(
      `SELECT ${columns} FROM links WHERE token_hash = ? AND ${linkIsBacked}`,
    ),
    good: database.prepare<[{ id: LinkId; now: number }], LinkRow>(
      `SELECT ${columns} FROM links WHERE id = @id AND ${linkIsGood}`,
    ),
    visit: database.prepare<[number, LinkId]>(
      'UPDATE links SET views = views + 1, last_seen_at = ? WHERE id = ?',
    ),
    list: database.prepare<[ListRange], LinkRow>(
      `SELECT ${columns} FROM links WHERE (@all = 1 OR owner = @owner) AND id < @before ORDER BY id DESC LIMIT @limit`,
    ),
    revoke: database.prepare<[number, LinkId]>(
      'UPDATE links SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?',
    ),
    photo: database.prepare<[Eyes & { id: PhotoId }], { owner: UserId | ''; audience: string }>(
      `SELECT owner, audience FROM photos WHERE ${seenById}`,
    ),
    card: database.prepare<[PhotoId], CardRow>(`SELECT ${cardColumns} FROM photos WHERE id = ?`),
    /** Each part is a range of an index, so whoever added little in a large gallery waits no longer than others. */
    givable: database.prepare<[Choice & { before: PhotoId; limit: number }], CardRow>(
      `SELECT ${cardColumns} FROM photos WHERE id IN (
         ${newestWhere(`@any = 1 AND audience = '${everybody}'`)}
         UNION ALL ${newestWhere(`@any = 0 AND owner = @mine AND audience = '${everybody}'`)}
         UNION ALL ${newestWhere('owner = @mine AND audience = @mine')})
       ORDER BY id DESC LIMIT @limit`,
    ),
    givableById: database.prepare<[Choice & { id: PhotoId }], CardRow>(
      `SELECT ${cardColumns} FROM photos WHERE id = @id AND ${givable}`,
    ),
    photos: database
      .prepare<[Place], PhotoId>(
        `SELECT photo_id ${ofSelection} AND (@after = '' OR place > ${placeOfAfter}) ORDER BY place LIMIT @limit`,
      )
      .pluck(),
    previous: database
      .prepare<[Place], PhotoId>(
        `SELECT photo_id ${ofSelection} AND place < ${placeOfAfter} ORDER BY place DESC LIMIT @limit`,
      )
      .pluck(),
    countPhotos: database
      .prepare<[{ link: LinkId; owner: UserId | '' }], number>(`SELECT count(*) ${ofSelection}`)
      .pluck(),
    take: database.prepare<[LinkId]>(
      'UPDATE links SET received = received + 1 WHERE id = ? AND received < most',
    ),
    giveBack: database.prepare<[LinkId]>(
      'UPDATE links SET received = received - 1 WHERE id = ? AND received > 0',
    ),
    senders: database.prepare<[Eyes & { ids: string }], { photo_id: PhotoId; sender: string; title: string }>(
      `SELECT photo_id, sender, links.title FROM link_photos JOIN links ON links.id = link_id JOIN photos ON photos.id = photo_id
       WHERE links.kind = 'upload' AND place > 0 AND photo_id IN (SELECT value FROM json_each(@ids)) AND ${seen}`,
    ),
    forget: database.prepare<[{ before: number }]>(
      'DELETE FROM links WHERE revoked_at < @before OR expires_at < @before',
    ),
  };
}

export function toLink(row: LinkRow, photos: number): Link {
  const { id, kind, title, owner, label, step, most, password } = row;
  return {
    id,
    kind,
    title,
    ...(owner === '' ? {} : { owner }),
    ...(label === null || step === null ? {} : { label, from: step * 5 }),
    ...(most === null ? {} : { most, needsApproval: row.approval === 1 }),
    photos,
    hasPassword: password !== null,
    createdAt: new Date(row.created_at),
    ...(row.expires_at === null ? {} : { expiresAt: new Date(row.expires_at) }),
    ...(row.revoked_at === null ? {} : { revokedAt: new Date(row.revoked_at) }),
    views: row.views,
    ...(row.last_seen_at === null ? {} : { lastSeenAt: new Date(row.last_seen_at) }),
  };
}
