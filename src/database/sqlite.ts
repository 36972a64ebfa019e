// The database of one machine: a SQLite file in the uploads folder, held by one program at a time.
import { join } from 'node:path';
import type { JobQueue, PhotoDatabase } from '../gallery/ports.ts';
import { openConnection } from './connection.ts';
import { openJobs } from './jobs.ts';
import { lockFolder } from './lock.ts';
import { openDatabase } from './open.ts';
import { openPhotos } from './photos.ts';

export interface SqliteOptions {
  /** May a missing file be created? Not when there are photos beside it. */
  readonly mayCreate: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** @throws StartRefused, with the file untouched: in use, damaged, newer, or missing. */
export function openSqlite(
  folder: string,
  options: SqliteOptions,
): { photos: PhotoDatabase; jobs: JobQueue } {
  const unlock = lockFolder(folder);
  try {
    const handle = openDatabase(join(folder, 'gallery.db'), options);
    const connection = openConnection(handle);
    const photos = openPhotos(connection, options.now);
    const jobs = openJobs(connection, options.now);
    return {
      photos: {
        ...photos,
        async close() {
          await photos.close();
          unlock();
        },
      },
      jobs,
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
