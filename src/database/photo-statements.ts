// The SQL behind PhotoDatabase, prepared once. Text only: what the statements mean together is said in photos.ts.
import type { Database } from 'better-sqlite3';
import type { MediaType, PhotoId, Sha256 } from '../gallery/photo.ts';
import { type CardRow, cardColumns, type DetectionRow, type PhotoRow, photoColumns } from './rows.ts';

export interface Range {
  readonly label?: string | undefined;
  readonly before?: PhotoId | undefined;
  readonly limit: number;
}

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
    detections: database.prepare<[PhotoId], DetectionRow>(
      'SELECT * FROM detections WHERE photo_id = ? ORDER BY position',
    ),
    place: database.prepare<[PhotoId], PlaceRow>(
      'SELECT latitude, longitude, altitude FROM places WHERE photo_id = ?',
    ),
    list: prepareLists(database),
    neighbours: prepareNeighbours(database),
    labels: database.prepare<[], { label: string; photos: number }>(
      'SELECT label, photos FROM label_totals WHERE photos > 0 ORDER BY photos DESC, label',
    ),
    covers: database.prepare<[], CardRow & { readonly shown_label: string }>(
      `SELECT label_totals.label AS shown_label, ${of('photos', cardColumns)} FROM label_totals
       CROSS JOIN photos ON photos.id =
         (SELECT photo_id FROM photo_labels WHERE label = label_totals.label ORDER BY photo_id DESC LIMIT 1)
       WHERE label_totals.photos > 0`,
    ),
    insert: database.prepare(
      `INSERT INTO photos (id, title, state, sha256, bytes, type, width, height, uploaded_at)
       VALUES (@id, @title, 'waiting', @sha256, @bytes, @type, @width, @height, @uploadedAt)
       ON CONFLICT (sha256) DO NOTHING`,
    ),
    addJob: database.prepare<[PhotoId, number]>(
      'INSERT INTO jobs (photo_id, due_at) VALUES (?, ?) ON CONFLICT (photo_id) DO NOTHING',
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
         placeholder = @placeholder, taken_at = @takenAt, camera = @camera, engine = @engine, labels = @labels, ${bump}
       WHERE id = @id`,
    ),
    dropPlace: database.prepare<[PhotoId]>('DELETE FROM places WHERE photo_id = ?'),
    addPlace: database.prepare('INSERT INTO places VALUES (@id, @latitude, @longitude, @altitude)'),
    dropDetections: database.prepare<[PhotoId]>('DELETE FROM detections WHERE photo_id = ?'),
    addDetection: database.prepare(
      'INSERT INTO detections VALUES (@id, @position, @label, @score, @x, @y, @width, @height, @engine, @model)',
    ),
    dropLabels: database.prepare<[PhotoId]>('DELETE FROM photo_labels WHERE photo_id = ?'),
    addLabel: database.prepare<[string, PhotoId]>('INSERT INTO photo_labels VALUES (?, ?)'),
    retitle: database.prepare<[string, PhotoId]>(`UPDATE photos SET title = ?, ${bump} WHERE id = ?`),
    remove: database.prepare<[PhotoId]>('DELETE FROM photos WHERE id = ?'),
    noteRemoved: database.prepare<[Sha256, MediaType]>('INSERT OR REPLACE INTO removed VALUES (?, ?)'),
    forgetRemoved: database.prepare<[Sha256]>('DELETE FROM removed WHERE sha256 = ?'),
    removed: database.prepare<[], { sha256: Sha256; type: MediaType }>('SELECT sha256, type FROM removed'),
    check: database.prepare('SELECT one FROM gallery'),
  };
}

/** `a, b` as `table.a, table.b`. */
const of = (table: string, columns: string) => columns.replaceAll(/\w+/g, `${table}.$&`);

// '~' sorts after every hexadecimal digit, so it stands for "newer than all".
const newest = '~' as PhotoId;

function prepareLists(database: Database) {
  const all = (columns: string) => `SELECT ${columns} FROM photos WHERE id < ? ORDER BY id DESC LIMIT ?`;
  // CROSS JOIN is SQLite's way to keep this order: walk the label's index, look each photo up.
  const labelled = (columns: string) =>
    `SELECT ${columns} FROM photo_labels CROSS JOIN photos ON photos.id = photo_labels.photo_id
     WHERE photo_labels.label = ? AND photo_labels.photo_id < ? ORDER BY photo_labels.photo_id DESC LIMIT ?`;
  const prepare = <Row>(columns: string) => {
    const everything = database.prepare<[PhotoId, number], Row>(all(columns));
    const underLabel = database.prepare<[string, PhotoId, number], Row>(labelled(of('photos', columns)));
    return ({ label, before = newest, limit }: Range) =>
      label === undefined ? everything.all(before, limit) : underLabel.all(label, before, limit);
  };
  return { cards: prepare<CardRow>(cardColumns), photos: prepare<PhotoRow>(photoColumns) };
}

function prepareNeighbours(database: Database) {
  type Found = { id: PhotoId };
  const all = (comparison: string, order: string) =>
    database.prepare<[PhotoId], Found>(
      `SELECT id FROM photos WHERE id ${comparison} ? ORDER BY id ${order} LIMIT 1`,
    );
  const labelled = (comparison: string, order: string) =>
    database.prepare<[string, PhotoId], Found>(
      `SELECT photo_id AS id FROM photo_labels WHERE label = ? AND photo_id ${comparison} ?
       ORDER BY photo_id ${order} LIMIT 1`,
    );
  const newer = { all: all('>', 'ASC'), labelled: labelled('>', 'ASC') };
  const older = { all: all('<', 'DESC'), labelled: labelled('<', 'DESC') };
  return (id: PhotoId, label?: string) =>
    label === undefined
      ? { newer: newer.all.get(id), older: older.all.get(id) }
      : { newer: newer.labelled.get(label, id), older: older.labelled.get(label, id) };
}
