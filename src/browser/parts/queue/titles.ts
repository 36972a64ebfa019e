// Who gave an item its title, and what that means for the next one.
import type { Changes, QueueItem } from './store.ts';

/** Somebody typed it for this one. */
export const titledByHand = (title: string): Changes => ({ title, isTitledWithAll: undefined });

/** Whether it takes a title that is given to all. What is no photo takes none, and what was there already is called as it was. */
export const takesTitleForAll = (item: QueueItem): boolean =>
  item.state !== 'refused' && item.duplicate !== true && !isTitledByHand(item);

/** Undefined when it stays as it is. */
export const titledWithAll = (item: QueueItem, title: string): Changes | undefined =>
  !takesTitleForAll(item) || item.title === title ? undefined : { title, isTitledWithAll: true };

/** An item that takes the place of the same one keeps its title, unless it brought a better one. */
export function withTitleOf(same: QueueItem, item: QueueItem): QueueItem {
  const { isTitledWithAll = false, ...rest } = item;
  if (item.title !== '' && !(isTitledWithAll && isTitledByHand(same))) return item;
  return { ...rest, title: same.title, ...(same.isTitledWithAll === true ? { isTitledWithAll: true } : {}) };
}

const isTitledByHand = ({ title, isTitledWithAll }: QueueItem) => title !== '' && isTitledWithAll !== true;
