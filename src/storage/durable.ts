// Moves on a POSIX file system that survive a power cut. Knows paths, not photos.
import { link, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DiskTrust } from '../gallery/disk-trust.ts';
import { BytesLost, GalleryError } from '../gallery/errors.ts';

/**
 * Rejects `read-only`, without having moved anything, once a sync has failed. Moves into folders below `root`: syncs the file, renames it
 * over whatever lies there, syncs the folder. Of a link only the link is replaced, and a folder is moved aside. A folder's entry is
 * only safe when the folder above it is synced, too, whoever made it and when: each is seen to once by this process.
 */
export function openDurableMoves(
  root: string,
  trust: DiskTrust,
): (source: string, target: string) => Promise<void> {
  const ready = new Set<string>();
  return async (source, target) => {
    trust.expect();
    const folder = dirname(target);
    if (!ready.has(folder)) await makeReady(folder, root, trust);
    ready.add(folder);
    await syncFile(source, trust);
    await rename(source, target).catch(async (error: unknown) => {
      if (codeOf(error) === 'EISDIR') await setAside(target);
      // Somebody removed the folder since it was made.
      else if (codeOf(error) === 'ENOENT') await makeReady(folder, root, trust);
      else throw error;
      await rename(source, target);
    });
    await syncWatched(folder, trust);
  };
}

/** A folder that somebody made where a file belongs: what is in it is not ours to delete. */
function setAside(path: string): Promise<void> {
  const moment = new Date().toISOString().replace(/\..*$/, '').replaceAll(/[-:]/g, '');
  return rename(path, `${path}.aside-${moment}`);
}

async function makeReady(folder: string, root: string, trust: DiskTrust): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let path = dirname(folder); path.length >= root.length; path = dirname(path))
    await syncWatched(path, trust);
}

/** Brings a file's bytes to the disk. Rejects with BytesLost when that failed: syncing it again would prove nothing. */
export async function syncFile(path: string, trust: DiskTrust): Promise<void> {
  try {
    await syncWatched(path, trust);
  } catch (error) {
    const told = translate(error);
    throw told instanceof GalleryError && isOfSync(error) ? new BytesLost(told) : told;
  }
}

/** As syncPath; the disk is not believed any more when it fails for a reason that making room does not mend. */
async function syncWatched(path: string, trust: DiskTrust): Promise<void> {
  try {
    await syncPath(path);
  } catch (error) {
    throw isOfSync(error) && !recoverable.includes(codeOf(error) ?? '') ? trust.lose(error) : error;
  }
}

const recoverable = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EMFILE', 'ENFILE'];

const isOfSync = (error: unknown): boolean =>
  error instanceof GalleryError
    ? error.code === 'read-only'
    : error instanceof Error && 'syscall' in error && error.syscall === 'fsync';

/** What file systems without a second name for a file answer. */
const noLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Gives a file a second name, whatever had that name; resolves with it, or with the first one where files can't have two. */
export async function nameTwice(path: string, second: string): Promise<string> {
  try {
    await link(path, second).catch(async (error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
      await unlink(second);
      await link(path, second);
    });
    return second;
  } catch (error) {
    if (noLinks.includes(codeOf(error) ?? '')) return path;
    throw error;
  }
}

/** Rejects, too, only when nothing is under way any more: what is removed then is not made after that. */
export async function allOver(works: readonly Promise<unknown>[]): Promise<void> {
  for (const one of await Promise.allSettled(works)) if (one.status === 'rejected') throw one.reason;
}

export async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** The disk's complaints in the gallery's words; anything else as it came. */
export function translate(error: unknown): unknown {
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new GalleryError(
        'disk-full',
        'The disk is full; free some space and try again.',
        {},
        { cause: error },
      );
    case 'EMFILE':
    case 'ENFILE':
      return new GalleryError(
        'busy',
        'Too many files are open; try again in a moment.',
        {},
        { cause: error },
      );
    case 'EIO':
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
    // What may be missing was asked for before: this is a folder that is not there any more.
    case 'ENOENT':
      return new GalleryError(
        'unavailable',
        'The folder of the gallery cannot be written; look at its disk.',
        {},
        { cause: error },
      );
    default:
      return error;
  }
}

/** A file; `rm` looks twice before it removes. */
export async function removeIfAny(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
