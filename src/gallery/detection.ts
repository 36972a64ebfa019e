// From what an engine said to what a page shows: the cut-off, and the summary by label.
import type { Detection, LabelSummary } from './photo.ts';

/** Below this nothing is stored: it would be noise in every engine. */
export const storedFrom = 0.1;

// Chosen on the development set with `npm run evaluate`: the score at which F1 (IoU 0.5) peaks for each engine.
const cutOffs: Readonly<Record<string, number>> = { yolox: 0.4, centernet: 0.3 };

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
