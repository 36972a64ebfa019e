// Takes over a model that is already on this machine: copies it beside its future place, has an engine open the copy, and only then
// gives it a name. Never writes over another file.
import { randomUUID } from 'node:crypto';
import { chmod, copyFile, link, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GalleryError } from '../../gallery/errors.ts';
import { builtIn, type CatalogueEntry, fileNameOf } from './catalogue.ts';
import { codeOf, isFull, readDigest, sizeOf, syncPath } from './files.ts';
import { manifestName, maxManifestBytes, readManifest } from './manifest.ts';
import type { EngineChoice } from './plan.ts';
import { addRecords, type FileRecord, readRecords } from './records.ts';
import { homeOf } from './stock.ts';

/** Undefined when an engine opened it and looked at a picture with it; else why not, as a clause without any path. */
export type Prove = (choice: EngineChoice) => Promise<string | undefined>;

export interface Importing {
  /** Absolute. */
  readonly source: string;
  /** As somebody called it; cleaned here. */
  readonly fileName: string;
  readonly modelsFolder: string;
  readonly catalogue: readonly CatalogueEntry[];
  prove: Prove;
}

/** Resolves with the path of the first file, when it is there durably. @throws GalleryError `bad-model` or `disk-full` */
export async function importModel(job: Importing): Promise<string> {
  const scratch = join(job.modelsFolder, `${scratchPrefix}${randomUUID()}`);
  try {
    await mkdir(scratch, { recursive: true });
    if (/\.json$/i.test(job.fileName)) return await importGraph(job, scratch);
    if (/\.onnx$/i.test(job.fileName)) return await importOnnx(job, scratch);
    throw bad(
      `${basename(job.fileName)} is neither an .onnx file nor a ${manifestName}; choose one of those.`,
    );
  } catch (error) {
    if (error instanceof GalleryError) throw error;
    if (isFull(error))
      throw new GalleryError(
        'disk-full',
        'The disk is full; free some space and try again.',
        {},
        { cause: error },
      );
    throw bad(
      `${job.source} can not be copied to ${job.modelsFolder} (${codeOf(error) ?? error}); look at both.`,
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Removes what an import left that was killed. */
export async function sweepScratch(modelsFolder: string): Promise<void> {
  const names = await readdir(modelsFolder).catch(() => []);
  for (const path of names
    .filter((name) => name.startsWith(scratchPrefix))
    .map((name) => join(modelsFolder, name))) {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > hourMs)
      await rm(path, { recursive: true, force: true });
  }
}

const scratchPrefix = '.import-';
const hourMs = 60 * 60 * 1000;
const maxBytes = 1024 * 1024 * 1024;

const bad = (message: string) => new GalleryError('bad-model', message);

/** `Mein Modell (2).ONNX` -> `mein-modell-2.onnx`; undefined when nothing is left of it. */
export function cleanName(fileName: string): string | undefined {
  const stem = basename(fileName.replaceAll('\\', '/'))
    .toLowerCase()
    .replace(/\.onnx$/, '');
  const clean = stem
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '')
    .slice(0, 80);
  return clean === '' ? undefined : `${clean}.onnx`;
}

async function importOnnx(job: Importing, scratch: string): Promise<string> {
  const copy = join(scratch, 'model.onnx');
  const record = await takeCopy(job.source, copy);
  const known = job.catalogue.find(({ pinned }) => pinned?.sha256 === record.sha256);
  // What is known byte by byte needs no trial.
  if (known !== undefined)
    return await settle(copy, join(homeOf(job.modelsFolder, known), fileNameOf(known)), record);
  const twin = await findTwin(job.modelsFolder, record);
  if (twin !== undefined) return twin;
  const name = nameFor(job);
  const why = await job.prove({ engine: 'yolox', file: copy, model: record.sha256 });
  if (why !== undefined) throw bad(`${basename(job.fileName)} can not be used: ${why}. Choose another file.`);
  await addRecords(job.modelsFolder, new Map([[name, record]]));
  return await settle(copy, join(job.modelsFolder, name), record);
}

/** The same bytes under whatever name. */
async function findTwin(folder: string, { bytes, sha256 }: FileRecord): Promise<string | undefined> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!/\.onnx$/i.test(name) || (await sizeOf(path)) !== bytes) continue;
    if ((await readDigest(path)) === sha256) return path;
  }
  return undefined;
}

function nameFor({ fileName, catalogue }: Importing): string {
  const name = cleanName(fileName);
  if (name === undefined) throw bad(`${basename(fileName)} is no name for a model; rename the file.`);
  // `use auto` must go on meaning: whatever is best.
  const taken = ['auto', builtIn.name, ...catalogue.flatMap((entry) => [entry.name, fileNameOf(entry)])];
  if (!taken.includes(name) && !taken.includes(name.replace(/\.onnx$/, ''))) return name;
  throw bad(`${name} is the name of a model in the catalogue, and these are other bytes; rename the file.`);
}

async function importGraph(job: Importing, scratch: string): Promise<string> {
  const entry = job.catalogue.find(({ pinned }) => pinned === undefined);
  const size = await sizeOf(job.source);
  const text = size === undefined || size > maxManifestBytes ? '' : await readFile(job.source, 'utf8');
  const manifest = readManifest(text);
  if (entry === undefined || manifest === undefined)
    throw bad(
      `${basename(job.fileName)} is no TensorFlow.js graph model; choose the ${manifestName} of one.`,
    );
  const copies = new Map<string, FileRecord>();
  copies.set(fileNameOf(entry), await takeCopy(job.source, join(scratch, fileNameOf(entry))));
  for (const shard of manifest.shards) {
    const source = join(dirname(job.source), shard);
    if ((await sizeOf(source)) === undefined)
      throw bad(
        `${basename(job.fileName)} needs ${shard} beside it; put all of its files into one folder and import it from there.`,
      );
    copies.set(shard, await takeCopy(source, join(scratch, shard)));
  }
  return await settleGraph(job, entry, scratch, copies);
}

async function settleGraph(
  { modelsFolder, prove, fileName }: Importing,
  entry: CatalogueEntry,
  scratch: string,
  copies: ReadonlyMap<string, FileRecord>,
): Promise<string> {
  const home = homeOf(modelsFolder, entry);
  const [first = '', ...shards] = [...copies.keys()];
  const records = await readRecords(modelsFolder);
  const keyed = new Map([...copies].map(([name, record]) => [`${entry.folder}/${name}`, record]));
  for (const [key, { sha256 }] of keyed)
    if (records === undefined || (records.get(key)?.sha256 ?? sha256) !== sha256)
      throw bad(
        `${key} is not the file that came first; remove digests.json from ${modelsFolder} if you trust this one.`,
      );
  const model = (await readDigest(...shards.map((name) => join(scratch, name)))) ?? '';
  const why = await prove({ engine: entry.engine, file: join(scratch, first), model });
  if (why !== undefined) throw bad(`${basename(fileName)} can not be used: ${why}. Choose another model.`);
  await mkdir(home, { recursive: true });
  for (const name of [...shards, first]) await ensureFree(join(home, name), copies.get(name));
  await addRecords(modelsFolder, keyed);
  for (const name of [...shards, first])
    await settle(join(scratch, name), join(home, name), copies.get(name));
  await syncPath(modelsFolder);
  return join(home, first);
}

async function takeCopy(source: string, target: string): Promise<FileRecord> {
  const size = await sizeOf(source);
  if (size === undefined) throw bad(`${source} is no file that can be read; check the path.`);
  if (size > maxBytes) throw bad(`${basename(source)} is larger than any model; choose another file.`);
  await copyFile(source, target);
  // Weights are no secret, and whoever brings them need not be who runs the server.
  await chmod(target, 0o644);
  await syncPath(target);
  const [bytes, sha256] = [await sizeOf(target), await readDigest(target)];
  if (bytes === undefined || sha256 === undefined) throw new Error('the copy can not be read');
  return { bytes, sha256 };
}

/** Gives the copy its name, unless the very same bytes have it. */
async function settle(copy: string, target: string, record: FileRecord | undefined): Promise<string> {
  if (!(await ensureFree(target, record))) return target;
  await mkdir(dirname(target), { recursive: true });
  try {
    // Unlike a rename, a link never replaces what came meanwhile.
    await link(copy, target);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw occupied(target);
    // A file system without links.
    await rename(copy, target);
  }
  await syncPath(dirname(target));
  return target;
}

/** False when the same bytes are there. @throws GalleryError when others are */
async function ensureFree(target: string, record: FileRecord | undefined): Promise<boolean> {
  if ((await sizeOf(target)) === undefined) return true;
  if ((await readDigest(target)) === record?.sha256) return false;
  throw occupied(target);
}

const occupied = (target: string) =>
  bad(`There is another file at ${target}; rename yours, or remove that one.`);
