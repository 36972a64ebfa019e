// Sajin as an app: installing, without a connection, after an update, and what other apps share with it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import {
  accessibilityFaults,
  becomes,
  fewLooks,
  openPage,
  openStage,
  phone,
  readFixture,
} from '../support/browser.ts';
import { launchChromium, launchOwnChromium, skipWithoutChromium } from '../support/chromium.ts';
import { makeFolder } from '../support/folder.ts';
import { remarkJpeg } from '../support/pictures.ts';
import { assertAllWhole } from '../support/queue-page.ts';
import { startProgram } from '../support/start-program.ts';
import { until } from '../support/until.ts';

/** The service worker answers for this page, and has everything it keeps. */
const working = (page: Page) => becomes(page, 'navigator.serviceWorker.controller?.state === "activated"');
const kept = (page: Page) => page.evaluate<string[]>('caches.keys()');
// A picture that is new to the server is 404 among the digests it knows.
const noConnection = /ERR_INTERNET_DISCONNECTED|ERR_FAILED|ERR_CONNECTION|404/;

describe('as an app', { skip: skipWithoutChromium }, () => {
  const stage = openStage();
  const has = async (bytes: Buffer) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return (await stage.client.everything()).find((photo) => photo.sha256 === sha256);
  };
  const picture = (remark: string) => remarkJpeg(readFixture('kite.jpg'), remark);
  const asFile = (name: string, buffer: Buffer) => ({ name, mimeType: 'image/jpeg', buffer });

  /** What the system does when another app shares; here a form has to. */
  async function share(page: Page, title: string, ...files: ReturnType<typeof asFile>[]): Promise<void> {
    await page.evaluate(`
      const form = Object.assign(document.createElement('form'), { id: 'sharing', action: '/share', method: 'post', enctype: 'multipart/form-data' });
      form.append(Object.assign(document.createElement('input'), { name: 'title', value: ${JSON.stringify(title)} }),
        Object.assign(document.createElement('input'), { type: 'file', name: 'photo', id: 'shared', multiple: true }));
      document.body.append(form);`);
    await page.setInputFiles('#shared', files);
    await page.evaluate(`document.querySelector('#sharing').submit()`);
  }

  test('can be installed, under a name, with its icons and shortcuts', async (t) => {
    const context = await launchOwnChromium(await makeFolder());
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(stage.program.url);
    await working(page);
    const session = await context.newCDPSession(page);
    const { data, errors } = await session.send('Page.getAppManifest');
    assert.deepEqual(errors, []);
    const manifest = JSON.parse(data ?? '') as {
      icons: { src: string }[];
      shortcuts: { url: string }[];
      share_target: { action: string };
    };
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    assert.deepEqual(installabilityErrors, []);
    for (const { src } of manifest.icons)
      assert.equal((await stage.client.ask(src)).headers.get('content-type'), 'image/png');
    assert.deepEqual(
      manifest.shortcuts.map(({ url }) => url),
      ['/shoot', '/photos/new'],
    );
  });

  test('shows any page without a connection as the one for that, in the language of the reader', async () => {
    const { page, context, close } = await stage.open('/labels', { ...phone, locale: 'ko-KR' });
    await working(page);
    await context.setOffline(true);
    await page.reload();
    await page.locator('.offline-note', { hasText: '연결이 없어요' }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/labels', 'the address stays');
    await becomes(
      page,
      `[...document.styleSheets].length >= 3 && document.querySelector('.offline-note[data-connection=off]')`,
    );
    await page.locator('.languages a[lang=en]').tap();
    await page.locator('html[lang=en] .offline-note', { hasText: 'No connection' }).waitFor();
    await context.setOffline(false);
    await page.locator('.offline-note', { hasText: 'The connection is back' }).waitFor();
    await page.locator('[data-again]').tap();
    await page.locator('.bar a[aria-current]').waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'ko', 'and there the cookie decides');
    await close(noConnection);
  });

  test('does not say that the connection is back while only the gallery can’t be reached', async () => {
    const { page, context, close } = await stage.open('/');
    await working(page);
    await context.route('**/healthz', (route) => route.abort());
    await page.goto(new URL('/offline', stage.program.url).href);
    await becomes(page, `document.querySelector('.offline-note[data-connection=off]')`);
    await context.unroute('**/healthz');
    await page.locator('.offline-note', { hasText: 'The connection is back' }).waitFor();
    await close(noConnection);
  });

  test('keeps a photo that was chosen without a connection, and sends it afterwards', async () => {
    const bytes = picture('offline');
    const { page, context, close } = await stage.open('/');
    await working(page);
    await context.setOffline(true);
    await page.goto(new URL('/photos/new', stage.program.url).href);
    await page.locator('.offline-note').waitFor();
    await page.setInputFiles('#choose', asFile('offline.jpg', bytes));
    await page.locator('.row').waitFor();
    const send = page.locator('.send');
    if (await send.isVisible()) await send.tap();
    await context.setOffline(false);
    await until('the photo to arrive', () => has(bytes), { deadlineMs: 60_000 });
    await close(noConnection);
  });

  test('takes what another app shares, several at once, and sends it', async () => {
    const [one, two] = [picture('shared 1'), picture('shared 2')];
    const { page, close } = await stage.open('/labels');
    await working(page);
    await share(page, 'From elsewhere', asFile('one.jpg', one), asFile('two.jpg', two));
    await page.waitForURL('**/photos/new?shared=*');
    // In a browser's tab another site may have sent that form, so a person has to say so.
    await becomes(page, `document.querySelectorAll('.row[data-state=paused]').length === 2`);
    await page.locator('[data-all=resume]').tap();
    await until('both to arrive', async () => (await has(one)) && (await has(two)), { deadlineMs: 60_000 });
    assert.equal((await has(two))?.title, 'From elsewhere');
    await close(noConnection);
  });

  test('keeps what is shared without a connection, and the browser wakes it for sending', async () => {
    const bytes = picture('shared offline');
    const { page, context, close } = await stage.open('/labels');
    await working(page);
    await context.setOffline(true);
    await share(page, '', asFile('late.jpg', bytes));
    await page.locator('.offline-note').waitFor();
    assert.equal(new URL(page.url()).pathname, '/photos/new');
    await page.locator('[data-all=resume]').tap();
    await page.locator('.row:not([data-state=paused])').waitFor();
    await context.setOffline(false);
    // No page sends from here; the browser's own clock for waking would take minutes.
    await page.goto(new URL('/healthz', stage.program.url).href);
    await wake(context, page);
    await until('the photo to arrive', () => has(bytes), { deadlineMs: 60_000 });
    await close(noConnection);
  });

  test('sends what was shared by itself in a window of its own, which only an installed one has', async () => {
    const bytes = picture('shared in a window');
    const { page, context, close } = await stage.open('/labels');
    await working(page);
    await context.addInitScript(`
      const ask = globalThis.matchMedia.bind(globalThis);
      globalThis.matchMedia = (query) => query.includes('standalone') ? { matches: true } : ask(query);`);
    await share(page, '', asFile('window.jpg', bytes));
    await until('the photo to arrive', () => has(bytes), { deadlineMs: 60_000 });
    await close(noConnection);
  });

  test('sends what is shared to the server where no service worker runs', async () => {
    const { page, close } = await stage.open('/labels', { ...phone, serviceWorkers: 'block' });
    const bytes = picture('shared plainly');
    await share(page, 'Plainly', asFile('plain.jpg', bytes));
    await page.waitForURL('**/photos/*-*');
    assert.equal((await has(bytes))?.title, 'Plainly');
    await close();
  });

  test('gives what is shared to the server when the device has no room for it, and keeps nothing by halves', async () => {
    const bytes = picture('shared to a full device');
    const { page, context, close } = await stage.open('/labels');
    await working(page);
    const [worker] = context.serviceWorkers();
    await worker?.evaluate(`
      const put = IDBObjectStore.prototype.put;
      let room = 1;
      IDBObjectStore.prototype.put = function (value, ...key) {
        if (value instanceof Blob && room-- <= 0) throw new DOMException('', 'QuotaExceededError');
        return put.call(this, value, ...key);
      }`);
    await share(page, 'Full', asFile('full.jpg', bytes), asFile('two.jpg', picture('full 2')));
    await page.waitForURL((url) => url.pathname === '/');
    await until('the photo to arrive', () => has(bytes), { deadlineMs: 60_000 });
    await page.goto(new URL('/photos/new', stage.program.url).href);
    await page.locator('#upload.scripted').waitFor();
    assert.equal(await page.locator('.row').count(), 0);
    await close(noConnection);
  });

  test('cuts a title that is too long rather than refuse what is shared', async () => {
    const bytes = picture('shared at length');
    const { page, close } = await stage.open('/labels');
    await working(page);
    await share(page, `a${'📷'.repeat(150)}`, asFile('long.jpg', bytes));
    await page.waitForURL('**/photos/new?shared=*');
    await page.locator('[data-all=resume]').tap();
    await until('the photo to arrive', () => has(bytes), { deadlineMs: 60_000 });
    assert.equal((await has(bytes))?.title, `a${'📷'.repeat(99)}`);
    await close(noConnection);
  });

  test('sends a shot as a plain form when the code of the queue is gone since an update', async () => {
    const { page, context, close } = await stage.open('/labels', { ...phone, serviceWorkers: 'block' });
    const bytes = picture('after an update');
    await context.route(/static\/built\/chunk-/, (route) => route.fulfill({ status: 404 }));
    await page.setInputFiles('#shot', asFile('shot.jpg', bytes));
    await page.fill('#shot-title', 'Old page');
    await page.locator('.sheet [type=submit]').tap();
    await page.waitForURL('**/photos/*-*');
    assert.equal((await has(bytes))?.title, 'Old page');
    await close(noConnection);
  });

  test('does not say that a shot is kept when there was no room for it', async () => {
    const { page, context, close } = await stage.open('/labels', { ...phone, serviceWorkers: 'block' });
    const bytes = picture('no room');
    await page.setInputFiles('#shot', asFile('shot.jpg', bytes));
    await page.locator('.sheet-preview:visible').waitFor();
    await page.waitForLoadState('networkidle').catch(() => undefined);
    await page.evaluate(
      `IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError'); }`,
    );
    await context.setOffline(true);
    await page.locator('.sheet [type=submit]').tap();
    await page.locator('#sending:visible').waitFor();
    assert.equal(await page.evaluate(`document.querySelector('#shot').files.length`), 1);
    await context.setOffline(false);
    await until('the photo to arrive', () => has(bytes), { deadlineMs: 60_000 });
    await close(noConnection);
  });

  for (const { name, width, options } of fewLooks)
    test(`the page without a connection has no fault for axe at ${name}`, async () => {
      const { page, context, close } = await stage.open('/', {
        ...options,
        serviceWorkers: 'allow',
      });
      await working(page);
      await context.setOffline(true);
      await page.reload();
      await page.locator('.offline-note').waitFor();
      assert.deepEqual(await accessibilityFaults(page), []);
      assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= width);
      await close(noConnection);
    });

  test('whatever was taken is there once, byte for byte, and nothing lies around', () =>
    assertAllWhole(stage.program, 3));
});

describe('after an update', { skip: skipWithoutChromium }, () => {
  test('pages of the version before are never shown, and pieces of its scripts are kept for one version', async (t) => {
    const uploadsDir = await makeFolder();
    const run = (port: string, megabytes: string) =>
      startProgram({ uploadsDir, env: { PORT: port, MAX_UPLOAD_MB: megabytes } });
    const first = await run('0', '41');
    const browser = await launchChromium();
    t.after(() => browser.close());
    const { page, close } = await openPage(browser, phone);
    await page.goto(first.url);
    await working(page);
    const [old] = await kept(page);
    // A piece that the next build does not have.
    const piece = '/static/built/chunk-AAAAAAAA.js';
    await page.evaluate(
      `caches.open('${old}').then((cache) => cache.put('${piece}', new Response('old piece')))`,
    );
    const asked = () => page.evaluate(`fetch('${piece}').then((answer) => answer.ok && answer.text())`);
    await first.stop();
    await page.reload();
    await page.locator('.hint', { hasText: '41 MB' }).waitFor();

    // A limit is part of that page, so this is another version of everything that is kept.
    const second = await run(new URL(first.url).port, '42');
    await page.reload();
    await page.locator('#news, .empty, .card').first().waitFor({ state: 'attached' });
    const next = async (count: number) => {
      await until('the next version to be there', async () => {
        const names = await kept(page);
        return names.length === count && names.at(-1) !== old;
      });
      // Asked for pieces again and again, the version before would never be idle, and only an idle one gives way.
      await becomes(
        page,
        `navigator.serviceWorker.getRegistration().then(({ installing, waiting }) => (installing ?? waiting) === null)`,
      );
      await working(page);
    };
    await next(2);
    await until('the piece', async () => (await asked()) === 'old piece');
    await second.stop();
    await page.reload();
    await page.locator('.hint', { hasText: '42 MB' }).waitFor();

    const third = await run(new URL(first.url).port, '43');
    await page.reload();
    await page.locator('#news, .empty, .card').first().waitFor({ state: 'attached' });
    await until('the oldest to be gone', async () => !(await kept(page)).includes(old ?? ''));
    assert.equal(await asked(), false);
    await third.stop();
    await close(noConnection);
  });
});

/** Tells the service worker that there is a connection again, as the browser does in its own time. */
async function wake(context: BrowserContext, page: Page): Promise<void> {
  const session = await context.newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [registration] = registrations;
      if (registration !== undefined) resolve(registration.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.dispatchSyncEvent', {
    origin: new URL(page.url()).origin,
    registrationId: await registered,
    tag: 'sajin-queue',
    lastChance: false,
  });
}
