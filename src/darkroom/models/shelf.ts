// The ModelShelf of this machine: the folder uploads/models/, shared with every other process that uses it. What it says is read
// from the disk each time; only running downloads and the last failure of each model are remembered here.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GalleryError } from '../../gallery/errors.ts';
import type { DarkroomStatus, ModelEntry, ModelShelf, ModelState } from '../../gallery/ports.ts';
import type { Log } from '../../log.ts';
import {
  addressOf,
  builtIn,
  type CatalogueEntry,
  fileNameOf,
  catalogue as ownCatalogue,
} from './catalogue.ts';
import { readChosen, writeChosen } from './chosen.ts';
import type { Patience } from './download.ts';
import { openDownloads } from './downloads.ts';
import { openDigests } from './files.ts';
import { importModel, type Prove, sweepScratch } from './import.ts';
import { homeOf, type Item, type Place, takeStock } from './stock.ts';
import { keepOrCompare } from './verify.ts';

export interface ShelfOptions extends Place {
  readonly offline: boolean;
  /** Stands for everything before a file's own name; see `addressOf`. */
  readonly mirror?: string;
  readonly log: Log;
  readonly prove: Prove;
  /** What looks at photos now. */
  inUse(): DarkroomStatus['engine'];
  /** `progress`: a download has come further, told about four times a second. `models`: anything else. */
  onChange?(what: 'progress' | 'models'): void;
  readonly patience?: Partial<Patience>;
}

export interface OpenShelf extends ModelShelf {
  /** Resolves when no download of this model runs in this process any more. */
  ended(name: string): Promise<void>;
  /** Stops every download; what has come so far is kept. Twice is fine. */
  close(): Promise<void>;
}

/** One closure, since every method needs the same folder, the same digests and the same failures. */
export async function openShelf(options: ShelfOptions): Promise<OpenShelf> {
  const { modelsFolder, catalogue = ownCatalogue } = options;
  const downloads = openDownloads(options);
  /** The last failure of each model, until something else happens to it. */
  const failures = new Map<string, { readonly problem: string; readonly wasThere: boolean }>();
  let digestOf = openDigests();
  await sweepScratch(modelsFolder);

  return {
    list,
    async fetch(name) {
      const item = await getItem(name);
      if (item.entry === undefined) throw noDownload(item);
      if (options.offline) throw offline(item.entry, options);
      failures.delete(name);
      if (item.found.kind === 'sound') return;
      downloads.begin(item.entry, async (problem) => {
        if (problem !== undefined) failures.set(name, { problem, wasThere: false });
      });
    },
    async cancel(name) {
      const { entry } = await getItem(name);
      if (entry !== undefined) await downloads.cancel(entry);
    },
    ended: (name) => downloads.ended(name),
    async verify(name) {
      // Not what was read once, but what is there.
      digestOf = openDigests();
      const item = await getItem(name);
      if (item.found.kind === 'absent') throw notHere(name);
      failures.delete(name);
      const problem = await keepOrCompare(modelsFolder, item);
      if (problem !== undefined) failures.set(name, { problem, wasThere: true });
      options.onChange?.('models');
      return item.found.kind === 'sound' && problem === undefined;
    },
    async importFile(path, fileName) {
      const { prove } = options;
      const file = await importModel({ source: path, fileName, modelsFolder, catalogue, prove });
      const entry = (await list()).find((one) => one.path === file);
      if (entry === undefined) throw new Error(`${file} was imported and is not there`);
      failures.delete(entry.name);
      options.onChange?.('models');
      return entry;
    },
    async use(name) {
      if (name !== undefined && (await getItem(name)).found.kind !== 'sound') throw notHere(name);
      await mkdir(modelsFolder, { recursive: true });
      await writeChosen(modelsFolder, name);
      options.onChange?.('models');
    },
    close: () => downloads.close(),
  };

  async function list(): Promise<readonly ModelEntry[]> {
    const stock = await takeStock(options, digestOf);
    const chosen = await readChosen(modelsFolder);
    const engine = options.inUse();
    const entryOf = async (item: Item): Promise<ModelEntry> => ({
      ...describe(item, options),
      state: await stateOf(item),
      chosen: item.name === chosen,
      inUse: item.engine === engine?.name && sha256Of(item) === engine.model,
    });
    return await Promise.all(stock.map(entryOf));
  }

  async function stateOf(item: Item): Promise<ModelState> {
    const { name, entry, found } = item;
    const progress = entry === undefined ? undefined : await downloads.progress(entry);
    if (progress !== undefined) return { kind: 'fetching', ...progress };
    const failure = failures.get(name);
    const present = found.kind === 'sound';
    if (failure !== undefined && (failure.wasThere || !present))
      return { kind: 'failed', problem: failure.problem, present };
    if (found.kind !== 'wrong') return { kind: present ? 'present' : 'absent' };
    return { kind: 'failed', problem: problemOf(item, found.why, options), present };
  }

  async function getItem(name: string): Promise<Item> {
    const stock = await takeStock(options, digestOf);
    const item = stock.find((one) => one.name === name);
    if (item !== undefined) return item;
    const names = stock.map((one) => one.name).join(', ');
    throw new GalleryError('not-found', `There is no model ${name}; choose one of ${names}.`);
  }
}

function describe({ name, engine, origin, file, found, entry }: Item, { mirror }: ShelfOptions) {
  const bytes = found.kind === 'sound' ? found.bytes : entry?.pinned?.bytes;
  const sha256 = found.kind === 'sound' ? found.sha256 : entry?.pinned?.sha256;
  const facts = entry ?? (origin === 'built-in' ? builtIn : undefined);
  return {
    name,
    engine,
    origin,
    path: file,
    ...(entry === undefined ? {} : { url: addressOf(entry, fileNameOf(entry), mirror) }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(facts === undefined ? {} : { licence: facts.licence, inputSize: facts.inputSize }),
    ...(entry === undefined ? {} : { publishedMap: entry.publishedMap }),
  };
}

const sha256Of = ({ found }: Item) => (found.kind === 'sound' ? found.sha256 : undefined);

const notHere = (name: string) =>
  new GalleryError('not-found', `${name} is not on this machine, or not whole; fetch or import it first.`);

const noDownload = ({ name, file }: Item) =>
  new GalleryError('not-found', `${name} is here already (${file}), and nothing to be fetched.`);

function offline(entry: CatalogueEntry, { modelsFolder, mirror }: ShelfOptions): GalleryError {
  const url = addressOf(entry, fileNameOf(entry), mirror);
  const path = join(homeOf(modelsFolder, entry), fileNameOf(entry));
  const others = entry.pinned === undefined ? ' and the files that it names' : '';
  return new GalleryError(
    'offline',
    `OFFLINE=1 forbids to fetch ${entry.name}: get ${url}${others} elsewhere and put it at ${path}, or run \`sajin models import FILE\`.`,
    { model: entry.name },
  );
}

function problemOf({ name, file, entry }: Item, why: string, { mirror }: ShelfOptions): string {
  if (entry === undefined) return `${file} is not used, because ${why}: replace it, or remove it.`;
  const url = addressOf(entry, fileNameOf(entry), mirror);
  const own = entry.pinned === undefined ? '' : ', or rename it if it is a model of your own';
  return `${file} is not used, because ${why}: fetch ${name} again from ${url}${own}.`;
}
