// Titles as they are being typed, kept in the same moment: what a page tells IndexedDB with its last letter may not get there before the
// page is gone. Holds them only until they are in the queue.
import type { Owner } from './owner.ts';

export interface TypedTitles {
  put(id: string, title: string): void;
  /** It is in the queue now. What was typed since stays. */
  written(id: string, title: string): void;
  /** What is not in the queue yet, of whomever, by the id of its item. */
  list(): readonly (readonly [id: string, title: string])[];
}

type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

// An entry for each, so that two tabs do not write over each other's.
const prefix = 'sajin.typed-title.';

const forAll = 'all of ';

/** Under which id the title is kept that is typed for all. */
export const idForAll = (owner: Owner): string => `${forAll}${owner}`;

/** Whose title for all is kept under that id; undefined when it is the id of an item. */
export const ownerOfAll = (id: string): string | undefined =>
  id.startsWith(forAll) ? id.slice(forAll.length) : undefined;

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

// May be forbidden.
function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
