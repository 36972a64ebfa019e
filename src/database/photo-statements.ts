// The SQL behind PhotoDatabase, prepared once. Text only: what the statements mean together is said in photos.ts.
import type { Database } from 'better-sqlite3';
import type { MediaType, PhotoId, Sha256 } from '../gallery/photo.ts';
import type { ModelTotal } from '../gallery/photo-database.ts';
import { type CardRow, cardColumns, type PhotoRow, photoColumns } from './rows.ts';

interface PlaceRow {
  readonly latitude: number;
  readonly longitude: number;
  readonly altitude: number | null;
}

export function preparePhotoStatements(database: Database) {
  const bump = 'version = version + 1';
  return {
    byId: database.prepare<[PhotoId], PhotoRow>(`SELECT ${photoColumns} FROM photos WHERE id = ?`),
    bySha256: database.prepare<[Sha256], PhotoRow>(`SELECT ${photoColumns} FROM photos WHERE sha256 = ?`),
    cardById: database.prepare<[PhotoId], CardRow>(`SELECT ${cardColumns} FROM photos WHERE id = ?`),
    place: database.prepare<[PhotoId], PlaceRow>(
      'SELECT latitude, longitude, altitude FROM places WHERE photo_id = ?',
    ),
    cards: database.prepare<[PhotoId, number], CardRow>(
      `SELECT ${cardColumns} FROM photos WHERE id < ? ORDER BY id DESC LIMIT ?`,
    ),
    photos: database.prepare<[PhotoId, number], PhotoRow>(
      `SELECT ${photoColumns} FROM photos WHERE id < ? ORDER BY id DESC LIMIT ?`,
    ),
    failed: database
      .prepare<[PhotoId, number], PhotoId>(
        `SELECT id FROM photos WHERE state = 'failed' AND id < ? ORDER BY id DESC LIMIT ?`,
      )
      .pluck(),
    countFailed: database.prepare<[], number>(`SELECT count(*) FROM photos WHERE state = 'failed'`).pluck(),
    newer: database
      .prepare<[PhotoId], PhotoId>('SELECT id FROM photos WHERE id > ? ORDER BY id LIMIT 1')
      .pluck(),
    older: database
      .prepare<[PhotoId], PhotoId>('SELECT id FROM photos WHERE id < ? ORDER BY id DESC LIMIT 1')
      .pluck(),
    models: database.prepare<[], ModelTotal>(
      'SELECT engine, model, photos FROM model_totals WHERE photos > 0 ORDER BY photos DESC, model',
    ),
    insert: database.prepare(
      `INSERT INTO photos (id, title, state, sha256, bytes, type, width, height, frames, uploaded_at)
       VALUES (@id, @title, 'waiting', @sha256, @bytes, @type, @width, @height, @frames, @uploadedAt)
       ON CONFLICT (sha256) DO NOTHING`,
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
    remove: database.prepare<[PhotoId]>('DELETE FROM photos WHERE id = ?'),
    noteRemoved: database.prepare<[Sha256, MediaType]>('INSERT OR REPLACE INTO removed VALUES (?, ?)'),
    forgetRemoved: database.prepare<[Sha256]>('DELETE FROM removed WHERE sha256 = ?'),
    removed: database.prepare<[], { sha256: Sha256; type: MediaType }>('SELECT sha256, type FROM removed'),
    check: database.prepare('SELECT one FROM gallery'),
  };
}
