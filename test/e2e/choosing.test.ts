// Every way by which pictures come into the queue in a real browser: dropped, pasted, chosen as a folder. Each arrives once and as it was.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { becomes, desktop, openPage, phone } from '../support/browser.ts';
import { launchChromium, skipWithoutChromium } from '../support/chromium.ts';
import { makeFolder } from '../support/folder.ts';
import {
  allArrive,
  assertStored,
  type Chosen,
  choose,
  large,
  narrow,
  pictures,
  rows,
} from '../support/queue-page.ts';
import { type Program, startProgram } from '../support/start-program.ts';

// Asking whether a picture is known is answered by 404 when it is not; Chromium writes that down as an error.
const asked = /status of 404/;
const android: BrowserContextOptions = {
  ...phone,
  userAgent:
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
};

describe('choosing pictures', { skip: skipWithoutChromium, timeout: 400_000 }, () => {
  let browser: Browser;
  let program: Program;
  const expected: Chosen[] = [];

  before(async () => {
    browser = await launchChromium();
    program = await startProgram({ uploadsDir: await makeFolder() });
  });
  after(async () => {
    await browser?.close();
    await program?.stop();
  });

  /** @param script runs before those of the page */
  async function open(options: BrowserContextOptions, script = '') {
    const opened = await openPage(browser, options);
    await opened.page.addInitScript(script);
    await opened.page.goto(`${program.url}/photos/new`);
    await opened.page.locator('#upload.scripted').waitFor();
    return opened;
  }
  /** All that is on the page has arrived, and with what came before it is all that the server has. */
  async function arriveOnce(page: Page, files: readonly Chosen[]): Promise<void> {
    expected.push(...files);
    await allArrive(page, files.length);
    assert.equal(await page.locator('.row').count(), files.length);
    await assertStored(program, expected);
  }

  test('takes files that are dropped anywhere on the page', async () => {
    const { page, close } = await open(desktop);
    const files = pictures(3, 1);
    const folder = await onDisk(files);
    await drag(page, 'dragOver', paths(folder, files));
    await page.locator('#upload.dragging').waitFor();
    await drag(page, 'drop', paths(folder, files));
    await becomes(page, `!document.querySelector('#upload').matches('.dragging')`);
    await arriveOnce(page, files);
    await close(asked);
  });

  test('takes a folder that is dropped, with the folders in it, and says what it left out', async () => {
    const { page, close } = await open(desktop);
    const [above, below] = [pictures(2, 2), pictures(2, 3)];
    const folder = await onDisk(above, below);
    await drag(page, 'drop', [folder]);
    await page.locator('.left-out', { hasText: /no pictures or can’t be read: 1$/ }).waitFor();
    await arriveOnce(page, [...above, ...below]);
    await close(asked);
  });

  test('takes a folder that is chosen, with the folders in it, and says what it left out', async () => {
    const { page, close } = await open({ ...desktop, locale: 'ko-KR' });
    const [above, below] = [pictures(2, 4), pictures(2, 5)];
    await page.setInputFiles('#choose-folder', await onDisk(above, below));
    await page.locator('.left-out', { hasText: /사진이 아니거나 읽을 수 없어서 뺀 파일: 1개/ }).waitFor();
    await arriveOnce(page, [...above, ...below]);
    await close(asked);
  });

  test('takes a picture that is pasted', async () => {
    const { page, close } = await open(desktop);
    const files = pictures(1, 6);
    await paste(page, files);
    await arriveOnce(page, files);
    await close(asked);
  });

  test('says so when what was chosen could not be taken in', async () => {
    const { page, close } = await open(
      phone,
      `Blob.prototype.slice = () => { throw new DOMException('', 'NotReadableError'); }`,
    );
    await choose(page, pictures(1, 7));
    await page.locator('.left-out', { hasText: 'That did not work' }).waitFor();
    assert.equal(await page.locator('.row').count(), 0);
    await close();
  });

  test('tells of the place in a picture, and of another way to choose, on Android only', async () => {
    for (const options of [phone, desktop]) {
      const { page, close } = await open(options);
      assert.equal(await page.locator('.on-android').isVisible(), false);
      await close();
    }
    const { page, close } = await open(android);
    await page.locator('#place-note', { hasText: 'Chosen from the files, they keep it' }).waitFor();
    assert.equal(await page.locator('label[for=choose-files]').isVisible(), true);
    const files = pictures(1, 8);
    await page.setInputFiles('#choose-files', files);
    await arriveOnce(page, files);
    await close(asked);
  });

  test('keeps the screen awake while something is sent, and not a moment longer', async () => {
    const { page, close } = await open(
      phone,
      `globalThis.locks = { asked: 0, held: 0 };
      WakeLock.prototype.request = async (kind) => {
        if (kind !== 'screen') throw new DOMException('', 'NotSupportedError');
        locks.asked += 1;
        locks.held += 1;
        return { release: async () => { locks.held -= 1; } };
      };`,
    );
    assert.equal(await page.evaluate('locks.asked'), 0, 'there is nothing to send');
    await narrow(page, 200_000);
    const files = pictures(2, 9, large);
    await choose(page, files);
    await becomes(page, `${rows('sending')} > 0 && locks.held === 1`);
    await arriveOnce(page, files);
    await becomes(page, 'locks.held === 0');
    assert.equal(await page.evaluate('locks.asked'), 1, 'one lock does for all of them');
    await close(asked);
  });
});

const paths = (folder: string, files: readonly Chosen[]) => files.map(({ name }) => join(folder, name));

/** A folder of these, one in it of those, and something that is no picture. */
async function onDisk(above: readonly Chosen[], below: readonly Chosen[] = []): Promise<string> {
  const folder = await makeFolder();
  const inner = join(folder, 'inner');
  await mkdir(inner);
  await writeFile(join(inner, 'notes.txt'), 'not a photo at all');
  for (const { name, buffer } of above) await writeFile(join(folder, name), buffer);
  for (const { name, buffer } of below) await writeFile(join(inner, name), buffer);
  return folder;
}

/** As the system tells the browser; a page can't make up a drop that has folders. */
async function drag(page: Page, last: 'dragOver' | 'drop', files: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 700, y: 500, data });
    if (type === last) break;
  }
  await session.detach();
}

async function paste(page: Page, files: readonly Chosen[]): Promise<void> {
  const told = files.map(({ name, mimeType, buffer }) => [name, mimeType, buffer.toString('base64')]);
  await page.evaluate(`
    const clipboardData = new DataTransfer();
    for (const [name, type, base64] of ${JSON.stringify(told)})
      clipboardData.items.add(new File([Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))], name, { type }));
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));`);
}
