// What a person does with items of the queue.
import { isOpen, isSpent, owesTitle } from './rules.ts';
import type { Changes, QueueItem, QueueStore } from './store.ts';
import { takeBack } from './transfer.ts';

/** Whoever sends it just now hears that it lost its lease, and stops. */
const free: Changes = { leasedBy: undefined, leasedUntil: undefined, nextTryAt: undefined };

export const pause = (store: QueueStore, { id }: QueueItem) => store.update(id, { ...free, state: 'paused' });

export const resume = (store: QueueStore, { id }: QueueItem) =>
  store.update(id, { ...free, state: 'waiting', tries: 0, code: undefined, reason: undefined });

export async function cancel(store: QueueStore, item: QueueItem): Promise<void> {
  // As it is now, not as it was drawn: the address of the upload may have come since.
  const latest = (await store.list()).find(({ id }) => id === item.id) ?? item;
  await store.remove(item.id);
  if (latest.uploadUrl !== undefined) await takeBack(latest.uploadUrl);
}

export async function pauseAll(store: QueueStore): Promise<void> {
  const open = (await store.list()).filter((item) => isOpen(item) && item.state !== 'sent');
  // Side by side: each is on the disk before the next would begin.
  await Promise.all(open.map((item) => pause(store, item)));
}

export async function resumeAll(store: QueueStore): Promise<void> {
  const paused = (await store.list()).filter(({ state }) => state === 'paused');
  await Promise.all(paused.map((item) => resume(store, item)));
}

export async function retryAll(store: QueueStore): Promise<void> {
  for (const item of await store.list()) if (item.state === 'failed') await resume(store, item);
}

/** Rows that nothing is left to do for; the photos stay where they are. What was refused and is kept here may be the only copy. */
export async function clearFinished(store: QueueStore): Promise<void> {
  for (const item of await store.list()) if (isClearable(item)) await store.remove(item.id);
}

export const isClearable = (item: QueueItem): boolean =>
  isStored(item) || (item.state === 'refused' && item.isOnlyListed === true);

/** A new visit begins without what was stored in the last one, unless that is unfinished. What was refused, a person takes out. */
export async function beginVisit(store: QueueStore): Promise<void> {
  const items = await store.list();
  if (!items.every((item) => isStored(item) || item.state === 'refused')) return;
  for (const item of items) if (isStored(item)) await store.remove(item.id);
}

/** And its title with it. */
const isStored = (item: QueueItem) => isSpent(item) && !owesTitle(item);
