// Removes what a crash may leave: files that no row points to, and uploads that never became photos. Never a row.
import type { KeyedLock } from './keyed-lock.ts';
import { digestOf } from './media.ts';
import type { Inbox, MediaStore, PhotoDatabase } from './ports.ts';

export interface ReconcileParts {
  readonly inbox: Inbox;
  readonly media: MediaStore;
  readonly photos: PhotoDatabase;
  readonly lockOriginal: KeyedLock;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Younger files may belong to an upload that is still under way. */
const graceMs = 60 * 60 * 1000;

/** Unfinished uploads older than an hour; returns how many went. */
export function sweepInbox({ inbox }: ReconcileParts): Promise<number> {
  return inbox.sweep(graceMs);
}

/** Files without a row, older than an hour; returns how many went. Reads every file name: not for every minute. */
export async function removeOrphans(
  { media, photos, lockOriginal, now }: ReconcileParts,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0;
  for (const kind of ['originals', 'renditions'] as const) {
    for await (const { key, modifiedAt } of media.list(kind)) {
      if (signal.aborted) return removed;
      const sha256 = digestOf(key);
      if (sha256 === undefined || now() - modifiedAt.getTime() < graceMs) continue;
      await lockOriginal(sha256, async () => {
        if (await photos.hasOriginal(sha256)) return;
        await media.remove(key);
        removed += 1;
      });
    }
  }
  return removed;
}
