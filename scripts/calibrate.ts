// Fits what scores mean: `npm run calibrate -- [--engine NAME] [--yolox FILE] [--coco-ssd FILE] [--data FOLDER]` lets every engine
// whose weights are there look at labelled pictures, and writes src/gallery/calibration-table.ts. The same input, the same bytes.
// An engine whose weights are not there keeps what the table says of it.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { calibrationTable } from '../src/gallery/calibration-table.ts';
import { storedFrom } from '../src/gallery/detection.ts';
import { lookAt } from './evaluate/look.ts';
import { type Entries, type Entry, fitEntry, renderTable } from './evaluate/table.ts';
import { findPictures, findWeights, options } from './evaluate/weights.ts';

/** The expected calibration error that the gallery promises at most. */
const wanted = 0.05;
const tableFile = fileURLToPath(new URL('../src/gallery/calibration-table.ts', import.meta.url));

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  const images = await findPictures(values);
  const before: Entries = calibrationTable.engines;
  const today = new Date().toISOString().slice(0, 10);
  const fitted = new Map<string, Entry>(Object.entries(before));
  const done = new Set<string>();
  for (const choice of await findWeights(values)) {
    // One curve an engine: of several weights the first is taken.
    if (done.has(choice.engine)) continue;
    done.add(choice.engine);
    const entry = fitEntry(await lookAt(choice, images, storedFrom), today, before[choice.engine]);
    fitted.set(choice.engine, entry);
    say(`${choice.engine}: ${entry.right} of ${entry.detections} were right, expected error ${entry.error}`);
    if (entry.error > wanted) say(`  that is more than ${wanted}: label more pictures before you trust this`);
  }
  for (const engine of fitted.keys())
    if (!done.has(engine)) say(`${engine}: kept as it was, its weights are not here`);
  writeFileSync(tableFile, renderTable(Object.fromEntries(fitted)));
}

const say = (line: string) => process.stdout.write(`${line}\n`);

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
