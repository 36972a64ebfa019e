// The queue of uploads when things go wrong: no connection, a line that is cut again and again, a server that is killed.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { becomes, openPage, phone } from '../support/browser.ts';
import { launchChromium, skipWithoutChromium } from '../support/chromium.ts';
import { openLine } from '../support/cuttable-line.ts';
import { makeFolder } from '../support/folder.ts';
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

const expectedNoise =
  /status of (404|423|409|503)|ERR_(INTERNET_DISCONNECTED|CONNECTION_\w+|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED|FAILED|NETWORK_CHANGED|INCOMPLETE_CHUNKED_ENCODING)/;

describe('the queue of uploads in trouble', { skip: skipWithoutChromium, timeout: 400_000 }, () => {
  let browser: Browser;
  const programs: Program[] = [];

  before(async () => {
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    for (const program of programs) await program.stop();
  });

  async function start(): Promise<Program> {
    const program = await startProgram({ uploadsDir: await makeFolder() });
    programs.push(program);
    return program;
  }
  async function open(program: Program) {
    const opened = await openPage(browser, phone);
    await opened.page.goto(`${program.url}/photos/new`);
    await opened.page.locator('#upload.scripted').waitFor();
    return opened;
  }
  test('what is chosen without a connection is kept, and sent when there is one', async () => {
    const program = await start();
    const { page, context, close } = await open(program);
    const files = pictures(4, 1);
    await context.setOffline(true);
    await choose(page, files);
    await becomes(page, `${rows('again')} >= 1`);
    await page.locator('.queue-head .left', { hasText: /No connection.*by itself/ }).waitFor();
    assert.equal(await page.evaluate(rows('failed')), 0);
    await context.setOffline(false);
    await allArrive(page, 4);
    await assertStored(program, files);
    await close(expectedNoise);
  });

  test('a shot without a connection stays on the phone, and goes on from there', async () => {
    const program = await start();
    const { page, context, close } = await openPage(browser, phone);
    await page.goto(program.url);
    const [shot] = pictures(1, 2);
    assert.ok(shot);
    await page.setInputFiles('#shot', shot);
    await page.locator('.sheet-preview:visible').waitFor();
    await page.waitForLoadState('networkidle').catch(() => undefined);
    await context.setOffline(true);
    await page.fill('#shot-title', 'In the tunnel');
    await page.locator('.sheet [type=submit]').tap();
    await page.locator('#sending', { hasText: /Kept on this device/ }).waitFor();
    assert.equal(await page.locator('.sheet').isVisible(), false);
    await context.setOffline(false);
    await page.locator('#sending', { hasText: /stored/ }).waitFor({ timeout: 90_000 });
    await assertStored(program, [shot]);
    await close(expectedNoise);
  });

  test('a line of 400 kbit/s that is cut three times loses nothing and sends nothing twice', async (t) => {
    const program = await start();
    // The browser narrows what it thinks it sends; the line is narrow whatever a browser thinks.
    const line = await openLine(program.url, 50_000);
    t.after(() => line.close());
    const { page, close } = await openPage(browser, phone);
    await page.goto(`${line.url}/photos/new`);
    await page.locator('#upload.scripted').waitFor();
    const files = pictures(3, 3, large);
    await narrow(page, 50_000);
    const begun: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') begun.push(request.headers()['upload-metadata'] ?? '');
    });
    await choose(page, files);
    for (let time = 0; time < 3; time += 1) {
      await page.waitForTimeout(4_000);
      line.cut();
      await becomes(page, `${rows('again')} >= 1`);
      assert.equal(await page.evaluate(rows('failed refused')), 0);
      line.mend();
    }
    await allArrive(page, 3, 120_000);
    assert.equal(new Set(begun).size, 3);
    assert.ok(begun.length <= 6, 'what was begun was gone on with');
    await assertStored(program, files);
    await close(expectedNoise);
  });

  test('a server that is killed and comes back finds everything', async () => {
    const first = await start();
    const { page, close } = await open(first);
    const files = pictures(6, 4, large);
    await narrow(page, 400_000);
    await choose(page, files);
    await becomes(page, `${rows(arrived)} >= 1`);
    await first.kill('SIGKILL');
    await becomes(page, `${rows('again busy')} >= 1`);
    const second = await startProgram({
      uploadsDir: first.uploadsDir,
      env: { PORT: new URL(first.url).port },
    });
    programs.push(second);
    await allArrive(page, 6, 120_000);
    await assertStored(second, files);
    await close(expectedNoise);
  });

  test('a browser without a place to keep things says so and sends all the same', async () => {
    const program = await start();
    const { page, close } = await openPage(browser, phone);
    await page.addInitScript(`Object.defineProperty(globalThis, 'indexedDB', { value: undefined })`);
    await page.goto(`${program.url}/photos/new`);
    await page.locator('#upload.scripted').waitFor();
    await narrow(page, 100_000);
    const files = pictures(2, 5, large);
    await choose(page, files);
    await page.locator('.not-kept:visible').waitFor();
    await allArrive(page, 2);
    await assertStored(program, files);
    await close(expectedNoise);
  });
});
