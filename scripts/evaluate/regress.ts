// Logistic regression on three terms, by Newton's method. Numbers in, numbers out: knows nothing of scores.

export type Three = readonly [number, number, number];

export interface Row {
  readonly terms: Three;
  readonly right: boolean;
}

/** The weights under which these verdicts are the likeliest, where `ln(odds)` is the sum of weight times term. */
export function regress(rows: readonly Row[]): Three {
  let weights: Three = [0, 0, 0];
  for (let round = 0; round < 100; round += 1) {
    const next = descend(rows, weights, newtonStep(rows, weights));
    if (next === undefined) break;
    weights = next;
  }
  return weights;
}

// Pulls the weights towards 0 so little that it matters only where nothing else decides: all right, all wrong, a term of 0.
const pull = 1e-3;

function newtonStep(rows: readonly Row[], weights: Three): Three {
  const gradient: [number, number, number] = [-pull * weights[0], -pull * weights[1], -pull * weights[2]];
  const curvature = [pull, 0, 0, 0, pull, 0, 0, 0, pull];
  for (const { terms, right } of rows) {
    const chance = 1 / (1 + Math.exp(-dot(terms, weights)));
    for (const row of [0, 1, 2] as const) {
      gradient[row] += (Number(right) - chance) * terms[row];
      for (const column of [0, 1, 2] as const)
        curvature[row * 3 + column] =
          (curvature[row * 3 + column] ?? 0) + chance * (1 - chance) * terms[row] * terms[column];
    }
  }
  return solve(curvature, gradient);
}

/** The whole step, or the longest half, quarter .. of it that makes it better; undefined when none does any more. */
function descend(rows: readonly Row[], weights: Three, step: Three): Three | undefined {
  const before = loss(rows, weights);
  for (let part = 1; part > 1e-6; part /= 2) {
    const next: Three = [
      weights[0] + part * step[0],
      weights[1] + part * step[1],
      weights[2] + part * step[2],
    ];
    if (loss(rows, next) < before - 1e-12) return next;
  }
  return undefined;
}

function loss(rows: readonly Row[], weights: Three): number {
  const misses = rows.reduce((sum, { terms, right }) => {
    const odds = dot(terms, weights);
    return sum + Math.max(0, odds) - (right ? odds : 0) + Math.log1p(Math.exp(-Math.abs(odds)));
  }, 0);
  return misses + (pull / 2) * dot(weights, weights);
}

/** A symmetric positive definite system by Cramer's rule. */
function solve(matrix: readonly number[], wanted: Three): Three {
  const column = (at: number): Three => [matrix[at] ?? 0, matrix[3 + at] ?? 0, matrix[6 + at] ?? 0];
  const [first, second, third] = [column(0), column(1), column(2)];
  const all = determinant(first, second, third);
  return [
    determinant(wanted, second, third) / all,
    determinant(first, wanted, third) / all,
    determinant(first, second, wanted) / all,
  ];
}

const dot = (a: Three, b: Three) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

const determinant = (a: Three, b: Three, c: Three) =>
  a[0] * (b[1] * c[2] - c[1] * b[2]) -
  b[0] * (a[1] * c[2] - c[1] * a[2]) +
  c[0] * (a[1] * b[2] - b[1] * a[2]);
