// What another app shared waits in the queue, paused, until it is sure that a person did it: a page of another site can send a form
// to the same address, and a service worker is not told who sent it.
import { resume } from './acts.ts';
import type { QueueStore } from './store.ts';

const name = 'shared';

/** Where the service worker leads to after it has taken what was shared. */
export const sharedPath = (ids: readonly string[]) =>
  ids.length === 0 ? '/photos/new' : `/photos/new?${new URLSearchParams({ [name]: ids.join(' ') })}`;

/**
 * Only an installed Sajin is shared into, and it opens in a window of its own; in a browser's tab the person says "go on". True when that
 * is waited for.
 */
export async function goOnWithShared(store: QueueStore): Promise<boolean> {
  const ids = new URLSearchParams(location.search).get(name)?.split(' ') ?? [];
  if (ids.length === 0) return false;
  const paused = (await store.list()).filter(({ id, state }) => state === 'paused' && ids.includes(id));
  if (!matchMedia('(display-mode: standalone)').matches) return paused.length > 0;
  for (const item of paused) await resume(store, item);
  return false;
}
