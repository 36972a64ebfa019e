// Keeps the open page true: listens for news and exchanges what changed for the server's fresh version. Builds no HTML.

import { openNews } from './parts/news.ts';
import { openOlder } from './parts/older.ts';
import { fetchPage, renew } from './parts/page.ts';
import { isBusy, renewPhoto } from './parts/photo-pieces.ts';

// Many events in a row, as while a hundred photos are developed, cost one request.
const restMs = 400;
// Whoever is drawing a box is not disturbed; what is new waits.
const busyMs = 1000;
const leavingMs = 10_000;

const changed = new Set<string>();
const added = new Set<string>();
let stopListening: (() => void) | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let running = false;
let hasHeard = false;
/** A form leads somewhere else, as the one that deletes: its answer is not to be cut short. */
let leavingUntil = 0;

function listen(): void {
  stopListening?.();
  stopListening = openNews((source) => {
    source.addEventListener('open', () => {
      // Before it and after every gap anything may have happened to what is still unfinished here.
      for (const piece of document.querySelectorAll(unfinished)) note(idOf(piece));
      // The one photo that is looked at may be gone.
      if (hasHeard) note(shownPhoto());
      hasHeard = true;
    });
    source.addEventListener('photo-changed', (event) => note(idIn(event)));
    source.addEventListener('photo-added', (event) => {
      announce(idIn(event));
      noteShown(idIn(event));
    });
    source.addEventListener('photo-removed', (event) => {
      document.getElementById(idIn(event) ?? '')?.remove();
      noteShown(idIn(event));
    });
  });
}

const unfinished = '[data-state="waiting"], [data-state="developing"]';

function idIn(event: MessageEvent<string>): string | undefined {
  const news: unknown = JSON.parse(event.data);
  return typeof news === 'object' && news !== null && 'id' in news ? String(news.id) : undefined;
}

const shownPhoto = () => /^\/photos\/([^/]+)$/.exec(location.pathname)?.[1];
const idOf = (piece: Element) => (piece.id === 'photo' ? shownPhoto() : piece.id);

function note(id: string | undefined): void {
  if (id === undefined || (id !== shownPhoto() && document.getElementById(id) === null)) return;
  changed.add(id);
  later(running ? restMs : 0);
}

/** It went, or came back, while its page is open. */
function noteShown(id: string | undefined): void {
  if (id === shownPhoto()) note(id);
}

function later(pauseMs: number): void {
  if (timer === undefined) timer = setTimeout(() => void refresh(), pauseMs);
}

async function refresh(): Promise<void> {
  timer = undefined;
  if (running || document.hidden) return;
  if (isBusy() || performance.now() < leavingUntil) return later(busyMs);
  running = true;
  const ids = new Set(changed);
  changed.clear();
  try {
    await (shownPhoto() === undefined ? refreshCards(ids) : renewPhoto());
    running = false;
    if (changed.size > 0) later(restMs);
  } catch {
    // No connection: the event source notices as well, and what is noted here is fetched when it is back.
    for (const id of ids) changed.add(id);
    running = false;
  }
}

async function refreshCards(ids: Set<string>): Promise<void> {
  take(await fetchPage(location.pathname + location.search), ids);
  // Newer photos may have pushed a card off this page: it is the first of the page that follows its neighbour.
  for (const id of [...ids].slice(0, 3)) {
    const before = neighbourOf(id);
    if (!ids.has(id) || before === undefined) continue;
    const query = new URLSearchParams(location.search);
    query.set('before', before);
    take(await fetchPage(`/?${query}`), ids);
  }
}

/** Exchanges the cards that are on the page, and removes them from the set. */
function take(page: Document, ids: Set<string>): void {
  for (const id of ids) {
    const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
    if (old === null || fresh === null) continue;
    renew(old, fresh);
    ids.delete(id);
  }
}

function neighbourOf(id: string): string | undefined {
  const cards = [...document.querySelectorAll('.card')];
  return cards[cards.findIndex((card) => card.id === id) - 1]?.id;
}

/** Says that there is something new without moving what somebody is looking at. */
function announce(id: string | undefined): void {
  const news = document.querySelector<HTMLAnchorElement>('#news');
  if (id === undefined || news === null || news.dataset['live'] !== 'first') return;
  if (document.getElementById(id) !== null) return;
  // The empty page shows its first photo by itself, unless that is just being sent, or put back, from this very page, which says so.
  const fromHere = '.notice, #shot:valid, #sending:not([hidden])';
  if (document.querySelector(`.card, ${fromHere}`) === null) location.reload();
  added.add(id);
  const { one = '', many = '' } = news.dataset;
  news.textContent = added.size === 1 ? one : many.replace('{n}', String(added.size));
  news.hidden = false;
}

// A browser has six connections to a host, and an open one keeps a page out of its back/forward cache: only what is looked at
// listens. Coming back asks for whatever was unfinished.
function rest(): void {
  stopListening?.();
  stopListening = undefined;
}

addEventListener('submit', ({ defaultPrevented }) => {
  if (!defaultPrevented) leavingUntil = performance.now() + leavingMs;
});
addEventListener('pagehide', rest);
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) listen();
});
document.addEventListener('visibilitychange', () => (document.hidden ? rest() : listen()));
if (!document.hidden) listen();
openOlder();
