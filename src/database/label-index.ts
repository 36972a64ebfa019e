// Which photos show a label, at any threshold: `photo_labels` is cut into steps of confidence, so an answer is a few index ranges.
import type { Database } from 'better-sqlite3';
import { stepOf, type Threshold, thresholdOf } from '../gallery/detection.ts';
import type { PhotoId, PhotoLabel } from '../gallery/photo.ts';
import type { LabelTotal } from '../gallery/photo-database.ts';

/** Of what a person said: 100 % / 5. */
const highestStep = 20;

export interface LabelIndex {
  /** Ids newest first, at most `limit`, all older than `before`. */
  list(label: string, threshold: Threshold, before: PhotoId, limit: number): PhotoId[];
  neighbours(label: string, threshold: Threshold, id: PhotoId): { newer?: PhotoId; older?: PhotoId };
  /** Most photos first, then by name. */
  totals(threshold: Threshold): LabelTotal[];
  count(label: string, threshold: Threshold): number;
  /** Call inside a transaction. */
  replace(id: PhotoId, labels: readonly PhotoLabel[]): void;
}

export function openLabelIndex(database: Database): LabelIndex {
  const older = database
    .prepare<[string, number, PhotoId, number], PhotoId>(
      `SELECT photo_id FROM photo_labels WHERE label = ? AND step = ? AND photo_id < ? ORDER BY photo_id DESC LIMIT ?`,
    )
    .pluck();
  const newer = database
    .prepare<[string, number, PhotoId], PhotoId>(
      `SELECT photo_id FROM photo_labels WHERE label = ? AND step = ? AND photo_id > ? ORDER BY photo_id LIMIT 1`,
    )
    .pluck();
  const totals = database.prepare<[], { label: string; step: number; photos: number }>(
    'SELECT label, step, photos FROM label_totals',
  );
  const count = database
    .prepare<[string, number], number | null>(
      'SELECT sum(photos) FROM label_totals WHERE label = ? AND step >= ?',
    )
    .pluck();
  const drop = database.prepare<[PhotoId]>('DELETE FROM photo_labels WHERE photo_id = ?');
  const add = database.prepare<[string, number, PhotoId]>('INSERT INTO photo_labels VALUES (?, ?, ?)');

  const stepsFor = (label: string, threshold: Threshold) => {
    const from = stepOf(thresholdOf(threshold, label));
    return Array.from({ length: highestStep - from + 1 }, (_, at) => from + at);
  };
  const list = (label: string, threshold: Threshold, before: PhotoId, limit: number) =>
    newestOf(
      stepsFor(label, threshold).map((step) => older.all(label, step, before, limit)),
      limit,
    );

  return {
    list,
    neighbours(label, threshold, id) {
      const above = stepsFor(label, threshold).flatMap((step) => newer.get(label, step, id) ?? []);
      const [next] = above.sort();
      const [previous] = list(label, threshold, id, 1);
      return { ...(next ? { newer: next } : {}), ...(previous ? { older: previous } : {}) };
    },
    totals(threshold) {
      const byLabel = new Map<string, number>();
      for (const { label, step, photos } of totals.all()) {
        if (step >= stepOf(thresholdOf(threshold, label)))
          byLabel.set(label, (byLabel.get(label) ?? 0) + photos);
      }
      return [...byLabel]
        .map(([label, photos]) => ({ label, photos }))
        .sort((a, b) => b.photos - a.photos || (a.label < b.label ? -1 : 1));
    },
    count: (label, threshold) => count.get(label, stepOf(thresholdOf(threshold, label))) ?? 0,
    replace(id, labels) {
      drop.run(id);
      for (const { label, confidences } of labels) add.run(label, stepOf(confidences[0] ?? 0), id);
    },
  };
}

/** The newest `limit` of several lists, each newest first and none in two of them. */
export function newestOf(lists: readonly (readonly PhotoId[])[], limit: number): PhotoId[] {
  return lists
    .flat()
    .sort((a, b) => (a < b ? 1 : -1))
    .slice(0, limit);
}
