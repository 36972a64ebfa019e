// The upload queue as it is kept: what is still to be sent, and how far it is. Survives reload, crash and restart; sends nothing itself.
// Works in pages, workers and service workers.
import { askForSync } from './background-sync.ts';
import { openKeptItems } from './kept-items.ts';
import { openMemoryItems } from './memory-items.ts';
import type { Owner } from './owner.ts';
import { calledFor, draftsOf, isOf, isOpen, needsPerson } from './rules.ts';

export interface QueueItem {
  /** Sorts by the time it was added. */
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly addedAt: number;
  /** Who had signed in when it was added; absent without accounts, when nobody had, and in items from before this was asked. */
  readonly user?: string;
  readonly title: string;
  /** It has that title because all were given it, and takes the next one, too. */
  readonly isTitledWithAll?: boolean;
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
  /** Why it waits or failed: `no-connection`, `signed-out`, `no-user`, `other-user`, `busy`, `server`, `disk-full`, `narrow`, `file-gone`, or the code of the server's answer. */
  readonly code?: string;
  readonly tries: number;
  readonly nextTryAt?: number;
  readonly leasedBy?: string;
  readonly leasedUntil?: number;
  /** The title that the server was given; another one is still owed to it. */
  readonly sentTitle?: string;
  /** The title that the server was told last, without an answer yet. */
  readonly toldTitle?: string;
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
  readonly isTitledWithAll?: boolean;
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

/** Unfinished items that are not shown: those of other people, and those that nobody has called theirs. */
export interface Apart {
  readonly others: number;
  readonly unowned: number;
}

/** What is there of one person: items of somebody else are as absent as if they were not kept here. */
export interface QueueStore {
  readonly owner: Owner;
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
  /** In one go. @param changesOf undefined for what stays as it is */
  updateAll(changesOf: (item: QueueItem) => Changes | undefined): Promise<void>;
  remove(id: string): Promise<void>;
  apart(): Promise<Apart>;
  /** What is nobody's belongs to the owner from now on, and goes on. Resolves when all of it does. */
  takeUnowned(): Promise<void>;
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
  /** Returns those that changed. */
  updateAll(changesOf: (item: QueueItem) => Changes | undefined): Promise<QueueItem[]>;
  remove(id: string): Promise<void>;
  /** @param isMine which items may be given; all of them if absent */
  claim(
    by: string,
    leaseMs: number,
    now: number,
    atMost: number,
    isMine?: (item: QueueItem) => boolean,
  ): Promise<QueueItem | undefined>;
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

/** @param owner whose items are shown and sent; what is added is theirs @param openKept rejects where nothing can be kept */
export async function openQueueStore(
  owner: Owner,
  openKept: () => Promise<Items> = openKeptItems,
): Promise<QueueStore> {
  const kept = await openKept().catch(() => undefined);
  const memory = openMemoryItems();
  const listeners = new Set<(change: Change) => void>();
  const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('sajin-queue');
  channel?.addEventListener('message', ({ data }: MessageEvent<Change>) => tell(data));
  let isKept = kept !== undefined;
  let isAskedToStay = false;
  /** What was added here while nobody had signed in is shown as long as this page is, and to nobody afterwards. */
  const addedByNobody = new Set<string>();
  const isMine = (item: QueueItem) => isOf(owner, item) || (!item.user && addedByNobody.has(item.id));

  const tell = ({ put, removed }: Change) => {
    const mine = put.filter(isMine);
    const taken = put.filter((item) => addedByNobody.has(item.id) && !isMine(item)).map(({ id }) => id);
    if (mine.length + removed.length + taken.length === 0) return;
    for (const listener of [...listeners]) listener({ put: mine, removed: [...removed, ...taken] });
  };
  const announce = (change: Change, where: Items) => {
    // What is in the memory of this page concerns nobody else.
    if (where !== memory) channel?.postMessage(change);
    tell(change);
  };
  const announceAdded = (added: readonly Added[], where: Items): QueueItem[] => {
    const put = added.map(({ item }) => item);
    if (owner === null) for (const { id } of put) addedByNobody.add(id);
    announce({ put, removed: added.flatMap(({ replaces }) => replaces ?? []) }, where);
    return put;
  };
  const everything = async () => [...((await kept?.list()) ?? []), ...(await memory.list())];
  const change: QueueStore['update'] = async (id, changes, by) => {
    const home = homeOf(id);
    const item = await home.update(id, changes, by);
    if (item !== undefined) announce({ put: [item], removed: [] }, home);
    return item;
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
    owner,
    get isKept() {
      return isKept;
    },
    async add(files) {
      if (!isAskedToStay) void askToStay().catch(() => undefined);
      isAskedToStay = true;
      const drafts = draftsOf(files, Date.now(), owner);
      const items: QueueItem[] = [];
      for (let at = 0; at < drafts.length; at += batch)
        items.push(...(await addBatch(drafts.slice(at, at + batch))));
      // Whoever closes the page now is done all the same.
      void askForSync().catch(() => undefined);
      return items;
    },
    async list() {
      const mine = (await everything()).filter(isMine);
      return mine.sort((one, other) => (one.id < other.id ? -1 : 1));
    },
    file: (id) => homeOf(id).file(id),
    update: change,
    async updateAll(changesOf) {
      for (const home of kept === undefined ? [memory] : [memory, kept]) {
        const put = await home.updateAll((item) => (isMine(item) ? changesOf(item) : undefined));
        if (put.length > 0) announce({ put, removed: [] }, home);
      }
    },
    async remove(id) {
      const home = homeOf(id);
      await home.remove(id);
      announce({ put: [], removed: [id] }, home);
    },
    async apart() {
      const apart = (await everything()).filter(
        (item) => !isMine(item) && (isOpen(item) || needsPerson(item)),
      );
      const unowned = apart.filter(({ user }) => user === undefined).length;
      return { others: apart.length - unowned, unowned };
    },
    async takeUnowned() {
      if (!owner) return;
      for (const item of await everything())
        if (item.user === undefined) await change(item.id, { ...calledFor(item), user: owner });
    },
    async claim(by, leaseMs, now, atMost = Number.POSITIVE_INFINITY) {
      // Nobody sends for nobody.
      if (owner === null) return undefined;
      for (const home of kept === undefined ? [memory] : [memory, kept]) {
        const item = await home.claim(by, leaseMs, now, atMost, isMine);
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
