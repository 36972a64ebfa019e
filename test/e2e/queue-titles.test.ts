// Titles in the queue of uploads: what was typed is there again, however quickly the page went, and reaches the server.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { becomes, openPage, phone } from '../support/browser.ts';
import { launchChromium, launchOwnChromium, skipWithoutChromium } from '../support/chromium.ts';
import { createClient } from '../support/client.ts';
import { makeFolder } from '../support/folder.ts';
import { allArrive, choose, large, narrow, pictures, rows } from '../support/queue-page.ts';
import { type Program, startProgram } from '../support/start-program.ts';
import { until } from '../support/until.ts';

// Cut on purpose, asked for and not known, or under a version that is over since the photo is developed meanwhile.
const expected = /ERR_FAILED|status of (404|412)/;
const titlesOf = `[...document.querySelectorAll('.row-title')].map(({ value }) => value).join()`;
const anyUpload = '**/{uploads,digests}/**';

describe('a title in the queue of uploads', { skip: skipWithoutChromium, timeout: 400_000 }, () => {
  let browser: Browser;
  let program: Program;

  before(async () => {
    browser = await launchChromium();
    program = await startProgram({ uploadsDir: await makeFolder(), env: { DETECTOR: 'off' } });
  });
  after(async () => {
    await browser?.close();
    await program?.stop();
  });

  const goTo = async (page: Page) => {
    await page.goto(`${program.url}/photos/new`);
    await page.locator('#upload.scripted').waitFor();
  };
  async function open() {
    const opened = await openPage(browser, phone);
    await goTo(opened.page);
    return opened;
  }
  const cut = (context: BrowserContext) => context.route(anyUpload, (route) => route.abort());
  const connect = (context: BrowserContext) => context.unroute(anyUpload);
  const stored = async () => (await createClient(program.url).everything()).map(({ title }) => title);
  const reaches = (title: string, count = 1) =>
    until(`"${title}"`, async () => (await stored()).filter((one) => one === title).length === count, {
      deadlineMs: 20_000,
    });
  const type = async (page: Page, title: string) => {
    await page.locator('.row-title').first().focus();
    await page.keyboard.press('Home');
    await page.keyboard.type(title);
  };
  const titleOn = (page: Page) => page.locator('.row-title').first().inputValue();

  test('is there again after a reload right after its last letter', async () => {
    const { page, context, close } = await open();
    await cut(context);
    await choose(page, pictures(1, 800));
    await becomes(page, `${rows('again')} === 1`);
    let title = '';
    for (const word of ['Quick', ' brown', ' fox']) {
      title += word;
      await page.locator('.row-title').first().focus();
      await page.keyboard.press('End');
      await page.keyboard.type(word);
      await page.reload();
      await page.locator('.row').waitFor();
      assert.equal(await titleOn(page), title);
    }
    await connect(context);
    await page.reload();
    await reaches('Quick brown fox');
    await close(expected);
  });

  test('reaches the server when it was typed after the photo had, and the page was left at once', async () => {
    const { page, close } = await open();
    await choose(page, pictures(1, 801));
    await allArrive(page, 1);
    await type(page, 'Late');
    await page.reload();
    await reaches('Late');
    await page.locator('.row').waitFor();
    await type(page, 'Too ');
    await page.goto(program.url);
    await reaches('Too Late');
    await close(expected);
  });

  test('outlives a page that is closed with its last letter', async () => {
    const folder = await makeFolder();
    const first = await launchOwnChromium(folder);
    const page = await first.newPage();
    await cut(first);
    await goTo(page);
    await choose(page, pictures(1, 802));
    await becomes(page, `${rows('again')} === 1`);
    await type(page, 'Closed');
    await page.close({ runBeforeUnload: false });
    await first.close();
    const second = await launchOwnChromium(folder);
    const again = await second.newPage();
    await cut(second);
    await goTo(again);
    await again.locator('.row').waitFor();
    assert.equal(await titleOn(again), 'Closed');
    await connect(second);
    await again.reload();
    await reaches('Closed');
    await second.close();
  });

  test('for all fills what has none by hand, also what is there already and what comes later', async () => {
    const { page, close } = await open();
    const field = page.getByLabel('One title for all');
    await choose(page, pictures(1, 803));
    await allArrive(page, 1);
    assert.equal(await field.isVisible(), false, 'one picture has a field of its own');
    await narrow(page, 300_000);
    await choose(page, pictures(2, 804, large));
    await field.waitFor();
    await page.locator('.row-title').nth(1).fill('By hand');
    await field.focus();
    await page.keyboard.type('Trip');
    await page.keyboard.press('Enter');
    assert.equal(
      await page.evaluate(`document.activeElement.closest('.row')?.matches(':first-child')`),
      true,
    );
    await becomes(page, `${titlesOf} === 'Trip,By hand,Trip'`);
    await choose(page, pictures(1, 805));
    await allArrive(page, 4);
    await becomes(page, `${titlesOf} === 'Trip,By hand,Trip,Trip'`);
    await reaches('Trip', 3);
    await reaches('By hand');
    await field.press('End');
    await page.keyboard.type(' to Jeju');
    await page.reload();
    await reaches('Trip to Jeju', 3);
    await page.locator('.row').first().waitFor();
    assert.equal(await field.inputValue(), 'Trip to Jeju');
    await page.locator('[data-all=clear]').tap();
    await page.locator('.queue').waitFor({ state: 'hidden' });
    await choose(page, pictures(2, 806));
    await field.waitFor();
    assert.equal(await field.inputValue(), '', 'the next queue begins without');
    await allArrive(page, 2);
    await close(expected);
  });
});
