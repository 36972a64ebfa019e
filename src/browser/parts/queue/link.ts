// What one sender knows of its connection. A broken one is broken for every item: one finds out, the others wait with it.
import { pauseMs } from './rules.ts';

const wholeUpTo = 16 * 1024 * 1024;
const piece = 8 * 1024 * 1024;
// nginx lets 1 MB through unless it is told otherwise.
const smallPiece = 900 * 1024;

export interface Link {
  readonly restUntil: number;
  works(): void;
  /** Nobody tries before the returned time. */
  breaks(now: number): number;
  /** Something between here and the server did not let pieces of that size through. False when there are no smaller ones to try. */
  narrows(chunkBytes: number): boolean;
  chunkBytes(size: number): number;
}

export function openLink(random: () => number): Link {
  let breaks = 0;
  let restUntil = 0;
  let isNarrow = false;
  return {
    get restUntil() {
      return restUntil;
    },
    works() {
      breaks = 0;
      restUntil = 0;
    },
    breaks(now) {
      // Three requests that are cut together are one break.
      if (restUntil <= now) {
        restUntil = now + pauseMs(breaks, random());
        breaks += 1;
      }
      return restUntil;
    },
    narrows(chunkBytes) {
      isNarrow = true;
      return chunkBytes > smallPiece;
    },
    chunkBytes: (size) => (isNarrow ? smallPiece : size > wholeUpTo ? piece : Number.POSITIVE_INFINITY),
  };
}
