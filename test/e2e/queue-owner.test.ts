// A tablet that a family shares: what one of them has in the queue of a browser is neither shown to the next one nor sent as theirs.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import {
  accessibilityFaults,
  becomes,
  fewLooks,
  type OpenPage,
  openPage,
  phone,
} from '../support/browser.ts';
import { launchChromium, skipWithoutChromium } from '../support/chromium.ts';
import { type Client, createClient, sha256Of } from '../support/client.ts';
import { type Cleaner, makeFolder } from '../support/folder.ts';
import { type BrowserLike, goodPassword, openBrowser } from '../support/members.ts';
import { allArrive, type Chosen, choose, pictures, rows } from '../support/queue-page.ts';
import { type Program, startProgram } from '../support/start-program.ts';
import { until } from '../support/until.ts';

// Cut on purpose, refused on purpose, or asked for while nobody had signed in.
const expected = /ERR_FAILED|ERR_INTERNET_DISCONNECTED|40[149]/;
const anyUpload = '**/{uploads,digests}/**';

describe('the queue of a browser that several people sign in on', { skip: skipWithoutChromium }, () => {
  const cleaners: (() => unknown)[] = [];
  const cleaner: Cleaner = { after: (clean) => void cleaners.push(clean) };
  let browser: Browser;
  let program: Program;
  let miri: Client;
  let juno: Client;

  before(async () => {
    program = await startProgram({
      uploadsDir: await makeFolder(cleaner),
      env: { ACCESS: 'members', DETECTOR: 'off' },
    });
    const owner = openBrowser(program.url);
    const setUp = await until('the link', () =>
      program.lines.map((line) => /\/set-up\?token=(\S+)$/.exec(line)?.[1]).find((one) => one !== undefined),
    );
    await enter(owner, '/set-up', setUp, 'Miri');
    const made = await owner.ask('/people/invitations', { form: { role: 'member' } });
    const { link } = JSON.parse(made.text) as { link: string };
    const guest = openBrowser(program.url);
    await enter(guest, '/invite', new URL(link).searchParams.get('token') ?? '', 'Juno');
    miri = createClient(program.url, owner.cookie);
    juno = createClient(program.url, guest.cookie);
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await program?.stop();
    for (const clean of cleaners.toReversed()) await clean();
  });

  const enter = async (who: BrowserLike, path: string, token: string, name: string) => {
    const answer = await who.ask(path, { form: { token, name, password: goodPassword } });
    assert.equal(answer.status, 200, answer.text);
  };
  const goTo = (page: Page, path: string) => page.goto(new URL(path, program.url).href);
  const openQueue = async (page: Page) => {
    await goTo(page, '/photos/new');
    await page.locator('#upload.scripted').waitFor();
  };
  async function signIn(page: Page, name: string) {
    await goTo(page, '/sign-in');
    await page.fill('#door-name', name);
    await page.fill('#door-password', goodPassword);
    await page.locator('#door [type=submit]').click();
    await page.locator('nav.bar .shutter').waitFor();
  }
  async function signOut(page: Page) {
    await goTo(page, '/labels');
    await page.locator('[popovertarget=more]').click();
    await page.locator('#more form[action="/sign-out"] button').click();
    await page.waitForURL('**/sign-in');
    await remembers(page, 'nobody');
  }
  /** Without a page the device goes by what the last one said. */
  const remembers = (page: Page, who: string) =>
    becomes(page, `caches.match('/queue-owner').then((one) => one?.text()).then((who) => who === '${who}')`);
  async function open(name: string): Promise<OpenPage> {
    const opened = await openPage(browser, phone);
    await signIn(opened.page, name);
    return opened;
  }
  const cut = (context: BrowserContext) => context.route(anyUpload, (route) => route.abort());
  const connect = (context: BrowserContext) => context.unroute(anyUpload);
  /** What is there of these, as one of them sees it. */
  const stored = async (client: Client, files: readonly Chosen[]) => {
    const all = await client.everything();
    return files.flatMap(({ buffer }) => all.find(({ sha256 }) => sha256 === sha256Of(buffer)) ?? []);
  };
  const areTheirs = async (owner: Client, other: Client, files: readonly Chosen[]) => {
    const found = await until('all of them', async () => {
      const photos = await stored(owner, files);
      return photos.length === files.length && photos;
    });
    for (const { id } of found) {
      const hides = async (client: Client) => {
        const { text } = await client.ask(`/photos/${id}`, { headers: { Accept: 'text/html' } });
        return text.includes('id="privacy"');
      };
      assert.deepEqual([await hides(owner), await hides(other)], [true, false]);
    }
    return found;
  };
  /** One of one's own comes through, so nothing else was still on its way. */
  const comesThrough = async (page: Page, seed: number) => {
    const own = pictures(1, seed);
    await choose(page, own);
    await allArrive(page, 1);
    return own;
  };

  test('waits while somebody else has signed in, unseen, and goes on as its own', async () => {
    const { page, context, close } = await open('Miri');
    const hers = pictures(3, 700);
    await openQueue(page);
    await cut(context);
    await choose(page, hers);
    await page.locator('.row-title').first().fill('A secret picnic');
    await page.locator('.row-title').first().press('Enter');
    await becomes(page, `${rows('again waiting')} === 3`);
    await signOut(page);
    await connect(context);

    await signIn(page, 'Juno');
    // What the service worker had begun while Miri was there names her, and is refused.
    const taken: string[] = [];
    context.on('response', (response) => {
      if (/\/(uploads|digests)\b/.test(response.url()) && response.status() !== 409)
        taken.push(response.url());
    });
    await goTo(page, '/');
    await remembers(page, await idOf(page));
    assert.equal(await page.locator('#sending').isVisible(), false, 'it is nothing that concerns Juno');
    await openQueue(page);
    await page.locator('.others', { hasText: '3 photos wait here for somebody else.' }).waitFor();
    assert.equal(await page.locator('.row, .queue:visible, .unowned:visible, canvas').count(), 0);
    assert.doesNotMatch(await page.content(), /secret picnic|IMG_700/);
    assert.deepEqual(taken, []);
    const his = await comesThrough(page, 701);
    assert.equal(await page.locator('.row').count(), 1);
    await page.locator('[data-all=clear]').click();
    await areTheirs(juno, miri, his);
    assert.deepEqual(await stored(juno, hers), []);

    await signOut(page);
    await signIn(page, 'Miri');
    await page.locator('#sending', { hasText: 'All 3 are stored' }).waitFor();
    const [first] = await areTheirs(miri, juno, hers);
    assert.equal(first?.title, 'A secret picnic');
    await openQueue(page);
    assert.equal(await page.locator('.others:visible').count(), 0);
    await close(expected);
  });

  test('is refused once from a page that was left open, and goes on there when its user is back', async () => {
    const { page, context, close } = await open('Miri');
    const hers = pictures(2, 710);
    await openQueue(page);
    // One has been begun there, of the other the server has not heard yet.
    await context.route(anyUpload, (route) =>
      route.request().method() === 'PATCH' ? route.abort() : route.continue(),
    );
    await choose(page, hers.slice(0, 1));
    await becomes(page, `${rows('again')} === 1`);
    await context.unroute(anyUpload);
    await cut(context);
    await choose(page, hers.slice(1));
    await becomes(page, `${rows('again waiting')} === 2`);
    const other = await context.newPage();
    await signOut(other);
    await signIn(other, 'Juno');
    const answers: number[] = [];
    page.on('response', (response) => {
      if (/\/(uploads|digests)\b/.test(response.url())) answers.push(response.status());
    });
    await connect(context);
    await page.evaluate(`dispatchEvent(new Event('online'))`);
    await becomes(page, `${rows('otherUser')} === 2`);
    await page.locator('.says', { hasText: 'Somebody else has signed in here' }).first().waitFor();
    await openQueue(other);
    await comesThrough(other, 711);
    assert.deepEqual(answers, [409, 409]);
    assert.deepEqual(await stored(juno, hers), []);
    await other.locator('.others', { hasText: '2 photos wait here for somebody else' }).waitFor();

    await signOut(other);
    await signIn(other, 'Miri');
    await areTheirs(miri, juno, hers);
    await becomes(page, `${rows('otherUser')} === 0`);
    await close(expected);
  });

  test('is asked for when nobody had signed in, and shown to nobody before', async () => {
    const { page, context, close } = await open('Miri');
    await becomes(page, 'navigator.serviceWorker.controller?.state === "activated"');
    await signOut(page);
    await context.setOffline(true);
    await goTo(page, '/photos/new');
    await page.locator('.offline-note').waitFor();
    await page.locator('#upload.scripted').waitFor();
    const found = pictures(2, 720);
    await choose(page, found);
    await becomes(page, `${rows('unowned')} === 2`);
    await page.reload();
    await page.locator('.unowned', { hasText: '2 photos wait here, and nobody has said' }).waitFor();
    assert.equal(await page.locator('.row, .unowned button:visible').count(), 0);
    await context.setOffline(false);

    await signIn(page, 'Juno');
    await page.locator('#sending', { hasText: '2 photos need a look' }).click();
    await page.locator('.unowned button').click();
    await allArrive(page, 2);
    assert.equal(await page.locator('.unowned:visible').count(), 0);
    await areTheirs(juno, miri, found);
    await close(expected);
  });

  test('keeps what is in it from before there were owners, and asks whose it is', async () => {
    const { page, close } = await openPage(browser, phone);
    await goTo(page, '/sign-in');
    const [old] = pictures(1, 730);
    assert.ok(old);
    await page.evaluate(`new Promise((resolve, reject) => {
      const opening = indexedDB.open('sajin-queue', 1);
      opening.onerror = reject;
      opening.onupgradeneeded = () => {
        const items = opening.result.createObjectStore('items', { keyPath: 'id' });
        for (const name of ['open', 'leasedUntil', 'choice']) items.createIndex(name, name);
        opening.result.createObjectStore('files');
      };
      opening.onsuccess = () => {
        const writing = opening.result.transaction(['items', 'files'], 'readwrite');
        const bytes = Uint8Array.from(atob('${old.buffer.toString('base64')}'), (one) => one.charCodeAt(0));
        writing.objectStore('files').put(new Blob([bytes], { type: 'image/png' }), '0');
        writing.objectStore('items').put({ id: '0', name: 'old.png', type: 'image/png', size: bytes.length, addedAt: 1,
          title: 'From before', state: 'waiting', sent: 0, tries: 0, choice: 'old.png', open: 1 });
        writing.oncomplete = () => { opening.result.close(); resolve(); };
        writing.onabort = reject;
      };
    })`);
    await signIn(page, 'Miri');
    await page.locator('#sending', { hasText: '1 photo needs a look' }).click();
    await page.locator('.unowned', { hasText: '1 photo waits here' }).waitFor();
    assert.equal(await page.locator('.row').count(), 0);
    assert.deepEqual(await stored(miri, [old]), []);
    await page.locator('.unowned button').click();
    await allArrive(page, 1);
    const [photo] = await areTheirs(miri, juno, [old]);
    assert.equal(photo?.title, 'From before');
    await close(expected);
  });

  for (const { name, options, width } of fewLooks)
    test(`axe finds nothing in what it says of others, and nothing is cut off: ${name}`, async () => {
      const { page, context, close } = await openPage(browser, options);
      await signIn(page, 'Miri');
      await openQueue(page);
      await cut(context);
      await choose(page, pictures(3, 740));
      await becomes(page, `${rows('again waiting')} === 3`);
      await page.evaluate(`new Promise((resolve) => {
        const opening = indexedDB.open('sajin-queue');
        opening.onsuccess = () => {
          const items = opening.result.transaction('items', 'readwrite').objectStore('items');
          items.getAll().onsuccess = ({ target }) => {
            const { user, ...nobodys } = target.result[0];
            items.put(nobodys).onsuccess = () => { opening.result.close(); resolve(); };
          };
        };
      })`);
      await signOut(page);
      await signIn(page, 'Juno');
      await openQueue(page);
      await page.locator('.others:visible').waitFor();
      await page.locator('.unowned button:visible').waitFor();
      assert.deepEqual(await accessibilityFaults(page), []);
      assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= width);
      await close(expected);
    });

  const idOf = (page: Page) => page.evaluate<string>('document.body.dataset.user');
});
