// Sends the queue for as long as this page is open, and lets go of it when the page is left, so that the next one goes on at once.
import { openDigests } from './digests.ts';
import { type Sending, startSending } from './sender.ts';
import type { QueueStore } from './store.ts';

export function keepSending(store: QueueStore): void {
  const digest = openDigests(document.body.dataset['digests']);
  let sending: Sending | undefined = startSending(store, { digest });
  addEventListener('pagehide', () => {
    void sending?.stop();
    sending = undefined;
  });
  // Taken out of the browser's cache of pages.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) sending ??= startSending(store, { digest });
  });
  // A phone that was asleep may not have noticed that it has a connection again.
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) sending?.nudge();
  });
}
