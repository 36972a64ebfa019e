// Reads a model once more, byte by byte, and compares it with what it was: for everything whose digest nobody publishes.
// What has a published digest is compared whenever the folder is looked through; see stock.ts.
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { readDigest, sizeOf } from './files.ts';
import { readManifest } from './manifest.ts';
import { addRecords, type FileRecord, readRecords } from './records.ts';
import type { Item } from './stock.ts';

/** One sentence when it differs. What was never compared before is taken as it is, and kept in mind. */
export async function keepOrCompare(modelsFolder: string, item: Item): Promise<string | undefined> {
  if (item.found.kind !== 'sound') return undefined;
  const records = (await readRecords(modelsFolder)) ?? new Map<string, FileRecord>();
  const fresh = new Map<string, FileRecord>();
  for (const path of await filesOf(item, modelsFolder)) {
    const key = relative(modelsFolder, path).split(sep).join('/');
    const [bytes, sha256] = [await sizeOf(path), await readDigest(path)];
    const before = records.get(key);
    if (bytes === undefined || sha256 === undefined) return `${path} can not be read; look at the folder.`;
    if (before === undefined) fresh.set(key, { bytes, sha256 });
    else if (before.sha256 !== sha256)
      return `${path} is not what it was: its SHA-256 is ${sha256} instead of ${before.sha256}; import the right file again.`;
  }
  if (fresh.size > 0) await addRecords(modelsFolder, fresh);
  return undefined;
}

/** Those that have a record, or shall get one. */
async function filesOf({ origin, entry, file }: Item, modelsFolder: string): Promise<string[]> {
  const isOurs = file.startsWith(modelsFolder + sep);
  if (origin === 'built-in' || entry?.pinned !== undefined || !isOurs) return [];
  if (entry === undefined) return [file];
  const manifest = readManifest(await readFile(file, 'utf8'));
  return [file, ...(manifest?.shards ?? []).map((name) => join(dirname(file), name))];
}
