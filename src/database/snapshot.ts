// A copy of the database as it is at one moment, beside whoever writes to it; and what such a copy holds.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import type { Original } from '../gallery/copy-originals.ts';
import { mediaTypes, type Sha256 } from '../gallery/photo.ts';
import { damaged, inspectDatabase, refusalOf, StartRefused, syncPath } from './open.ts';

export interface SnapshotFacts {
  readonly schema: number;
  readonly photos: number;
  /** Each once, however many photos have it. */
  readonly originals: readonly Original[];
}

/**
 * `target` is a file without a log, whole and synced, or not there at all. VACUUM INTO reads in one transaction, so that no writer makes
 * it begin anew, as the pages of a backup would.
 * @throws StartRefused when the database can't be read
 */
export function takeSnapshot(path: string, target: string): SnapshotFacts {
  try {
    const source = new Database(path, { readonly: true, fileMustExist: true, timeout: 5_000 });
    try {
      source.prepare('VACUUM INTO ?').run(target);
    } finally {
      source.close();
    }
    syncPath(target);
    return examineSnapshot(target);
  } catch (error) {
    rmSync(target, { force: true });
    throw refusalOf(error, path);
  }
}

/**
 * Before another Sajin changes what an older one wrote: a verified copy in `backups/` beside the database, one for each update.
 * @throws StartRefused when there is no room for it; then nothing was changed
 */
export function keepBefore(path: string, schema: number): void {
  const folder = join(dirname(path), 'backups');
  const draft = join(folder, `.draft-schema-${schema}`);
  const moment = new Date().toISOString().replace(/\..*$/, '').replaceAll(/[-:]/g, '');
  try {
    mkdirSync(folder, { recursive: true });
    rmSync(draft, { force: true });
    takeSnapshot(path, draft);
    renameSync(draft, join(folder, `gallery-before-update-from-schema-${schema}-${moment}.db`));
    syncPath(folder);
  } catch (error) {
    if (error instanceof StartRefused) throw error;
    throw noCopy(folder, error);
  }
}

const copyName = /^gallery-before-update-from-schema-\d+-(\w+)\.db$/;
const keptCopies = 3;

/**
 * Call when an update has come through: the latest three copies stay, whichever schema they are of. One that can't be removed now is no
 * reason not to start.
 */
export function pruneCopies(path: string): void {
  const folder = join(dirname(path), 'backups');
  if (!existsSync(folder)) return;
  const momentOf = (name: string) => copyName.exec(name)?.[1] ?? '';
  const copies = readdirSync(folder).filter((name) => copyName.test(name));
  copies.sort((a, b) => (momentOf(a) < momentOf(b) ? 1 : -1));
  for (const name of copies.slice(keptCopies)) {
    try {
      rmSync(join(folder, name));
    } catch {
      // The next start tries again.
    }
  }
}

const noCopy = (folder: string, error: unknown) =>
  new StartRefused(
    75,
    `A copy of the database must be kept in ${folder} before this Sajin changes it, and that can't be written (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'}). Nothing was changed. Free some space, or look at who owns the folder, then start again.`,
  );

/** Reads every page and every index. @throws DatabaseDamaged; StartRefused for one of a newer Sajin */
export function examineSnapshot(path: string): SnapshotFacts {
  inspectDatabase(path, { whole: true });
  return reading(path, (database) => {
    expectDigests(path, database);
    return {
      schema: database.pragma('user_version', { simple: true }) as number,
      photos: database.prepare<[], number>('SELECT count(*) FROM photos').pluck().get() ?? 0,
      originals: database
        .prepare<[], Original>('SELECT DISTINCT sha256, bytes, type FROM photos ORDER BY sha256')
        .all(),
    };
  });
}

/** Files are called by these: what is no digest would lead out of the folder, and SQLite takes rows for good that its own checks refuse. */
function expectDigests(path: string, database: Database.Database): void {
  const types = mediaTypes.map((type) => `'${type}'`).join(', ');
  const strange = database
    .prepare(
      `SELECT 1 FROM (SELECT sha256, type FROM photos UNION ALL SELECT sha256, type FROM removed)
       WHERE typeof(sha256) <> 'text' OR length(sha256) <> 64 OR sha256 GLOB '*[^0-9a-f]*' OR type NOT IN (${types}) LIMIT 1`,
    )
    .get();
  if (strange !== undefined) throw damaged(path, 'it names files as no Sajin does');
}

/** Which gallery it is; undefined for one that an older Sajin wrote, which has not been opened since. */
export function galleryIdOf(path: string): string | undefined {
  return reading(path, (database) => {
    const columns = database.pragma('table_info(gallery)') as { readonly name: string }[];
    if (!columns.some(({ name }) => name === 'id')) return undefined;
    return database.prepare<[], string>('SELECT id FROM gallery').pluck().get();
  });
}

/** Is a photo of the one also in the other? Ids are of one gallery, whatever its pictures are. */
export function sharePhotos(path: string, other: string): boolean {
  return reading(path, (database) =>
    reading(other, (second) => {
      const has = database.prepare<[string], 1>('SELECT 1 FROM photos WHERE id = ?').pluck();
      const ids = second.prepare<[], string>('SELECT id FROM photos ORDER BY id DESC').pluck();
      for (const id of ids.iterate()) if (has.get(id) !== undefined) return true;
      return false;
    }),
  );
}

/** Those of these originals that photos of the database have. */
export function stillPresent(path: string, digests: readonly Sha256[]): ReadonlySet<Sha256> {
  return reading(path, (database) => {
    const has = database.prepare<[Sha256], number>('SELECT 1 FROM photos WHERE sha256 = ?').pluck();
    return new Set(digests.filter((sha256) => has.get(sha256) !== undefined));
  });
}

/** Takes photos out of a snapshot that were removed while their originals were being copied. */
export function dropPhotos(path: string, digests: readonly Sha256[]): SnapshotFacts {
  const database = new Database(path, { fileMustExist: true });
  try {
    database.pragma('foreign_keys = ON');
    const drop = database.prepare<[Sha256]>('DELETE FROM photos WHERE sha256 = ?');
    database.transaction(() => {
      for (const sha256 of digests) drop.run(sha256);
    })();
  } finally {
    database.close();
  }
  syncPath(path);
  return examineSnapshot(path);
}

/** @throws StartRefused when the database can't be read */
export function reading<T>(path: string, read: (database: Database.Database) => T): T {
  const database = new Database(path, { readonly: true, fileMustExist: true, timeout: 5_000 });
  try {
    return read(database);
  } catch (error) {
    throw refusalOf(error, path);
  } finally {
    database.close();
  }
}
