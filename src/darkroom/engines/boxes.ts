// Geometry that every engine needs: clipping, suppression of boxes that say the same thing twice.
import { iou } from '../../gallery/detection.ts';
import type { Box } from '../../gallery/photo.ts';
import type { RawDetection } from './detector.ts';

/** Corners in any order of magnitude to a box inside 0..1; undefined when nothing of it is inside, or a number is not finite. */
export function clippedBox(left: number, top: number, right: number, bottom: number): Box | undefined {
  const [x, y] = [unit(left), unit(top)];
  const [width, height] = [unit(right) - x, unit(bottom) - y];
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}

/**
 * Greedy non-maximum suppression within each label: the best box stays, and what overlaps it by more than `maxIou` goes.
 * Returns at most `limit`, best score first.
 */
export function suppress(candidates: readonly RawDetection[], maxIou: number, limit: number): RawDetection[] {
  const kept: RawDetection[] = [];
  for (const candidate of [...candidates].sort((a, b) => b.score - a.score)) {
    if (kept.length === limit) break;
    const said = kept.some(({ label, box }) => label === candidate.label && iou(box, candidate.box) > maxIou);
    if (!said) kept.push(candidate);
  }
  return kept;
}

const unit = (value: number) => Math.min(1, Math.max(0, value));
