// Titles as they are being typed, kept in the same moment: what a page tells IndexedDB with its last letter may not get there before the
// page is gone. Holds them only until they are in the queue.
import type { Owner } from './owner.ts';
import type { QueueStore } from './store.ts';
import { titledByHand, titledWithAll } from './titles.ts';

export interface TypedTitles {
  put(id: string, title: string): void;
  /** It is in the queue now. What was typed since stays. */
  written(id: string, title: string): void;
  /** What is not in the queue yet, by the id of its item. @param owner somebody else's title for all is not listed */
  list(owner: Owner): readonly (readonly [id: string, title: string])[];
}

type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

// An entry for each, so that two tabs do not write over each other's.
const prefix = 'sajin.typed-title.';

const forAll = 'all of ';

/** Under which id the title is kept that is typed for all. */
export const idForAll = (owner: Owner): string => `${forAll}${owner}`;

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
    list(owner) {
      const keys = Array.from({ length: kept?.length ?? 0 }, (_, at) => kept?.key(at) ?? '');
      return keys
        .filter((key) => key.startsWith(prefix))
        .map((key) => [key.slice(prefix.length), kept?.getItem(key) ?? ''] as const)
        .filter(([id]) => !id.startsWith(forAll) || id === idForAll(owner));
    },
  };
}

/** What was typed on a page that went too quickly is put into the queue. */
export async function takeUpTyped(
  store: Pick<QueueStore, 'owner' | 'update' | 'updateAll'>,
  titles: TypedTitles = openTypedTitles(),
): Promise<void> {
  for (const [id, title] of titles.list(store.owner)) {
    // Also of an item that is there no more: it needs no title.
    if (id === idForAll(store.owner)) await store.updateAll((item) => titledWithAll(item, title));
    else await store.update(id, titledByHand(title));
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
