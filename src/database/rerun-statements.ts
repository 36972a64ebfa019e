// The SQL behind RerunDatabase, prepared once. Text only: what the statements mean together is said in reruns.ts.
import type { PhotoId, PhotoState } from '../gallery/photo.ts';
import type { RerunId } from '../gallery/rerun.ts';
import { type Eyes, outOfTrash, seen, seenById } from './audience.ts';
import type { Connection } from './connection.ts';
import type { RerunPhotoRow, RerunRow } from './rerun-rows.ts';
import { cardColumns, type PhotoRow, photoColumns } from './rows.ts';

const isOld = 'reruns.id <= (SELECT id FROM reruns ORDER BY id DESC LIMIT 1 OFFSET @kept)';

interface Tidying {
  readonly kept: number;
  readonly limit: number;
}

interface WaitingRow {
  readonly rerun_id: RerunId;
  readonly photo_id: PhotoId;
  readonly result: string;
  /** Which weights had looked when this was seen, and which have now. */
  readonly before: string | null;
  readonly model: string | null;
  readonly state: PhotoState;
  readonly audience: string;
}

export function prepareRerunStatements({ handle }: Connection) {
  const photos = (where: string) =>
    handle.prepare<[Eyes & { rerun: RerunId; before: PhotoId; limit: number }], RerunPhotoRow>(
      `SELECT ${cardColumns.replaceAll(/\w+/g, 'photos.$&')}, differences, applied, rerun_photos.failure AS look_failure
       FROM rerun_photos CROSS JOIN photos ON photos.id = rerun_photos.photo_id
       WHERE rerun_id = @rerun AND photo_id < @before AND ${seen} AND ${outOfTrash} ${where}
       ORDER BY photo_id DESC LIMIT @limit`,
    );
  return {
    byId: handle.prepare<[RerunId], RerunRow>('SELECT * FROM reruns WHERE id = ?'),
    all: handle.prepare<[number], RerunRow>(
      `SELECT * FROM reruns WHERE seen > 0 OR state <> 'done' ORDER BY id DESC LIMIT ?`,
    ),
    unfinished: handle.prepare<[], RerunRow>(
      `SELECT * FROM reruns WHERE state NOT IN ('done', 'cancelled') ORDER BY id DESC`,
    ),
    owner: handle.prepare<[PhotoId], Pick<PhotoRow, 'owner'>>('SELECT owner FROM photos WHERE id = ?'),
    photo: handle.prepare<[PhotoId], PhotoRow>(`SELECT ${photoColumns} FROM photos WHERE id = ?`),
    seenPhoto: handle.prepare<[Eyes & { id: PhotoId }], Pick<PhotoRow, 'owner'>>(
      `SELECT owner FROM photos WHERE ${seenById}`,
    ),
    insert: handle.prepare(
      `INSERT INTO reruns (scope, state, approved, automatic, threshold, model, priority, started_at, cursor, total)
       VALUES (@scope, 'looking', @approved, @automatic, @threshold, @model, @priority, @at, '~', @total)`,
    ),
    // Of re-runs that are over: what waited in vain, what would have changed nothing, and everything of those that are not listed.
    tidyRows: handle.prepare<Tidying>(
      `DELETE FROM rerun_photos WHERE (rerun_id, photo_id) IN (
         SELECT rerun_id, photo_id FROM reruns CROSS JOIN rerun_photos ON rerun_id = reruns.id
         WHERE state IN ('done', 'cancelled') AND (result IS NOT NULL OR differs = 0 OR ${isOld}) LIMIT @limit)`,
    ),
    tidyReruns: handle.prepare<Tidying>(
      `DELETE FROM reruns WHERE id IN (
         SELECT id FROM reruns WHERE state IN ('done', 'cancelled') AND ${isOld} LIMIT @limit)`,
    ),
    setState: handle.prepare<[string, RerunId]>('UPDATE reruns SET state = ?, problem = NULL WHERE id = ?'),
    setModel: handle.prepare<[string, RerunId]>('UPDATE reruns SET model = ? WHERE id = ?'),
    suspend: handle.prepare<[string, RerunId]>(
      `UPDATE reruns SET state = 'paused', problem = ? WHERE id = ? AND state = 'looking'`,
    ),
    modelOf: handle.prepare<[PhotoId], string | null>('SELECT model FROM photos WHERE id = ?').pluck(),
    approve: handle.prepare<[RerunId]>('UPDATE reruns SET approved = 1 WHERE id = ?'),
    dropJobs: handle.prepare<[RerunId]>('DELETE FROM jobs WHERE rerun_id = ?'),
    heldJob: handle.prepare<[number, number], { id: number }>(
      'SELECT id FROM jobs WHERE id = ? AND attempt = ?',
    ),
    endJob: handle.prepare<[number, number]>('DELETE FROM jobs WHERE id = ? AND attempt = ?'),
    note: handle.prepare(
      `INSERT OR REPLACE INTO rerun_photos (rerun_id, photo_id, differences, differs, applied, failure, result, before)
       VALUES (@rerun, @photo, @differences, @differs, @applied, @failure, @result, @before)`,
    ),
    count: handle.prepare(
      `UPDATE reruns SET seen = seen + 1, failed = failed + @failed, differing = differing + @differing,
         found = found + @found, lost = lost + @lost, changed = changed + @changed WHERE id = @rerun`,
    ),
    countApplied: handle.prepare<[RerunId]>('UPDATE reruns SET applied = applied + 1 WHERE id = ?'),
    bumpPhoto: handle.prepare<[PhotoId]>('UPDATE photos SET version = version + 1 WHERE id = ?'),
    noteApplied: handle.prepare<[0 | 1, RerunId, PhotoId]>(
      'UPDATE rerun_photos SET applied = ?, result = NULL WHERE rerun_id = ? AND photo_id = ?',
    ),
    waiting: handle.prepare<[number], WaitingRow>(
      `SELECT rerun_id, photo_id, result, before, photos.model, photos.state, photos.audience
       FROM reruns CROSS JOIN rerun_photos ON rerun_id = reruns.id CROSS JOIN photos ON photos.id = photo_id
       WHERE reruns.state = 'looking' AND approved = 1 AND result IS NOT NULL LIMIT ?`,
    ),
    photos: photos(''),
    differing: photos('AND differs = 1'),
  };
}
