// Whether a folder is the gallery's own before anything is done with it: a disk that is not mounted must be neither a new gallery nor one
// that has lost its photos.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Identity } from '../database/identity.ts';
import { StartRefused, unwritable } from '../database/open.ts';
import { databaseName } from '../database/sqlite.ts';
import { originalKey } from '../gallery/media.ts';
import {
  hasOriginals,
  markedGallery,
  markOriginals,
  originalsFolder,
  unmarkOriginals,
} from '../storage/marker.ts';

type Place = Pick<Config, 'uploadsDir' | 'expectGallery'>;

/**
 * May a database be made where there is none? Not beside photos: then it is missing.
 * @throws StartRefused where a gallery is expected and nothing is
 */
export function mayBegin({ uploadsDir, expectGallery }: Place, init: boolean): boolean {
  if (init) return true;
  if (hasOriginals(uploadsDir) || markedGallery(uploadsDir) !== undefined) return false;
  if (expectGallery && !existsSync(join(uploadsDir, databaseName))) throw noGallery(uploadsDir);
  return true;
}

/** Call before a database is made in the place of one that is lost: it will be another gallery. */
export function disownOriginals(path: string, uploadsDir: string): void {
  if (!existsSync(path)) unmarkOriginals(uploadsDir);
}

/** Any copy of the folder has one of these, unless it is in ruins. */
const sampled = 100;

/**
 * Marks originals as this gallery's where nobody has: a new one, or one of before there were markers.
 * @param accept whatever is there, in place of what there was
 * @throws StartRefused for those of another gallery, and when not one is there of those that there must be
 */
export function claimOriginals(uploadsDir: string, identity: Identity, accept: boolean): void {
  const marked = markedGallery(uploadsDir);
  if (marked === identity.gallery) return;
  if (marked !== undefined && !accept) throw foreign(uploadsDir);
  if (!accept) expectSome(uploadsDir, identity);
  try {
    markOriginals(uploadsDir, identity.gallery);
  } catch (error) {
    throw unmarkable(uploadsDir, error);
  }
}

function expectSome(uploadsDir: string, identity: Identity): void {
  const oldest = identity.listOldest(sampled);
  const isThere = ({ sha256, type }: (typeof oldest)[number]) =>
    existsSync(join(uploadsDir, originalKey(sha256, type)));
  if (oldest.length > 0 && !oldest.some(isThere)) throw noneThere(uploadsDir);
}

const noGallery = (folder: string) =>
  new StartRefused(
    78,
    `There is no gallery in ${folder}, and EXPECT_GALLERY says that there is one. Nothing was changed. Is the disk mounted, and UPLOADS_DIR right? To begin a new gallery there, start once with --init.`,
  );

const noneThere = (folder: string) =>
  new StartRefused(
    78,
    `The originals of this gallery are not in ${originalsFolder(folder)}. Nothing was changed. Is the disk mounted, and UPLOADS_DIR right? If they are lost for good, start once with --init; all photos stay, and "sajin repair" puts back what a backup has.`,
  );

function unmarkable(uploadsDir: string, error: unknown): unknown {
  const folder = originalsFolder(uploadsDir);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!['ENOSPC', 'EDQUOT'].includes(code)) return code === '' ? error : unwritable(folder);
  return new StartRefused(
    75,
    `${folder} can't be marked: the disk is full. Free some space and start again.`,
  );
}

const foreign = (folder: string) =>
  new StartRefused(
    78,
    `${originalsFolder(folder)} holds the originals of another gallery. Nothing was changed. Is the right disk mounted, and UPLOADS_DIR right? If these are to be this gallery's from now on, start once with --init.`,
  );
