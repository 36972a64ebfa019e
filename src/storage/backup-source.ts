// A backup to read from, whatever it lies in.
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { MediaSource } from '../gallery/copy-originals.ts';
import { openBackupArchive } from './backup-archive.ts';
import { readBackupFolder } from './backup-folder.ts';
import type { Manifest } from './manifest.ts';

export interface NamedSnapshot extends Manifest {
  readonly name: string;
}

export interface BackupSource {
  /** Whose backup it is, if that was written down. */
  readonly gallery: string | undefined;
  readonly media: MediaSource;
  readonly snapshots: {
    /** Whole ones, latest first. */
    list(): Promise<readonly NamedSnapshot[]>;
    /** The database of one, whose digest was not looked at. The caller consumes or destroys the stream. */
    read(name: string): Readable;
  };
}

/**
 * A folder of backups, or an archive.
 * Rejects GalleryError `bad-request` for what is neither, `unavailable` for an archive that is cut off or damaged
 */
export async function openBackup(path: string): Promise<BackupSource> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? true;
  return isFolder ? await readBackupFolder(path) : await openBackupArchive(path);
}
