// Moves on a POSIX file system that survive a power cut. Knows paths, not photos.
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GalleryError } from '../gallery/errors.ts';

/**
 * Moves into folders below `root`: syncs the file, renames it over whatever lies there, syncs the folder. A folder's entry is
 * only safe when the folder above it is synced, too, whoever made it and when: each is seen to once by this process.
 */
export function openDurableMoves(root: string): (source: string, target: string) => Promise<void> {
  const ready = new Set<string>();
  return async (source, target) => {
    const folder = dirname(target);
    if (!ready.has(folder)) await makeReady(folder, root);
    ready.add(folder);
    await syncPath(source);
    await rename(source, target);
    await syncPath(folder);
  };
}

async function makeReady(folder: string, root: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let path = dirname(folder); path.length >= root.length; path = dirname(path)) await syncPath(path);
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
