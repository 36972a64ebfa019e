// Says in `originals/` which gallery they are of. A folder that is empty because its disk is not mounted, or that is another one, looks
// like a gallery that has lost everything: nobody may be told that a photo is safe there.
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GalleryError } from '../gallery/errors.ts';
import { codeOf } from './durable.ts';

const name = '.gallery-id';

export const originalsFolder = (root: string) => join(root, 'originals');

const markerOf = (root: string) => join(originalsFolder(root), name);

/** The gallery that the marker names; undefined without one. */
export function markedGallery(root: string): string | undefined {
  try {
    return galleryIn(readFileSync(markerOf(root), 'utf8'));
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Is there anything beside the marker, and what every new file system brings? */
export function hasOriginals(root: string): boolean {
  try {
    return readdirSync(originalsFolder(root)).some(
      (entry) => !entry.startsWith(name) && entry !== 'lost+found',
    );
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

/** Durably, and in place of another one. */
export function markOriginals(root: string, gallery: string): void {
  const folder = originalsFolder(root);
  mkdirSync(folder, { recursive: true });
  const draft = `${markerOf(root)}.new`;
  writeFileSync(draft, `${gallery}\n`);
  sync(draft);
  renameSync(draft, markerOf(root));
  sync(folder);
  sync(root);
}

/** For a database that is made anew, before it is: one that is cut off in between is marked by the next start. */
export function unmarkOriginals(root: string): void {
  if (markedGallery(root) === undefined) return;
  rmSync(markerOf(root), { force: true });
  sync(originalsFolder(root));
}

/**
 * Read anew each time, 0.1 ms beside syncs of several: a folder may have become another one in any way, and what tells them apart
 * (device and inode) changes when the same disk is mounted again. Rejects `unavailable`.
 */
export async function expectMarked(root: string, gallery: string): Promise<void> {
  const text = await readFile(markerOf(root), 'utf8').catch((error: unknown) => {
    if (isAbsent(error)) return '';
    throw error;
  });
  if (galleryIn(text) !== gallery) throw notOurs();
}

const notOurs = () =>
  new GalleryError(
    'unavailable',
    'The folder of originals is gone, or is not this gallery’s; look at what is mounted there.',
  );

const galleryIn = (text: string) => /^([0-9a-f]{32})\n?$/.exec(text)?.[1];

const isAbsent = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '');

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
