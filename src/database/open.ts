// Opens the database file, or refuses without having touched it. Knows settings and damage, not photos.
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { applicationId, migrate, schemaVersion } from './migrations.ts';

/** The gallery must not start on this folder as it is. The message says what to do; `exitCode` is for the service manager. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
  /** sysexits.h: 78 EX_CONFIG (restarting will not help), 75 EX_TEMPFAIL. */
  readonly exitCode: 75 | 78;

  constructor(exitCode: 75 | 78, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Nobody can read it any more: another one may take its place. */
export class DatabaseDamaged extends StartRefused {}

/** 3.51.3 ends a bug that could lose committed data when two connections checkpoint at once (sqlite.org, WAL-reset). */
const oldestSafeSqlite = [3, 51, 3] as const;

/** Reading every page takes about a second for this much; a larger file is read after the start (health.ts), in a process of its own. */
const largestQuickCheckBytes = 256 * 1024 * 1024;

export const isLarge = (path: string): boolean => statSync(path).size > largestQuickCheckBytes;

export interface OpenOptions {
  /** False when the folder already holds photos: then a missing file is an accident, not a first start. */
  readonly mayCreate: boolean;
  /** Read all of it, however long that takes: it was found damaged before. */
  readonly whole?: boolean;
  /** Called with a database of an older Sajin, before it is brought to the present schema. */
  readonly beforeMigration?: (path: string, schema: number) => void;
}

/**
 * @throws StartRefused for a file that is empty, damaged, foreign, or written by a newer Sajin; the file stays as it is.
 */
export function openDatabase(
  path: string,
  { mayCreate, whole = false, beforeMigration }: OpenOptions,
): Database.Database {
  refuseNetworkFileSystem(dirname(path));
  if (existsSync(path)) inspectDatabase(path, { whole });
  else if (mayCreate) create(path);
  else throw missing(path);
  keepToOurselves(path);
  const database = new Database(path, { fileMustExist: true, timeout: 50 });
  try {
    configure(database);
    const schema = database.pragma('user_version', { simple: true }) as number;
    if (schema < schemaVersion) beforeMigration?.(path, schema);
    migrate(database);
    emptyLog(database);
    optimize(database);
    return database;
  } catch (error) {
    database.close();
    throw refusalOf(error, path);
  }
}

/** Hashes of passwords lie in it, and an earlier Sajin made it as the umask said. Somebody else's file stays as they made it. */
function keepToOurselves(path: string): void {
  for (const file of ['', '-wal', '-shm'].map((end) => path + end).filter(existsSync)) {
    if ((statSync(file).mode & 0o077) === 0) continue;
    try {
      chmodSync(file, 0o600);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) throw error;
    }
  }
}

/**
 * A second connection, beside the gallery that holds the folder: never makes, mends or migrates anything, so that what the lock promises
 * its holder stays true. Two connections that write are safe from SQLite 3.51.3 on (see above), each in BEGIN IMMEDIATE.
 * @throws StartRefused when the gallery that runs is of another version
 */
export function openBeside(path: string): Database.Database {
  const database = new Database(path, { fileMustExist: true, timeout: 50 });
  try {
    const version = database.pragma('user_version', { simple: true }) as number;
    if (version !== schemaVersion) throw otherVersion(path, version);
    configure(database);
    return database;
  } catch (error) {
    database.close();
    throw refusalOf(error, path);
  }
}

// statfs(2) types of NFS, SMB and CIFS: SQLite's locks and shared memory do not hold there.
const networkFileSystems = [0x6969, 0x517b, 0xff534d42, 0xfe534d42];

function refuseNetworkFileSystem(folder: string): void {
  if (!networkFileSystems.includes(statfsSync(folder).type >>> 0)) return;
  throw new StartRefused(
    78,
    `${folder} is on a network file system, where a database can be damaged. Set UPLOADS_DIR to a disk of this machine.`,
  );
}

// Made under another name first: a power cut during the very first start must not leave an empty file that is refused.
function create(path: string): void {
  const draft = `${path}.new`;
  for (const file of [draft, `${draft}-wal`, `${draft}-shm`, `${draft}-journal`])
    rmSync(file, { force: true });
  const database = new Database(draft);
  migrate(database);
  database.close();
  syncPath(draft);
  // The log of a database that was moved away belongs to that one: SQLite would lay it over the new file.
  for (const left of [`${path}-wal`, `${path}-shm`, `${path}-journal`]) {
    if (existsSync(left)) renameSync(left, `${left}.left-${Date.now()}`);
  }
  renameSync(draft, path);
  syncPath(dirname(path));
}

export function syncPath(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}

/**
 * Looks at the file without changing it or its log, which SQLite would replay and empty on an ordinary open and close.
 * @param whole every page and every index, however long that takes
 * @throws DatabaseDamaged, or StartRefused for a newer one
 */
export function inspectDatabase(path: string, { whole = false } = {}): void {
  if (statSync(path).size === 0) throw damaged(path, 'it is empty');
  const header = readHeader(path);
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0')
    throw damaged(path, 'it is not a SQLite file');
  // File format: user_version is at byte 60, application_id at byte 68, both big-endian.
  refuseForeign(path, header.readUInt32BE(60), header.readUInt32BE(68));
  const database = new Database(path, { readonly: true, fileMustExist: true });
  try {
    const number = (pragma: string) => database.pragma(pragma, { simple: true }) as number;
    refuseForeign(path, number('user_version'), number('application_id'));
    if (!whole && isLarge(path)) return;
    const faults = database.pragma(whole ? 'integrity_check(1)' : 'quick_check(1)', { simple: true });
    // Of one fault the last line says what it is.
    if (faults !== 'ok') throw damaged(path, String(faults).split('\n').at(-1) ?? '');
  } catch (error) {
    throw refusalOf(error, path);
  } finally {
    database.close();
  }
}

function refuseForeign(path: string, version: number, application: number): void {
  if (application !== applicationId) throw damaged(path, 'it belongs to another program');
  if (version > schemaVersion) throw newer(path, version);
}

function readHeader(path: string): Buffer {
  const header = Buffer.alloc(100);
  const file = openSync(path, 'r');
  try {
    readSync(file, header, 0, header.length, 0);
    return header;
  } finally {
    closeSync(file);
  }
}

function configure(database: Database.Database): void {
  expectPragma(database, 'journal_mode = WAL', 'wal');
  // Said on every open: better-sqlite3 is compiled so that WAL falls back to NORMAL, which may lose the last commits.
  database.pragma('synchronous = FULL');
  expectPragma(database, 'synchronous', 2);
  for (const pragma of [
    'foreign_keys = ON',
    'trusted_schema = OFF',
    'cell_size_check = ON',
    'mmap_size = 0',
    'temp_store = MEMORY',
    'cache_size = -32000',
    'wal_autocheckpoint = 1000',
    'journal_size_limit = 67108864',
  ]) {
    database.pragma(pragma);
  }
  const { version: sqlite } = database.prepare('SELECT sqlite_version() AS version').get() as {
    version: string;
  };
  if (isOlder(sqlite.split('.').map(Number))) throw new Error(`SQLite ${sqlite} is older than 3.51.3`);
}

// A log that a crash left may hold commits whose sync failed: they can be read, are on no disk, and what is committed after them would be
// lost with them. Written over and synced, they count. A full disk is no reason not to start: nothing is committed on it either.
function emptyLog(database: Database.Database): void {
  try {
    database.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_FULL') throw error;
  }
}

// Statistics for the query planner; a full disk is no reason not to start.
function optimize(database: Database.Database): void {
  try {
    database.pragma('optimize = 0x10002');
  } catch {
    // Tried again at the next start.
  }
}

function expectPragma(database: Database.Database, pragma: string, expected: string | number): void {
  const answer = database.pragma(pragma, { simple: true });
  if (answer !== expected) throw new Error(`PRAGMA ${pragma} answered ${String(answer)}, not ${expected}`);
}

function isOlder(version: readonly number[]): boolean {
  const at = oldestSafeSqlite.findIndex((part, index) => part !== version[index]);
  return at >= 0 && (version[at] ?? 0) < (oldestSafeSqlite[at] ?? 0);
}

/** What SQLite says when it can't open, in a sentence; anything else as it came. */
export function refusalOf(error: unknown, path: string): unknown {
  const code = error instanceof Database.SqliteError ? error.code : '';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return damaged(path, 'it is corrupt');
  if (code === 'SQLITE_FULL') {
    return new StartRefused(
      75,
      `${path} can't be opened: the disk is full. Free some space and start again.`,
    );
  }
  if (/^SQLITE_(READONLY|CANTOPEN|IOERR)/.test(code)) return unwritable(path);
  return error;
}

export const unwritable = (path: string) =>
  new StartRefused(
    78,
    `${path} can't be written. Look at its disk and at who owns the folder, then start again.`,
  );

export const damaged = (path: string, why: string) =>
  new DatabaseDamaged(
    78,
    `${path} can't be used: ${why}. Nothing was changed. Bring a backup back with "sajin restore", or make a new database from the photos and what is written beside them with "sajin rebuild".`,
  );

const missing = (path: string) =>
  new StartRefused(
    78,
    `${path} is missing although there are photos of a gallery beside it. Put the database back (is the disk mounted?), bring a backup back with "sajin restore", or make a new database from the photos and what is written beside them with "sajin rebuild", or by starting with --init.`,
  );

const otherVersion = (path: string, version: number) =>
  new StartRefused(
    75,
    `${path} is in use by a Sajin of another version (schema ${version}, this one knows ${schemaVersion}). Nothing was changed. Restart the gallery with this version first.`,
  );

const newer = (path: string, version: number) =>
  new StartRefused(
    78,
    `${path} was written by a newer Sajin (schema ${version}, this one knows ${schemaVersion}). Nothing was changed. Start that newer version.`,
  );
