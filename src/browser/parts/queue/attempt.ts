// One item on its way: keeps its lease alive, writes down how far it is, and what came of it.
import { aftermath, unfinished } from './aftermath.ts';
import { type Delivery, deliver } from './delivery.ts';
import type { Link } from './link.ts';
import { leaseMs, renewMs } from './rules.ts';
import type { Changes, QueueItem, QueueStore } from './store.ts';

export type Means = Pick<Delivery, 'digest' | 'known' | 'httpStack'>;

export interface Attempt {
  readonly over: Promise<void>;
  /** Ends it; `lost` when the item is somebody else's by now and must not be touched. */
  stop(why: 'lost' | 'stopped'): void;
}

const noteMs = 400;

class Lost extends Error {}

/** @param item leased by `by` */
export function attempt(store: QueueStore, link: Link, item: QueueItem, by: string, means: Means): Attempt {
  const control = new AbortController();
  const diary = openDiary(store, item, by, () => control.abort(new Lost()));
  return {
    over: carry(store, link, diary, by, means, control.signal).finally(diary.close),
    stop: (why) => control.abort(why === 'lost' ? new Lost() : new Error('stopped')),
  };
}

async function carry(
  store: QueueStore,
  link: Link,
  diary: Diary,
  by: string,
  means: Means,
  signal: AbortSignal,
): Promise<void> {
  const { item } = diary;
  const chunkBytes = link.chunkBytes(item.size);
  try {
    const file = await store.file(item.id);
    const done = await deliver({
      ...means,
      item,
      file,
      chunkBytes,
      signal,
      note: diary.note,
      progress(sent) {
        if (diary.progress(sent)) link.works();
      },
    });
    link.works();
    await store.update(item.id, done, by);
  } catch (error) {
    if (error instanceof Lost || signal.reason instanceof Lost) return;
    const changes = signal.aborted
      ? unfinished(diary.item)
      : aftermath(error, diary.item, link, chunkBytes, Date.now());
    // A store that can't be written to now is read again later: the lease ends by itself.
    await store.update(item.id, changes, by).catch(() => undefined);
  }
}

interface Diary {
  /** As it was last written down. */
  readonly item: QueueItem;
  /** @throws Lost */
  note(changes: Changes): Promise<QueueItem>;
  /** Whether that is further than before. */
  progress(sent: number): boolean;
  close(): void;
}

function openDiary(store: QueueStore, first: QueueItem, by: string, lost: () => void): Diary {
  let item = first;
  let sent = first.sent;
  let isWriting = false;
  let isClosed = false;
  let writtenAt = 0;

  const note = async (changes: Changes) => {
    const noted = await store.update(first.id, { leasedUntil: Date.now() + leaseMs, ...changes }, by);
    if (noted === undefined) {
      lost();
      throw new Lost();
    }
    item = noted;
    return noted;
  };
  // Not for every packet: each note is a transaction, and is told to every tab.
  const beat = () => {
    if (isWriting || isClosed) return;
    isWriting = true;
    writtenAt = Date.now();
    const state = item.state === 'sending' && sent >= item.size ? 'checking' : item.state;
    void note({ sent, state })
      .catch(() => undefined)
      .finally(() => {
        isWriting = false;
      });
  };
  const renewing = setInterval(beat, renewMs);

  return {
    get item() {
      return item;
    },
    note,
    progress(bytes) {
      const isFurther = bytes > sent;
      sent = bytes;
      if (Date.now() - writtenAt >= noteMs || bytes >= first.size) beat();
      return isFurther;
    },
    close() {
      isClosed = true;
      clearInterval(renewing);
    },
  };
}
