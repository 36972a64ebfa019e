// MediaStore on a folder: originals/ and renditions/ in 256 folders each. Refuses nothing; keys are trusted.
import { constants, createReadStream } from 'node:fs';
import { open, opendir, stat, unlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { type DiskTrust, openDiskTrust } from '../gallery/disk-trust.ts';
import { digestOf, kindOf, type MediaKey, type MediaKind } from '../gallery/media.ts';
import type { ByteRange, MediaStore } from '../gallery/ports.ts';
import { codeOf, openDurableMoves, syncPath, translate } from './durable.ts';

/**
 * @param root absolute; the inbox must be on the same file system.
 * @param trust shared with whoever else writes to that disk
 */
export function openDisk(root: string, trust: DiskTrust = openDiskTrust()): MediaStore {
  const pathOf = (key: MediaKey) => join(root, key);
  const move = openDurableMoves(root, trust);
  return {
    put: (key, source) => translated(() => move(source, pathOf(key))),
    stat: (key) => translated(() => sizeOf(pathOf(key))),
    read: (key, range) => translated(() => read(pathOf(key), range)),
    lease: (key) =>
      translated(async () => {
        const path = pathOf(key);
        return (await sizeOf(path)) === undefined ? undefined : { path, release: async () => {} };
      }),
    remove: (key) => translated(() => removeFile(pathOf(key))),
    list: (kind) => list(root, kind),
  };
}

async function sizeOf(path: string): Promise<{ bytes: number } | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? { bytes: found.size } : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Of a pipe that somebody made where a file belongs nothing may ever come: opening it must not wait for that. */
const readAtOnce = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

async function read(path: string, range?: ByteRange) {
  const file = await open(path, readAtOnce).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  const found = await file.stat();
  if (!found.isFile()) {
    await file.close();
    return undefined;
  }
  const { size } = found;
  return { stream: createReadStream(path, { fd: file, highWaterMark: 256 * 1024, ...range }), bytes: size };
}

/** Synced also when nothing is there any more: whoever removed it may have ended before that. */
async function removeFile(path: string): Promise<void> {
  await unlink(path).catch(unlessMissing);
  await syncPath(dirname(path)).catch(unlessMissing);
}

function unlessMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}

async function* list(root: string, kind: MediaKind) {
  const place = kind === 'renditions' ? 'renditions' : 'originals';
  const folder = await opendir(join(root, place), { recursive: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  for await (const entry of folder) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const key = relative(root, path).split(sep).join('/') as MediaKey;
    if (digestOf(key) === undefined || kindOf(key) !== kind) continue;
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined) yield { key, modifiedAt: found.mtime };
  }
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(error);
  }
}
