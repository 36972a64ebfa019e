// `sajin backup DIR`: a copy of the gallery that is whole or not there, beside a server that runs or without one. The database first, its
// originals after: so no photo in the copy is without its original.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import type { Config } from '../config.ts';
import { StartRefused } from '../database/open.ts';
import { dropPhotos, type SnapshotFacts, stillPresent, takeSnapshot } from '../database/snapshot.ts';
import { databaseName } from '../database/sqlite.ts';
import { type CopyOutcome, copyOriginal, copySidecar, type Original } from '../gallery/copy-originals.ts';
import { digestOf, originalKey, sidecarKey, typeOf } from '../gallery/media.ts';
import type { Sha256 } from '../gallery/photo.ts';
import { keptMoments } from '../gallery/retention.ts';
import { type BackupFolder, openBackupFolder } from '../storage/backup-folder.ts';
import { openDisk } from '../storage/disk.ts';
import { type Command, UsageError } from './command.ts';
import { complain, count, say, withConfig } from './settings.ts';

export const backup: Command = {
  usage: `backup DIR [--verify]    copy the database and what is new of the originals into DIR, also while the gallery
                         runs; --verify reads again everything that is in DIR`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { verify: { type: 'boolean', default: false } },
    });
    const [folder, ...rest] = positionals;
    if (folder === undefined || rest.length > 0)
      throw new UsageError('backup needs one folder to copy into.');
    return await withConfig((config) => backUp(config, resolve(folder), values.verify));
  },
};

async function backUp({ uploadsDir }: Config, folder: string, verify: boolean): Promise<number> {
  const path = join(uploadsDir, databaseName);
  if (isWithin(folder, uploadsDir) || isWithin(uploadsDir, folder))
    throw new UsageError('Give a folder outside of the gallery, best on another disk.');
  if (!existsSync(path))
    throw new StartRefused(78, `There is no gallery in ${uploadsDir}. Is UPLOADS_DIR right?`);
  const target = await openBackupFolder(folder, true);
  // On the gallery's own disk: SQLite does not trust locks of a network, where backups often go.
  const desk = await openDesk(join(uploadsDir, 'backups'));
  try {
    const takenAt = new Date();
    const draft = join(desk, databaseName);
    const taken = takeSnapshot(path, draft);
    const outcomes = await copyAll(uploadsDir, target, taken, verify);
    const { facts, lost } = dropRemoved(path, draft, taken, outcomes);
    await target.snapshots.add(draft, {
      takenAt,
      ...facts,
      originals: facts.originals.map(({ sha256, type, bytes }) => ({
        name: originalKey(sha256, type),
        bytes,
      })),
      damaged: lost.map(({ sha256, type }) => originalKey(sha256, type)),
    });
    await tidy(target);
    return report(folder, facts, outcomes, lost);
  } finally {
    await rm(desk, { recursive: true, force: true });
  }
}

/** A folder for the snapshot until it is where it belongs. What a backup left that was ended in the middle goes. */
async function openDesk(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const name of (await readdir(folder)).filter((one) => one.startsWith(deskPrefix))) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > oldDeskMs) await rm(path, { recursive: true, force: true });
  }
  return await mkdtemp(join(folder, deskPrefix));
}

const deskPrefix = '.backup-';
/** A backup that runs beside this one may use its own for so long. */
const oldDeskMs = 24 * 60 * 60 * 1000;

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

/** Old snapshots go, and originals that none of those that stay needs: what was deleted is not kept for ever. */
async function tidy({ snapshots, media }: BackupFolder): Promise<void> {
  const all = await snapshots.list();
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

function isWithin(inner: string, outer: string): boolean {
  const path = relative(outer, inner);
  return path === '' || (path !== '..' && !path.startsWith(`..${sep}`));
}
