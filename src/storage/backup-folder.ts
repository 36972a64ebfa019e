// A folder of backups: originals by their names as in the gallery's own folder, and snapshots of the database. Says of any other folder
// that it is none, and writes nothing there.
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
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
  /** Whose backups these are, if that was written down. */
  readonly gallery: string | undefined;
  /** Writes down whose they are. */
  claim(gallery: string): Promise<void>;
}

/** Its first line greets whoever looks; a later one says whose backups these are. */
export const markerFile = 'sajin-backup';
const greeting =
  'A folder of backups of Sajin. "sajin restore" brings one back; originals/ holds every picture as it came.\n';

/** For more of them; begun where it is empty or not there. Rejects GalleryError `bad-request` for any other folder that is none. */
export async function openBackupFolder(folder: string): Promise<BackupFolder> {
  if (!existsSync(join(folder, markerFile))) {
    if (existsSync(folder) && readdirSync(folder).length > 0) throw noBackup(folder, true);
    await mkdir(folder, { recursive: true });
    await mark(folder);
  }
  const claim = (gallery: string) => mark(folder, gallery);
  return { ...(await open(folder)), claim, inbox: await openInbox(join(folder, 'incoming')) };
}

/** Only to read, also where nothing can be written. Rejects GalleryError `bad-request` for a folder that holds no backups. */
export async function readBackupFolder(folder: string): Promise<Omit<BackupFolder, 'claim' | 'inbox'>> {
  if (!existsSync(join(folder, markerFile))) throw noBackup(folder, false);
  return await open(folder);
}

async function open(folder: string) {
  return {
    gallery: galleryIn(await readFile(join(folder, markerFile), 'utf8')),
    media: openDisk(folder),
    snapshots: await openSnapshots(join(folder, 'snapshots')),
  };
}

const galleryIn = (text: string) => /^gallery: ([0-9a-f]{32})$/m.exec(text)?.[1];

export const formatMarker = (gallery?: string) =>
  gallery === undefined ? greeting : `${greeting}gallery: ${gallery}\n`;

async function mark(folder: string, gallery?: string): Promise<void> {
  const draft = join(folder, `.${markerFile}`);
  await writeFile(draft, formatMarker(gallery));
  await syncPath(draft);
  await rename(draft, join(folder, markerFile));
  await syncPath(folder);
}

/** Of a folder that holds what is not this gallery's. */
export const foreignBackup = (folder: string) =>
  new GalleryError(
    'bad-request',
    `${folder} holds the backups of another gallery. Nothing was written; give each gallery a place of its own. One that was made anew by "sajin rebuild" is another one, too.`,
  );

const noBackup = (folder: string, mayBegin: boolean) =>
  new GalleryError(
    'bad-request',
    mayBegin
      ? `${folder} is not empty and holds no backups of Sajin. Nothing was written; give an empty folder.`
      : `${folder} holds no backups of Sajin. Give the folder that "sajin backup" was given.`,
  );
