// Titles as they are being typed, kept in the same moment: what a page tells IndexedDB with its last letter may not get there before the
// page is gone. Holds them only until they are in the queue.
import type { QueueStore } from './store.ts';

export interface TypedTitles {
  put(id: string, title: string): void;
  /** It is in the queue now. What was typed since stays. */
  written(id: string, title: string): void;
  /** What is not in the queue yet, by the id of its item. */
  list(): readonly (readonly [id: string, title: string])[];
}

type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

// An entry for each, so that two tabs do not write over each other's.
const prefix = 'sajin.typed-title.';

export function openTypedTitles(kept: Kept | undefined = storage()): TypedTitles {
  return {
    put(id, title) {
      try {
        kept?.setItem(prefix + id, title);
      } catch {
        // No room: it is in the queue after the next rest all the same.
      }
    },
    written(id, title) {
      if (kept?.getItem(prefix + id) === title) kept.removeItem(prefix + id);
    },
    list() {
      const keys = Array.from({ length: kept?.length ?? 0 }, (_, at) => kept?.key(at) ?? '');
      return keys
        .filter((key) => key.startsWith(prefix))
        .map((key) => [key.slice(prefix.length), kept?.getItem(key) ?? ''] as const);
    },
  };
}

/** What was typed on a page that went too quickly is put into the queue. */
export async function takeUpTyped(
  store: Pick<QueueStore, 'update'>,
  titles: TypedTitles = openTypedTitles(),
): Promise<void> {
  for (const [id, title] of titles.list()) {
    // Also of an item that is there no more: it needs no title.
    await store.update(id, { title });
    titles.written(id, title);
  }
}

// May be forbidden.
function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
