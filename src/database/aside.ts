// Makes room for another database: what lies there is moved aside, whole and under a name that says when, and never deleted.
import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseDamaged, inspectDatabase, StartRefused, syncPath } from './open.ts';

/** Beside the database itself; under its new name SQLite finds them again. */
const companions = ['-wal', '-shm', '-journal'];

/**
 * Call when this process alone holds the folder. Returns the new path; undefined when there was nothing.
 * @throws StartRefused, with everything as it was, for a database that is in order, or was written by a newer Sajin
 */
export function setDamagedAside(path: string, now: () => number): string | undefined {
  expectDamaged(path);
  return setAside(path, now);
}

/** @throws StartRefused for a database that is in order, or was written by a newer Sajin */
export function expectDamaged(path: string): void {
  if (existsSync(path) && damageOf(path) === undefined) throw inOrder(path);
}

function setAside(path: string, now: () => number): string | undefined {
  const aside = `${path}.aside-${new Date(now()).toISOString().replace(/\..*$/, '').replaceAll(/[-:]/g, '')}`;
  const there = ['', ...companions].filter((end) => existsSync(path + end));
  for (const end of there) renameSync(path + end, aside + end);
  syncPath(dirname(path));
  return there.length === 0 ? undefined : aside;
}

function damageOf(path: string): DatabaseDamaged | undefined {
  try {
    inspectDatabase(path, { whole: true });
    return undefined;
  } catch (error) {
    if (error instanceof DatabaseDamaged) return error;
    throw error;
  }
}

const inOrder = (path: string) =>
  new StartRefused(
    78,
    `${path} is in order, and another one would know less. Nothing was changed. If you mean it, move it away first, together with its -wal and -shm files.`,
  );
