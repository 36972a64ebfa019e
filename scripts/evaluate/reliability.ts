// How honest is a confidence? Compares what was said with what was right. Numbers in, numbers out.
import { type Randomly, seeded } from './seeded.ts';

export interface Said {
  /** Whole percent, 1..99. */
  readonly percent: number;
  readonly right: boolean;
}

export interface Bin {
  readonly count: number;
  /** Mean of what was said, 0..1. */
  readonly said: number;
  /** Share of what was right, 0..1. */
  readonly right: number;
}

/** Ten bins: 1-9 %, 10-19 % .. 90-99 %; empty ones have a count of 0. */
export function equalWidthBins(all: readonly Said[]): Bin[] {
  return byWidth(all).map(wholeOf);
}

/** Ten bins by rising confidence, with as many in each as there can be; what is said equally often stays in the order given. */
export function equalMassBins(all: readonly Said[]): Bin[] {
  const rising = [...all].sort((a, b) => a.percent - b.percent);
  const edge = (at: number) => Math.round((at * rising.length) / 10);
  return Array.from({ length: 10 }, (_, at) => wholeOf(rising.slice(edge(at), edge(at + 1))));
}

/** Expected calibration error: the mean over all detections of |right - said| of the bin they are in (Naeini et al., AAAI 2015). */
export function expectedError(bins: readonly Bin[]): number {
  const count = bins.reduce((sum, bin) => sum + bin.count, 0);
  if (count === 0) return 0;
  return bins.reduce((sum, bin) => sum + (bin.count / count) * Math.abs(bin.right - bin.said), 0);
}

export const brier = (all: readonly Said[]): number =>
  mean(all.map(({ percent, right }) => (percent / 100 - Number(right)) ** 2));

export const logLoss = (all: readonly Said[]): number =>
  mean(all.map(({ percent, right }) => -Math.log((right ? percent : 100 - percent) / 100)));

/**
 * What the expected error (equal widths) would be by chance alone if every one of these confidences were exactly true: with few
 * detections even a perfect source does not reach 0. Mean of 200 draws, always the same.
 */
export function errorByChance(all: readonly Said[], random: Randomly = seeded(1)): number {
  const bins = byWidth(all).map((members) => ({ members, ...wholeOf(members) }));
  const draws = Array.from({ length: 200 }, () =>
    expectedError(bins.map((bin) => ({ ...bin, right: drawnShare(bin.members, random) }))),
  );
  return mean(draws);
}

/** All of it as one bin. */
export function wholeOf(all: readonly Said[]): Bin {
  return {
    count: all.length,
    said: mean(all.map(({ percent }) => percent / 100)),
    right: mean(all.map(({ right }) => Number(right))),
  };
}

function byWidth(all: readonly Said[]): Said[][] {
  const bins: Said[][] = Array.from({ length: 10 }, () => []);
  for (const one of all) bins[Math.min(9, Math.floor(one.percent / 10))]?.push(one);
  return bins;
}

const drawnShare = (bin: readonly Said[], random: Randomly) =>
  bin.length === 0 ? 0 : bin.filter(({ percent }) => random() < percent / 100).length / bin.length;

const mean = (values: readonly number[]) =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
