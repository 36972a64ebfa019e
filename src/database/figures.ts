// How the database is, in numbers, for whoever watches the program.
import { stat } from 'node:fs/promises';
import type { Connection } from './connection.ts';

export interface DatabaseFigures {
  /** Rows; at most a minute old, since counting reads a whole index. */
  photos(): Promise<number>;
  bytes(): Promise<number>;
  /** 0 without a log. */
  walBytes(): Promise<number>;
  /** Since the start. */
  busyRetries(): number;
}

const countedForMs = 60_000;

/** @param path of the database file. */
export function openFigures(
  { handle, read, revision, busyRetries }: Connection,
  path: string,
  now: () => number,
): DatabaseFigures {
  const count = handle.prepare<[], number>('SELECT count(*) FROM photos').pluck();
  let counted: { readonly photos: number; readonly at: number; readonly revision: number } | undefined;
  return {
    async photos() {
      const isFresh = counted !== undefined && Math.abs(now() - counted.at) < countedForMs;
      if (counted === undefined || (counted.revision !== revision() && !isFresh)) {
        const photos = await read(() => count.get() ?? 0);
        counted = { photos, at: now(), revision: revision() };
      }
      return counted.photos;
    },
    bytes: async () => (await stat(path)).size,
    walBytes: () =>
      stat(`${path}-wal`).then(
        ({ size }) => size,
        () => 0,
      ),
    busyRetries,
  };
}
