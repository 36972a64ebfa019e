// What is known of the database without opening it: `gallery.check` beside it. A damage can't be written into what is damaged.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { syncPath } from './open.ts';

export interface CheckNote {
  /** It is open, or was not closed when its program ended, and was not read as a whole since. */
  readonly unchecked: boolean;
  /** When all of it, indexes too, was last read and in order. Milliseconds since 1970. */
  readonly checkedAt?: number;
  /** What was wrong with it. */
  readonly fault?: string;
}

const noteOf = (path: string) => join(dirname(path), 'gallery.check');

/** Of a database that no Sajin with such notes has opened: nothing is known. */
export function readNote(path: string): CheckNote {
  try {
    const { unchecked, checkedAt, fault } = JSON.parse(readFileSync(noteOf(path), 'utf8')) as CheckNote;
    return {
      unchecked: unchecked !== false,
      ...(typeof checkedAt === 'number' ? { checkedAt } : {}),
      ...(typeof fault === 'string' ? { fault } : {}),
    };
  } catch {
    return { unchecked: true };
  }
}

/** Durably. On a full disk the old one stays: at worst the database is read once more than it need be, or once less. */
export function writeNote(path: string, note: CheckNote): void {
  const draft = `${noteOf(path)}.new`;
  try {
    const file = openSync(draft, 'w', 0o600);
    try {
      writeFileSync(file, `${JSON.stringify(note)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, noteOf(path));
    syncPath(dirname(path));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT'].includes(String(error.code))))
      throw error;
  }
}
