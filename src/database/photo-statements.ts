// The SQL behind PhotoDatabase, prepared once. Text only: what the statements mean together is said in photos.ts.
import type { Database } from 'better-sqlite3';
import type { MediaType, PhotoId, Sha256 } from '../gallery/photo.ts';
import type { ModelTotal } from '../gallery/photo-database.ts';
import type { UserId } from '../gallery/user.ts';
import {
  type Eyes,
  inTrash,
  outOfTrash,
  seen,
  seenByDigest,
  seenById,
  seenOrGivenById,
  waiting,
} from './audience.ts';
import { type CardRow, cardColumns, type PhotoRow, photoColumns } from './rows.ts';

interface PlaceRow {
  readonly latitude: number;
  readonly longitude: number;
  readonly altitude: number | null;
}

type WithId = Eyes & { readonly id: PhotoId };
type WithIdNow = WithId & { readonly now: number };
type WithDigest = Eyes & { readonly sha256: Sha256; readonly owner: string };
type Range = Eyes & { readonly before: PhotoId; readonly limit: number };

export function preparePhotoStatements(database: Database) {
  const bump = 'version = version + 1';
  return {
    byId: database.prepare<[PhotoId], PhotoRow>(`SELECT ${photoColumns} FROM photos WHERE id = ?`),
    /** The one place where a guest is given anything. */
    seenById: database.prepare<[WithIdNow], PhotoRow>(
      `SELECT ${photoColumns} FROM photos WHERE ${seenOrGivenById}`,
    ),
    cardById: database.prepare<[PhotoId], CardRow>(`SELECT ${cardColumns} FROM photos WHERE id = ?`),
    /** What another person has may be hidden or deleted by them: it is no answer to whoever sends the same bytes. */
    byDigest: database.prepare<[WithDigest], PhotoRow>(
      `SELECT ${photoColumns} FROM photos WHERE ${seenByDigest}
       ORDER BY owner <> @owner, NOT ${outOfTrash}, id LIMIT 1`,
    ),
    ownByDigest: database.prepare<[Sha256, UserId | ''], PhotoRow>(
      `SELECT ${photoColumns} FROM photos WHERE sha256 = ? AND owner = ?`,
    ),
    anyByDigest: database.prepare<[Sha256], 1>('SELECT 1 FROM photos WHERE sha256 = ? LIMIT 1').pluck(),
    place: database.prepare<[WithId], PlaceRow>(
      `SELECT latitude, longitude, altitude FROM places JOIN photos ON photos.id = photo_id WHERE ${seenById}`,
    ),
    ids: database
      .prepare<[string, PhotoId, number], PhotoId>(
        'SELECT id FROM photos WHERE audience = ? AND id < ? ORDER BY id DESC LIMIT ?',
      )
      .pluck(),
    newer: database
      .prepare<[string, PhotoId], PhotoId>(
        'SELECT id FROM photos WHERE audience = ? AND id > ? ORDER BY id LIMIT 1',
      )
      .pluck(),
    failed: database
      .prepare<[Range], PhotoId>(
        `SELECT id FROM photos WHERE state = 'failed' AND id < @before AND ${seen} AND ${outOfTrash} ORDER BY id DESC LIMIT @limit`,
      )
      .pluck(),
    countFailed: database
      .prepare<[Eyes], number>(
        `SELECT count(*) FROM photos WHERE state = 'failed' AND ${seen} AND ${outOfTrash}`,
      )
      .pluck(),
    trash: database
      .prepare<[Range], PhotoId>(
        `SELECT id FROM photos WHERE ${inTrash} AND id < @before AND ${seen} ORDER BY id DESC LIMIT @limit`,
      )
      .pluck(),
    waiting: database
      .prepare<[Range], PhotoId>(
        `SELECT id FROM photos WHERE audience = '${waiting}' AND id < @before AND ${seen} ORDER BY id DESC LIMIT @limit`,
      )
      .pluck(),
    countWaiting: database
      .prepare<[Eyes], number>(`SELECT count(*) FROM photos WHERE audience = '${waiting}' AND ${seen}`)
      .pluck(),
    trashedBefore: database
      .prepare<[number, number], PhotoId>(
        'SELECT id FROM photos WHERE trashed_at < ? ORDER BY trashed_at LIMIT ?',
      )
      .pluck(),
    seenAt: database.prepare<[], number>('SELECT seen_at FROM gallery').pluck(),
    noteSeen: database.prepare<[number]>('UPDATE gallery SET seen_at = ?'),
    putOff: database.prepare<[{ uncounted: number; now: number }]>(
      `UPDATE photos SET trashed_at = min(trashed_at + @uncounted, @now)
       WHERE trashed_at IS NOT NULL AND (@uncounted > 0 OR trashed_at > @now)`,
    ),
    models: database.prepare<[], ModelTotal>(
      'SELECT engine, model, photos FROM model_totals WHERE photos > 0 ORDER BY photos DESC, model',
    ),
    insert: database.prepare(
      `INSERT INTO photos (id, owner, audience, title, state, sha256, bytes, type, width, height, frames, uploaded_at, trashed_at)
       VALUES (@id, @owner, @audience, @title, 'waiting', @sha256, @bytes, @type, @width, @height, @frames, @uploadedAt, @trashedAt)`,
    ),
    addJob: database.prepare<[PhotoId, number]>(
      'INSERT INTO jobs (photo_id, due_at) VALUES (?, ?) ON CONFLICT (photo_id, rerun_id) DO NOTHING',
    ),
    heldJob: database.prepare<[number, number], { id: number }>(
      'SELECT id FROM jobs WHERE id = ? AND attempt = ?',
    ),
    endJob: database.prepare<[number, number]>('DELETE FROM jobs WHERE id = ? AND attempt = ?'),
    setState: database.prepare<[string, PhotoId]>(
      `UPDATE photos SET state = ?, failure = NULL, ${bump} WHERE id = ?`,
    ),
    fail: database.prepare<[string, PhotoId]>(
      `UPDATE photos SET state = 'failed', failure = ?, ${bump} WHERE id = ?`,
    ),
    develop: database.prepare(
      `UPDATE photos SET state = @state, failure = @failure, width = @width, height = @height, renditions = @renditions,
         placeholder = @placeholder, taken_at = @takenAt, camera = @camera, engine = @engine, model = @model, ${bump}
       WHERE id = @id`,
    ),
    dropPlace: database.prepare<[PhotoId]>('DELETE FROM places WHERE photo_id = ?'),
    addPlace: database.prepare('INSERT INTO places VALUES (@id, @latitude, @longitude, @altitude)'),
    bump: database.prepare<[PhotoId]>(`UPDATE photos SET ${bump} WHERE id = ?`),
    retitle: database.prepare<[string, PhotoId]>(`UPDATE photos SET title = ?, ${bump} WHERE id = ?`),
    move: database.prepare<[UserId | '', string, number | null, PhotoId]>(
      `UPDATE photos SET owner = ?, audience = ?, trashed_at = ?, ${bump} WHERE id = ?`,
    ),
    // Not of upload links: there the row says who sent it.
    leaveLinks: database.prepare<[PhotoId]>(
      `DELETE FROM link_photos WHERE photo_id = ? AND link_id IN (SELECT id FROM links WHERE kind = 'photos')`,
    ),
    remove: database.prepare<[PhotoId]>('DELETE FROM photos WHERE id = ?'),
    expectPrivate: database.prepare<[Sha256, UserId]>('INSERT OR REPLACE INTO arriving VALUES (?, ?)'),
    endArriving: database
      .prepare<[Sha256], UserId>('DELETE FROM arriving WHERE sha256 = ? RETURNING owner')
      .pluck(),
    noteRemoved: database.prepare<[Sha256, MediaType]>('INSERT OR REPLACE INTO removed VALUES (?, ?)'),
    forgetRemoved: database.prepare<[Sha256]>('DELETE FROM removed WHERE sha256 = ?'),
    removed: database.prepare<[], { sha256: Sha256; type: MediaType }>('SELECT sha256, type FROM removed'),
    check: database.prepare('SELECT one FROM gallery'),
  };
}

export type PhotoStatements = ReturnType<typeof preparePhotoStatements>;
