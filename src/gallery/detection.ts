// From what an engine said to what a page shows: the cut-off, and the summary by label.
import type { Box, Detection, LabelSummary } from './photo.ts';

/** Below this nothing is stored: it would be noise in every engine. */
export const storedFrom = 0.1;

// Where F1 (IoU 0.5) peaks for each engine on labelled pictures, by `npm run evaluate`: 0.55 for YOLOX-nano, 0.50 for the
// built-in. The peaks are flat, so the more precise end of each was taken: a wrong label annoys more than a missing one.
const cutOffs: Readonly<Record<string, number>> = { yolox: 0.45, centernet: 0.3 };

/** The score from which a detection of this engine is shown. */
export function cutOffOf(engine: string): number {
  return cutOffs[engine] ?? 0.5;
}

/**
 * What of it a page shows, in the same order: what the engine is sure enough of, and of several labels for the very same
 * box only the best, since one thing is not a car and a truck at once.
 */
export function shownOf(detections: readonly Detection[]): Detection[] {
  const sure = detections.filter(({ score, origin }) => score >= cutOffOf(origin.engine));
  return sure.filter(
    (detection) =>
      !sure.some((other) => other.score > detection.score && iou(other.box, detection.box) >= sameBox),
  );
}

// Two things that stand close together overlap less; one thing under two names overlaps nearly wholly.
const sameBox = 0.9;

/** Area of the intersection over area of the union, 0..1. */
export function iou(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const intersection = width * height;
  return intersection / (a.width * a.height + b.width * b.height - intersection);
}

/** One entry a label among the shown detections, best score first, then by name. */
export function summarise(detections: readonly Detection[]): LabelSummary[] {
  const byLabel = new Map<string, { count: number; score: number }>();
  for (const { label, score } of shownOf(detections)) {
    const seen = byLabel.get(label);
    byLabel.set(label, { count: (seen?.count ?? 0) + 1, score: Math.max(seen?.score ?? 0, score) });
  }
  return [...byLabel]
    .map(([label, { count, score }]) => ({ label, count, score }))
    .sort((a, b) => b.score - a.score || (a.label < b.label ? -1 : 1));
}
