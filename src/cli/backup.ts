// `sajin backup DIR`: a copy of the gallery that is whole or not there, beside a server that runs or without one. The database first, its
// originals after: so no photo in the copy is without its original.
import { existsSync, realpathSync } from 'node:fs';
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
  sharePhotos,
  stillPresent,
  takeSnapshot,
} from '../database/snapshot.ts';
import { databaseName } from '../database/sqlite.ts';
import { type CopyOutcome, copyOriginal, copySidecar, type Original } from '../gallery/copy-originals.ts';
import { digestOf, originalKey, sidecarKey, typeOf } from '../gallery/media.ts';
import type { Sha256 } from '../gallery/photo.ts';
import { keptMoments } from '../gallery/retention.ts';
import { type BackupFolder, foreignBackup, openBackupFolder } from '../storage/backup-folder.ts';
import { openDisk } from '../storage/disk.ts';
import { type Command, UsageError } from './command.ts';
import { complain, count, say, withConfig } from './settings.ts';

export const backup: Command = {
  usage: `backup DIR [--verify]    copy the database and what is new of the originals into DIR, also while the gallery
                         runs; --verify reads again everything that is in DIR, --forget lets go of old
                         backups although they hold many more photos than this one`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { verify: { type: 'boolean', default: false }, forget: { type: 'boolean', default: false } },
    });
    const [folder, ...rest] = positionals;
    if (folder === undefined || rest.length > 0)
      throw new UsageError('backup needs one folder to copy into.');
    return await withConfig((config) => backUp(config, resolve(folder), values));
  },
};

interface Wish {
  readonly verify: boolean;
  readonly forget: boolean;
}

async function backUp({ uploadsDir }: Config, folder: string, { verify, forget }: Wish): Promise<number> {
  const path = join(uploadsDir, databaseName);
  const [to, from] = [realPath(folder), realPath(uploadsDir)];
  if (isWithin(to, from) || isWithin(from, to))
    throw new UsageError('Give a folder outside of the gallery, best on another disk.');
  if (!existsSync(path))
    throw new StartRefused(78, `There is no gallery in ${uploadsDir}. Is UPLOADS_DIR right?`);
  const target = await openBackupFolder(folder, true);
  const gallery = galleryIdOf(path);
  await expectOurs(target, { folder, path, gallery });
  const desk = await openDesk(join(uploadsDir, 'backups'));
  try {
    const takenAt = new Date();
    const draft = join(desk.folder, databaseName);
    const taken = takeSnapshot(path, draft);
    const outcomes = await copyAll(uploadsDir, target, taken, verify);
    const { facts, lost } = dropRemoved(path, draft, taken, outcomes);
    await target.snapshots.add(draft, {
      takenAt,
      gallery,
      ...facts,
      originals: facts.originals.map(({ sha256, type, bytes }) => ({
        name: originalKey(sha256, type),
        bytes,
      })),
      damaged: lost.map(({ sha256, type }) => originalKey(sha256, type)),
    });
    await tidy(target, gallery, forget);
    return report(folder, facts, outcomes, lost);
  } finally {
    await desk.release();
  }
}

/** A folder that was begun before such folders knew whose they are is this gallery's when they have photos in common. */
async function expectOurs(
  { gallery: theirs, snapshots, claim }: BackupFolder,
  { folder, path, gallery }: { folder: string; path: string; gallery: string | undefined },
): Promise<void> {
  if (theirs !== undefined && gallery !== undefined) {
    if (theirs === gallery) return;
    throw foreignBackup(folder);
  }
  const [latest] = await snapshots.list();
  if (latest !== undefined && !sharePhotos(path, latest.path)) throw foreignBackup(folder);
  if (gallery !== undefined) await claim(gallery);
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

async function copyAll(
  uploadsDir: string,
  { media: to, inbox }: BackupFolder,
  { originals }: SnapshotFacts,
  verify: boolean,
): Promise<Outcomes> {
  const places = { from: openDisk(uploadsDir), to, inbox, rest: 'apart' } as const;
  const outcomes = new Map<Sha256, CopyOutcome>();
  for (const original of originals) {
    outcomes.set(original.sha256, await copyOriginal(places, original, !verify));
    await copySidecar(places, original);
    tellProgress(outcomes.size, originals.length);
  }
  return outcomes;
}

function tellProgress(done: number, of: number): void {
  if (done % 1000 === 0) complain(`${done} of ${of} originals`);
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

const isLost = (outcome: CopyOutcome | undefined) => outcome === 'damaged' || outcome === 'missing';

/** Who deletes a tenth of all photos is asked whether they meant it. */
const fewest = 0.9;

/** Old snapshots go, and originals that none of those that stay needs: what was deleted is not kept for ever. */
async function tidy(
  { snapshots, media }: BackupFolder,
  gallery: string | undefined,
  forget: boolean,
): Promise<void> {
  const all = await snapshots.list();
  if (all.some(({ gallery: of }) => of !== undefined && gallery !== undefined && of !== gallery)) {
    complain(
      'There are backups of another gallery beside these. Nothing was let go; give each a folder of its own.',
    );
    return;
  }
  const most = Math.max(...all.map(({ database }) => database.photos));
  // As after a disk that was not mounted, or a gallery begun anew: then the old backups are the ones that matter.
  if (!forget && (all[0]?.database.photos ?? 0) < most * fewest) {
    complain(
      `An older backup holds ${most} photos, many more than this one. Nothing old was let go; if that is right, say --forget.`,
    );
    return;
  }
  const kept = keptMoments(all.map(({ takenAt }) => takenAt));
  for (const { name, takenAt } of all) if (!kept.has(takenAt)) await snapshots.remove(name);
  if (await snapshots.hasUnreadable()) {
    complain('A snapshot can not be read; no original is removed from the backup while it is there.');
    return;
  }
  const needed = new Set(
    (await snapshots.list()).flatMap(({ originals }) => originals.map(({ name }) => name)),
  );
  for await (const { key } of media.list('originals')) {
    const [sha256, type] = [digestOf(key), typeOf(key)];
    if (sha256 === undefined || type === undefined || needed.has(originalKey(sha256, type))) continue;
    await media.remove(key);
    await media.remove(sidecarKey(sha256, type));
  }
}

function report(
  folder: string,
  { photos, schema }: SnapshotFacts,
  outcomes: Outcomes,
  lost: readonly Original[],
) {
  const copied = [...outcomes.values()].filter((outcome) => outcome === 'copied').length;
  say(
    `${count(photos, 'photo')} (schema ${schema}) backed up into ${folder}; ${count(copied, 'original')} copied.`,
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
