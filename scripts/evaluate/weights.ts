// Which engines can be measured: the weights that were named, else those in the folder of test data, and the built-in.
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type EngineName, engineNames } from '../../src/darkroom/engines/detector.ts';
import { type EngineChoice, planEngines } from '../../src/darkroom/models/plan.ts';
import { type LabelledImage, readDataset } from './dataset.ts';

export const testData = resolve(process.env.SAJIN_TEST_DATA ?? '../shared');

/** To be given to `parseArgs`: both commands take the same. */
export const options = {
  engine: { type: 'string', multiple: true },
  yolox: { type: 'string', multiple: true },
  'coco-ssd': { type: 'string', multiple: true },
  data: { type: 'string' },
} as const;

export interface Wish {
  /** Only these; all, if absent. */
  readonly engine?: readonly string[] | undefined;
  readonly yolox?: readonly string[] | undefined;
  readonly 'coco-ssd'?: readonly string[] | undefined;
  readonly data?: string | undefined;
}

/** In the order of their names. An engine whose weights are nowhere is not among them. */
export async function findWeights(wish: Wish): Promise<EngineChoice[]> {
  const unknown = wish.engine?.find((name) => !(engineNames as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`--engine ${unknown}: there are ${engineNames.join(', ')}`);
  const wanted = [...engineNames].sort().filter((name) => wish.engine?.includes(name) ?? true);
  return (await Promise.all(wanted.map((engine) => weightsOf(engine, wish)))).flat();
}

/**
 * The labelled pictures that no engine was trained on: the names of the others begin with `c128_`.
 * @throws Error that says what is missing
 */
export async function findPictures({ data }: Wish): Promise<LabelledImage[]> {
  const folder = resolve(data ?? join(testData, 'labelled/dev'));
  if (!existsSync(join(folder, 'annotations.json')))
    throw new Error(
      'There are no labelled pictures: name a folder with annotations.json and images/ by --data.',
    );
  return (await readDataset(folder)).filter(({ name }) => !name.startsWith('c128_'));
}

// The digest is not asked for here: an engine says itself which weights it opened.
async function weightsOf(engine: EngineName, wish: Wish): Promise<EngineChoice[]> {
  if (engine === 'centernet')
    return [...(await planEngines({ detector: 'centernet', modelsFolder: testData })).choices];
  const files = (wish[engine] ?? lyingIn(join(testData, 'models'), engine)).map((file) => resolve(file));
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) throw new Error(`--${engine} ${missing}: there is no such file`);
  return files.map((file) => ({ engine, file, model: '' }));
}

function lyingIn(folder: string, engine: 'yolox' | 'coco-ssd'): string[] {
  if (!existsSync(folder)) return [];
  const names =
    engine === 'yolox'
      ? readdirSync(folder)
          .filter((name) => name.endsWith('.onnx'))
          .sort()
      : [];
  const files = engine === 'yolox' ? names : ['coco-ssd/model.json'];
  return files.map((name) => join(folder, name)).filter((file) => existsSync(file));
}
