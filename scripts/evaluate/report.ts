// From what engines saw to the tables of docs/detection.md, as Markdown. Measures nothing itself.
import { confidenceOf, sayable } from '../../src/gallery/calibration.ts';
import { calibrationTable } from '../../src/gallery/calibration-table.ts';
import { type Figures, measure } from './coco.ts';
import { type Honesty, honestyOf, sayUnseen } from './cross-validate.ts';
import { fits } from './curves.ts';
import type { Looked } from './look.ts';
import { type LabelledByName, type Point, pointsOf, wantedIn } from './points.ts';
import { type Bin, equalWidthBins, wholeOf } from './reliability.ts';

/** One set of weights: as the gallery runs them, and asked for everything they have. */
export interface Measured {
  readonly title: string;
  /** With the gallery's own floor. */
  readonly asRun: Looked;
  /** With a floor far below: average precision wants to know where the right ones are among the unlikely ones. */
  readonly inDepth: Looked;
}

export function figuresTable(all: readonly Measured[]): string {
  const subsets = all[0] === undefined ? [] : [...prefixesOf(all[0].asRun.images), ''];
  return table(
    [
      'weights',
      ...subsets.map((prefix) => `${titleOf(prefix)} AP50 / mAP50:95`),
      'ms of CPU a picture',
      'MB',
      'detections',
      'ECE',
      'model',
    ],
    all.map(({ title, asRun, inDepth }) => [
      title,
      ...subsets.map((prefix) =>
        average(measure(inDepth.images.filter(({ name }) => name.startsWith(prefix)))),
      ),
      median(asRun.images.map(({ cpuMs }) => cpuMs)).toFixed(0),
      (asRun.residentBytes / 1e6).toFixed(0),
      `${pointsOf(asRun.images).length}`,
      errorAsUsed(asRun).toFixed(3),
      asRun.model.slice(0, 12),
    ]),
  );
}

export function honestyTable(all: readonly Measured[]): string {
  const rows = all.flatMap(({ title, asRun }) => {
    const points = pointsOf(asRun.images);
    return [
      ...Object.entries(fits).map(([name, fit]) =>
        honestyRow(title, name, honestyOf(sayUnseen(points, fit))),
      ),
      honestyRow(title, 'the table as it is', honestyOf([byTheTable(asRun)])),
      honestyRow(title, 'the bare score', honestyOf([points.map(byTheScore)])),
    ];
  });
  return table(
    ['weights', 'curve', 'ECE', 'ECE, equal mass', 'ECE from 30 % on', 'ECE by chance', 'Brier', 'log loss'],
    rows,
  );
}

/** Cross-validated: what curves that never saw the picture said, counted over all rounds and divided by their number. */
export function reliabilityTable({ asRun }: Measured): string {
  const rounds = sayUnseen(pointsOf(asRun.images), fits.grouped);
  const row = (bin: Bin, at: number) => [
    `${Math.max(1, at * 10)}-${at * 10 + 9} %`,
    percent(bin.said),
    percent(bin.right),
    (bin.count / rounds.length).toFixed(0),
  ];
  return table(['bin', 'said', 'right', 'n'], equalWidthBins(rounds.flat()).map(row));
}

/** What a page shows from each confidence on, by the table as it is. */
export function cutOffTable({ asRun }: Measured): string {
  const points = pointsOf(asRun.images);
  const wanted = wantedIn(asRun.images);
  const rows = [10, 20, 30, 40, 50, 60, 70, 80, 90].map((from) => {
    const shown = points.filter(({ score }) => confidenceOf(asRun.engine, score) >= from);
    const right = shown.filter((point) => point.right).length;
    const perPicture = (shown.length / asRun.images.length).toFixed(1);
    const f1 = (2 * right) / (shown.length + wanted);
    return [`${from} %`, percent(right / shown.length), percent(right / wanted), f1.toFixed(2), perPicture];
  });
  return table(
    ['shown from', 'right of what is shown', 'found of what is there', 'F1', 'shown a picture'],
    rows,
  );
}

/** Is it honest about every kind of thing, too? Cross-validated. */
export function sliceTable({ asRun }: Measured): string {
  const rounds = sayUnseen(pointsOf(asRun.images), fits.grouped);
  const row = (name: string, belongs: (point: Point) => boolean) => {
    const part = rounds.map((all) => all.filter(belongs));
    const { error, byChance } = honestyOf(part);
    const bin = wholeOf(part.flat());
    const count = (bin.count / rounds.length).toFixed(0);
    return [name, count, percent(bin.said), percent(bin.right), error.toFixed(3), byChance.toFixed(3)];
  };
  const area = ({ box }: Point) => box.width * box.height;
  return table(
    ['of these', 'n', 'said', 'right', 'ECE', 'ECE by chance'],
    [
      ...prefixesOf(asRun.images).map((prefix) =>
        row(titleOf(prefix), ({ image }) => image.startsWith(prefix)),
      ),
      row('person', ({ label }) => label === 'person'),
      row('anything else', ({ label }) => label !== 'person'),
      row('box under 1 % of the picture', (point) => area(point) < 0.01),
      row('1 to 10 %', (point) => area(point) >= 0.01 && area(point) < 0.1),
      row('over 10 %', (point) => area(point) >= 0.1),
    ],
  );
}

export function floorTable(all: readonly Measured[]): string {
  const floors = [0.02, 0.05, 0.1, 0.15];
  const rows = all.map(({ title, inDepth }) => [
    title,
    ...floors.map((floor) => {
      const count = inDepth.images.flatMap(({ found }) => found.filter(({ score }) => score >= floor)).length;
      const confidence = confidenceOf(inDepth.engine, floor);
      return `${(count / inDepth.images.length).toFixed(1)} (${confidence} %)`;
    }),
  ]);
  return table(['weights', ...floors.map((floor) => `score >= ${floor}`)], rows);
}

/** Cross-validated where the table was fitted on these weights, since they would judge themselves; else of the table as it is. */
function errorAsUsed(looked: Looked): number {
  const isFitted = Object.values(calibrationTable.engines).some(({ model }) => model === looked.model);
  const points = pointsOf(looked.images);
  return honestyOf(isFitted ? sayUnseen(points, fits.grouped) : [byTheTable(looked)]).error;
}

const byTheTable = ({ engine, images }: Looked) =>
  pointsOf(images).map((point) => ({ ...point, percent: confidenceOf(engine, point.score) }));

const byTheScore = ({ score, right }: Point) => ({ percent: sayable(100 * score), right });

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');

const prefixesOf = (images: readonly LabelledByName[]) => [
  ...new Set(images.map(({ name }) => /^[a-z0-9]+_/.exec(name)?.[0] ?? '')),
];

const titleOf = (prefix: string) => (prefix === '' ? 'all' : `${prefix}*`);

const average = ({ ap50, map }: Figures) => `${ap50.toFixed(3)} / ${map.toFixed(3)}`;

const honestyRow = (title: string, curve: string, honesty: Honesty) => [
  title,
  curve,
  ...[honesty.error, honesty.errorByMass, honesty.errorOfShown, honesty.byChance].map((one) =>
    one.toFixed(3),
  ),
  honesty.brier.toFixed(4),
  honesty.logLoss.toFixed(4),
];

const percent = (share: number) => (Number.isFinite(share) ? `${(100 * share).toFixed(0)} %` : '');

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
