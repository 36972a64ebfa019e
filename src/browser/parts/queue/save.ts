// Gives the bytes of an item back to the person, as a file among the downloads of this device.
import type { QueueItem, QueueStore } from './store.ts';

// The browser reads them after the click, and tells nobody when it is done.
const readMs = 60_000;

/** Rejects when they are not here. */
export async function save(store: QueueStore, { id, name }: QueueItem): Promise<void> {
  const file = await store.file(id);
  if (file === undefined) throw new Error('the queue holds no bytes of it');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), readMs);
}
