// What was typed on a page that went too quickly is put into the queue, and is nowhere else in clear from then on.
import { openQueueStore, type QueueStore } from './store.ts';
import { titledByHand, titledWithAll } from './titles.ts';
import { openTypedTitles, ownerOfAll, type TypedTitles } from './typed-titles.ts';

type Queue = Pick<QueueStore, 'owner' | 'isKept' | 'update' | 'updateAll' | 'close'>;

/** Also what somebody typed who has signed out since: they may never come back to this browser. */
export async function takeUpTyped(
  titles: TypedTitles = openTypedTitles(),
  openEverybodys: () => Promise<Queue> = () => openQueueStore(''),
): Promise<void> {
  const left = titles.list();
  if (left.length === 0) return;
  const queue = await openEverybodys();
  try {
    // Its items may be there all the same, and this is the only copy of their titles.
    if (!queue.isKept) return;
    for (const [id, title] of left) {
      const owner = ownerOfAll(id);
      // Also of an item that is there no more: it needs no title.
      if (owner === undefined) await queue.update(id, titledByHand(title));
      else
        await queue.updateAll((item) =>
          (item.user ?? '') === owner ? titledWithAll(item, title) : undefined,
        );
      titles.written(id, title);
    }
  } finally {
    queue.close();
  }
}
