// How well does each engine see? `npm run evaluate -- [--engine yolox|centernet] [--model FILE] [--data FOLDER]` prints COCO figures
// over labelled pictures, read through the darkroom's own pixel path. Images whose names begin with `c128_` were trained on and are left out.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Detector } from '../src/darkroom/engines/detector.ts';
import { openDetector } from '../src/darkroom/engines/open.ts';
import { type EngineChoice, planEngines } from '../src/darkroom/models.ts';
import { decode, flatten, prepareSharp, shrink } from '../src/darkroom/pixels.ts';
import { type Labelled, measure } from './evaluate/coco.ts';
import { type LabelledImage, readDataset } from './evaluate/dataset.ts';

const { values } = parseArgs({
  options: { engine: { type: 'string' }, model: { type: 'string' }, data: { type: 'string' } },
});
const testData = process.env.SAJIN_TEST_DATA ?? '../shared';
const folder = resolve(values.data ?? `${testData}/labelled/dev`);

if (!existsSync(join(folder, 'annotations.json'))) {
  process.stderr.write(
    'There are no labelled pictures: name a folder that has annotations.json and images/ with --data.\n',
  );
  process.exit(1);
}
prepareSharp();
const images = (await readDataset(folder)).filter(({ name }) => !name.startsWith('c128_'));
print(['engine', 'images', 'AP50', 'mAP50:95', 'best F1', 'at score', 'ms an image', 'model']);
for (const choice of await choices()) await evaluate(choice);

/** Both engines, unless one was named. */
async function choices(): Promise<readonly EngineChoice[]> {
  const wanted =
    values.engine === undefined ? (['yolox', 'centernet'] as const) : [engineNamed(values.engine)];
  const modelsFolder = resolve(`${testData}/models`);
  const modelFile = values.model === undefined ? {} : { modelFile: resolve(values.model) };
  const plans = await Promise.all(
    wanted.map((detector) => planEngines({ detector, modelsFolder, ...modelFile })),
  );
  for (const { problem } of plans) if (problem !== undefined) process.stderr.write(`${problem}\n`);
  return plans.flatMap((plan) => plan.choices);
}

function engineNamed(name: string): 'yolox' | 'centernet' {
  if (name === 'yolox' || name === 'centernet') return name;
  throw new Error(`--engine ${name}: there are yolox and centernet`);
}

async function evaluate(choice: EngineChoice): Promise<void> {
  // Far below what is stored: average precision wants to know where the right ones are among the unlikely ones.
  const detector = await openDetector(choice, { minScore: 0.001 });
  const seen: (Labelled & { readonly name: string; readonly tookMs: number })[] = [];
  for (const image of images) seen.push(await look(detector, image));
  await detector.close();
  const prefixes = [...new Set(images.map(({ name }) => name.split('_')[0] ?? ''))];
  for (const prefix of [...prefixes, '']) {
    const half = seen.filter(({ name }) => name.startsWith(prefix));
    const { ap50, map, bestF1 } = measure(half);
    const tookMs = half.map((one) => one.tookMs).sort((a, b) => a - b)[half.length >> 1] ?? 0;
    print([
      choice.engine,
      `${prefix === '' ? 'all' : `${prefix}_*`} ${half.length}`,
      ap50.toFixed(3),
      map.toFixed(3),
      bestF1.f1.toFixed(3),
      bestF1.score.toFixed(2),
      tookMs.toFixed(0),
      choice.model.slice(0, 12),
    ]);
  }
}

/** The pixels that a photo's detector gets when it is developed: at most 800 px of what was decoded at 1600. */
async function look(detector: Detector, { name, path, truths, labels }: LabelledImage) {
  const image = flatten(await shrink(await decode(path, 'image/jpeg', 1600, 'tolerant'), 800));
  const startedAt = performance.now();
  const found = await detector.detect(image);
  const tookMs = performance.now() - startedAt;
  return { name, truths, found, tookMs, ...(labels === undefined ? {} : { labels }) };
}

function print(cells: readonly string[]): void {
  process.stdout.write(
    `${cells.map((cell, at) => cell.padEnd([11, 9, 7, 10, 9, 10, 13][at] ?? 0)).join('')}\n`,
  );
}
