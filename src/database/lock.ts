// One program per folder. The lock is SQLite's own on a file of its own, so that the kernel frees it however we end.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { StartRefused } from './open.ts';

/** @returns the release. @throws StartRefused (75) when another program has the folder. */
export function lockFolder(folder: string): () => void {
  const pidFile = join(folder, 'gallery.pid');
  const lock = new Database(join(folder, 'gallery.lock'), { timeout: 0 });
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!(error instanceof Database.SqliteError) || !error.code.startsWith('SQLITE_BUSY')) throw error;
    throw new StartRefused(
      75,
      `${folder} is in use by another Sajin (process ${readPid(pidFile)}). Stop that one first, or set another UPLOADS_DIR.`,
    );
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  return () => lock.close();
}

function readPid(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
