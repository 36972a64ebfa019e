// A backup to read from, whatever it lies in.
import type { Readable } from 'node:stream';
import type { MediaSource } from '../gallery/copy-originals.ts';
import { openBackupFolder } from './backup-folder.ts';
import type { Manifest } from './manifest.ts';

export interface NamedSnapshot extends Manifest {
  readonly name: string;
}

export interface BackupSource {
  readonly media: MediaSource;
  readonly snapshots: {
    /** Whole ones, latest first. */
    list(): Promise<readonly NamedSnapshot[]>;
    /** The database of one, whose digest was not looked at. The caller consumes or destroys the stream. */
    read(name: string): Readable;
  };
}

/** Rejects GalleryError `bad-request` for what is no backup. */
export async function openBackup(path: string): Promise<BackupSource> {
  return await openBackupFolder(path, false);
}
