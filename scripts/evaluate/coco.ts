// The COCO detection metric as pycocotools defines it (101-point interpolation, at most 100 boxes an image and class).
// Numbers in, numbers out: knows no engine and no file.

import type { RawDetection } from '../../src/darkroom/engines/detector.ts';
import { iou } from '../../src/gallery/detection.ts';
import type { Box } from '../../src/gallery/photo.ts';

export interface Truth {
  readonly label: string;
  readonly box: Box;
  /** Finding it is neither right nor wrong: a crowd, or too difficult. */
  readonly ignored: boolean;
  /** One box around many: any number of detections may lie in it. */
  readonly crowd: boolean;
}

/** Boxes in any unit, as long as it is the same for both. */
export interface Labelled {
  readonly truths: readonly Truth[];
  readonly found: readonly RawDetection[];
  /** The labels that somebody looked for in this image; all, if absent. */
  readonly labels?: ReadonlySet<string>;
}

export interface Figures {
  /** Mean over the labels that occur, at IoU 0.5. */
  readonly ap50: number;
  /** Mean over IoU 0.50, 0.55 .. 0.95 as well. */
  readonly map: number;
}

export function measure(images: readonly Labelled[]): Figures {
  const thresholds = Array.from({ length: 10 }, (_, step) => 0.5 + step * 0.05);
  const labels = new Set(
    images.flatMap(({ truths }) => truths.filter((one) => !one.ignored).map((one) => one.label)),
  );
  const byThreshold = thresholds.map((threshold) =>
    mean([...labels].map((label) => averagePrecision(judge(images, label, threshold)))),
  );
  return { ap50: byThreshold[0] ?? 0, map: mean(byThreshold) };
}

export interface Verdict extends RawDetection {
  readonly right: boolean;
}

/** What became of one label over all images: verdicts by falling score, and how many there were to find. */
export interface Verdicts {
  readonly verdicts: readonly Verdict[];
  readonly wanted: number;
}

export function judge(images: readonly Labelled[], label: string, minIou: number): Verdicts {
  const verdicts: Verdict[] = [];
  let wanted = 0;
  for (const { truths, found, labels } of images) {
    if (labels !== undefined && !labels.has(label)) continue;
    const here = truths.filter((truth) => truth.label === label);
    wanted += here.filter(({ ignored }) => !ignored).length;
    const best = found.filter((one) => one.label === label).sort(byFallingScore);
    verdicts.push(...match(here, best.slice(0, 100), minIou));
  }
  return { verdicts: verdicts.sort(byFallingScore), wanted };
}

/** Area under the precision envelope, sampled at recall 0, 0.01 .. 1. */
export function averagePrecision({
  verdicts,
  wanted,
}: {
  readonly verdicts: readonly Pick<Verdict, 'right'>[];
  readonly wanted: number;
}): number {
  if (wanted === 0) return 0;
  let right = 0;
  const points = verdicts.map((verdict, at) => {
    if (verdict.right) right += 1;
    return { recall: right / wanted, precision: right / (at + 1) };
  });
  for (let at = points.length - 2; at >= 0; at -= 1) {
    const [point, following] = [points[at], points[at + 1]];
    if (point !== undefined && following !== undefined)
      point.precision = Math.max(point.precision, following.precision);
  }
  const samples = Array.from({ length: 101 }, (_, percent) => {
    return points.find(({ recall }) => recall >= percent / 100 - 1e-9)?.precision ?? 0;
  });
  return mean(samples);
}

/** Best score first, each takes the truth it overlaps most, a wanted one before an ignored one; matches to ignored ones don't count. */
function match(truths: readonly Truth[], found: readonly RawDetection[], minIou: number): Verdict[] {
  const taken = new Set<Truth>();
  const wantedFirst = [...truths].sort((a, b) => Number(a.ignored) - Number(b.ignored));
  return found.flatMap((detection): Verdict[] => {
    const { box } = detection;
    let [best, bestOverlap]: [Truth | undefined, number] = [undefined, minIou - 1e-9];
    for (const truth of wantedFirst) {
      if (taken.has(truth) && !truth.crowd) continue;
      if (best !== undefined && !best.ignored && truth.ignored) break;
      const overlap = truth.crowd ? share(box, truth.box) : iou(box, truth.box);
      if (overlap >= bestOverlap) [best, bestOverlap] = [truth, overlap];
    }
    if (best === undefined) return [{ ...detection, right: false }];
    taken.add(best);
    return best.ignored ? [] : [{ ...detection, right: true }];
  });
}

/** How much of `inner` lies in `outer`: COCO's overlap with a crowd. */
function share(inner: Box, outer: Box): number {
  const width = Math.min(inner.x + inner.width, outer.x + outer.width) - Math.max(inner.x, outer.x);
  const height = Math.min(inner.y + inner.height, outer.y + outer.height) - Math.max(inner.y, outer.y);
  return width > 0 && height > 0 ? (width * height) / (inner.width * inner.height) : 0;
}

const byFallingScore = (a: { readonly score: number }, b: { readonly score: number }) => b.score - a.score;

const mean = (values: readonly number[]) =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
