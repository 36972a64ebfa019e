// A folder of backups: originals by their names as in the gallery's own folder, and snapshots of the database. Says of any other folder
// that it is none, and writes nothing there.
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GalleryError } from '../gallery/errors.ts';
import type { Inbox, MediaStore } from '../gallery/ports.ts';
import { openDisk } from './disk.ts';
import { syncPath } from './durable.ts';
import { openInbox } from './inbox.ts';
import { openSnapshots, type Snapshots } from './snapshots.ts';

export interface BackupFolder {
  readonly media: MediaStore;
  readonly inbox: Inbox;
  readonly snapshots: Snapshots;
}

const marker = 'sajin-backup';
const greeting =
  'A folder of backups of Sajin. "sajin restore" brings one back; originals/ holds every picture as it came.\n';

/** @param mayBegin in a folder that is empty or not there. Rejects GalleryError `bad-request` for any other folder that is none. */
export async function openBackupFolder(folder: string, mayBegin: boolean): Promise<BackupFolder> {
  if (!existsSync(join(folder, marker))) {
    const isEmpty = !existsSync(folder) || readdirSync(folder).length === 0;
    if (!mayBegin || !isEmpty) throw noBackup(folder, mayBegin);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, marker), greeting);
    await syncPath(folder);
  }
  const inbox = await openInbox(join(folder, 'incoming'));
  return { media: openDisk(folder), inbox, snapshots: await openSnapshots(join(folder, 'snapshots')) };
}

const noBackup = (folder: string, mayBegin: boolean) =>
  new GalleryError(
    'bad-request',
    mayBegin
      ? `${folder} is not empty and holds no backups of Sajin. Nothing was written; give an empty folder.`
      : `${folder} holds no backups of Sajin. Give the folder that "sajin backup" was given.`,
  );
