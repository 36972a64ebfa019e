// One program per folder. The lock is SQLite's own on a file of its own, so that the kernel frees it however we end.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { refusalOf, StartRefused } from './open.ts';

/** @returns the release. @throws StartRefused (75) when another program has the folder. */
export function lockFolder(folder: string): () => void {
  const pidFile = join(folder, 'gallery.pid');
  const lock = openLock(join(folder, 'gallery.lock'));
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!(error instanceof Database.SqliteError) || !error.code.startsWith('SQLITE_BUSY'))
      throw refusalOf(error, folder);
    throw new StartRefused(
      75,
      `${folder} is in use by another Sajin (process ${readPid(pidFile)}). Stop that one first, or set another UPLOADS_DIR.`,
    );
  }
  notePid(pidFile);
  return () => lock.close();
}

function openLock(path: string): Database.Database {
  try {
    return new Database(path, { timeout: 0 });
  } catch (error) {
    throw refusalOf(error, path);
  }
}

// For the sentence above only.
function notePid(file: string): void {
  try {
    writeFileSync(file, `${process.pid}\n`);
  } catch {
    // Whoever comes second then reads no number.
  }
}

function readPid(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
