// Sajin while there is no connection, and while no page of it is open. Pages always come from the network: the only one kept here
// is the offline page of this very version, and it is shown only when the network failed.
import { queueTag } from './parts/queue/background-sync.ts';
import { createFetchStack } from './parts/queue/fetch-stack.ts';
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

const scope = self as unknown as WorkerScope;
const cacheName = `sajin-${sajin.version}`;
const files = new Set(sajin.files);
const languageKey = '/offline/language';
const pageKey = (language: string) => `/offline/${language}`;

scope.addEventListener('install', (event) => event.waitUntil(install()));
scope.addEventListener('activate', (event) => event.waitUntil(activate()));
scope.addEventListener('fetch', answer);
scope.addEventListener('sync', (event) => {
  if (event.tag === queueTag) event.waitUntil(sendQueue());
});

/** All or nothing: a worker that kept only half of its page would show a broken one. */
async function install(): Promise<void> {
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

async function activate(): Promise<void> {
  for (const name of await caches.keys())
    if (name.startsWith('sajin-') && name !== cacheName) await caches.delete(name);
  await scope.registration.navigationPreload?.enable();
  await scope.clients.claim();
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
    const title = String(form.get('title') ?? '');
    const files = form.getAll('photo').filter((part) => part instanceof File);
    const store = await openQueueStore();
    if (!store.isKept) return await fetch(unread);
    const items = await store.add(files.map((file) => ({ file, name: file.name, title, isPaused: true })));
    store.close();
    return Response.redirect(sharedPath(items.map(({ id }) => id)), 303);
  } catch {
    return fetch(unread);
  }
}

/** Rejects while something is left, which makes the browser come again later. */
async function sendQueue(): Promise<void> {
  const store = await openQueueStore();
  const sending = startSending(store, { httpStack: createFetchStack() });
  try {
    if (!(await isSent(store, sending))) throw new Error('the queue is not empty');
  } finally {
    await sending.stop();
    store.close();
  }
}

/** Waits also for what is due soon: a shot that may still be taken back, or what a page is sending. */
async function isSent(store: QueueStore, sending: Sending): Promise<boolean> {
  const endsAt = Date.now() + longestMs;
  for (;;) {
    await sending.settled;
    const now = Date.now();
    const dues = (await store.list())
      .filter(isOpen)
      .map(({ nextTryAt = 0, leasedUntil = 0 }) => Math.max(nextTryAt, leasedUntil) - now);
    if (dues.length === 0) return true;
    if (now > endsAt || Math.min(...dues) > soonMs) return false;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}
