// Small pictures for the rows somebody looks at: made when a row comes near, let go when there are many, never a whole picture kept.
import { drawingOf } from '../drawing.ts';
import type { QueueItem, QueueStore } from './store.ts';

export interface Thumbnails {
  watch(place: HTMLElement, item: QueueItem): void;
  forget(place: HTMLElement): void;
}

const edge = 128;
// Decoding a picture of 12 megapixels takes 50 MB for a moment.
const atOnce = 2;
// 70 kB each. Those behind are kept for a while: what was sent can't be drawn again before the server has developed it.
const mostKept = 150;

export function openThumbnails(store: QueueStore): Thumbnails {
  const items = new WeakMap<Element, QueueItem>();
  const near = new Set<HTMLElement>();
  /** Oldest first. */
  const drawn = new Set<HTMLElement>();
  /** No picture this browser can draw, as HEIC in most: not tried again before the server has made one of it. */
  const undrawable = new WeakSet<HTMLElement>();
  const waiting: HTMLElement[] = [];
  let drawing = 0;

  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const place = target as HTMLElement;
        if (isIntersecting) come(place);
        else leave(place);
      }
    },
    { rootMargin: '600px 0px' },
  );
  const come = (place: HTMLElement) => {
    near.add(place);
    if (place.dataset['drawn'] !== undefined) return;
    if (undrawable.has(place) && items.get(place)?.photo === undefined) return;
    waiting.push(place);
    next();
  };
  const leave = (place: HTMLElement) => {
    near.delete(place);
    trim();
  };
  const drop = (place: HTMLElement) => {
    drawn.delete(place);
    place.querySelector('canvas, img')?.remove();
    delete place.dataset['drawn'];
  };
  const trim = () => {
    for (const place of drawn) {
      if (drawn.size <= mostKept) return;
      if (!near.has(place)) drop(place);
    }
  };
  const next = () => {
    while (drawing < atOnce) {
      const place = waiting.shift();
      if (place === undefined) return;
      const item = items.get(place);
      if (item === undefined || !near.has(place) || place.dataset['drawn'] !== undefined) continue;
      place.dataset['drawn'] = '';
      drawing += 1;
      void pictureOf(store, item)
        .catch(() => {
          if (item.photo === undefined) undrawable.add(place);
          return undefined;
        })
        .then((picture) => {
          drawing -= 1;
          // Nothing to draw yet: asked again when there is news of it.
          if (picture === undefined) delete place.dataset['drawn'];
          else {
            place.append(picture);
            drawn.add(place);
            trim();
          }
          next();
        });
    }
  };

  return {
    watch(place, item) {
      items.set(place, item);
      if (near.has(place)) come(place);
      else observer.observe(place);
    },
    forget(place) {
      observer.unobserve(place);
      near.delete(place);
      drop(place);
    },
  };
}

async function pictureOf(store: QueueStore, item: QueueItem): Promise<HTMLElement | undefined> {
  const file = item.photo === undefined ? await store.file(item.id) : undefined;
  if (file !== undefined) return drawingOf(file, edge);
  return item.photo === undefined ? undefined : rendition(item.photo);
}

async function rendition(photo: string): Promise<HTMLElement | undefined> {
  const answer = await fetch(photo, { headers: { Accept: 'application/json' } });
  const { links } = (await answer.json()) as { links?: { renditions?: { url?: string }[] } };
  const address = links?.renditions?.[0]?.url;
  if (address === undefined) return undefined;
  const image = document.createElement('img');
  image.alt = '';
  image.src = address;
  return image;
}
