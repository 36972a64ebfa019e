// models/digests.json: what files without a published digest were when they came first. Believed ever after, never corrected by itself.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf, replaceFile } from './files.ts';

export interface FileRecord {
  readonly bytes: number;
  readonly sha256: string;
}

/** By path below models/, with forward slashes: `coco-ssd/model.json`. */
export type Records = ReadonlyMap<string, FileRecord>;

/** Undefined when the file is there and says nothing that can be understood: then nothing it stands for may be trusted. */
export async function readRecords(modelsFolder: string): Promise<Records | undefined> {
  try {
    const parsed = shape.safeParse(JSON.parse(await readFile(join(modelsFolder, recordsName), 'utf8')));
    return parsed.success ? new Map(Object.entries(parsed.data)) : undefined;
  } catch (error) {
    return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR' ? new Map() : undefined;
  }
}

/** Durable when it resolves. What could not be understood is replaced. */
export async function addRecords(modelsFolder: string, more: Records): Promise<void> {
  const all = new Map([...((await readRecords(modelsFolder)) ?? []), ...more]);
  const sorted = Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
  await replaceFile(join(modelsFolder, recordsName), `${JSON.stringify(sorted, undefined, 2)}\n`);
}

export const recordsName = 'digests.json';

const shape = z.record(
  z.string(),
  z.object({ bytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
);
