// Sajin while there is no connection, and while no page of it is open. Pages always come from the network: the only one kept here
// is the offline page of this very version, and it is shown only when the network failed.
import { cutTitle } from '../gallery/cut-title.ts';
import { queueTag } from './parts/queue/background-sync.ts';
import { createFetchStack } from './parts/queue/fetch-stack.ts';
import { rememberedOwner } from './parts/queue/owner.ts';
import { doesAPageSend } from './parts/queue/roll-call.ts';
import { isOpen } from './parts/queue/rules.ts';
import { type Sending, startSending } from './parts/queue/sender.ts';
import { sharedPath } from './parts/queue/shared.ts';
import { openQueueStore, type QueueStore } from './parts/queue/store.ts';
import type { AskedEvent, WorkerScope } from './parts/worker-scope.ts';

/** The server writes it in front of this script (src/http/offline.ts), so that every build is another service worker. */
declare const sajin: {
  readonly version: string;
  readonly languages: readonly string[];
  readonly files: readonly string[];
};

// Browsers end a worker that takes longer than some minutes.
const longestMs = 120_000;
const soonMs = 15_000;
const lookMs = 2_000;

const scope = self as unknown as WorkerScope;
const cacheName = `sajin-${sajin.version}`;
const files = new Set(sajin.files);
const languageKey = '/offline/language';
const pageKey = (language: string) => `/offline/${language}`;

scope.addEventListener('install', (event) => event.waitUntil(install().catch(giveUp)));
scope.addEventListener('activate', (event) => event.waitUntil(activate()));
scope.addEventListener('fetch', answer);
scope.addEventListener('sync', (event) => {
  if (event.tag === queueTag) event.waitUntil(sendQueue());
});

/** All or nothing: a worker that kept only half of its page would show a broken one. */
async function install(): Promise<void> {
  // Caches are listed by age, and the youngest of the others is taken for the version before.
  await caches.delete(cacheName);
  const cache = await caches.open(cacheName);
  await cache.addAll(sajin.files);
  for (const language of sajin.languages) {
    // Without cookies, so that the header decides.
    const headers = { 'Accept-Language': language };
    const page = await fetch('/offline', { headers, credentials: 'omit', cache: 'no-store' });
    // A server that was updated just now has a page that needs other files.
    if (!page.ok || page.headers.get('Sajin-Version') !== sajin.version) throw new Error('another version');
    await cache.put(pageKey(language), page);
  }
  const mine = await fetch('/offline', { cache: 'no-store' });
  await cache.put(languageKey, new Response(mine.headers.get('Content-Language') ?? sajin.languages[0]));
  // Safe, because no page depends on which worker it is loaded under.
  await scope.skipWaiting();
}

/** What was begun would be taken for the version before, once the next one is installed. */
async function giveUp(error: unknown): Promise<never> {
  await caches.delete(cacheName);
  throw error;
}

async function activate(): Promise<void> {
  // Pages of the version before are still open, and what they load later is on no server any more.
  for (const name of (await olderCaches()).slice(0, -1)) await caches.delete(name);
  await scope.registration.navigationPreload?.enable();
  await scope.clients.claim();
}

/** Oldest first. */
async function olderCaches(): Promise<string[]> {
  return (await caches.keys()).filter((name) => name.startsWith('sajin-') && name !== cacheName);
}

function answer(event: AskedEvent): void {
  const { request } = event;
  const { origin, pathname, search, searchParams } = new URL(request.url);
  if (origin !== scope.location.origin) return;
  if (request.method === 'POST') {
    // Not in a frame: whoever shares sees what becomes of it.
    if (pathname === '/share' && request.destination === 'document') event.respondWith(takeShared(request));
    return;
  }
  if (request.method !== 'GET') return;
  if (request.mode === 'navigate') {
    if (/^\/(media|static|events|uploads)\b/.test(pathname)) return;
    const language = sajin.languages.find((one) => one === searchParams.get('lang'));
    if (language !== undefined) event.waitUntil(keepLanguage(language));
    event.respondWith(pageOf(event, language));
  } else if (files.has(pathname + search)) {
    event.respondWith(fileOf(request));
  } else if (pathname.startsWith('/static/built/chunk-')) {
    event.respondWith(olderFileOf(request));
  }
}

/** @param asked the language that the address asks for */
async function pageOf(event: AskedEvent, asked: string | undefined): Promise<Response> {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch (error) {
    const cache = await caches.open(cacheName);
    const language = asked ?? (await (await cache.match(languageKey))?.text());
    const page = await cache.match(pageKey(language ?? ''));
    if (page === undefined) throw error;
    return page;
  }
}

/** Their names carry a digest of their content, so that a kept one is as good as a fresh one. */
async function fileOf(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  return (await cache.match(request.url)) ?? fetch(request);
}

/** A piece of a script that is no part of this version: a page that was opened before asks for it. */
async function olderFileOf(request: Request): Promise<Response> {
  for (const name of await olderCaches()) {
    const file = await (await caches.open(name)).match(request.url);
    if (file !== undefined) return file;
  }
  return fetch(request);
}

async function keepLanguage(language: string): Promise<void> {
  const cache = await caches.open(cacheName);
  await cache.put(languageKey, new Response(language));
}

/** What another app shares is kept here; the page it leads to sends it. The server would refuse what another site sent. */
async function takeShared(request: Request): Promise<Response> {
  // For the server, in case nothing can be kept here.
  const unread = request.clone();
  try {
    const form = await request.formData();
    const title = cutTitle(String(form.get('title') ?? ''));
    const files = form.getAll('photo').filter((part) => part instanceof File);
    const store = await openQueueStore(await rememberedOwner());
    try {
      const before = new Set((await store.list()).map(({ id }) => id));
      const items = await store.add(files.map((file) => ({ file, name: file.name, title, isPaused: true })));
      if (store.isKept) return Response.redirect(sharedPath(items.map(({ id }) => id)), 303);
      // No room for all of it: some of it is only in the memory of this worker, which may end at any moment.
      const answer = await fetch(unread);
      const isTaken = answer.ok || answer.type === 'opaqueredirect';
      for (const { id } of items)
        if (isTaken && !before.has(id)) await store.remove(id).catch(() => undefined);
      return answer;
    } finally {
      store.close();
    }
  } catch {
    return unread.bodyUsed ? Response.error() : fetch(unread);
  }
}

/** Rejects while something is left, which makes the browser come again later. */
async function sendQueue(): Promise<void> {
  const store = await openQueueStore(await rememberedOwner());
  const endsAt = Date.now() + longestMs;
  try {
    if (!((await isSentByPages(store, endsAt)) || (await isSentFromHere(store, endsAt))))
      throw new Error('the queue is not empty');
  } finally {
    store.close();
  }
}

/** False as soon as no page sends, or when it takes too long. */
async function isSentByPages(store: QueueStore, endsAt: number): Promise<boolean> {
  for (;;) {
    if (!(await store.list()).some(isOpen)) return true;
    const pages = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
    if (Date.now() > endsAt || !(await doesAPageSend(pages, store.owner))) return false;
    if (await isForSomebodyElse(store)) return false;
    await pause();
  }
}

async function isSentFromHere(store: QueueStore, endsAt: number): Promise<boolean> {
  if (Date.now() > endsAt || (await isForSomebodyElse(store))) return false;
  const sending = startSending(store, { httpStack: createFetchStack() });
  try {
    return await isSent(store, sending, endsAt);
  } finally {
    await sending.stop();
  }
}

/** Waits also for what is due soon: a shot that may still be taken back, or what a page is sending. */
async function isSent(store: QueueStore, sending: Sending, endsAt: number): Promise<boolean> {
  for (;;) {
    await sending.settled;
    const now = Date.now();
    const dues = (await store.list())
      .filter(isOpen)
      .map(({ nextTryAt = 0, leasedUntil = 0 }) => Math.max(nextTryAt, leasedUntil) - now);
    if (dues.length === 0) return true;
    if (now > endsAt || Math.min(...dues) > soonMs || (await isForSomebodyElse(store))) return false;
    await pause();
  }
}

/** They have signed out meanwhile, and the browser comes again for whoever is there then. */
const isForSomebodyElse = async ({ owner }: QueueStore) => (await rememberedOwner()) !== owner;

const pause = () => new Promise((resolve) => setTimeout(resolve, lookMs));
