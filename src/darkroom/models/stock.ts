// What lies on this machine, and whether it is what it should be: the built-in, every entry of the catalogue, and what people
// brought. Reads and hashes; opens no model, changes nothing, and never throws.
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineName } from '../engines/detector.ts';
import { builtIn, type CatalogueEntry, fileNameOf, catalogue as ownCatalogue } from './catalogue.ts';
import { type DigestReader, sizeOf } from './files.ts';
import { maxManifestBytes, readManifest } from './manifest.ts';
import { type Records, readRecords, recordsName } from './records.ts';

export interface Place {
  /** Absolute; may not exist. */
  readonly modelsFolder: string;
  /** Absolute: a model somewhere else. */
  readonly modelFile?: string;
  /** Another catalogue than the project's: only for tests. */
  readonly catalogue?: readonly CatalogueEntry[];
}

export interface Item {
  /** Unique. */
  readonly name: string;
  readonly engine: EngineName;
  readonly origin: 'catalogue' | 'imported' | 'built-in';
  /** The first file, whether it is there or not. */
  readonly file: string;
  readonly found: Found;
  /** Of the catalogue. */
  readonly entry?: CatalogueEntry;
}

/** `wrong`: something lies there that must not be used; `why` is a clause without any path. */
export type Found =
  | { readonly kind: 'absent' }
  | { readonly kind: 'sound'; readonly bytes: number; readonly sha256: string }
  | { readonly kind: 'wrong'; readonly why: string };

/** The built-in, the catalogue in its order, then what was brought, by file name. */
export async function takeStock(place: Place, digestOf: DigestReader): Promise<readonly Item[]> {
  const { modelsFolder, modelFile, catalogue = ownCatalogue } = place;
  const files = await readOnnxFiles(modelsFolder, modelFile, digestOf);
  const records = await readRecords(modelsFolder);
  const items: Item[] = [await findBuiltIn(digestOf)];
  for (const entry of catalogue) {
    const home = homeOf(modelsFolder, entry);
    const isGraph = entry.pinned === undefined;
    const found = isGraph ? await findGraph(home, records, entry, digestOf) : findPinned(home, files, entry);
    items.push({ name: entry.name, engine: entry.engine, origin: 'catalogue', entry, ...found });
  }
  return [...items, ...nameImported(files, items, catalogue, modelsFolder)];
}

/** The folder in which the files of an entry lie. */
export const homeOf = (modelsFolder: string, { folder }: Pick<CatalogueEntry, 'folder'>): string =>
  folder === undefined ? modelsFolder : join(modelsFolder, folder);

/** As a person writes it: `a.onnx`, `B.ONNX`; nothing hidden. */
export const isOnnxName = (name: string): boolean => /^[^.].*\.onnx$/i.test(name);

interface OnnxFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string | undefined;
}

async function readOnnxFiles(
  folder: string,
  modelFile: string | undefined,
  digestOf: DigestReader,
): Promise<OnnxFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => !entry.isDirectory() && isOnnxName(entry.name));
  const paths = names.map(({ name }) => join(folder, name)).sort();
  if (modelFile !== undefined && !paths.includes(modelFile)) paths.push(modelFile);
  const files: OnnxFile[] = [];
  for (const path of paths) {
    const bytes = await sizeOf(path);
    if (bytes !== undefined) files.push({ path, bytes, sha256: await digestOf(path) });
  }
  return files;
}

/** The package exports no models, but they lie beside its `dist/`. */
async function findBuiltIn(digestOf: DigestReader): Promise<Item> {
  const { name, engine } = builtIn;
  let file = '';
  let found: Found = { kind: 'absent' };
  try {
    file = fileURLToPath(new URL('../models/centernet.json', import.meta.resolve('@vladmandic/human')));
    const weights = file.replace(/\.json$/, '.bin');
    const [sha256, json, bin] = [await digestOf(weights), await sizeOf(file), await sizeOf(weights)];
    if (sha256 !== undefined && json !== undefined && bin !== undefined)
      found = { kind: 'sound', bytes: json + bin, sha256 };
  } catch {
    // Absent: a package that is not installed and one without its model need the same advice.
  }
  return { name, engine, origin: 'built-in', file, found };
}

/** Under its own name, or under any other if the bytes are the right ones. */
function findPinned(
  home: string,
  files: readonly OnnxFile[],
  entry: CatalogueEntry,
): Pick<Item, 'file' | 'found'> {
  const file = join(home, fileNameOf(entry));
  const own = files.find(({ path }) => path === file);
  const right = (one: OnnxFile) => one.sha256 === entry.pinned?.sha256;
  const best = own !== undefined && right(own) ? own : files.find(right);
  if (best?.sha256 !== undefined)
    return { file: best.path, found: { kind: 'sound', bytes: best.bytes, sha256: best.sha256 } };
  if (own === undefined) return { file, found: { kind: 'absent' } };
  return { file, found: { kind: 'wrong', why: differs(own.sha256, entry.pinned?.sha256) } };
}

/** A `model.json` and what it names; sound when nothing is missing and everything is as it was when it came first. */
async function findGraph(
  home: string,
  records: Records | undefined,
  entry: CatalogueEntry,
  digestOf: DigestReader,
): Promise<Pick<Item, 'file' | 'found'>> {
  const file = join(home, fileNameOf(entry));
  const wrong = (why: string) => ({ file, found: { kind: 'wrong', why } }) as const;
  const size = await sizeOf(file);
  if (size === undefined) return { file, found: { kind: 'absent' } };
  const manifest =
    size > maxManifestBytes ? undefined : readManifest(await readFile(file, 'utf8').catch(() => ''));
  if (manifest === undefined) return wrong('it is no graph model');
  if (records === undefined) return wrong(`${recordsName} beside it cannot be read`);
  let bytes = 0;
  for (const name of manifest.shards) {
    const shard = await sizeOf(join(home, name));
    if (shard === undefined) return wrong(`${name} is missing beside it`);
    bytes += shard;
  }
  if (manifest.weightBytes !== undefined && manifest.weightBytes !== bytes)
    return wrong(`its weights have ${bytes} bytes instead of ${manifest.weightBytes}`);
  for (const name of [basename(file), ...manifest.shards]) {
    const record = records.get(`${basename(dirname(file))}/${name}`);
    const sha256 = record === undefined ? undefined : await digestOf(join(home, name));
    if (record !== undefined && sha256 !== record.sha256)
      return wrong(`${name} differs from what came first: ${differs(sha256, record.sha256)}`);
  }
  const sha256 = await digestOf(...manifest.shards.map((name) => join(home, name)));
  if (sha256 === undefined) return wrong('it cannot be read');
  return { file, found: { kind: 'sound', bytes: bytes + size, sha256 } };
}

/** What is left: neither where an entry lies, nor the bytes of one. Two with the same short name go by the long one. */
function nameImported(
  files: readonly OnnxFile[],
  items: readonly Item[],
  catalogue: readonly CatalogueEntry[],
  modelsFolder: string,
): Item[] {
  const taken = new Set([builtIn.name, ...catalogue.map(({ name }) => name)]);
  const homes = new Set([
    ...catalogue.map((entry) => join(homeOf(modelsFolder, entry), fileNameOf(entry))),
    ...items.map(({ file }) => file),
  ]);
  const known = new Set(catalogue.map(({ pinned }) => pinned?.sha256));
  const left = files.filter(({ path, sha256 }) => !homes.has(path) && !(sha256 && known.has(sha256)));
  return left.map(({ path, bytes, sha256 }) => {
    const [short, long] = [basename(path).replace(/\.onnx$/i, ''), basename(path)];
    const name = [short, long].find((one) => !taken.has(one)) ?? path;
    taken.add(name);
    const found: Found =
      sha256 === undefined ? { kind: 'wrong', why: 'it cannot be read' } : { kind: 'sound', bytes, sha256 };
    return { name, engine: 'yolox', origin: 'imported', file: path, found };
  });
}

function differs(is: string | undefined, should: string | undefined): string {
  if (is === undefined || should === undefined) return 'it cannot be read';
  return `its SHA-256 begins with ${is.slice(0, 12)} instead of ${should.slice(0, 12)}`;
}
