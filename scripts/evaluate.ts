// How well does each engine see, and how honest is it about that? `npm run evaluate -- [--engine NAME] [--yolox FILE]
// [--coco-ssd FILE] [--data FOLDER]` measures again everything that docs/detection.md states, and prints it as Markdown.
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import type { EngineChoice } from '../src/darkroom/models/plan.ts';
import { storedFrom } from '../src/gallery/detection.ts';
import { lookAt } from './evaluate/look.ts';
import * as report from './evaluate/report.ts';
import { findPictures, findWeights, options } from './evaluate/weights.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  const images = await findPictures(values);
  const measured: report.Measured[] = [];
  // One after the other: two at once would slow each other down.
  for (const choice of await findWeights(values)) {
    const asRun = await lookAt(choice, images, storedFrom);
    const inDepth = await lookAt(choice, images, 0.001);
    measured.push({ title: titleOf(choice), asRun, inDepth });
  }
  say(`# ${images.length} pictures`, report.figuresTable(measured));
  say('# How honest', report.honestyTable(measured));
  for (const one of measured) {
    say(`# ${one.title}: said and right`, report.reliabilityTable(one));
    say(`# ${one.title}: what a page shows`, report.cutOffTable(one));
    say(`# ${one.title}: by kind`, report.sliceTable(one));
  }
  say('# Detections a picture, and the confidence at that score', report.floorTable(measured));
}

const titleOf = ({ engine, file }: EngineChoice) =>
  engine === 'yolox' ? `\`yolox\` ${basename(file, '.onnx')}` : `\`${engine}\``;

const say = (title: string, table: string) => process.stdout.write(`${title}\n\n${table}\n`);

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
