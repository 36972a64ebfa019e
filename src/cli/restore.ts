// `sajin restore`: a gallery back from its backup, a folder or an archive, into an empty folder or in the place of a lost database. Does not
// need to read what is there, moves it aside, and puts the database in place last: what is cut off is begun again.

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Config } from '../config.ts';
import { expectDamaged } from '../database/aside.ts';
import { lockFolder } from '../database/lock.ts';
import { StartRefused } from '../database/open.ts';
import { prepareRestored, putInPlace } from '../database/restored.ts';
import { type RightsTaken, takeRightsBack } from '../database/restored-rights.ts';
import { examineSnapshot, galleryIdOf, type SnapshotFacts } from '../database/snapshot.ts';
import { databaseName } from '../database/sqlite.ts';
import { copyOriginal, listDamaged, type Original } from '../gallery/copy-originals.ts';
import { GalleryError } from '../gallery/errors.ts';
import { originalKey, renditionKey } from '../gallery/media.ts';
import type { SidecarPhoto } from '../gallery/sidecar.ts';
import { readSidecar } from '../gallery/sidecars.ts';
import { type BackupSource, type NamedSnapshot, openBackup } from '../storage/backup-source.ts';
import { openDisk } from '../storage/disk.ts';
import { openInbox } from '../storage/inbox.ts';
import { markedGallery, markOriginals, originalsFolder } from '../storage/marker.ts';
import { measure } from '../storage/snapshots.ts';
import { type Command, UsageError } from './command.ts';
import { complain, count, say, withConfig } from './settings.ts';

export const restore: Command = {
  usage: `restore DIR|FILE.tar [--snapshot NAME]
                         bring the latest backup, or an earlier one, back into an empty UPLOADS_DIR or one whose
                         database is lost; what is left of that is moved aside
restore --check DIR|FILE.tar
                         only see whether that would work: reads everything, and changes nothing`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { check: { type: 'boolean', default: false }, snapshot: { type: 'string' } },
    });
    const [folder, ...rest] = positionals;
    if (folder === undefined || rest.length > 0)
      throw new UsageError('restore needs one folder of backups, or one archive.');
    return await withConfig(async (config) => {
      const source = await openBackup(resolve(folder));
      const snapshot = await choose(source, values.snapshot);
      return values.check ? await rehearse(source, snapshot) : await restoreFrom(config, source, snapshot);
    });
  },
};

async function choose({ snapshots }: BackupSource, name: string | undefined): Promise<NamedSnapshot> {
  const all = await snapshots.list();
  const chosen = name === undefined ? all[0] : all.find((one) => one.name === name);
  if (chosen === undefined) {
    const names = all.map((one) => `\n  ${one.name}`).join('');
    if (names === '')
      throw new StartRefused(78, 'There is no whole backup in that folder. Nothing was changed.');
    throw new UsageError(`Choose one of these snapshots:${names}`);
  }
  const { bytes, sha256 } = await measure(snapshots.read(chosen.name));
  if (bytes === chosen.database.bytes && sha256 === chosen.database.sha256) return chosen;
  throw new GalleryError(
    'unavailable',
    `The snapshot ${chosen.name} is damaged. Nothing was changed; choose another one with --snapshot.`,
  );
}

async function restoreFrom(
  { uploadsDir }: Config,
  source: BackupSource,
  snapshot: NamedSnapshot,
): Promise<number> {
  await expectRoom(uploadsDir);
  await mkdir(uploadsDir, { recursive: true });
  const unlock = lockFolder(uploadsDir);
  try {
    const path = join(uploadsDir, databaseName);
    expectDamaged(path);
    expectOwnOriginals(uploadsDir, snapshot.gallery);
    const draft = `${path}.restoring`;
    for (const end of ['', '-wal', '-shm']) await rm(draft + end, { force: true });
    await writeFile(draft, source.snapshots.read(snapshot.name), { mode: 0o600 });
    const facts = examineSnapshot(draft);
    const lost = await copyAll(uploadsDir, source, facts.originals);
    const taken = takeRightsBack(draft, await sidecarsIn(uploadsDir, facts.originals), Date.now);
    const has = (key: string) => existsSync(join(uploadsDir, key));
    const again = prepareRestored(draft, (sha256, { size }) => has(renditionKey(sha256, size)), Date.now);
    // As everything else, before there is a database that needs it.
    markOriginals(uploadsDir, galleryIdOf(draft) ?? '');
    const aside = putInPlace(draft, path, Date.now);
    if (aside !== undefined) complain(`What was there is kept as ${basename(aside)}.`);
    say(`${count(facts.photos, 'photo is', 'photos are')} back, as of ${snapshot.takenAt.toISOString()}.`);
    if (again > 0) say(`${again} of them are developed again when the gallery starts.`);
    sayRights(taken);
    return reportLost(lost.map(({ sha256, type }) => originalKey(sha256, type)));
  } finally {
    unlock();
  }
}

/** Originals of another gallery would become this one's, and their photos everybody's. Old backups do not say whose they are. */
function expectOwnOriginals(uploadsDir: string, gallery: string | undefined): void {
  const marked = markedGallery(uploadsDir);
  if (marked === undefined || gallery === undefined || marked === gallery) return;
  throw new StartRefused(
    78,
    `${originalsFolder(uploadsDir)} holds the originals of another gallery than this backup. Nothing was changed. Is UPLOADS_DIR right? If they belong together, as after "sajin rebuild", delete the file .gallery-id there and restore again.`,
  );
}

async function copyAll(
  uploadsDir: string,
  source: BackupSource,
  originals: readonly Original[],
): Promise<Original[]> {
  const inbox = await openInbox(join(uploadsDir, 'incoming'));
  const places = { from: source.media, to: openDisk(uploadsDir), inbox, rest: 'in-place' } as const;
  const lost: Original[] = [];
  for (const original of originals) {
    const outcome = await copyOriginal(places, original, false);
    if (outcome === 'damaged' || outcome === 'missing') lost.push(original);
  }
  return lost;
}

/** What was said about these photos after the backup was made, where the folder still has it. */
async function sidecarsIn(uploadsDir: string, originals: readonly Original[]): Promise<SidecarPhoto[]> {
  const media = openDisk(uploadsDir);
  const told: SidecarPhoto[] = [];
  for (const { sha256, type } of originals)
    told.push(...((await readSidecar(media, sha256, type))?.photos ?? []));
  return told;
}

function sayRights({ links, hidden }: RightsTaken): void {
  if (hidden > 0) say(`${count(hidden, 'photo was', 'photos were')} hidden or deleted since, and still are.`);
  if (links > 0)
    say(
      `${count(links, 'link has', 'links have')} ended, since they may have been taken back. Make them anew.`,
    );
  say(
    'Everybody has to sign in again. Look at sajin user list: roles and passwords are those of the backup.',
  );
}

/** A folder with other things in it is somebody else's. */
const ours = /^(originals|renditions|incoming|resumable|models|backups|lost\+found|gallery\..*|\..*)$/;

async function expectRoom(uploadsDir: string): Promise<void> {
  const names = existsSync(uploadsDir) ? await readdir(uploadsDir) : [];
  const foreign = names.find((name) => !ours.test(name));
  if (foreign === undefined) return;
  throw new StartRefused(
    78,
    `${uploadsDir} is no folder of a gallery: there is ${foreign} in it. Nothing was changed. Set UPLOADS_DIR to an empty folder.`,
  );
}

/** The database is really opened and brought to the present schema; originals are read where they lie, which takes no room. */
async function rehearse({ media, snapshots }: BackupSource, snapshot: NamedSnapshot): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'sajin-rehearsal-'));
  try {
    const draft = join(folder, databaseName);
    await writeFile(draft, snapshots.read(snapshot.name), { mode: 0o600 });
    const facts: SnapshotFacts = examineSnapshot(draft);
    prepareRestored(draft, () => true, Date.now);
    const lost = await listDamaged(media, facts.originals, snapshot.others);
    const { takenAt, name } = snapshot;
    say(`${name}: ${count(facts.photos, 'photo')} as of ${takenAt.toISOString()}; the database opens.`);
    if (lost.length === 0) say('Every original is there, and every byte of it right. It would work.');
    return reportLost(lost);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function reportLost(lost: readonly string[]): number {
  if (lost.length === 0) return 0;
  complain(`${count(lost.length, 'file is', 'files are')} damaged or missing in the backup:`);
  for (const name of lost) complain(`  ${name}`);
  return 1;
}
