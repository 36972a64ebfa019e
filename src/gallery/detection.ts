// From what an engine said to what a page shows: the cut-off, and the summary by label.
import type { Detection, LabelSummary } from './photo.ts';

/** Below this nothing is stored: it would be noise in every engine. */
export const storedFrom = 0.1;

// Where F1 (IoU 0.5) peaks for each engine on labelled pictures, by `npm run evaluate`: 0.55 for YOLOX-nano, 0.50 for the built-in.
// The peaks are flat, so the more precise end of each was taken: 79 and 55 of 100 shown boxes are right there.
const cutOffs: Readonly<Record<string, number>> = { yolox: 0.45, centernet: 0.25 };

/** The score from which a detection of this engine is shown. */
export function cutOffOf(engine: string): number {
  return cutOffs[engine] ?? 0.5;
}

export function isShown(detection: Detection): boolean {
  return detection.score >= cutOffOf(detection.origin.engine);
}

/** One entry a label among the shown detections, best score first, then by name. */
export function summarise(detections: readonly Detection[]): LabelSummary[] {
  const byLabel = new Map<string, { count: number; score: number }>();
  for (const { label, score } of detections.filter(isShown)) {
    const seen = byLabel.get(label);
    byLabel.set(label, { count: (seen?.count ?? 0) + 1, score: Math.max(seen?.score ?? 0, score) });
  }
  return [...byLabel]
    .map(([label, { count, score }]) => ({ label, count, score }))
    .sort((a, b) => b.score - a.score || (a.label < b.label ? -1 : 1));
}
