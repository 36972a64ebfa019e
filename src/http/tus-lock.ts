// Who may write to an unfinished upload: one request at a time, and the newer one asks the older to end, for a phone that comes back
// has lost the old connection. tus-node-server's own locker asks again at every turn of the event loop while it waits.
import type { Locker, RequestRelease } from '@tus/server';
import { GalleryError } from '../gallery/errors.ts';

interface Waiting {
  readonly requestRelease: RequestRelease;
  take(): void;
}

/** @param patienceMs how long to wait for the one before; then `busy`. */
export function openLocker(patienceMs = 20_000): Locker {
  const lines = new Map<string, Waiting[]>();
  const begin = (line: readonly Waiting[]) => {
    line[0]?.take();
    // Others wait already: whoever comes first is not to take long.
    if (line.length > 1) void line[0]?.requestRelease();
  };
  return {
    newLock(id) {
      let mine: Waiting | undefined;
      const leave = () => {
        const line = lines.get(id) ?? [];
        const at = mine === undefined ? -1 : line.indexOf(mine);
        if (at < 0) return;
        line.splice(at, 1);
        if (line.length === 0) lines.delete(id);
        else if (at === 0) begin(line);
      };
      return {
        lock: (signal, requestRelease) =>
          new Promise((resolve, reject) => {
            const giveUp = () => {
              clearTimeout(timer);
              leave();
              reject(
                new GalleryError('busy', 'Another request is writing to this upload; try again in a moment.'),
              );
            };
            const timer = setTimeout(giveUp, patienceMs);
            signal.addEventListener('abort', giveUp, { once: true });
            const line = lines.get(id) ?? [];
            lines.set(id, line);
            mine = {
              requestRelease,
              take() {
                clearTimeout(timer);
                signal.removeEventListener('abort', giveUp);
                resolve();
              },
            };
            line.push(mine);
            if (line.length === 1) mine.take();
            else void line[0]?.requestRelease();
          }),
        unlock: async () => leave(),
      };
    },
  };
}
