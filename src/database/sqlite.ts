// The database of one machine: a SQLite file in the uploads folder, held by one program at a time.
import { join } from 'node:path';
import type { AccountDatabase } from '../gallery/account-database.ts';
import type { LinkDatabase } from '../gallery/link-database.ts';
import type { PhotoDatabase } from '../gallery/photo-database.ts';
import type { JobQueue } from '../gallery/ports.ts';
import type { RerunDatabase } from '../gallery/rerun-database.ts';
import { openAccounts } from './accounts.ts';
import { openConnection } from './connection.ts';
import { openJobs } from './jobs.ts';
import { openLabelIndex } from './label-index.ts';
import { openLinks } from './links.ts';
import { lockFolder } from './lock.ts';
import { openDatabase } from './open.ts';
import { openPhotos } from './photos.ts';
import { openRerunFeeder } from './rerun-feeder.ts';
import { openReruns } from './reruns.ts';
import { openSaid } from './said.ts';

export interface SqliteOptions {
  /** May a missing file be created? Not when there are photos beside it. */
  readonly mayCreate: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface SqliteParts {
  readonly photos: PhotoDatabase;
  readonly reruns: RerunDatabase;
  readonly jobs: JobQueue;
  readonly links: LinkDatabase;
  readonly accounts: AccountDatabase;
}

/** @throws StartRefused, with the file untouched: in use, damaged, newer, or missing. */
export function openSqlite(folder: string, options: SqliteOptions): SqliteParts {
  const unlock = lockFolder(folder);
  try {
    const handle = openDatabase(join(folder, 'gallery.db'), options);
    const connection = openConnection(handle);
    const index = openLabelIndex(handle);
    const said = openSaid(handle, index);
    const photos = openPhotos(connection, { said, index }, options.now);
    const feeder = openRerunFeeder(handle, index, options.now);
    const reruns = openReruns(connection, { said, feeder }, options.now);
    const jobs = openJobs(connection, feeder, options.now);
    const links = openLinks(connection, index, options.now);
    const accounts = openAccounts(connection, options.now);
    return {
      photos: {
        ...photos,
        async close() {
          await photos.close();
          unlock();
        },
      },
      reruns,
      jobs,
      links,
      accounts,
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
