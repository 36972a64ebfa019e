// A backup into a folder: what is new is copied, old snapshots go, and originals with the last snapshot that needs them.
import { sharePhotos } from '../database/snapshot.ts';
import { copyOriginal, copySidecar } from '../gallery/copy-originals.ts';
import { digestOf, originalKey, sidecarKey, typeOf } from '../gallery/media.ts';
import { openRereading } from '../gallery/rereading.ts';
import { keptMoments } from '../gallery/retention.ts';
import { type BackupFolder, foreignBackup, openBackupFolder } from '../storage/backup-folder.ts';
import { openDisk } from '../storage/disk.ts';
import { measure, type Snapshot, type Snapshots } from '../storage/snapshots.ts';
import { type BackupTarget, isSuspicious, type Task } from './backup-target.ts';
import { complain, count, say } from './settings.ts';

export async function openFolderTarget(folder: string, task: Task): Promise<BackupTarget> {
  const backups = await openBackupFolder(folder);
  await expectOurs(backups, folder, task);
  const { media, inbox, snapshots } = backups;
  const places = { from: openDisk(task.uploadsDir), to: media, inbox, rest: 'apart' } as const;
  const [last] = await snapshots.list();
  const isDue = task.verify ? () => true : openRereading(last?.takenAt, task.takenAt);
  let [read, replaced] = [0, 0];
  return {
    async copy(original) {
      const outcome = await copyOriginal(places, original, !isDue(original.sha256));
      if (isDue(original.sha256) && outcome !== 'copied') read += 1;
      if (outcome === 'replaced') replaced += 1;
      await copySidecar(places, original);
      return outcome;
    },
    async keep(draft, facts) {
      const { name } = await snapshots.add(draft, facts);
      await tidy(backups, task);
      say(`${count(read, 'older original')} read again in ${folder}; ${replaced} damaged and replaced.`);
      return await rereadSnapshots(snapshots, (one) => one.name !== name && isDue(one.database.sha256));
    },
    release: async () => {},
  };
}

/** Nothing can replace an older database that is damaged: the one of today stands beside it. */
async function rereadSnapshots(snapshots: Snapshots, isWanted: (one: Snapshot) => boolean): Promise<0 | 1> {
  const damaged: string[] = [];
  for (const { name, database } of (await snapshots.list()).filter(isWanted)) {
    // Not there, or on a piece of the disk that can't be read: that is damaged, too.
    const found = await measure(snapshots.read(name)).catch(() => undefined);
    if (found?.sha256 !== database.sha256) damaged.push(name);
  }
  for (const name of damaged)
    complain(`The older snapshot ${name} is damaged. That of today is whole; remove snapshots/${name}.`);
  return damaged.length === 0 ? 0 : 1;
}

/** A folder that was begun before such folders knew whose they are is this gallery's when they have photos in common. */
async function expectOurs(
  { gallery: theirs, snapshots, claim }: BackupFolder,
  folder: string,
  { path, gallery }: Task,
): Promise<void> {
  if (theirs !== undefined && gallery !== undefined) {
    if (theirs === gallery) return;
    throw foreignBackup(folder);
  }
  const [latest] = await snapshots.list();
  if (latest !== undefined && !sharePhotos(path, latest.path)) throw foreignBackup(folder);
  if (gallery !== undefined) await claim(gallery);
}

/** Old snapshots go, and originals that none of those that stay needs: what was deleted is not kept for ever. */
async function tidy({ snapshots, media }: BackupFolder, { gallery, forget }: Task): Promise<void> {
  const all = await snapshots.list();
  if (all.some(({ gallery: of }) => of !== undefined && gallery !== undefined && of !== gallery)) {
    complain(
      'There are backups of another gallery beside these. Nothing was let go; give each a folder of its own.',
    );
    return;
  }
  const most = Math.max(...all.map(({ database }) => database.photos));
  if (!forget && isSuspicious(all[0]?.database.photos ?? 0, most)) {
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
