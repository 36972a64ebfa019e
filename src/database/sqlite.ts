// The database of one machine: a SQLite file in the uploads folder, held by one program at a time.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountDatabase } from '../gallery/account-database.ts';
import { type DiskTrust, openDiskTrust } from '../gallery/disk-trust.ts';
import type { LinkDatabase } from '../gallery/link-database.ts';
import type { PhotoDatabase } from '../gallery/photo-database.ts';
import type { JobQueue } from '../gallery/ports.ts';
import type { RerunDatabase } from '../gallery/rerun-database.ts';
import type { SidecarDatabase } from '../gallery/sidecar-database.ts';
import type { VerificationDatabase } from '../gallery/verification-database.ts';
import { type Log, openLog } from '../log.ts';
import { openAccounts } from './accounts.ts';
import { readNote, writeNote } from './check-note.ts';
import { openConnection } from './connection.ts';
import { type DatabaseFigures, openFigures } from './figures.ts';
import { openHealth, type RunningHealth } from './health.ts';
import { type Identity, openIdentity } from './identity.ts';
import { openJobs } from './jobs.ts';
import { openLabelIndex } from './label-index.ts';
import { openLinks } from './links.ts';
import { lockFolder } from './lock.ts';
import { damaged, isLarge, openBeside, openDatabase, StartRefused } from './open.ts';
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
  readonly log?: Log;
}

export interface OpenDatabases {
  /** Closing it closes all of them, and gives the folder back. */
  readonly photos: PhotoDatabase;
  readonly reruns: RerunDatabase;
  readonly sidecars: SidecarDatabase;
  readonly verification: VerificationDatabase;
  readonly health: Pick<RunningHealth, 'check' | 'status' | 'resume'>;
  readonly jobs: JobQueue;
  readonly links: LinkDatabase;
  readonly accounts: AccountDatabase;
  readonly figures: DatabaseFigures;
  readonly identity: Identity;
  /** What the planner knows of how much there is of what, brought up to date; now and then, for a gallery that runs for months. */
  optimize(): Promise<void>;
}

/** @throws StartRefused, with the file untouched: in use, damaged, newer, or missing. */
export function openSqlite(folder: string, options: SqliteOptions): OpenDatabases {
  const unlock = lockFolder(folder);
  try {
    const path = join(folder, databaseName);
    options.prepare?.(path);
    const { trust = openDiskTrust(), now, log = openLog('silent') } = options;
    const { handle, isUnread } = openNoted(path, options);
    pruneCopies(path);
    const health = openHealth({ path, isUnread, trust, now, log });
    const connection = openConnection(handle, trust);
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
          await health.stop();
          await photos.close();
          health.noteClosed();
          unlock();
        },
      },
      health,
      reruns,
      sidecars: openSidecars(connection, options.now),
      verification: openVerification(connection, options.now),
      jobs,
      figures: openFigures(connection, path, options.now),
      identity: openIdentity(connection),
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

/** From here until it is closed the note beside the database says that it is open, however this program ends. */
function openNoted(path: string, options: SqliteOptions) {
  const isNew = !existsSync(path);
  const { fault, ...known } = readNote(path);
  if (!isNew && !known.unchecked) writeNote(path, { ...known, unchecked: true });
  // Once more if it was damaged: what was brought back may lie in its place.
  const whole = fault !== undefined;
  const handle = openDatabase(path, { ...options, whole, beforeMigration: keepBefore });
  if (isNew || whole) writeNote(path, isNew ? { unchecked: true } : { ...known, unchecked: true });
  return { handle, isUnread: !isNew && !whole && known.unchecked && isLarge(path) };
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
    const path = join(folder, databaseName);
    const { fault } = readNote(path);
    if (fault !== undefined) throw damaged(path, fault);
    const connection = openConnection(openBeside(path));
    return { accounts: openAccounts(connection, options.now), close: async () => connection.close() };
  }
}
