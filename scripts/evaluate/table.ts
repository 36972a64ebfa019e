// The calibration table as a file of the project: fitted per engine, named by what it makes the gallery say, written as text.
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type CalibrationTable, type Curve, confidenceOf } from '../../src/gallery/calibration.ts';
import { honestyOf, sayUnseen } from './cross-validate.ts';
import { fitGroups, fits } from './curves.ts';
import type { Looked } from './look.ts';
import { pointsOf } from './points.ts';

export interface Entry {
  /** The day on which this was first fitted so. */
  readonly fitted: string;
  /** SHA-256 of the weights that looked. */
  readonly model: string;
  readonly pictures: number;
  readonly detections: number;
  readonly right: number;
  /** Expected calibration error, cross-validated. */
  readonly error: number;
  readonly curve: Curve;
}

export type Entries = Readonly<Record<string, Entry>>;

/** @param before the entry of this engine in the table; its date stays when nothing else changes */
export function fitEntry({ model, images }: Looked, today: string, before?: Entry): Entry {
  const points = pointsOf(images);
  const entry = {
    model,
    pictures: images.length,
    detections: points.length,
    right: points.filter(({ right }) => right).length,
    error: Number(honestyOf(sayUnseen(points, fits.grouped)).error.toFixed(3)),
    curve: fitGroups(points),
  };
  const again = { ...entry, fitted: before?.fitted ?? today };
  return before !== undefined && isDeepStrictEqual(again, before) ? before : { ...entry, fitted: today };
}

/** A digest of the curves, and of what the gallery makes of them for each engine and for one that was never measured. */
export function versionOf(engines: CalibrationTable['engines']): string {
  const names = Object.keys(engines).sort();
  const hash = createHash('sha256').update(JSON.stringify(names.map((name) => engines[name]?.curve)));
  for (const engine of [...names, '(any other)'])
    for (let score = 0; score <= 1000; score += 1)
      hash.update(`${engine} ${score} ${confidenceOf(engine, score / 1000, { engines })}\n`);
  return hash.digest('hex').slice(0, 12);
}

/** As the formatter of the project wants it. */
export function renderTable(engines: Entries): string {
  const entries = Object.entries(engines).sort(([a], [b]) => (a < b ? -1 : 1));
  return `// Written by \`npm run calibrate\`: do not edit it, run that again. docs/detection.md says what the numbers mean.

export const calibrationTable = {
  version: '${versionOf(engines)}',
  engines: {
${entries.map(([engine, entry]) => renderEntry(engine, entry)).join('\n')}
  },
};
`;
}

function renderEntry(engine: string, entry: Entry): string {
  const { fitted, model, pictures, detections, right, error, curve } = entry;
  return `    ${/^\w+$/.test(engine) ? engine : `'${engine}'`}: {
      fitted: '${fitted}',
      model: '${model}',
      pictures: ${pictures},
      detections: ${detections},
      right: ${right},
      error: ${error},
      curve: [
${curve.map((point) => `        [${point.join(', ')}],`).join('\n')}
      ],
    },`;
}
