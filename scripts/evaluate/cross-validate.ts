// What a fit would say of pictures that it has not seen: every picture is judged by a curve fitted on the others.
import type { Fit, Scored } from './curves.ts';
import {
  brier,
  equalMassBins,
  equalWidthBins,
  errorByChance,
  expectedError,
  logLoss,
  type Said,
} from './reliability.ts';
import { seeded, shuffled } from './seeded.ts';

/** A detection and whose picture it is from; folds are made of whole pictures. */
export interface Witness extends Scored {
  readonly image: string;
}

export interface Honesty {
  /** Expected calibration error over ten bins of equal width, 0..1. */
  readonly error: number;
  /** The same over ten bins with equally many detections. */
  readonly errorByMass: number;
  /** What `error` would be by chance if every confidence were exactly true. */
  readonly byChance: number;
  /** `error` among those of at least 30 % alone: what a page is likely to show. */
  readonly errorOfShown: number;
  readonly brier: number;
  readonly logLoss: number;
}

export const folds = 10;
export const rounds = 10;

/** What is said of each detection by a curve that never saw its picture, once a round; each round deals the pictures anew. */
export function sayUnseen<T extends Witness>(points: readonly T[], fit: Fit): (T & Said)[][] {
  const images = [...new Set(points.map(({ image }) => image))].sort();
  return Array.from({ length: rounds }, (_, round) => {
    const dealt = shuffled(images, seeded(round + 1));
    return Array.from({ length: folds }, (_, fold) => {
      const held = new Set(dealt.filter((_, at) => at % folds === fold));
      const confidence = fit(points.filter(({ image }) => !held.has(image)));
      return points
        .filter(({ image }) => held.has(image))
        .map((point) => ({ ...point, percent: confidence(point.score) }));
    }).flat();
  });
}

/** Means over the rounds. */
export function honestyOf(rounds: readonly (readonly Said[])[]): Honesty {
  const over = (measure: (all: readonly Said[]) => number) =>
    rounds.reduce((sum, all) => sum + measure(all), 0) / rounds.length;
  return {
    error: over((all) => expectedError(equalWidthBins(all))),
    errorByMass: over((all) => expectedError(equalMassBins(all))),
    byChance: over((all) => errorByChance(all)),
    errorOfShown: over((all) => expectedError(equalWidthBins(all.filter(({ percent }) => percent >= 30)))),
    brier: over(brier),
    logLoss: over(logLoss),
  };
}
