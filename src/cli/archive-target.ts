// A backup into one archive: made anew each time beside the one that is there, read from the first byte to the last, and only then put in its
// place. Never replaces what is no older backup of the same gallery.
import { createReadStream, existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import {
  copyOriginal,
  copySidecar,
  isWhole,
  listDamaged,
  type MediaSource,
  type Original,
} from '../gallery/copy-originals.ts';
import { GalleryError } from '../gallery/errors.ts';
import { originalKey } from '../gallery/media.ts';
import { type ArchiveWriter, openArchiveWriter } from '../storage/archive-writer.ts';
import { inSnapshot, openBackupArchive } from '../storage/backup-archive.ts';
import { foreignBackup, formatMarker, markerFile } from '../storage/backup-folder.ts';
import { openDisk } from '../storage/disk.ts';
import {
  databaseFile,
  formatManifest,
  type Manifest,
  manifestFile,
  snapshotName,
} from '../storage/manifest.ts';
import { measure } from '../storage/snapshots.ts';
import { type BackupTarget, isLost, isSuspicious, type SnapshotRecord, type Task } from './backup-target.ts';
import { complain, count } from './settings.ts';

export async function openArchiveTarget(file: string, task: Task): Promise<BackupTarget> {
  const { uploadsDir, gallery, takenAt, taken } = task;
  if (!existsSync(dirname(file)))
    throw new GalleryError(
      'bad-request',
      `There is no folder ${dirname(file)} to put ${basename(file)} into.`,
    );
  const before = existsSync(file) ? await openBefore(file, task) : undefined;
  const writer = await openArchiveWriter(file, { owner: gallery ?? 'unknown', modifiedAt: takenAt });
  const places = { from: openDisk(uploadsDir), to: writer.to, inbox: writer.inbox, rest: 'apart' } as const;
  let saved = 0;
  return {
    async copy(original) {
      const outcome = await copyOriginal(places, original, false);
      await copySidecar(places, original);
      // The one to be replaced may hold the last good copy.
      if (!isLost(outcome) || before === undefined || !(await isWhole(before, keyOf(original), original)))
        return outcome;
      saved += 1;
      return await copyOriginal({ ...places, from: before }, original, false);
    },
    async keep(draft, facts) {
      const name = snapshotName(takenAt);
      await writer.add(markerFile, formatMarker(gallery));
      await writer.add(inSnapshot(name, databaseFile), createReadStream(draft));
      await writer.add(inSnapshot(name, manifestFile), formatManifest(describe(writer, facts)));
      await writer.finish();
      await expectGivenBack(writer.draft, taken.originals);
      await writer.publish();
      if (saved > 0) tellSaved(saved);
      return 0;
    },
    release: writer.release,
  };
}

const keyOf = ({ sha256, type }: Original) => originalKey(sha256, type);

async function openBefore(file: string, { gallery, taken, forget }: Task): Promise<MediaSource> {
  const before = await openBackupArchive(file).catch((error: unknown) => {
    if (error instanceof GalleryError) throw inTheWay(file);
    throw error;
  });
  if (before.gallery === undefined || before.gallery !== gallery) throw foreignBackup(file);
  const [photos = 0] = (await before.snapshots.list()).map(({ database }) => database.photos);
  if (forget || !isSuspicious(taken.photos, photos)) return before.media;
  throw new GalleryError(
    'bad-request',
    `${file} holds ${photos} photos, many more than the gallery now. Nothing was written; give another name, or, if that is right, say --forget.`,
  );
}

const inTheWay = (file: string) =>
  new GalleryError(
    'bad-request',
    `${file} is there and is no whole archive of Sajin. Nothing was written; give another name, or move it away.`,
  );

function describe(writer: ArchiveWriter, { schema, photos, ...facts }: SnapshotRecord): Manifest {
  const members = writer.members();
  const database = members.find(({ name }) => name.endsWith(`/${databaseFile}`));
  if (database === undefined) throw new Error('the database comes before the manifest');
  const { bytes, sha256 } = database;
  const originals = new Set(facts.originals.map(({ name }) => name));
  const others = members.filter(({ name }) => name.startsWith('originals/') && !originals.has(name));
  return { ...facts, database: { bytes, sha256, schema, photos }, others };
}

/** Reads what was written as a restore would, and every byte of it. */
async function expectGivenBack(draft: string, originals: readonly Original[]): Promise<void> {
  const { media, snapshots } = await openBackupArchive(draft);
  for (const { name, database, damaged, others, ...told } of await snapshots.list()) {
    const wanted = new Set(told.originals.map((original) => original.name));
    for (const without of damaged) wanted.delete(without);
    const { sha256 } = await measure(snapshots.read(name));
    const named = originals.filter((original) => wanted.has(keyOf(original)));
    const lost = await listDamaged(media, named, others);
    if (sha256 === database.sha256 && lost.length === 0) return;
  }
  throw new GalleryError(
    'unavailable',
    'The disk of the backup does not give back what was written. Use another one.',
  );
}

const tellSaved = (saved: number) =>
  complain(
    `${count(saved, 'original')} can not be read in the gallery, and came from the archive that was there: see "sajin verify --all".`,
  );
