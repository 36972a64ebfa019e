// The queue where a real phone is unkind: a browser that is killed, an address without https, a file that is too large, a try that
// failed for good; and what the browser is asked for so that a phone helps: waking, the rear lens, the light.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page, Route } from 'playwright-core';
import { becomes, openPage, phone } from '../support/browser.ts';
import { launchChromium, launchOwnChromium, skipWithoutChromium } from '../support/chromium.ts';
import { createClient } from '../support/client.ts';
import { makeFolder } from '../support/folder.ts';
import { signInPeople } from '../support/people.ts';
import {
  allArrive,
  arrived,
  assertStored,
  choose,
  large,
  narrow,
  pictures,
  rows,
} from '../support/queue-page.ts';
import { type Program, startProgram } from '../support/start-program.ts';
import { until } from '../support/until.ts';

/** A name that is not localhost leads to this machine: to a browser an address without https like any other in a home. */
const home = 'photos.home';

describe('the queue against the odds', { skip: skipWithoutChromium, timeout: 300_000 }, () => {
  let browser: Browser;
  const programs: Program[] = [];
  before(async () => {
    browser = await launchChromium([
      `--host-resolver-rules=MAP ${home} 127.0.0.1`,
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
    ]);
  });
  after(async () => {
    await browser?.close();
    for (const program of programs) await program.stop();
  });

  async function start(env: Readonly<Record<string, string>> = {}): Promise<Program> {
    const program = await startProgram({ uploadsDir: await makeFolder(), env });
    programs.push(program);
    return program;
  }
  async function open(url: string, options: BrowserContextOptions = phone) {
    const opened = await openPage(browser, options);
    await opened.page.goto(`${url}/photos/new`);
    await opened.page.locator('#upload.scripted').waitFor();
    return opened;
  }

  test('a browser that is killed while it sends goes on when it is started again', async (t) => {
    const program = await start();
    const profile = await makeFolder(t);
    const files = pictures(6, 1, large);
    const first = await launchOwnChromium(profile);
    const page = await first.newPage();
    await page.goto(`${program.url}/photos/new`);
    await page.locator('#upload.scripted').waitFor();
    await narrow(page, 200_000);
    await choose(page, files);
    await becomes(page, `${rows(arrived)} >= 1 && ${rows('sending')} >= 1`);
    killBrowserOf(profile);
    await first.close().catch(() => undefined);
    const before = await createClient(program.url).everything();
    assert.ok(before.length < files.length, 'it was killed in the middle');

    const second = await launchOwnChromium(profile);
    t.after(() => second.close());
    const again = await second.newPage();
    // Any page will do.
    await again.goto(program.url);
    const sent = async () => (await createClient(program.url).everything()).length;
    await until('the rest to arrive', async () => (await sent()) === files.length, { deadlineMs: 90_000 });
    await assertStored(program, files);
  });

  test('asks the browser to wake it for what waits without a connection', async (t) => {
    const program = await start();
    const own = await launchOwnChromium(await makeFolder(t));
    t.after(() => own.close());
    const page = await own.newPage();
    await page.goto(`${program.url}/photos/new`);
    await page.locator('#upload.scripted').waitFor();
    await becomes(page, 'navigator.serviceWorker.controller !== null');
    const tags = () =>
      page.evaluate<string[]>('navigator.serviceWorker.ready.then(({ sync }) => sync.getTags())');
    assert.deepEqual(await tags(), []);
    await own.setOffline(true);
    await choose(page, pictures(2, 2));
    await becomes(page, `${rows('again')} >= 1`);
    await until('the browser to know', async () => (await tags()).includes('sajin-queue'));
    await own.setOffline(false);
    await allArrive(page, 2);
    await assertStored(program, pictures(2, 2));
  });

  test('without https nothing is lost but what the browser keeps to https', async () => {
    const folder = await makeFolder();
    const { mina } = await signInPeople(folder, { mina: 'member' });
    const program = await startProgram({
      uploadsDir: folder,
      env: { ACCESS: 'members', ALLOWED_HOSTS: home },
    });
    programs.push(program);
    const url = program.url.replace('127.0.0.1', home).replace('localhost', home);
    const { page, context, close } = await openPage(browser, phone);
    const [name = '', value = ''] = mina.split('=');
    await context.addCookies([{ name, value, url }]);
    await page.goto(`${url}/photos/new`);
    await page.locator('#upload.scripted').waitFor();
    assert.deepEqual(
      await page.evaluate(`[isSecureContext, typeof crypto.subtle, 'serviceWorker' in navigator]`),
      [false, 'undefined', false],
    );
    const files = pictures(3, 3);
    await choose(page, files);
    await allArrive(page, 3);
    const photos = await createClient(program.url, mina).everything();
    assert.equal(photos.length, 3);
    // Digests are made without the browser's own: what is known is not sent once more.
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET') sent.push(request.url());
    });
    await page.reload();
    await page.locator('#upload.scripted').waitFor();
    await choose(
      page,
      [...files].map((file) => ({ ...file, name: `again-${file.name}` })),
    );
    await becomes(page, `${rows('duplicate')} === 3`);
    assert.deepEqual(sent, []);
    // And a camera opens one picture at a time, by the system's own app.
    await page.goto(`${url}/shoot`);
    await page.locator('[data-trouble=insecure]:visible').waitFor();
    const one = page.locator('#one[capture=environment]');
    const [shot] = pictures(1, 4);
    assert.ok(shot);
    await page.fill('#plain-title', 'By hand');
    await one.setInputFiles(shot);
    await until(
      'the shot to arrive',
      async () =>
        (await createClient(program.url, mina).everything()).some(({ title }) => title === 'By hand 1'),
      { deadlineMs: 30_000 },
    );
    // Chromium says of a header that it means nothing without https.
    await close(/status of 404|Cross-Origin-Opener-Policy/);
  });

  test('a file that is too large is told before a byte of it is sent', async () => {
    const program = await start({ MAX_UPLOAD_MB: '1' });
    const { page, close } = await open(program.url);
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET' || request.url().includes('digest')) asked.push(request.url());
    });
    const [big] = pictures(1, 5, { width: 800, height: 700, compression: 0 });
    assert.ok(big && big.buffer.length > 1_048_576);
    await choose(page, [big]);
    await becomes(page, `${rows('refused')} === 1`);
    assert.match((await page.locator('.row .says').textContent()) ?? '', /1 MB/);
    assert.deepEqual(asked, []);
    const files = pictures(1, 6);
    await choose(page, files);
    await allArrive(page, 1);
    await assertStored(program, files);
    await close(/status of 404/);
  });

  test('what failed for good is tried again when somebody says so, one and all', async () => {
    const program = await start();
    // Answers are exchanged on the way, which a service worker would do by itself.
    const { page, context, close } = await open(program.url, { ...phone, serviceWorkers: 'block' });
    const refuse = async (route: Route) =>
      route.request().method() === 'POST'
        ? route.fulfill({
            status: 400,
            contentType: 'application/problem+json',
            body: '{"code":"bad-request","detail":"Something on the way broke it."}',
          })
        : route.continue();
    await context.route('**/uploads', refuse);
    const files = pictures(4, 7);
    await choose(page, files);
    await becomes(page, `${rows('failed')} === 4`);
    assert.equal(await page.evaluate(rows(arrived)), 0);
    await context.unroute('**/uploads', refuse);
    const [first] = files;
    assert.ok(first);
    await page.locator('.row', { hasText: first.name }).locator('[data-do=retry]').tap();
    await allArrive(page, 1);
    assert.equal(await page.evaluate(rows('failed')), 3, 'the others wait for a word');
    await page.locator('[data-all=retry]').tap();
    await allArrive(page, 4);
    assert.equal(await page.locator('[data-all=retry]').isVisible(), false);
    await assertStored(program, files);
    await close(/status of (400|404)/);
  });

  test('says how long the rest will take', async () => {
    const program = await start();
    const { page, close } = await open(program.url);
    await narrow(page, 60_000);
    const files = pictures(3, 8, large);
    await choose(page, files);
    await page.locator('.queue-head .left', { hasText: /minute/ }).waitFor({ timeout: 30_000 });
    await narrow(page, 5_000_000);
    await allArrive(page, 3);
    await assertStored(program, files);
    await close(/status of 404/);
  });

  test('opens the lens at the back, and its light when it has one', async () => {
    const program = await start();
    const { page, context, close } = await openPage(browser, phone);
    await context.addInitScript(lensWithLight);
    await page.goto(`${program.url}/shoot`);
    await page.locator('#shooting.ready').waitFor();
    const [wish] = await page.evaluate<{ video: { facingMode?: unknown } }[]>('globalThis.wishes');
    assert.deepEqual(wish?.video.facingMode, { ideal: 'environment' });
    const light = page.locator('#light');
    await light.tap();
    await isPressed(page, true);
    await light.tap();
    await isPressed(page, false);
    assert.deepEqual(await page.evaluate('globalThis.lights'), [true, false]);
    await close(/status of 404/);
  });
});

/** What Chromium's made-up camera lacks: everything asked of it is written down, and it has a light. */
const lensWithLight = `(() => {
  globalThis.wishes = [];
  globalThis.lights = [];
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wish) => {
    globalThis.wishes.push(wish);
    const stream = await open(wish);
    for (const track of stream.getVideoTracks()) {
      const abilities = track.getCapabilities();
      track.getCapabilities = () => ({ ...abilities, torch: true });
      track.applyConstraints = async ({ advanced: [{ torch }] }) => void globalThis.lights.push(torch);
    }
    return stream;
  };
})()`;

const isPressed = (page: Page, on: boolean) =>
  becomes(page, `document.querySelector('#light').getAttribute('aria-pressed') === '${on}'`);

/** Every process of the browser whose profile lies there, at once and without a word. */
function killBrowserOf(profile: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (line.includes(`--user-data-dir=${profile}`)) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
}
