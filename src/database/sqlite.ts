// The database of one machine: a SQLite file in the uploads folder, held by one program at a time.
import { join } from 'node:path';
import type { AccountDatabase } from '../gallery/account-database.ts';
import type { DiskTrust } from '../gallery/disk-trust.ts';
import type { LinkDatabase } from '../gallery/link-database.ts';
import type { PhotoDatabase } from '../gallery/photo-database.ts';
import type { JobQueue } from '../gallery/ports.ts';
import type { RerunDatabase } from '../gallery/rerun-database.ts';
import type { SidecarDatabase } from '../gallery/sidecar-database.ts';
import type { VerificationDatabase } from '../gallery/verification-database.ts';
import { openAccounts } from './accounts.ts';
import { openConnection } from './connection.ts';
import { type DatabaseFigures, openFigures } from './figures.ts';
import { openJobs } from './jobs.ts';
import { openLabelIndex } from './label-index.ts';
import { openLinks } from './links.ts';
import { lockFolder } from './lock.ts';
import { openBeside, openDatabase, StartRefused } from './open.ts';
import { openPhotos } from './photos.ts';
import { openRerunFeeder } from './rerun-feeder.ts';
import { openReruns } from './reruns.ts';
import { openSaid } from './said.ts';
import { openSidecars } from './sidecars.ts';
import { keepBefore, pruneCopies } from './snapshot.ts';
import { openVerification } from './verification.ts';

export const databaseName = 'gallery.db';

export interface SqliteOptions {
  /** May a missing file be created? Not when there are photos beside it. */
  readonly mayCreate: boolean;
  /** Called when the folder is ours and nothing is open yet. */
  readonly prepare?: (path: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Shared with whoever else writes to that disk. */
  readonly trust?: DiskTrust;
}

export interface OpenDatabases {
  /** Closing it closes all of them, and gives the folder back. */
  readonly photos: PhotoDatabase;
  readonly reruns: RerunDatabase;
  readonly sidecars: SidecarDatabase;
  readonly verification: VerificationDatabase;
  readonly jobs: JobQueue;
  readonly links: LinkDatabase;
  readonly accounts: AccountDatabase;
  readonly figures: DatabaseFigures;
  /** What the planner knows of how much there is of what, brought up to date; now and then, for a gallery that runs for months. */
  optimize(): Promise<void>;
}

/** @throws StartRefused, with the file untouched: in use, damaged, newer, or missing. */
export function openSqlite(folder: string, options: SqliteOptions): OpenDatabases {
  const unlock = lockFolder(folder);
  try {
    const path = join(folder, databaseName);
    options.prepare?.(path);
    const handle = openDatabase(path, { ...options, beforeMigration: keepBefore });
    pruneCopies(path);
    const connection = openConnection(handle, options.trust);
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
      sidecars: openSidecars(connection, options.now),
      verification: openVerification(connection, options.now),
      jobs,
      figures: openFigures(connection, path, options.now),
      links,
      accounts,
      optimize: () =>
        connection.write(() => {
          handle.pragma('optimize');
        }),
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
    const connection = openConnection(openBeside(join(folder, databaseName)));
    return { accounts: openAccounts(connection, options.now), close: async () => connection.close() };
  }
}
