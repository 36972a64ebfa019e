// Ways from scores to confidence, fitted on scores and verdicts. Numbers in, numbers out: knows no engine and no file.
import { type Curve, percentOf, sayable } from '../../src/gallery/calibration.ts';
import { regress, type Three } from './regress.ts';

export interface Scored {
  readonly score: number;
  readonly right: boolean;
}

/** From a score to a whole percent. */
export type Confidence = (score: number) => number;
export type Fit = (points: readonly Scored[]) => Confidence;

/** By name, for comparing them: the gallery uses the first. */
export const fits: Readonly<Record<'grouped' | 'isotonic' | 'beta' | 'logistic', Fit>> = {
  grouped: (points) => fromCurve(fitGroups(points)),
  isotonic: (points) => fromCurve(fitIsotonic(points)),
  beta: (points) => fitBeta(points),
  logistic: (points) => fitLogistic(points),
};

/**
 * Isotonic regression over twelve groups of neighbouring scores, joined by straight lines. A group holds its share of all detections
 * and of the right ones, half and half: most scores are low and wrong, and with equally many in each the curve would be coarse just
 * where it matters. Two groups in the wrong order become one point; three and more are taken for really flat. (8 to 16 groups, and
 * other shares, do equally well on the labelled pictures.)
 */
export function fitGroups(points: readonly Scored[], count = 12): Curve {
  const rising = risingIn(points);
  const right = rising.filter((point) => point.right).length;
  const groups: Group[] = [];
  let passed = 0;
  for (const point of rising) {
    const at = Math.min(count - 1, Math.floor(count * passed));
    groups[at] = joined(groups[at], groupOf(point));
    passed += 0.5 / rising.length + (point.right ? 0.5 / right : 0);
  }
  return toCurve(poolAdjacentViolators(groups.filter(Boolean).map(withDoubt)), 3);
}

/** Isotonic regression as the books have it: every detection for itself. */
export const fitIsotonic = (points: readonly Scored[]): Curve =>
  toCurve(poolAdjacentViolators(risingIn(points).map(groupOf)), 2);

/** Beta calibration (Kull, Silva Filho and Flach, AISTATS 2017): logistic regression on ln(score) and -ln(1 - score). */
export const fitBeta: Fit = (points) => {
  const both = fitTerms(points, (low, high) => [1, low, high]);
  const [, low, high] = both.weights;
  if (low >= 0 && high >= 0) return both.confidence;
  // A weight that would let the curve fall is left out, as the authors do.
  return fitOne(points, low < 0 ? (_low, high) => high : (low) => low);
};

/** Platt's: logistic regression on ln(score / (1 - score)). */
export const fitLogistic: Fit = (points) => fitOne(points, (low, high) => low + high);

/** Neighbouring detections: how many, how many of them right, and the sum of their scores. */
export interface Group {
  readonly count: number;
  readonly right: number;
  readonly scores: number;
}

/**
 * The rising sequence nearest to the shares of what is right, in squares: neighbours in the wrong order get the share that they have
 * together. Says which groups belong together, in their order.
 */
export function poolAdjacentViolators(groups: readonly Group[]): Group[][] {
  const runs: { readonly members: Group[]; readonly whole: Group }[] = [];
  for (const group of groups) {
    let run = { members: [group], whole: group };
    for (let before = runs.at(-1); before !== undefined; before = runs.at(-1)) {
      if (shareOf(before.whole) < shareOf(run.whole)) break;
      run = { members: [...before.members, ...run.members], whole: joined(before.whole, run.whole) };
      runs.pop();
    }
    runs.push(run);
  }
  return runs.map(({ members }) => members);
}

const risingIn = (points: readonly Scored[]) => [...points].sort((a, b) => a.score - b.score);

const groupOf = ({ score, right }: Scored): Group => ({ count: 1, right: Number(right), scores: score });

const joined = (a: Group | undefined, b: Group): Group =>
  a === undefined ? b : { count: a.count + b.count, right: a.right + b.right, scores: a.scores + b.scores };

const shareOf = ({ right, count }: Group) => right / count;
const meanOf = ({ scores, count }: Group) => scores / count;

/** One more detection that was half right, at the same mean score (Jeffreys' prior): twenty right of twenty do not make it certain. */
const withDoubt = (group: Group): Group => ({
  count: group.count + 1,
  right: group.right + 0.5,
  scores: meanOf(group) * (group.count + 1),
});

/** From 0 at a score of 0 through every run; a run of at least `flatFrom` groups is a level line, a shorter one its mean. */
function toCurve(runs: readonly (readonly Group[])[], flatFrom: number): Curve {
  const points = runs.flatMap((run) => {
    const whole = run.reduce(joined);
    const [first = whole, last = whole] = [run[0], run.at(-1)];
    const scores = run.length < flatFrom ? [meanOf(whole)] : [meanOf(first), meanOf(last)];
    return scores.map((score) => [percentage(score), percentage(shareOf(whole))]);
  });
  return [[0, 0], ...points];
}

// So few pictures can't tell finer, and the table stays the same where a processor rounds otherwise.
const percentage = (share: number) => Number((100 * share).toFixed(1));

const fromCurve =
  (curve: Curve): Confidence =>
  (score) =>
    percentOf(curve, score);

/** On one term, or on none when the curve would fall with it. */
function fitOne(points: readonly Scored[], choose: (low: number, high: number) => number): Confidence {
  const one = fitTerms(points, (low, high) => [1, choose(low, high), 0]);
  return one.weights[1] >= 0 ? one.confidence : fitTerms(points, () => [1, 0, 0]).confidence;
}

function fitTerms(points: readonly Scored[], choose: (low: number, high: number) => Three) {
  const termsOf = (score: number) => {
    // The logarithms want an open interval.
    const inside = Math.min(0.9999, Math.max(0.0001, score));
    return choose(Math.log(inside), -Math.log(1 - inside));
  };
  const weights = regress(points.map(({ score, right }) => ({ terms: termsOf(score), right })));
  const confidence = (score: number) => {
    const odds = termsOf(score).reduce((sum, term, at) => sum + term * (weights[at] ?? 0), 0);
    return sayable(100 / (1 + Math.exp(-odds)));
  };
  return { weights, confidence };
}
