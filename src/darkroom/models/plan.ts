// Which engine should look at photos, and where its weights lie. Loads no model: that is a child's work.
import { basename } from 'node:path';
import type { EngineName } from '../engines/detector.ts';
import { readChosen } from './chosen.ts';
import { type DigestReader, openDigests } from './files.ts';
import { type Item, type Place, takeStock } from './stock.ts';

export interface EngineChoice {
  readonly engine: EngineName;
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

export interface EngineWish extends Place {
  readonly detector: 'auto' | 'yolox' | 'coco-ssd' | 'centernet' | 'off';
}

/**
 * `auto` asks for MODEL_FILE, else for the model that somebody chose, else for the best that lies in the folder (see `rank`),
 * and falls back on the built-in; coco-ssd is used only when it is asked for by name. A named engine has no other to fall back on.
 * Never throws: whatever is missing, unreadable or not what it should be becomes `problem`.
 */
export async function planEngines(
  wish: EngineWish,
  digestOf: DigestReader = openDigests(),
): Promise<EnginePlan> {
  if (wish.detector === 'off') return { choices: [] };
  const stock = await takeStock(wish, digestOf);
  const chosen = await readChosen(wish.modelsFolder);
  switch (wish.detector) {
    case 'centernet':
      return collect([builtInOf(stock)]);
    case 'coco-ssd':
      return collect([cocoSsdOf(stock)]);
    case 'yolox': {
      const best = await yoloxFor(wish, stock, chosen, digestOf);
      return collect(best.length > 0 ? best : [noYolox]);
    }
    case 'auto': {
      const named = wish.modelFile === undefined ? stock.find(({ name }) => name === chosen) : undefined;
      if (named?.origin === 'built-in') return collect([builtInOf(stock)]);
      if (named?.engine === 'coco-ssd' && named.found.kind === 'sound')
        return collect([choiceOf(named), builtInOf(stock)]);
      return collect([...(await yoloxFor(wish, stock, chosen, digestOf)), builtInOf(stock)]);
    }
    default:
      return wish.detector satisfies never;
  }
}

type Outcome = EngineChoice | { readonly problem: string };

const noYolox: Outcome = {
  problem:
    'No YOLOX model was found: run `sajin models fetch yolox-nano`, or put an .onnx file into models/ of the uploads folder.',
};

/** One choice an engine, the first; what stands before it and can't be used is the problem. */
function collect(outcomes: readonly Outcome[]): EnginePlan {
  const problem = outcomes.find((one) => 'problem' in one)?.problem;
  const choices = outcomes.filter((one): one is EngineChoice => 'engine' in one);
  return problem === undefined ? { choices } : { choices, problem };
}

function builtInOf(stock: readonly Item[]): Outcome {
  const item = stock.find(({ origin }) => origin === 'built-in');
  if (item?.found.kind === 'sound') return choiceOf(item);
  return { problem: 'The built-in model is missing: run npm ci again.' };
}

function cocoSsdOf(stock: readonly Item[]): Outcome {
  const item = stock.find(({ engine }) => engine === 'coco-ssd');
  if (item !== undefined && item.found.kind !== 'absent') return choiceOf(item);
  return { problem: 'The weights of coco-ssd are not here: run `sajin models fetch coco-ssd`.' };
}

/** What was asked for, and behind everything that can't be used the next best; empty when there is none at all. */
async function yoloxFor(
  { modelFile, detector }: EngineWish,
  stock: readonly Item[],
  chosen: string | undefined,
  digestOf: DigestReader,
): Promise<Outcome[]> {
  if (modelFile !== undefined) return [await namedFile(modelFile, digestOf)];
  const ranked = stock
    .filter(({ engine, found }) => engine === 'yolox' && found.kind !== 'absent')
    .sort(rank);
  const wanted = stock.find(({ name }) => name === chosen);
  const outcomes: Outcome[] = [];
  if (chosen !== undefined && wanted?.engine === 'yolox' && wanted.found.kind !== 'absent') {
    ranked.unshift(wanted);
  } else if (chosen !== undefined && (detector === 'auto' || wanted?.engine !== 'coco-ssd')) {
    outcomes.push(wanted === undefined ? gone(chosen) : choiceOf(wanted));
  }
  for (const item of ranked) {
    const outcome = choiceOf(item);
    outcomes.push(outcome);
    if ('engine' in outcome) break;
  }
  return outcomes;
}

/** What somebody brought, by file name; then the catalogue's, the best published mAP first. */
function rank(a: Item, b: Item): number {
  const [first, second] = [a.entry?.publishedMap ?? 1, b.entry?.publishedMap ?? 1];
  return second - first || (a.file < b.file ? -1 : 1);
}

async function namedFile(file: string, digestOf: DigestReader): Promise<Outcome> {
  const model = await digestOf(file);
  if (model !== undefined) return { engine: 'yolox', file, model };
  return { problem: `The model file ${basename(file)} cannot be read: check MODEL_FILE.` };
}

function choiceOf({ name, engine, file, found, entry }: Item): Outcome {
  switch (found.kind) {
    case 'sound':
      return { engine, file, model: found.sha256 };
    case 'absent':
      return absent(name);
    case 'wrong': {
      const what = entry === undefined ? 'replace it' : `run \`sajin models fetch ${name}\``;
      const own = entry?.pinned === undefined ? '' : ', or rename it if it is a model of your own';
      return { problem: `${basename(file)} is not used, because ${found.why}: ${what}${own}.` };
    }
    default:
      return found satisfies never;
  }
}

const gone = (name: string): Outcome => ({
  problem: `The chosen model ${name} is not here any more: put its file back, or run \`sajin models use auto\`.`,
});

const absent = (name: string): Outcome => ({
  problem: `The chosen model ${name} is not here: run \`sajin models fetch ${name}\`, or \`sajin models use auto\`.`,
});
