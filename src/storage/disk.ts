// MediaStore on a folder: originals/ and renditions/ in 256 folders each. Refuses nothing; keys are trusted.
import { constants, createReadStream } from 'node:fs';
import { lstat, open, opendir, stat, unlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { type DiskTrust, openDiskTrust } from '../gallery/disk-trust.ts';
import { digestOf, kindOf, type MediaKey, type MediaKind } from '../gallery/media.ts';
import type { ByteRange, MediaStore } from '../gallery/ports.ts';
import { codeOf, openDurableMoves, syncPath, translate } from './durable.ts';
import { expectMarked } from './marker.ts';

/**
 * @param root absolute; the inbox must be on the same file system.
 * @param trust shared with whoever else writes to that disk
 * @param gallery whose originals these must be, as their marker says; of a folder of backups another file says it
 */
export function openDisk(root: string, trust: DiskTrust = openDiskTrust(), gallery?: string): MediaStore {
  const pathOf = (key: MediaKey) => {
    // Made of digests only; a database that was tampered with may hold others.
    if (!plainKey.test(key)) throw new Error('a key that leads elsewhere');
    return join(root, key);
  };
  const move = openDurableMoves(root, trust);
  const check = async () => {
    if (gallery !== undefined) await expectMarked(root, gallery);
  };
  return {
    put: (key, source) =>
      translated(async () => {
        if (isRendition(key)) return await move(source, pathOf(key));
        await check();
        await move(source, pathOf(key));
        // Once more, since the folder may have become another one under the move: only what is in the right one is safe.
        await check();
      }),
    stat: (key) => translated(() => sizeOf(pathOf(key))),
    read: (key, range) => translated(() => read(pathOf(key), range)),
    lease: (key) =>
      translated(async () => {
        const path = pathOf(key);
        return (await sizeOf(path)) === undefined ? undefined : { path, release: async () => {} };
      }),
    remove: (key) =>
      translated(async () => {
        // What is not in the wrong folder is not gone from the right one.
        if (!isRendition(key)) await check();
        await removeFile(pathOf(key));
      }),
    list: (kind) => list(root, kind),
    check: () => translated(check),
  };
}

const plainKey = /^(originals|renditions)\/[0-9a-f]{2}\/[0-9a-f]{64}[.-][a-z0-9.]+$/;

const isRendition = (key: MediaKey) => kindOf(key) === 'renditions';

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
  await unlink(path).catch(async (error: unknown) => {
    // A folder in its place is no file of ours: it stays, and what is to be removed is not there.
    if (!(await lstat(path).catch(() => undefined))?.isDirectory()) unlessMissing(error);
  });
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
