// All files of one entry of the catalogue: gathered as checked parts first, put in place only when nothing is missing, the file
// that names the others last. Until then whatever lay there is used as before.
import { mkdir, readFile, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { addressOf, type CatalogueEntry, fileNameOf } from './catalogue.ts';
import { DownloadFailed, type DownloadOptions, download, type Patience, partOf } from './download.ts';
import { readDigest, sizeOf, syncPath } from './files.ts';
import { type Manifest, maxManifestBytes, readManifest } from './manifest.ts';
import { noteName } from './part.ts';
import { diskFault } from './receive.ts';
import { addRecords, type FileRecord, type Records, readRecords, recordsName } from './records.ts';
import { homeOf } from './stock.ts';

export interface Gathering {
  readonly entry: CatalogueEntry;
  readonly modelsFolder: string;
  readonly mirror?: string;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  /** Of all files together, what was here already included; `of` as soon as it is known. */
  onBytes(bytes: number, of?: number): void;
}

/** Resolves when the files are in their place, durably. @throws DownloadFailed, or the signal's reason */
export async function gather(job: Gathering): Promise<void> {
  const { entry, modelsFolder } = job;
  const home = homeOf(modelsFolder, entry);
  const first = join(home, fileNameOf(entry));
  const failed = (why: string) =>
    new DownloadFailed(
      `Fetching ${addressOf(entry, fileNameOf(entry), job.mirror)} to ${first} failed: ${why}.`,
    );
  try {
    await mkdir(home, { recursive: true });
    await ensureRoom(home, entry.pinned?.bytes ?? roomForGraph, failed);
    const files =
      entry.pinned === undefined ? await gatherGraph(job, home, failed) : [await gatherPinned(job)];
    job.signal.throwIfAborted();
    await putInPlace(files);
    if (home !== modelsFolder) await syncPath(modelsFolder);
  } catch (error) {
    job.signal.throwIfAborted();
    throw error instanceof DownloadFailed ? error : failed(`${diskFault(error).message}; look at the folder`);
  }
}

interface GatheredFile extends FileRecord {
  readonly path: string;
  /** It lies in its place already. */
  readonly isThere: boolean;
}

async function gatherPinned(job: Gathering): Promise<GatheredFile> {
  const { entry } = job;
  const all = entry.pinned?.bytes;
  return await gatherFile(job, fileNameOf(entry), entry.pinned, (bytes) => job.onBytes(bytes, all));
}

/** What came first, the first time, is right by definition, if it fits together; ever after it must be the same. */
async function gatherGraph(
  job: Gathering,
  home: string,
  failed: (why: string) => DownloadFailed,
): Promise<GatheredFile[]> {
  const { entry, modelsFolder } = job;
  const records = await readRecords(modelsFolder);
  if (records === undefined)
    throw failed(`${join(modelsFolder, recordsName)} can not be read; put it right, or remove it`);
  const recordOf = (name: string) => records.get(`${entry.folder}/${name}`);
  const name = fileNameOf(entry);
  const head = await gatherFile(job, name, recordOf(name), (bytes) => job.onBytes(bytes));
  const manifest = await manifestOf(head);
  if (manifest === undefined) throw failed('what came is no graph model, and was thrown away');
  const all = manifest.weightBytes === undefined ? undefined : manifest.weightBytes + head.bytes;
  if (all === undefined || all > maxGraphBytes)
    throw failed('what came wants more weights than such a model has');
  await ensureRoom(home, all, failed);
  const files: GatheredFile[] = [];
  let before = head.bytes;
  for (const shard of manifest.shards) {
    const begun = before;
    const file = await gatherFile(job, shard, recordOf(shard), (bytes) => job.onBytes(begun + bytes, all));
    before += file.bytes;
    files.push(file);
  }
  const weightBytes = before - head.bytes;
  if (manifest.weightBytes !== undefined && weightBytes !== manifest.weightBytes) {
    for (const file of [...files, head]) await throwAway(file);
    throw failed(
      `its weights have ${weightBytes} bytes instead of ${manifest.weightBytes}, and were thrown away`,
    );
  }
  await addRecords(modelsFolder, recordsFor(`${entry.folder}/`, home, [...files, head], records));
  return [...files, head];
}

/** From its place if it is right there, else as a checked part. */
async function gatherFile(
  job: Gathering,
  name: string,
  known: FileRecord | undefined,
  onBytes: (bytes: number) => void,
): Promise<GatheredFile> {
  const { entry, modelsFolder, mirror, patience, signal } = job;
  const path = join(homeOf(modelsFolder, entry), name);
  if (known !== undefined && (await sizeOf(path)) === known.bytes) {
    if ((await readDigest(path)) === known.sha256) return { path, isThere: true, ...known };
  }
  const options: DownloadOptions = { patience, signal, onBytes };
  const order = { url: addressOf(entry, name, mirror), target: path, ...known };
  const { bytes, sha256 } = await download(order, options);
  onBytes(bytes);
  return { path, isThere: false, bytes, sha256 };
}

async function manifestOf({ path, bytes, isThere }: GatheredFile): Promise<Manifest | undefined> {
  const file = isThere ? path : partOf(path);
  const manifest = bytes > maxManifestBytes ? undefined : readManifest(await readFile(file, 'utf8'));
  if (manifest === undefined) await throwAway({ path, isThere });
  return manifest;
}

async function throwAway({ path, isThere }: Pick<GatheredFile, 'path' | 'isThere'>): Promise<void> {
  if (isThere) return;
  for (const gone of [partOf(path), noteName(partOf(path))]) await rm(gone, { force: true });
}

function recordsFor(prefix: string, home: string, files: readonly GatheredFile[], known: Records): Records {
  const fresh = files.map(
    ({ path, bytes, sha256 }) => [prefix + path.slice(home.length + 1), { bytes, sha256 }] as const,
  );
  return new Map(fresh.filter(([name]) => !known.has(name)));
}

/** In their order, so that the file which names the others never stands for something that is not there. */
async function putInPlace(files: readonly GatheredFile[]): Promise<void> {
  const moved = files.filter(({ isThere }) => !isThere);
  for (const { path } of moved) await rename(partOf(path), path);
  for (const folder of new Set(moved.map(({ path }) => dirname(path)))) await syncPath(folder);
  for (const { path } of moved) await rm(noteName(partOf(path)), { force: true });
}

// Of coco-ssd nobody says beforehand how large it is; it was 19 MB.
const roomForGraph = 32 * 1024 * 1024;
/** The one in the catalogue has 18 MB. */
const maxGraphBytes = 256 * 1024 * 1024;
/** Kept free, so that a model never takes the last of the room from a photo. */
const reserveBytes = 64 * 1024 * 1024;

async function ensureRoom(
  folder: string,
  bytes: number,
  failed: (why: string) => DownloadFailed,
): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes + reserveBytes) return;
  const [needed, free] = [bytes + reserveBytes, bavail * bsize].map((one) => Math.round(one / 1e6));
  throw failed(`the disk has ${free} MB free and ${needed} MB are needed; free some space and try again`);
}
