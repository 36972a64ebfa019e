// Sends the queue for as long as this page is open, and lets go of it when the page is left, so that the next one goes on at once.
// What would be lost with the page is not left without a question.
import { askForSync } from './background-sync.ts';
import { openDigests } from './digests.ts';
import { answerRollCall } from './roll-call.ts';
import { isOpen, isSpent } from './rules.ts';
import { type Sending, startSending } from './sender.ts';
import type { QueueItem, QueueStore } from './store.ts';

export function keepSending(store: QueueStore): void {
  const digest = openDigests(document.body.dataset['digests']);
  const start = () => (store.owner === null ? undefined : startSending(store, { digest }));
  let sending: Sending | undefined = start();
  addEventListener('pagehide', () => {
    void sending?.stop();
    sending = undefined;
  });
  // Taken out of the browser's cache of pages.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) sending ??= start();
  });
  // A page that nobody looks at may be put to sleep at any moment: the service worker goes on then, if the browser has it.
  answerRollCall(
    navigator.serviceWorker,
    (owner) => owner === store.owner && sending !== undefined && !document.hidden,
  );
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) void leaveToWorker(store).catch(() => undefined);
    // A phone that was asleep may not have noticed that it has a connection again.
    else sending?.nudge();
  });
  const wouldLose = openLosses(store);
  addEventListener('beforeunload', (event) => {
    if (wouldLose()) event.preventDefault();
  });
}

async function leaveToWorker(store: QueueStore): Promise<void> {
  if ((await store.list()).some(isOpen)) await askForSync();
}

/** Whether leaving this page would lose a picture. One that may be kept elsewhere counts, too, when this page can't know. */
export function openLosses(store: Pick<QueueStore, 'isKept' | 'list' | 'subscribe'>): () => boolean {
  const kept = new Set<string>();
  const here = new Set<string>();
  const hear = (item: QueueItem) => {
    if (isSpent(item)) here.delete(item.id);
    else if (store.isKept) kept.add(item.id);
    else if (!kept.has(item.id)) here.add(item.id);
  };
  store.subscribe(({ put, removed }) => {
    for (const item of put) hear(item);
    for (const id of removed) here.delete(id);
  });
  void store.list().then(
    (items) => {
      for (const item of items) if (!here.has(item.id)) hear(item);
    },
    () => undefined,
  );
  return () => here.size > 0;
}
