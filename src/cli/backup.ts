// `sajin backup`: a copy of the gallery that is whole or not there, beside a server that runs or without one. The database first, its
// originals after: so no photo in the copy is without its original.
import { existsSync, realpathSync, statSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import type { Config } from '../config.ts';
import { lockFolder } from '../database/lock.ts';
import { StartRefused } from '../database/open.ts';
import {
  dropPhotos,
  galleryIdOf,
  type SnapshotFacts,
  stillPresent,
  takeSnapshot,
} from '../database/snapshot.ts';
import { databaseName } from '../database/sqlite.ts';
import type { CopyOutcome, Original } from '../gallery/copy-originals.ts';
import { originalKey } from '../gallery/media.ts';
import type { Sha256 } from '../gallery/photo.ts';
import { openArchiveTarget } from './archive-target.ts';
import { type BackupTarget, isLost } from './backup-target.ts';
import { type Command, UsageError } from './command.ts';
import { openFolderTarget } from './folder-target.ts';
import { complain, count, say, withConfig } from './settings.ts';

export const backup: Command = {
  usage: `backup DIR [--verify]    copy the database and what is new of the originals into DIR, also while the gallery
                         runs; reads a thirtieth of what is there again each day, --verify all of it; --forget lets go of old
                         backups although they hold many more photos than this one
backup FILE.tar          all of it in one file, read again as a whole, which then replaces an older one of the same gallery`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { verify: { type: 'boolean', default: false }, forget: { type: 'boolean', default: false } },
    });
    const [place, ...rest] = positionals;
    if (place === undefined || rest.length > 0)
      throw new UsageError('backup needs one folder to copy into, or one FILE.tar.');
    return await withConfig((config) => backUp(config, resolve(place), values));
  },
};

interface Wish {
  readonly verify: boolean;
  readonly forget: boolean;
}

async function backUp({ uploadsDir }: Config, place: string, wish: Wish): Promise<number> {
  const path = join(uploadsDir, databaseName);
  const [to, from] = [realPath(place), realPath(uploadsDir)];
  if (isWithin(to, from) || isWithin(from, to))
    throw new UsageError('Give a folder outside of the gallery, best on another disk.');
  const openTarget = kindOfTarget(place);
  if (!existsSync(path))
    throw new StartRefused(78, `There is no gallery in ${uploadsDir}. Is UPLOADS_DIR right?`);
  const gallery = galleryIdOf(path);
  const desk = await openDesk(join(uploadsDir, 'backups'));
  let target: BackupTarget | undefined;
  try {
    const takenAt = new Date();
    const draft = join(desk.folder, databaseName);
    const taken = takeSnapshot(path, draft);
    target = await openTarget(place, { ...wish, uploadsDir, path, gallery, takenAt, taken });
    const outcomes = await copyAll(target, taken);
    const { facts, lost } = dropRemoved(path, draft, taken, outcomes);
    const older = await target.keep(draft, {
      takenAt,
      gallery,
      ...facts,
      originals: facts.originals.map(({ sha256, type, bytes }) => ({
        name: originalKey(sha256, type),
        bytes,
      })),
      damaged: lost.map(({ sha256, type }) => originalKey(sha256, type)),
    });
    return Math.max(older, report(place, facts, outcomes, lost));
  } finally {
    await target?.release();
    await desk.release();
  }
}

/** Of other archives than tar. Pictures are compressed as they are: more of it would cost hours and save nothing. */
const otherArchive = /\.(t?gz|t?zst|t?xz|t?bz2?|bz2|zip|7z|rar)$/i;

/** A folder that is there is one, whatever its name: earlier versions made folders of any. */
function kindOfTarget(place: string): typeof openFolderTarget {
  if (existsSync(place) && statSync(place).isDirectory()) return openFolderTarget;
  if (/\.tar$/i.test(place)) return openArchiveTarget;
  if (otherArchive.test(place))
    throw new UsageError(
      `Give a name that ends in .tar, or a folder: a backup in one file is not compressed, since pictures are already.`,
    );
  return openFolderTarget;
}

/**
 * A folder for the snapshot until it is where it belongs: on the gallery's own disk, since SQLite does not trust locks of a network, where
 * backups often go. One backup at a time: another one would take originals for needless that this one has just copied.
 */
async function openDesk(parent: string) {
  await mkdir(parent, { recursive: true });
  const unlock = lockFolder(parent);
  const folder = join(parent, '.backup');
  const clear = () => rm(folder, { recursive: true, force: true });
  await clear();
  await mkdir(folder);
  return {
    folder,
    async release() {
      await clear();
      unlock();
    },
  };
}

type Outcomes = ReadonlyMap<Sha256, CopyOutcome>;

async function copyAll(target: BackupTarget, { originals }: SnapshotFacts): Promise<Outcomes> {
  const outcomes = new Map<Sha256, CopyOutcome>();
  for (const original of originals) {
    outcomes.set(original.sha256, await target.copy(original));
    if (outcomes.size % 1000 === 0) complain(`${outcomes.size} of ${originals.length} originals`);
  }
  return outcomes;
}

/** A photo that was removed while its original was looked for is no loss; the snapshot forgets it, too. */
function dropRemoved(path: string, draft: string, taken: SnapshotFacts, outcomes: Outcomes) {
  const lost = taken.originals.filter(({ sha256 }) => isLost(outcomes.get(sha256)));
  const present = stillPresent(
    path,
    lost.map(({ sha256 }) => sha256),
  );
  const removed = lost.filter(({ sha256 }) => !present.has(sha256)).map(({ sha256 }) => sha256);
  return {
    facts: removed.length === 0 ? taken : dropPhotos(draft, removed),
    lost: lost.filter(({ sha256 }) => present.has(sha256)),
  };
}

function report(
  place: string,
  { photos, schema }: SnapshotFacts,
  outcomes: Outcomes,
  lost: readonly Original[],
) {
  const written: readonly CopyOutcome[] = ['copied', 'replaced'];
  const copied = [...outcomes.values()].filter((outcome) => written.includes(outcome)).length;
  say(
    `${count(photos, 'photo')} (schema ${schema}) backed up into ${place}; ${count(copied, 'original')} copied.`,
  );
  if (lost.length === 0) return 0;
  complain(`Of these there is no whole copy, see "sajin verify --all":`);
  for (const { sha256 } of lost) complain(`  ${outcomes.get(sha256)}: ${sha256}`);
  return 1;
}

/** Where it leads, also by a link; of what is not there yet, as far as there is something. */
function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  return dirname(path) === path ? path : join(realPath(dirname(path)), basename(path));
}

function isWithin(inner: string, outer: string): boolean {
  const path = relative(outer, inner);
  return path === '' || (path !== '..' && !path.startsWith(`..${sep}`));
}
