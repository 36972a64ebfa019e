// Sends what is in the queue, a few at a time, until nothing is left, however often the connection breaks. Shows nothing.
// Runs in a page and in a service worker: several may run at once, and what one of them sends the others leave alone.
import type { HttpStack } from 'tus-js-client';
import { type Attempt, attempt } from './attempt.ts';
import { askKnown, type Delivery } from './delivery.ts';
import { openHolders } from './holders.ts';
import { openLink } from './link.ts';
import { awaitsUser, isLeased, isOpen, leaseMs, randomId } from './rules.ts';
import type { Change, QueueItem, QueueStore } from './store.ts';

export interface SendingOptions {
  readonly atOnce?: number;
  /** Where there is no XMLHttpRequest. */
  readonly httpStack?: HttpStack;
  /** SHA-256 in lower-case hex; undefined sends without asking first. */
  readonly digest?: (file: Blob) => Promise<string | undefined>;
  /** The path of the photo with these bytes. Rejects when nobody can be asked. */
  readonly known?: Delivery['known'];
}

export interface Sending {
  /** Lets go of everything; what was begun is resumed by whoever sends next. */
  stop(): Promise<void>;
  /** Resolves when there is nothing (more) that can be sent right now. */
  readonly settled: Promise<void>;
  /** Tries again at once, as when the connection is back. */
  nudge(): void;
}

interface Running extends Attempt {
  readonly by: string;
}

const lookMs = 5_000;
/** While somebody else has leases: are they still there? */
const lookAfterOthersMs = 1_000;

export function startSending(store: QueueStore, options: SendingOptions = {}): Sending {
  const { atOnce = 3, httpStack, digest = async () => undefined, known = askKnown } = options;
  const link = openLink(Math.random);
  const running = new Map<string, Running>();
  const holders = openHolders(() => [...running.values()].map(({ by }) => by));
  const rest = openRest();
  let stopped = false;
  let isPumping = false;
  let again = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const pump = () => {
    again = !stopped;
    if (isPumping || stopped) return;
    isPumping = true;
    void fill().finally(() => {
      isPumping = false;
      if (again) pump();
    });
  };
  const fill = async () => {
    again = false;
    while (running.size < atOnce && !stopped && link.restUntil <= Date.now()) {
      // A name for each attempt: one that was paused while it was hashing may end after the next one of the same item began.
      const by = randomId();
      const item = await store.claim(by, leaseMs, Date.now(), atOnce).catch(() => undefined);
      if (item === undefined) break;
      start(item, by);
    }
    if (again) return;
    if (running.size === 0) rest.begin();
    await sleep();
  };
  const start = (item: QueueItem, by: string) => {
    rest.end();
    const one = { ...attempt(store, link, item, by, { httpStack, digest, known }), by };
    running.set(item.id, one);
    void one.over.finally(() => {
      if (running.get(item.id) === one) running.delete(item.id);
      pump();
    });
  };
  // For what nobody announces: a pause that is over, a tab that died.
  const sleep = async () => {
    clearTimeout(timer);
    if (running.size >= atOnce) return;
    const open = (await store.list().catch(() => [])).filter(isOpen);
    if (open.length === 0 || stopped) return;
    const due = open.map(({ nextTryAt = 0, leasedUntil = 0 }) => Math.max(nextTryAt, leasedUntil));
    const wait = Math.max(Math.min(...due), link.restUntil) - Date.now();
    const others = open.filter((item) => isLeased(item, Date.now()) && !running.has(item.id));
    if (others.length > 0) void letGo(others);
    clearTimeout(timer);
    timer = setTimeout(pump, Math.min(Math.max(wait, 50), others.length > 0 ? lookAfterOthersMs : lookMs));
  };
  /** Whose page is gone: theirs are anybody's at once. */
  const letGo = async (items: readonly QueueItem[]) => {
    const gone = await holders.abandoned(items.flatMap(({ leasedBy }) => leasedBy ?? []));
    for (const { id, leasedBy } of items) {
      if (stopped || leasedBy === undefined || !gone.includes(leasedBy)) continue;
      await store
        .update(id, { leasedBy: undefined, leasedUntil: undefined }, leasedBy)
        .catch(() => undefined);
    }
  };

  const hear = ({ put, removed }: Change) => {
    for (const { id, leasedBy } of put) if (running.get(id)?.by !== leasedBy) running.get(id)?.stop('lost');
    for (const id of removed) running.get(id)?.stop('lost');
    if (removed.length > 0 || put.some((item) => isOpen(item) && item.leasedBy === undefined)) pump();
  };
  const unsubscribe = store.subscribe(hear);
  const nudge = () => {
    link.works();
    void forgetBreaks(store).finally(pump);
  };
  globalThis.addEventListener('online', nudge);
  pump();
  void callBack(store);

  return {
    get settled() {
      return rest.settled;
    },
    nudge,
    async stop() {
      stopped = true;
      again = false;
      clearTimeout(timer);
      unsubscribe();
      globalThis.removeEventListener('online', nudge);
      for (const one of running.values()) one.stop('stopped');
      await Promise.all([...running.values()].map(({ over }) => over));
      holders.close();
      rest.begin();
    },
  };
}

/** A new page of their user has been opened: what somebody else's session kept waiting is tried once more. */
async function callBack(store: QueueStore): Promise<void> {
  for (const { id } of (await store.list().catch(() => [])).filter(awaitsUser))
    await store.update(id, { code: undefined, reason: undefined }).catch(() => undefined);
}

async function forgetBreaks(store: QueueStore): Promise<void> {
  const items = await store.list().catch(() => []);
  const waiting = items.filter(
    (item) => isOpen(item) && item.code === 'no-connection' && item.nextTryAt !== undefined,
  );
  for (const { id } of waiting) await store.update(id, { nextTryAt: undefined }).catch(() => undefined);
}

/** "Nothing left right now": a new promise each time work begins. */
function openRest() {
  let resolve = () => {};
  const renew = () =>
    new Promise<void>((settle) => {
      resolve = settle;
    });
  let settled = renew();
  let isResting = false;
  return {
    get settled() {
      return settled;
    },
    begin() {
      isResting = true;
      resolve();
    },
    end() {
      if (isResting) settled = renew();
      isResting = false;
    },
  };
}
