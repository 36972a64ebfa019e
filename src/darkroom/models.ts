// Which engine should look at photos, and where its weights lie. Reads and hashes files; loads no model: that is a child's work.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

export interface EngineChoice {
  readonly engine: 'yolox' | 'centernet';
  /** Absolute. */
  readonly file: string;
  /** SHA-256 of the weights, 64 lower-case hex digits. */
  readonly model: string;
}

export interface EnginePlan {
  /** In the order in which they are tried; the first that opens is used. */
  readonly choices: readonly EngineChoice[];
  /** One English sentence: why the choice is not what was asked for. */
  readonly problem?: string;
}

export interface EngineWish {
  readonly detector: 'auto' | 'yolox' | 'centernet' | 'off';
  /** Absolute; may not exist. */
  readonly modelsFolder: string;
  /** Absolute. */
  readonly modelFile?: string;
}

/** Never throws: whatever is missing or unreadable becomes `problem`. */
export async function planEngines(wish: EngineWish): Promise<EnginePlan> {
  switch (wish.detector) {
    case 'off':
      return { choices: [] };
    case 'centernet':
      return collect([await findBuiltIn()]);
    case 'yolox':
      return collect([await findYolox(wish)]);
    case 'auto': {
      const asked = wish.modelFile !== undefined || (await listModels(wish.modelsFolder)).length > 0;
      return collect([...(asked ? [await findYolox(wish)] : []), await findBuiltIn()]);
    }
    default:
      return wish.detector satisfies never;
  }
}

type Found = EngineChoice | { readonly problem: string };

function collect(found: readonly Found[]): EnginePlan {
  const choices = found.filter((one): one is EngineChoice => 'engine' in one);
  const problem = found.find((one) => 'problem' in one)?.problem;
  return problem === undefined ? { choices } : { choices, problem };
}

/** The named file, else the first `*.onnx` of the folder by name. */
async function findYolox({ modelFile, modelsFolder }: EngineWish): Promise<Found> {
  const file = modelFile ?? (await listModels(modelsFolder))[0];
  if (file === undefined) {
    return {
      problem: 'No YOLOX model was found: put an .onnx file into models/ of the uploads folder and restart.',
    };
  }
  const model = await digestOf(file);
  if (model !== undefined) return { engine: 'yolox', file, model };
  return { problem: `The model file ${basename(file)} cannot be read: check MODEL_FILE and restart.` };
}

/** The package exports no models, but they lie beside its `dist/`. */
async function findBuiltIn(): Promise<Found> {
  try {
    const file = fileURLToPath(new URL('../models/centernet.json', import.meta.resolve('@vladmandic/human')));
    const model = await digestOf(file.replace(/\.json$/, '.bin'));
    if (model !== undefined) return { engine: 'centernet', file, model };
  } catch {
    // Falls through: a package that is not installed and one without its model need the same advice.
  }
  return { problem: 'The built-in model is missing: run npm ci again.' };
}

async function listModels(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries.filter((entry) => !entry.isDirectory() && /^[^.].*\.onnx$/i.test(entry.name));
    return names.map(({ name }) => join(folder, name)).sort();
  } catch {
    return [];
  }
}

async function digestOf(file: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}
