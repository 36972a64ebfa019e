// Between rows and re-runs: the only place that knows how a re-run lies in its table.
import type { Threshold } from '../gallery/detection.ts';
import type { EngineDetection, EngineRun, Failure, PhotoId } from '../gallery/photo.ts';
import type { Difference, Rerun, RerunId, RerunPhoto, RerunScope, RerunState } from '../gallery/rerun.ts';
import { type CardRow, toCard } from './rows.ts';

export interface RerunRow {
  readonly id: RerunId;
  readonly scope: string;
  readonly state: RerunState;
  readonly approved: 0 | 1;
  readonly automatic: 0 | 1;
  readonly threshold: string;
  readonly model: string;
  readonly problem: NonNullable<Rerun['problem']> | null;
  readonly started_at: number;
  readonly total: number;
  readonly seen: number;
  readonly failed: number;
  readonly differing: number;
  readonly applied: number;
  readonly found: number;
  readonly lost: number;
  readonly changed: number;
}

export interface RerunPhotoRow extends CardRow {
  readonly differences: string;
  readonly applied: 0 | 1;
  readonly look_failure: string | null;
}

export interface Look {
  readonly engine: EngineRun;
  readonly detections: readonly EngineDetection[];
}

/** A scope as JSON: thresholds as text. */
export type StoredScope =
  | { readonly kind: 'photo'; readonly photo: PhotoId }
  | { readonly kind: 'label'; readonly label: string; readonly threshold: string }
  | { readonly kind: 'model'; readonly model: string }
  | { readonly kind: 'older' };

export function toRerun(row: RerunRow): Rerun {
  const { id, state, model, total, seen, failed, differing, applied, found, lost, changed } = row;
  return {
    id,
    scope: parseScope(row.scope),
    state,
    approved: row.approved === 1,
    automatic: row.automatic === 1,
    threshold: parseThreshold(row.threshold),
    model,
    ...(row.problem === null ? {} : { problem: row.problem }),
    startedAt: new Date(row.started_at),
    // Photos that came into the scope meanwhile are looked at, too.
    total: Math.max(total, seen),
    seen,
    failed,
    differing,
    applied,
    found,
    lost,
    changed,
  };
}

export const toRerunPhoto = (row: RerunPhotoRow): RerunPhoto => ({
  photo: toCard(row),
  differences: JSON.parse(row.differences) as Difference[],
  applied: row.applied === 1,
  ...(row.look_failure === null ? {} : { failure: JSON.parse(row.look_failure) as Failure }),
});

export function formatScope(scope: RerunScope): string {
  const stored: StoredScope =
    scope.kind === 'label' ? { ...scope, threshold: formatThreshold(scope.threshold) } : scope;
  return JSON.stringify(stored);
}

function parseScope(text: string): RerunScope {
  const stored = JSON.parse(text) as StoredScope;
  return stored.kind === 'label' ? { ...stored, threshold: parseThreshold(stored.threshold) } : stored;
}

export const formatThreshold = ({ all, labels }: Threshold): string =>
  JSON.stringify({ all, labels: [...labels] });

export function parseThreshold(text: string): Threshold {
  const { all, labels } = JSON.parse(text) as { all: number; labels: [string, number][] };
  return { all, labels: new Map(labels) };
}

/** What was seen, while it waits: a few numbers a detection, since there may be a million photos. */
export function formatLook({ engine, detections }: Look): string {
  const rows = detections.map(({ label, score, box: { x, y, width, height } }) => [
    label,
    ...[score, x, y, width, height].map((value) => Math.round(value * 1e5) / 1e5),
  ]);
  return JSON.stringify({ engine, rows });
}

export function parseLook(text: string): Look {
  type Row = [label: string, score: number, x: number, y: number, width: number, height: number];
  const { engine, rows } = JSON.parse(text) as { engine: EngineRun; rows: Row[] };
  const origin = { by: 'engine', engine: engine.engine, model: engine.model } as const;
  return {
    engine,
    detections: rows.map(([label, score, x, y, width, height]) => ({
      label,
      score,
      box: { x, y, width, height },
      origin,
    })),
  };
}
