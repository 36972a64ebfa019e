// Taking pictures out of the queue, with a way back for a while: a shot that waits here may be the only copy. Until the time is over they
// lie paused in the store, so that a page which is closed meanwhile loses nothing.
import { cancel, pause } from './acts.ts';
import type { QueueItem, QueueStore } from './store.ts';

const undoMs = 10_000;

export interface TakingOut {
  /** Whether it is on its way out, and so not shown. */
  isLeaving(id: string): boolean;
  takeOut(items: readonly QueueItem[]): Promise<void>;
  undo(): Promise<void>;
}

export interface Told {
  /** Not to be shown any more. */
  left(id: string): void;
  /** Is there again. */
  back(item: QueueItem): void;
  /** These may come back; none when the time is over. */
  mayComeBack(items: readonly QueueItem[]): void;
}

/** @param later what is done when the time is over; with its delay, for tests */
export function openTakingOut(
  store: QueueStore,
  told: Told,
  later: (work: () => void, delayMs: number) => unknown = setTimeout,
): TakingOut {
  let leaving = new Map<string, QueueItem>();
  let turn = 0;

  const removeAll = async (items: Iterable<QueueItem>) => {
    for (const item of items) await cancel(store, item).catch(() => undefined);
  };
  return {
    isLeaving: (id) => leaving.has(id),
    async takeOut(items) {
      for (const item of items) {
        leaving.set(item.id, item);
        told.left(item.id);
      }
      // What was refused when it was chosen is only a line here, and what is sent is in the gallery.
      const losable = items.filter(({ state, isOnlyListed }) => state !== 'sent' && isOnlyListed !== true);
      await Promise.all(losable.filter(isSending).map((item) => pause(store, item)));
      await removeAll(items.filter((item) => !losable.includes(item)));
      turn += 1;
      const mine = turn;
      told.mayComeBack([...leaving.values()]);
      later(() => {
        // Something else was taken out meanwhile: they go together.
        if (mine !== turn) return;
        const gone = leaving;
        told.mayComeBack([]);
        void removeAll(gone.values()).finally(() => {
          for (const id of gone.keys()) leaving.delete(id);
        });
      }, undoMs);
    },
    async undo() {
      turn += 1;
      const back = leaving;
      leaving = new Map();
      told.mayComeBack([]);
      for (const item of back.values()) {
        const { state, code, reason } = item;
        const isGoing = isSending(item);
        const same = await store.update(item.id, isGoing ? { state: 'waiting' } : { state, code, reason });
        if (same !== undefined) told.back(same);
      }
    },
  };
}

const isSending = ({ state }: QueueItem) => ['waiting', 'sending', 'checking'].includes(state);
