// What a score means: the table that is committed, and the fitting against sources whose truth is known.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { honestyOf, sayUnseen } from '../../scripts/evaluate/cross-validate.ts';
import {
  type Fit,
  fitGroups,
  fits,
  type Group,
  poolAdjacentViolators,
  type Scored,
} from '../../scripts/evaluate/curves.ts';
import {
  brier,
  equalMassBins,
  equalWidthBins,
  errorByChance,
  expectedError,
  logLoss,
  type Said,
} from '../../scripts/evaluate/reliability.ts';
import { seeded } from '../../scripts/evaluate/seeded.ts';
import { renderTable, versionOf } from '../../scripts/evaluate/table.ts';
import { engineNames } from '../../src/darkroom/engines/detector.ts';
import { calibrationVersion, confidenceOf, percentOf, sayable } from '../../src/gallery/calibration.ts';
import { calibrationTable } from '../../src/gallery/calibration-table.ts';
import { projectRoot } from '../support/data.ts';

const measured = Object.keys(calibrationTable.engines);
const scores = Array.from({ length: 2001 }, (_, at) => at / 2000);
const near = (actual: number, expected: number, within = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= within, `${actual} for ${expected}`);

describe('a confidence', () => {
  for (const engine of [...measured, 'never-measured'])
    test(`of ${engine} is a whole percent from 1 to 99 and never falls as the score rises`, () => {
      const said = scores.map((score) => confidenceOf(engine, score));
      assert.ok(said.every((percent) => Number.isInteger(percent) && percent >= 1 && percent <= 99));
      assert.ok(said.every((percent, at) => at === 0 || percent >= (said[at - 1] ?? 100)));
      assert.ok((said[0] ?? 99) <= 5 && (said.at(-1) ?? 0) >= 90, `${said[0]} .. ${said.at(-1)}`);
    });

  test('lies on the line between the two points around the score, and stays level after the last', () => {
    const curve = [
      [0, 0],
      [50, 20],
      [80, 95.2],
    ];
    assert.deepEqual(
      [0, 0.05, 0.25, 0.5, 0.65, 0.8, 0.9, 1].map((score) => percentOf(curve, score)),
      [1, 2, 10, 20, 58, 95, 95, 95],
    );
  });

  test('is 99 and 1 even where everything, or nothing, was right', () => {
    const certain = [
      [0, 0],
      [50, 100],
    ];
    const hopeless = [
      [0, 0],
      [50, 0],
    ];
    assert.deepEqual(
      [percentOf(certain, 0.8), percentOf(hopeless, 0.8), sayable(100), sayable(0)],
      [99, 1, 99, 1],
    );
  });

  test('of a score outside 0..1 is that of the nearer end, and of no number the least', () => {
    for (const engine of [...measured, 'never-measured'])
      assert.deepEqual(
        [-1, Number.NaN, 7].map((score) => confidenceOf(engine, score)),
        [1, 1, confidenceOf(engine, 1)],
      );
  });

  test('of an engine that was never measured is at most what its score says and what any measured one would get', () => {
    for (const score of scores) {
      const said = confidenceOf('never-measured', score);
      assert.ok(said <= sayable(100 * score));
      for (const engine of measured) assert.ok(said <= confidenceOf(engine, score), `${engine} at ${score}`);
    }
  });

  test('is the same cautious guess for a name that every object knows', () => {
    for (const name of ['constructor', '__proto__', 'toString', '']) {
      assert.equal(confidenceOf(name, 0.8), confidenceOf('never-measured', 0.8));
    }
  });
});

describe('the table', () => {
  test('has measured every engine that there is', () => {
    assert.deepEqual(measured, [...engineNames].sort());
  });

  test('was fitted on enough to say something, and is honest to 0.05', () => {
    for (const { pictures, detections, error } of Object.values(calibrationTable.engines)) {
      assert.ok(pictures >= 50 && detections >= 300);
      assert.ok(error <= 0.05);
    }
  });

  test('is written byte for byte as the command writes it', () => {
    const file = readFileSync(join(projectRoot, 'src/gallery/calibration-table.ts'), 'utf8');
    assert.equal(renderTable(calibrationTable.engines), file);
  });

  test('is named by what it says: another curve, or another engine, is another version', () => {
    const { engines } = calibrationTable;
    assert.equal(calibrationVersion, versionOf(engines));
    const { yolox, ...others } = engines;
    const [first = [], ...rest] = yolox.curve;
    const moved = { curve: [first, ...rest.map(([score = 0, right = 0]) => [score + 0.1, right])] };
    const versions = [engines, others, { ...others, yolox: moved }, { ...others, yolo: yolox }].map(
      versionOf,
    );
    assert.equal(new Set(versions).size, versions.length);
  });

  test('is what docs/detection.md tells', () => {
    const told = readFileSync(join(projectRoot, 'docs/detection.md'), 'utf8');
    for (const [engine, { error, detections }] of Object.entries(calibrationTable.engines)) {
      const row = told
        .split('\n')
        .find((line) => line.startsWith(`| \`${engine}\``) && line.includes(`${detections}`));
      assert.ok(
        row?.includes(error.toFixed(3)),
        `${engine}: ${error} is not in the row of its ${detections}`,
      );
    }
  });
});

describe('neighbours in the wrong order are pooled', () => {
  const pooled = (...shares: readonly (readonly [right: number, count: number])[]) =>
    poolAdjacentViolators(shares.map(([right, count]): Group => ({ right, count, scores: count }))).map(
      (run) => run.map(({ right, count }) => `${right}/${count}`).join(' '),
    );

  test('not at all when they rise', () => {
    assert.deepEqual(pooled([0, 1], [1, 2], [1, 1]), ['0/1', '1/2', '1/1']);
  });

  test('all into one when they fall, or are equal', () => {
    assert.deepEqual(pooled([1, 1], [1, 1], [0, 1], [0, 1]), ['1/1 1/1 0/1 0/1']);
    assert.deepEqual(pooled([1, 2], [2, 4]), ['1/2 2/4']);
  });

  test('as far back as needed when a late one undoes what had risen', () => {
    // 0.2 and 0.5 rise. With 0 of 5 the second is 5/15, still above 0.2; with 0 of 20 more it is 5/35, so everything is one.
    assert.deepEqual(pooled([2, 10], [5, 10], [0, 5]), ['2/10', '5/10 0/5']);
    assert.deepEqual(pooled([2, 10], [5, 10], [0, 5], [0, 20]), ['2/10 5/10 0/5 0/20']);
  });

  test('by how many they are', () => {
    // 3/4 then 10/20: together 13/24 = 0.54, above 0.5 but below 0.55.
    assert.deepEqual(pooled([1, 2], [3, 4], [10, 20]), ['1/2', '3/4 10/20']);
    assert.deepEqual(pooled([11, 20], [3, 4], [10, 20]), ['11/20 3/4 10/20']);
  });
});

describe('the expected error', () => {
  const say = (percent: number, verdicts: readonly number[]): Said[] =>
    verdicts.map((right) => ({ percent, right: right === 1 }));

  test('is 0 where every bin is as often right as it says', () => {
    const honest = [...say(25, [1, 0, 0, 0]), ...say(50, [1, 0])];
    near(expectedError(equalWidthBins(honest)), 0);
  });

  test('weighs what each bin is off by with how many are in it', () => {
    // 4 said 95, half of them right: off by 0.45. 6 said 15, none right: off by 0.15.
    const all = [...say(95, [1, 1, 0, 0]), ...say(15, [0, 0, 0, 0, 0, 0])];
    near(expectedError(equalWidthBins(all)), 0.4 * 0.45 + 0.6 * 0.15);
  });

  test('has bins from whole tens on: 9 and 10 are apart, 10 and 19 together', () => {
    const all = [...say(9, [0]), ...say(10, [0]), ...say(19, [1])];
    const bins = equalWidthBins(all);
    assert.deepEqual(
      bins.slice(0, 3).map(({ count }) => count),
      [1, 2, 0],
    );
    near(bins[1]?.said ?? 0, 0.145);
    near(bins[1]?.right ?? 0, 0.5);
    near(expectedError(bins), (1 / 3) * 0.09 + (2 / 3) * 0.355);
  });

  test('of equal mass has a tenth in each bin, by rising confidence', () => {
    const all = [90, 80, 70, 60, 50, 40, 30, 20, 10, 5].flatMap((percent) => say(percent, [0, 1]));
    const bins = equalMassBins(all);
    assert.deepEqual(
      bins.map(({ count, right }) => [count, right]),
      Array(10).fill([2, 0.5]),
    );
    near(bins[0]?.said ?? 0, 0.05);
    near(expectedError(bins), [0.4, 0.3, 0.2, 0.1, 0, 0.1, 0.2, 0.3, 0.4, 0.45].reduce((a, b) => a + b) / 10);
  });

  test('of nothing is 0', () => {
    near(expectedError(equalWidthBins([])), 0);
    near(expectedError(equalMassBins([])), 0);
  });

  test('and its companions: mean square and mean surprise', () => {
    const all = [...say(80, [1]), ...say(40, [0])];
    near(brier(all), (0.04 + 0.16) / 2);
    near(logLoss(all), -(Math.log(0.8) + Math.log(0.6)) / 2);
  });

  test('by chance is what an exactly honest source shows, and grows as there is less to see', () => {
    const many = draw(4000, (score) => score).map(({ score, right }) => ({
      percent: sayable(100 * score),
      right,
    }));
    const few = many.filter((_, at) => at % 20 === 0);
    near(expectedError(equalWidthBins(many)), errorByChance(many), 0.01);
    assert.ok(errorByChance(few) > 3 * errorByChance(many));
  });
});

describe('a source that is not honest becomes so', () => {
  const sources: readonly (readonly [what: string, truth: (score: number) => number])[] = [
    ['one that boasts', (score) => score ** 3],
    ['one that is shy', (score) => Math.sqrt(score)],
    ['one that is right half the time whatever it says', () => 0.5],
    ['one with a step', (score) => (score < 0.6 ? 0.05 : 0.9)],
  ];
  for (const [what, truth] of sources)
    test(what, () => {
      const identity: Fit = () => (score) => sayable(100 * score);
      const points = draw(4000, truth);
      const errorWith = (fit: Fit) => expectedError(equalWidthBins(sayUnseen(points, fit).flat()));
      const [before, after] = [errorWith(identity), errorWith(fits.grouped)];
      assert.ok(before > 0.1 && after < 0.05, `${before} before, ${after} after`);
    });

  test('and all ways of fitting find a truth that all of them can express', () => {
    // ln(odds) = 2 ln(score / (1 - score)) - 1
    const truth = (score: number) => 1 / (1 + Math.E * ((1 - score) / score) ** 2);
    const points = draw(8000, truth);
    for (const [name, fit] of Object.entries(fits)) {
      const confidence = fit(points);
      for (const score of [0.3, 0.5, 0.7, 0.9])
        near(confidence(score), 100 * truth(score), name === 'isotonic' ? 10 : 4.5);
    }
  });

  test('where less score were more right, the curve is flat instead of falling', () => {
    const points = draw(3000, (score) => 1 - score);
    for (const [name, fit] of Object.entries(fits)) {
      const confidence = fit(points);
      const said = [0.2, 0.4, 0.6, 0.8].map(confidence);
      assert.deepEqual(
        [...said].sort((a, b) => a - b),
        said,
        name,
      );
      near(confidence(0.5), 50, 5);
    }
  });
});

describe('a curve', () => {
  test('has a point for each group, which holds its share of all detections and of the right ones', () => {
    // Of score^2, up to a score s lie s of all and s^3 of the right ones; (s + s^3) / 2 = 0.5 at s = 0.682.
    const [zero, low = [], high = [], ...more] = fitGroups(
      draw(5000, (score) => score ** 2),
      2,
    );
    assert.deepEqual([zero, more], [[0, 0], []]);
    near(low[0] ?? 0, 34.1, 1);
    near(high[0] ?? 0, 84.1, 1);
    near(low[1] ?? 0, 100 * (0.682 ** 2 / 3), 3);
  });

  test('joins two groups in the wrong order, and is level over three', () => {
    const group = (score: number, right: number) =>
      Array.from({ length: 10 }, (_, at) => ({ score, right: at < right }));
    const flat = fitGroups([...group(0.2, 5), ...group(0.4, 5), ...group(0.6, 5)], 3);
    assert.deepEqual(flat, [
      [0, 0],
      [20, 50],
      [60, 50],
    ]);
    assert.deepEqual(fitGroups([...group(0.2, 5), ...group(0.4, 5)], 2), [
      [0, 0],
      [30, 50],
    ]);
  });

  test('does not call it certain because a few were all right, or impossible because they were all wrong', () => {
    const all = (right: boolean): Scored[] => Array.from({ length: 20 }, () => ({ score: 0.5, right }));
    near(percentOf(fitGroups(all(true), 1), 0.5), (100 * 20.5) / 21, 0.5);
    near(percentOf(fitGroups(all(false), 1), 0.5), (100 * 0.5) / 21, 0.5);
  });

  test('of nothing believes nothing', () => {
    assert.equal(percentOf(fitGroups([]), 0.9), 1);
  });

  test('does not depend on the order in which pictures were looked at', () => {
    const points = draw(500, (score) => score);
    assert.deepEqual(fitGroups([...points].reverse()), fitGroups(points));
  });
});

describe('cross-validation', () => {
  const points = draw(300, (score) => score);

  test('judges every detection once a round, by a fit that saw all other pictures and not its own', () => {
    const seen: ReadonlySet<string>[] = [];
    const spy: Fit = (training) => {
      const at = seen.push(new Set((training as typeof points).map(({ image }) => image)));
      return () => at;
    };
    const all = sayUnseen(points, spy);
    assert.equal(all.length, 10);
    for (const round of all) {
      assert.equal(new Set(round.map(({ score, image }) => `${score} ${image}`)).size, points.length);
      for (const { percent, image } of round) assert.equal(seen[percent - 1]?.has(image), false);
    }
    const images = new Set(points.map(({ image }) => image)).size;
    assert.ok(seen.every(({ size }) => size === images - images / 10));
  });

  test('is the same twice, and deals the pictures differently in each round', () => {
    const [first, second] = [sayUnseen(points, fits.grouped), sayUnseen(points, fits.grouped)];
    assert.deepEqual(first, second);
    const orders = first.map((round) => round.map(({ image }) => image).join());
    assert.equal(new Set(orders).size, orders.length);
  });

  test('is stricter than a look at what was fitted on', () => {
    // Nothing to learn here: whoever finds something has learned it by heart.
    const noise = draw(300, () => 0.5);
    const confidence = fits.isotonic(noise);
    const known = noise.map((point) => ({ ...point, percent: confidence(point.score) }));
    assert.ok(brier(known) < honestyOf(sayUnseen(noise, fits.isotonic)).brier);
  });
});

/** Detections of 40 pictures with evenly spread scores, right as often as `truth` says; always the same. */
function draw(count: number, truth: (score: number) => number): (Scored & { readonly image: string })[] {
  const random = seeded(20);
  return Array.from({ length: count }, (_, at) => {
    const score = (at + 0.5) / count;
    return { score, right: random() < truth(score), image: `picture ${Math.floor(random() * 40)}` };
  });
}
