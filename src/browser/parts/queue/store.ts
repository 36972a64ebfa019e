// The upload queue as it is kept: what is still to be sent, and how far it is. Survives reload, crash and restart; sends nothing itself.
// Works in pages, workers and service workers.
import { askForSync } from './background-sync.ts';
import { openKeptItems } from './kept-items.ts';
import { openMemoryItems } from './memory-items.ts';
import { draftsOf } from './rules.ts';

export interface QueueItem {
  /** Sorts by the time it was added. */
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly addedAt: number;
  readonly title: string;
  /** `sent` is acknowledged: the server has it on its disk. `refused` is for good, `failed` waits for a person; both keep their bytes. */
  readonly state: 'waiting' | 'sending' | 'checking' | 'sent' | 'paused' | 'failed' | 'refused';
  /** Bytes that the server has, as far as known. */
  readonly sent: number;
  readonly uploadUrl?: string;
  readonly sha256?: string;
  /** The path of the photo it became, `/photos/<id>`. */
  readonly photo?: string;
  readonly duplicate?: boolean;
  /** A sentence for the reader. */
  readonly reason?: string;
  /** Why it waits or failed: `no-connection`, `signed-out`, `busy`, `server`, `disk-full`, `narrow`, `file-gone`, or the code of the server's answer. */
  readonly code?: string;
  readonly tries: number;
  readonly nextTryAt?: number;
  readonly leasedBy?: string;
  readonly leasedUntil?: number;
  /** The title that the server was given; another one is still owed to it. */
  readonly sentTitle?: string;
  /** What a file that is chosen twice has in common with itself. */
  readonly choice?: string;
  /** Refused when it was chosen: its bytes are where they were, not here. */
  readonly isOnlyListed?: boolean;
  /** Only whoever sends it is to see it; for everybody who may look if absent, as in items from before there was a choice. */
  readonly isPrivate?: boolean;
}

/** `undefined` takes the field away. */
export type Changes = { readonly [F in keyof QueueItem]?: QueueItem[F] | undefined };

export interface NewFile {
  readonly file: Blob;
  readonly name: string;
  readonly title?: string;
  readonly isPrivate?: boolean;
  /** Kept at once, sent by nobody before this time: it may still be taken back. */
  readonly notBefore?: number;
  /** Kept, but sent only when a person says so. */
  readonly isPaused?: boolean;
  /** The sentence and code of a refusal: it is listed, its bytes are not kept and never sent. */
  readonly refused?: { readonly reason: string; readonly code: string };
}

export interface Change {
  readonly put: readonly QueueItem[];
  readonly removed: readonly string[];
}

export interface QueueStore {
  /** False when nothing outlives this page, as in some private windows or on a full disk. */
  readonly isKept: boolean;
  /** Resolves when all of it is kept. A file that is chosen again while it is unfinished is the same item, tried again if it had stopped. */
  add(files: Iterable<NewFile>): Promise<QueueItem[]>;
  /** Oldest first. Loads no bytes of files. */
  list(): Promise<QueueItem[]>;
  /** Undefined once it was sent, and for what was refused when it was chosen. */
  file(id: string): Promise<Blob | undefined>;
  /**
   * Undefined when there is no such item, when `by` is given and does not hold its lease, or when it was `sent` and would no longer be.
   * An item that becomes `sent` loses its bytes in the same transaction.
   */
  update(id: string, changes: Changes, by?: string): Promise<QueueItem | undefined>;
  remove(id: string): Promise<void>;
  /** The oldest item that is due, now leased by `by`; undefined when there is none or `atMost` are leased already, by anybody. */
  claim(by: string, leaseMs: number, now: number, atMost?: number): Promise<QueueItem | undefined>;
  /** Hears every change, also those of other tabs and of the service worker. Returns how to stop. */
  subscribe(listener: (change: Change) => void): () => void;
  close(): void;
}

/** What the store needs of a place to keep items in. */
export interface Items {
  /** Puts all or none. What is there already becomes what `chosenAgain` says, or gives way. */
  add(drafts: readonly Draft[]): Promise<Added[]>;
  list(): Promise<QueueItem[]>;
  file(id: string): Promise<Blob | undefined>;
  update(id: string, changes: Changes, by?: string): Promise<QueueItem | undefined>;
  remove(id: string): Promise<void>;
  claim(by: string, leaseMs: number, now: number, atMost: number): Promise<QueueItem | undefined>;
  close(): void;
}

export interface Draft {
  readonly item: QueueItem;
  readonly file: Blob | undefined;
}

export interface Added {
  readonly item: QueueItem;
  /** The id of the finished one in whose place it is. */
  readonly replaces?: string;
}

// Small, so that rows appear and sending begins while a thousand pictures are still being copied.
const batch = 8;

export async function openQueueStore(): Promise<QueueStore> {
  const kept = await openKeptItems().catch(() => undefined);
  const memory = openMemoryItems();
  const listeners = new Set<(change: Change) => void>();
  const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('sajin-queue');
  channel?.addEventListener('message', ({ data }: MessageEvent<Change>) => tell(data));
  let isKept = kept !== undefined;
  let isAskedToStay = false;

  const tell = (change: Change) => {
    for (const listener of [...listeners]) listener(change);
  };
  const announce = (change: Change, where: Items) => {
    // What is in the memory of this page concerns nobody else.
    if (where !== memory) channel?.postMessage(change);
    tell(change);
  };
  const announceAdded = (added: readonly Added[], where: Items): QueueItem[] => {
    const put = added.map(({ item }) => item);
    announce({ put, removed: added.flatMap(({ replaces }) => replaces ?? []) }, where);
    return put;
  };
  const homeOf = (id: string): Items => (kept === undefined || memory.has(id) ? memory : kept);

  const addBatch = async (drafts: readonly Draft[]): Promise<QueueItem[]> => {
    if (kept !== undefined) {
      const added = await kept.add(drafts).catch(() => undefined);
      if (added !== undefined) return announceAdded(added, kept);
      // One that can't be read or for which there is no room must not take the others along.
      if (drafts.length > 1) {
        const each: QueueItem[] = [];
        for (const draft of drafts) each.push(...(await addBatch([draft])));
        return each;
      }
    }
    isKept = false;
    return announceAdded(await memory.add(drafts), memory);
  };

  return {
    get isKept() {
      return isKept;
    },
    async add(files) {
      if (!isAskedToStay) void askToStay().catch(() => undefined);
      isAskedToStay = true;
      const drafts = draftsOf(files, Date.now());
      const items: QueueItem[] = [];
      for (let at = 0; at < drafts.length; at += batch)
        items.push(...(await addBatch(drafts.slice(at, at + batch))));
      // Whoever closes the page now is done all the same.
      void askForSync().catch(() => undefined);
      return items;
    },
    async list() {
      const all = [...((await kept?.list()) ?? []), ...(await memory.list())];
      return all.sort((one, other) => (one.id < other.id ? -1 : 1));
    },
    file: (id) => homeOf(id).file(id),
    async update(id, changes, by) {
      const home = homeOf(id);
      const item = await home.update(id, changes, by);
      if (item !== undefined) announce({ put: [item], removed: [] }, home);
      return item;
    },
    async remove(id) {
      const home = homeOf(id);
      await home.remove(id);
      announce({ put: [], removed: [id] }, home);
    },
    async claim(by, leaseMs, now, atMost = Number.POSITIVE_INFINITY) {
      for (const home of kept === undefined ? [memory] : [memory, kept]) {
        const item = await home.claim(by, leaseMs, now, atMost);
        if (item === undefined) continue;
        announce({ put: [item], removed: [] }, home);
        return item;
      }
      return undefined;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      listeners.clear();
      channel?.close();
      kept?.close();
    },
  };
}

/** Else a browser that runs out of room throws away what waits here. Only pages can ask, and not all browsers know the question. */
async function askToStay(): Promise<void> {
  await globalThis.navigator?.storage?.persist?.();
}
