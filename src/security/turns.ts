// Lets a few at a time do something dear, in the order they came. Refuses whoever would have to wait behind too many, or has too many
// waiting already.
import { openShares, type Place, type Share } from './shares.ts';

export interface Turns {
  /**
   * Resolves with the release, whose second call does nothing. Rejects TurnRefused at once when too many wait already; when the
   * signal is aborted before one's turn, with its reason.
   * @param shares of the places to wait in
   */
  take(signal: AbortSignal, shares?: readonly Share[]): Promise<() => void>;
}

/** It may work later; the caller says so in its own words. */
export class TurnRefused extends Error {
  override readonly name = 'TurnRefused';
  readonly code = 'busy';
}

interface Waiter {
  readonly begin: () => void;
}

export function openTurns({ atOnce, mostWaiting }: { atOnce: number; mostWaiting: number }): Turns {
  const waiting: Waiter[] = [];
  const places = openShares(mostWaiting);
  let running = 0;

  const release = () => {
    running -= 1;
    waiting.shift()?.begin();
  };
  const begin = () => {
    running += 1;
    return once(release);
  };

  return {
    async take(signal, shares = []) {
      signal.throwIfAborted();
      // Nobody waits then: a release begins the next turn at once.
      if (running < atOnce) return begin();
      const place: Place | undefined = places.take(shares);
      if (place === undefined) throw new TurnRefused(`${waiting.length} are waiting already`);
      return await new Promise((resolve, reject) => {
        const waiter: Waiter = {
          begin() {
            place();
            signal.removeEventListener('abort', giveUp);
            resolve(begin());
          },
        };
        const giveUp = () => {
          place();
          waiting.splice(waiting.indexOf(waiter), 1);
          reject(signal.reason as Error);
        };
        signal.addEventListener('abort', giveUp, { once: true });
        waiting.push(waiter);
      });
    },
  };
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}
