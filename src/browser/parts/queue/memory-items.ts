// Queue items where nothing can be kept: they live as long as the page does.
import { changed, changedBy, chosenAgain, isDue, isLeased, isSpent, leased } from './rules.ts';
import type { Items, QueueItem } from './store.ts';

export function openMemoryItems(): Items & { has(id: string): boolean } {
  const items = new Map<string, QueueItem>();
  const files = new Map<string, Blob>();
  const put = (item: QueueItem) => {
    items.set(item.id, item);
    if (isSpent(item)) files.delete(item.id);
    return item;
  };

  return {
    has: (id) => items.has(id),
    async add(drafts) {
      return drafts.map((draft) => {
        const { item, file } = draft;
        const same = [...items.values()].find(({ choice }) => choice === item.choice);
        const again = same === undefined ? undefined : chosenAgain(same, draft);
        if (again !== undefined) {
          if (again !== same && file !== undefined) files.set(again.id, file);
          return { item: put(again) };
        }
        if (same !== undefined) items.delete(same.id);
        if (file !== undefined) files.set(item.id, file);
        put(item);
        return same === undefined ? { item } : { item, replaces: same.id };
      });
    },
    list: async () => [...items.values()],
    file: async (id) => files.get(id),
    async update(id, changes, by) {
      const before = items.get(id);
      const item = before === undefined ? undefined : changed(before, changes, by);
      return item === undefined ? undefined : put(item);
    },
    async updateAll(changesOf) {
      return [...items.values()].flatMap((before) => {
        const item = changedBy(before, changesOf);
        return item === undefined ? [] : put(item);
      });
    },
    async remove(id) {
      items.delete(id);
      files.delete(id);
    },
    async claim(by, leaseMs, now, atMost, isMine = () => true) {
      const all = [...items.values()];
      if (all.filter((item) => isLeased(item, now)).length >= atMost) return undefined;
      const due = all.find((item) => isDue(item, now) && isMine(item));
      return due === undefined ? undefined : put(leased(due, by, leaseMs, now));
    },
    close() {},
  };
}
