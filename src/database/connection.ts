// One connection, its writes one at a time, and SQLite's codes in the gallery's words. Knows no table but the revision.
import Database from 'better-sqlite3';
import { type DiskTrust, openDiskTrust } from '../gallery/disk-trust.ts';
import { GalleryError } from '../gallery/errors.ts';

export interface Connection {
  readonly handle: Database.Database;
  /**
   * Runs `work` in one BEGIN IMMEDIATE transaction; waits off the event loop while another process holds the lock. Rejects `read-only`
   * when its sync fails, and ever after.
   */
  write<T>(work: () => T): Promise<T>;
  read<T>(work: () => T): Promise<T>;
  /** Call inside `write`: says that somebody could now see something else. */
  touch(): void;
  revision(): number;
  /** How often it was locked and tried again since it was opened. */
  busyRetries(): number;
  close(): void;
}

const longestWaitMs = 5_000;

/**
 * Takes over the handle: closing the connection closes it.
 * @param trust shared with whoever else writes to that disk
 */
export function openConnection(handle: Database.Database, trust: DiskTrust = openDiskTrust()): Connection {
  const bump = handle.prepare<[], { revision: number }>(
    'UPDATE gallery SET revision = revision + 1 RETURNING revision',
  );
  let revision = (handle.prepare('SELECT revision FROM gallery').get() as { revision: number }).revision;
  let touched: number | undefined;
  let retries = 0;

  const attempt = <T>(work: () => T): T => {
    trust.expect();
    touched = undefined;
    const result = committed(() => handle.transaction(work).immediate());
    // Only after the commit: a rolled-back change was never visible.
    revision = touched ?? revision;
    return result;
  };

  // SQLite says that a sync failed, not why: a disk that is full is told as SQLITE_FULL, before.
  const committed = <T>(commit: () => T): T => {
    try {
      return commit();
    } catch (error) {
      throw isOfSync(error) ? trust.lose(error) : error;
    }
  };

  const countRetry = () => {
    retries += 1;
  };

  return {
    handle,
    write: (work) => retryWhileBusy(() => attempt(work), countRetry),
    read: (work) => retryWhileBusy(work, countRetry),
    touch() {
      touched = bump.get()?.revision;
    },
    revision: () => revision,
    busyRetries: () => retries,
    close() {
      if (!handle.open) return;
      try {
        trust.expect();
        handle.pragma('optimize');
      } catch {
        // Statistics only: a full disk must not keep the database open, and one that is not trusted gets no more writes.
      }
      handle.close();
    },
  };
}

// better-sqlite3 blocks the event loop for its busy timeout, so that is short and the waiting happens here.
async function retryWhileBusy<T>(work: () => T, onRetry: () => void): Promise<T> {
  const giveUpAt = performance.now() + longestWaitMs;
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 2, 200)) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error)) throw translate(error);
      if (performance.now() > giveUpAt) {
        throw new GalleryError('busy', 'The database is busy; try again in a moment.', {}, { cause: error });
      }
      onRetry();
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

const isOfSync = (error: unknown) =>
  error instanceof Database.SqliteError && /^SQLITE_IOERR_(DIR_)?FSYNC$/.test(error.code);

const isBusy = (error: unknown) =>
  error instanceof Database.SqliteError &&
  (error.code.startsWith('SQLITE_BUSY') || error.code.startsWith('SQLITE_LOCKED'));

function translate(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  if (error.code === 'SQLITE_FULL') {
    return new GalleryError(
      'disk-full',
      'The disk is full; free some space and try again.',
      {},
      { cause: error },
    );
  }
  if (/^SQLITE_(IOERR|CORRUPT|CANTOPEN|READONLY|NOTADB)/.test(error.code)) {
    return new GalleryError(
      'unavailable',
      "The database can't be read or written; look at its disk.",
      {},
      { cause: error },
    );
  }
  return error;
}
