// The shots of the shooting mode: into the queue at once, shown as thumbnails with their state, and taken back for some seconds.
import type { QueueItem, QueueStore } from '../queue/store.ts';

export interface Shots {
  readonly count: number;
  /** Resolves when it is kept; rejects when it can't be. */
  add(picture: Blob, said: { readonly title: string; readonly isPrivate: boolean }): Promise<void>;
  /** False when it is too late: somebody is sending it. */
  takeBack(): Promise<boolean>;
}

interface ShotsView {
  readonly list: HTMLElement;
  readonly template: HTMLTemplateElement;
  /** Whether the last shot can be taken back, and how many there are, may have changed. */
  changed(canTakeBack: boolean): void;
}

// Long enough for a look at the thumbnail. The shot is on the disk all the while; only sending waits.
const takeBackMs = 6_000;
const mostThumbnails = 6;

export function openShots(store: QueueStore, { list, template, changed }: ShotsView): Shots {
  const thumbnails = new Map<string, Thumbnail>();
  let count = 0;
  let last: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const settle = () => {
    clearTimeout(timer);
    last = undefined;
    changed(false);
  };
  const offerTakingBack = ({ id }: QueueItem) => {
    clearTimeout(timer);
    last = id;
    timer = setTimeout(settle, takeBackMs);
    changed(true);
  };
  const forget = (id: string) => {
    thumbnails.get(id)?.remove();
    thumbnails.delete(id);
    list.hidden = thumbnails.size === 0;
  };

  store.subscribe(({ put, removed }) => {
    for (const item of put) thumbnails.get(item.id)?.show(item);
    for (const id of removed) forget(id);
    if (put.some((item) => item.id === last && (item.state !== 'waiting' || isLeased(item)))) settle();
  });

  return {
    get count() {
      return count;
    },
    async add(picture, said) {
      const name = nameFor(new Date(), picture.type);
      const file = new File([picture], name, { type: picture.type });
      const notBefore = Date.now() + takeBackMs;
      const [item] = await store.add([{ file, name, ...said, notBefore }]);
      if (item === undefined) throw new Error('the queue took nothing');
      count += 1;
      thumbnails.set(item.id, openThumbnail(list, template, item, picture));
      list.hidden = false;
      const [oldest] = thumbnails.keys();
      if (thumbnails.size > mostThumbnails && oldest !== undefined) forget(oldest);
      offerTakingBack(item);
    },
    async takeBack() {
      const id = last;
      settle();
      const item = (await store.list()).find((one) => one.id === id);
      if (id === undefined || item?.state !== 'waiting' || isLeased(item)) return false;
      await store.remove(id);
      count -= 1;
      changed(false);
      return true;
    },
  };
}

const isLeased = ({ leasedUntil = 0 }: QueueItem) => leasedUntil > Date.now();

interface Thumbnail {
  show(item: QueueItem): void;
  remove(): void;
}

function openThumbnail(
  list: HTMLElement,
  template: HTMLTemplateElement,
  item: QueueItem,
  picture: Blob,
): Thumbnail {
  const row = document.importNode(template.content, true).querySelector('li');
  const image = row?.querySelector('img');
  if (!row || !image) throw new Error('The template of the shots has no row.');
  const address = URL.createObjectURL(picture);
  image.src = address;
  image.alt = item.title === '' ? item.name : item.title;
  row.dataset['state'] = item.state;
  list.prepend(row);
  return {
    show: ({ state }) => {
      row.dataset['state'] = state;
    },
    remove() {
      URL.revokeObjectURL(address);
      row.remove();
    },
  };
}

/** "IMG_20261120_101200_123.jpg": as cameras name theirs, by this device's clock. */
function nameFor(at: Date, type: string): string {
  const two = (value: number, digits = 2) => String(value).padStart(digits, '0');
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const time = `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
  const ending = type === 'image/jpeg' ? 'jpg' : (type.split('/')[1] ?? 'jpg');
  return `IMG_${day}_${time}_${two(at.getMilliseconds(), 3)}.${ending}`;
}
