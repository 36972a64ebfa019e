// The queue on every other page: goes on sending, and says so in one short line that leads to the queue. Loaded only when needed.
import { filled, type Sentences } from '../sentences.ts';
import { openWakeLock } from '../wake-lock.ts';
import { ownerHere } from './owner.ts';
import { keepSending } from './sending-here.ts';
import { type Totals, totalsOf } from './shown.ts';
import { openQueueStore, type QueueItem, type QueueStore } from './store.ts';

/** What somebody said of a shot. */
export interface Said {
  readonly title: string;
  readonly isPrivate: boolean;
}

export interface Everywhere {
  /** Puts a shot into the queue. `changed` hears of it until it is sent. Returns how to stop listening. */
  keep(file: File, said: Said, changed: (item: QueueItem) => void): Promise<() => void>;
  readonly isKept: boolean;
}

/** @param line the link that says how far it is */
export async function openEverywhere(line: HTMLElement): Promise<Everywhere> {
  const store = await openQueueStore(await ownerHere());
  showLine(line, store);
  keepSending(store);
  return {
    get isKept() {
      return store.isKept;
    },
    async keep(file, { title, isPrivate }, changed) {
      const [item] = await store.add([{ file, name: file.name, title, isPrivate }]);
      if (item === undefined) return () => {};
      // Chosen once more while it was waiting, now with a title.
      const latest = title === '' ? item : await store.update(item.id, { title });
      const stop = store.subscribe(({ put }) => {
        for (const one of put) if (one.id === item.id) changed(one);
      });
      changed(latest ?? item);
      return stop;
    },
  };
}

function showLine(line: HTMLElement, store: QueueStore): void {
  const says: Sentences = (name, facts = {}) => filled(line.dataset[name] ?? '', facts);
  const words = line.querySelector('span');
  const stayAwake = openWakeLock();
  const items = new Map<string, QueueItem>();
  let unowned = 0;
  let wasOpen = false;
  let isPlanned = false;

  const show = () => {
    isPlanned = false;
    const totals = totalsOf(items.values());
    const needsPerson = totals.needsPerson + unowned;
    wasOpen ||= totals.open > 0;
    const sentence = lineOf({ ...totals, needsPerson }, says, navigator.onLine, store.isKept);
    line.hidden = sentence === '' || !(wasOpen || needsPerson > 0);
    line.dataset['is'] = totals.open > 0 ? 'sending' : 'over';
    // Counting aloud, picture by picture, would drown whatever is read on this page.
    words?.setAttribute('aria-live', totals.open > 0 && !totals.isCut ? 'off' : 'polite');
    if (words !== null && words.textContent !== sentence) words.textContent = sentence;
    stayAwake(totals.active > 0);
  };
  const later = () => {
    if (!isPlanned) setTimeout(show, 200);
    isPlanned = true;
  };
  store.subscribe(({ put, removed }) => {
    for (const id of removed) items.delete(id);
    for (const item of put) items.set(item.id, item);
    later();
  });
  Promise.all([store.list(), store.apart()]).then(
    ([all, apart]) => {
      unowned = apart.unowned;
      for (const item of all) if (!items.has(item.id)) items.set(item.id, item);
      show();
    },
    // What can't be read now is told by its next change.
    () => undefined,
  );
}

function lineOf(totals: Totals, says: Sentences, isOnline: boolean, isKept: boolean): string {
  const { open, isCut, stored, all, needsPerson } = totals;
  const facts = { done: String(stored), all: String(all), failed: String(needsPerson) };
  if (open > 0 && (isCut || !isOnline)) return says(isKept ? 'kept' : 'notKept');
  if (open > 0) return says('sending', facts);
  if (needsPerson > 0) return says(needsPerson === 1 ? 'oneNeedsLook' : 'needLook', facts);
  if (stored === 0) return '';
  return says(all === 1 ? 'oneStored' : 'stored', facts);
}
