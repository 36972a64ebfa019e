// Whether the disk, and the database on it, may still be believed. When a sync fails, the kernel may drop what it could not write and
// call the next sync a success (PostgreSQL's "fsyncgate"). So nothing is written any more from then on, until the program has started again and read what is really there.
import { GalleryError } from './errors.ts';

export interface DiskTrust {
  /** Aborted for good when a sync has failed, or the database was found damaged. */
  readonly lost: AbortSignal;
  /** @throws GalleryError `read-only` once a sync has failed, `database-damaged` for what that says */
  expect(): void;
  /** A sync has failed, or what a GalleryError says: returns how this is told to whoever wanted to write. */
  lose(cause: unknown): GalleryError;
}

export function openDiskTrust(): DiskTrust {
  const abort = new AbortController();
  return {
    lost: abort.signal,
    expect() {
      if (abort.signal.aborted) throw readOnly(abort.signal.reason);
    },
    lose(cause) {
      if (!abort.signal.aborted) abort.abort(cause);
      return readOnly(cause);
    },
  };
}

export const readOnly = (cause: unknown): GalleryError =>
  cause instanceof GalleryError
    ? cause
    : new GalleryError(
        'read-only',
        'The disk has failed to keep what was written. Nothing more is taken until Sajin has started again; try again in a minute.',
        {},
        { cause },
      );
