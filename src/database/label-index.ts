// Which photos show a label, at any threshold: `photo_labels` is cut into steps of confidence, so an answer is a few index ranges.
import type { Database } from 'better-sqlite3';
import { stepOf, type Threshold, thresholdOf } from '../gallery/detection.ts';
import type { PhotoId, PhotoLabel } from '../gallery/photo.ts';
import type { LabelTotal } from '../gallery/photo-database.ts';

/** Of what a person said: 100 % / 5. */
const highestStep = 20;

/** What is asked of the index: a label at a threshold, among the photos of these audiences. */
export interface LabelQuery {
  readonly label: string;
  readonly threshold: Threshold;
  readonly shelves: readonly string[];
}

export interface LabelIndex {
  /** Ids newest first, at most `limit`, all older than `before`. */
  list(query: LabelQuery, before: PhotoId, limit: number): PhotoId[];
  neighbours(query: LabelQuery, id: PhotoId): { newer?: PhotoId; older?: PhotoId };
  /** Most photos first, then by name. */
  totals(threshold: Threshold, shelves: readonly string[]): LabelTotal[];
  count(query: LabelQuery): number;
  /** Call inside a transaction, also after the photo's audience changed. */
  replace(id: PhotoId, labels: readonly PhotoLabel[]): void;
}

export function openLabelIndex(database: Database): LabelIndex {
  const older = database
    .prepare<[string, string, number, PhotoId, number], PhotoId>(
      `SELECT photo_id FROM photo_labels
       WHERE audience = ? AND label = ? AND step = ? AND photo_id < ? ORDER BY photo_id DESC LIMIT ?`,
    )
    .pluck();
  const newer = database
    .prepare<[string, string, number, PhotoId], PhotoId>(
      `SELECT photo_id FROM photo_labels
       WHERE audience = ? AND label = ? AND step = ? AND photo_id > ? ORDER BY photo_id LIMIT 1`,
    )
    .pluck();
  const totals = database.prepare<[string], { label: string; step: number; photos: number }>(
    'SELECT label, step, photos FROM label_totals WHERE audience = ?',
  );
  const count = database
    .prepare<[string, string, number], number | null>(
      'SELECT sum(photos) FROM label_totals WHERE audience = ? AND label = ? AND step >= ?',
    )
    .pluck();
  const drop = database.prepare<[PhotoId]>('DELETE FROM photo_labels WHERE photo_id = ?');
  const add = database.prepare<[string, number, PhotoId]>(
    'INSERT INTO photo_labels (audience, label, step, photo_id) SELECT audience, ?, ?, id FROM photos WHERE id = ?',
  );

  const rangesOf = ({ label, threshold, shelves }: LabelQuery) => {
    const from = stepOf(thresholdOf(threshold, label));
    const steps = Array.from({ length: highestStep - from + 1 }, (_, at) => from + at);
    return shelves.flatMap((audience) => steps.map((step) => ({ audience, step })));
  };
  const list = (query: LabelQuery, before: PhotoId, limit: number) =>
    newestOf(
      rangesOf(query).map(({ audience, step }) => older.all(audience, query.label, step, before, limit)),
      limit,
    );

  return {
    list,
    neighbours(query, id) {
      const above = rangesOf(query).flatMap(
        ({ audience, step }) => newer.get(audience, query.label, step, id) ?? [],
      );
      const [next] = above.sort();
      const [previous] = list(query, id, 1);
      return { ...(next ? { newer: next } : {}), ...(previous ? { older: previous } : {}) };
    },
    totals(threshold, shelves) {
      const byLabel = new Map<string, number>();
      for (const { label, step, photos } of shelves.flatMap((audience) => totals.all(audience))) {
        if (step >= stepOf(thresholdOf(threshold, label)))
          byLabel.set(label, (byLabel.get(label) ?? 0) + photos);
      }
      return [...byLabel]
        .map(([label, photos]) => ({ label, photos }))
        .sort((a, b) => b.photos - a.photos || (a.label < b.label ? -1 : 1));
    },
    count({ label, threshold, shelves }) {
      const step = stepOf(thresholdOf(threshold, label));
      return shelves.reduce((sum, audience) => sum + (count.get(audience, label, step) ?? 0), 0);
    },
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
