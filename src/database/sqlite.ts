// The database of one machine: a SQLite file in the uploads folder, held by one program at a time.
import { join } from 'node:path';
import type { AccountDatabase } from '../gallery/account-database.ts';
import type { PhotoDatabase } from '../gallery/photo-database.ts';
import type { JobQueue } from '../gallery/ports.ts';
import type { RerunDatabase } from '../gallery/rerun-database.ts';
import { openAccounts } from './accounts.ts';
import { openConnection } from './connection.ts';
import { openJobs } from './jobs.ts';
import { openLabelIndex } from './label-index.ts';
import { lockFolder } from './lock.ts';
import { openBeside, openDatabase, StartRefused } from './open.ts';
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

/** @throws StartRefused, with the file untouched: in use, damaged, newer, or missing. */
export function openSqlite(
  folder: string,
  options: SqliteOptions,
): { photos: PhotoDatabase; reruns: RerunDatabase; jobs: JobQueue; accounts: AccountDatabase } {
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
      accounts,
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/**
 * The accounts alone, for a command that takes a moment. Where no gallery runs, everything is looked at, locked and migrated as for one;
 * beside one that runs, a second connection is opened without the lock. That is for files and jobs, which have one master; a row of an
 * account is as safe as any transaction, and the gallery reads it anew with every request.
 * @throws StartRefused as openSqlite, and when a gallery of another version runs
 */
export function openAccountsAlone(
  folder: string,
  options: SqliteOptions,
): { accounts: AccountDatabase; close(): Promise<void> } {
  try {
    const { accounts, photos } = openSqlite(folder, options);
    return { accounts, close: () => photos.close() };
  } catch (error) {
    if (!(error instanceof StartRefused) || error.exitCode !== 75) throw error;
    const connection = openConnection(openBeside(join(folder, 'gallery.db')));
    return { accounts: openAccounts(connection, options.now), close: async () => connection.close() };
  }
}
