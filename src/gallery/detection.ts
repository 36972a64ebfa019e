// From what was said to what a reader is shown: thresholds, and the summary by label. Decides nothing about pages or rows.
import type { Box, Detection, LabelSummary, PhotoLabel } from './photo.ts';

/** Below this score nothing is stored: it would be noise in every engine. */
export const storedFrom = 0.1;

/**
 * "Show what you are at least so sure of", in whole percents: for everything, and for labels that somebody trusts more or less.
 * Every number is one of `thresholdSteps`.
 */
export interface Threshold {
  readonly all: number;
  readonly labels: ReadonlyMap<string, number>;
}

/** Steps of five, so that an index by step answers every threshold. */
export const stepSize = 5;
export const thresholdSteps: readonly number[] = Array.from({ length: 18 }, (_, at) => 10 + at * stepSize);

/** A wrong label annoys more than a missing one; see docs/detection.md for what this means in right and missed things. */
export const defaultThreshold: Threshold = { all: 50, labels: new Map() };

export const thresholdOf = ({ all, labels }: Threshold, label: string): number => labels.get(label) ?? all;

/** 0..20: a label of this confidence is shown at every threshold up to `step * stepSize`. */
export const stepOf = (confidence: number): number => Math.floor(confidence / stepSize);

/** What a page shows of a photo's labels, best first, then by name. */
export function shownLabels(labels: readonly PhotoLabel[], threshold: Threshold): LabelSummary[] {
  return labels
    .flatMap(({ label, confidences }) => {
      const from = thresholdOf(threshold, label);
      const shown = confidences.filter((confidence) => confidence >= from);
      const [confidence] = shown;
      return confidence === undefined ? [] : [{ label, count: shown.length, confidence }];
    })
    .sort(bySureness);
}

/** What a page shows of a photo's detections, in the same order. */
export function shownDetections<T extends { readonly label: string; readonly confidence: number }>(
  detections: readonly T[],
  threshold: Threshold,
): T[] {
  return detections.filter(({ label, confidence }) => confidence >= thresholdOf(threshold, label));
}

/**
 * One entry a label over all detections, whatever their confidence. A thing that a person named without a box is the surest of the
 * boxes with that label, not one more.
 */
export function labelsOf(
  detections: readonly Pick<Detection, 'label' | 'box' | 'confidence'>[],
): PhotoLabel[] {
  const byLabel = new Map<string, { boxed: number[]; unboxed?: number }>();
  for (const { label, box, confidence } of detections) {
    const entry = byLabel.get(label) ?? { boxed: [] };
    if (box === undefined) entry.unboxed = confidence;
    else entry.boxed.push(confidence);
    byLabel.set(label, entry);
  }
  return [...byLabel]
    .map(([label, { boxed, unboxed }]) => {
      const falling = boxed.sort((a, b) => b - a);
      return { label, confidences: unboxed === undefined ? falling : [unboxed, ...falling.slice(1)] };
    })
    .sort((a, b) => bySureness(summaryOf(a), summaryOf(b)));
}

/**
 * Of several names for the very same box only the best, since one thing is not a car and a truck at once. Keeps the order;
 * of two that are equally sure the earlier stays.
 */
export function bestOfSameBox<T extends { readonly box?: Box; readonly confidence: number }>(
  detections: readonly T[],
): T[] {
  return detections.filter(
    (detection, at) =>
      !detections.some((other, otherAt) => {
        const surer =
          other.confidence > detection.confidence ||
          (other.confidence === detection.confidence && otherAt < at);
        if (!surer || other.box === undefined || detection.box === undefined) return false;
        return iou(other.box, detection.box) >= sameBox;
      }),
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

interface Sure {
  readonly label: string;
  readonly confidence: number;
}

const bySureness = (a: Sure, b: Sure) => b.confidence - a.confidence || (a.label < b.label ? -1 : 1);

const summaryOf = ({ label, confidences }: PhotoLabel): Sure => ({ label, confidence: confidences[0] ?? 0 });
