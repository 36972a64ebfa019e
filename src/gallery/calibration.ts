// What a score means: of a hundred detections that an engine gave it, how many are right. The numbers come from measuring on
// labelled pictures (calibration-table.ts); this only applies them, and knows no model and no picture.
import { calibrationTable } from './calibration-table.ts';

/** Points of a line that never falls: a score and how many are right there, both in percent, not whole. The first is 0, 0. */
export type Curve = readonly (readonly number[])[];

export interface CalibrationTable {
  readonly version: string;
  readonly engines: Readonly<Record<string, { readonly curve: Curve }>>;
}

/**
 * Whole percent 1..99: of a hundred detections that this engine gave this score, so many are right (IoU >= 0.5, right label).
 * Never falls as the score rises. 0 and 100 are what a person says. An engine that was never measured is believed no more than its
 * score says, and no more than the least believed of those that were measured.
 * @param score 0..1; anything else counts as the nearer end, and what is no number as 0
 */
export function confidenceOf(
  engine: string,
  score: number,
  { engines }: Pick<CalibrationTable, 'engines'> = calibrationTable,
): number {
  const own = Object.hasOwn(engines, engine) ? engines[engine] : undefined;
  if (own !== undefined) return percentOf(own.curve, score);
  const measured = Object.values(engines).map(({ curve }) => percentOf(curve, score));
  return Math.min(sayable(100 * score), ...measured);
}

/** Names the table: changes whenever any confidence could change, so that a database knows when to recompute. */
export const calibrationVersion: string = calibrationTable.version;

/** Whole percent 1..99 by one curve: on the straight line between the two points around the score, level after the last. */
export function percentOf(curve: Curve, score: number): number {
  const place = 100 * score;
  if (!(place > 0)) return 1;
  const next = curve.findIndex(([at = 0]) => at >= place);
  const [right, high] = curve[next] ?? [];
  const [left = 0, low = 0] = (next === -1 ? curve.at(-1) : curve[next - 1]) ?? [];
  if (right === undefined || high === undefined) return sayable(low);
  return sayable(low + ((high - low) * (place - left)) / (right - left));
}

/** The nearest whole percent that a machine may say. */
export const sayable = (percent: number): number => (percent > 1 ? Math.min(99, Math.round(percent)) : 1);
