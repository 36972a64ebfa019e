// The queue of uploads in a real browser: nothing is lost, nothing is sent twice, and everything can be paused, cancelled, renamed.
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { accessibilityFaults, becomes, fewLooks, openPage, phone } from '../support/browser.ts';
import { launchChromium, skipWithoutChromium } from '../support/chromium.ts';
import { createClient } from '../support/client.ts';
import { makeFolder } from '../support/folder.ts';
import {
  allArrive,
  arrived,
  assertStored,
  type Chosen,
  choose,
  large,
  leftovers,
  narrow,
  pictures,
  rows,
} from '../support/queue-page.ts';
import { type Program, startProgram } from '../support/start-program.ts';
import { until } from '../support/until.ts';

// Asking whether a picture is known is answered by 404 when it is not; Chromium writes that down as an error.
const asked = /status of 404/;

describe('the queue of uploads', { skip: skipWithoutChromium, timeout: 400_000 }, () => {
  let browser: Browser;
  let program: Program;
  let expected: Chosen[] = [];

  before(async () => {
    browser = await launchChromium();
    program = await startProgram({ uploadsDir: await makeFolder() });
  });
  after(async () => {
    await browser?.close();
    await program?.stop();
  });

  async function open(options: BrowserContextOptions = phone) {
    const opened = await openPage(browser, options);
    await opened.page.goto(`${program.url}/photos/new`);
    await opened.page.locator('#upload.scripted').waitFor();
    return opened;
  }
  const add = (files: readonly Chosen[]) => {
    expected = [...expected, ...files];
    return files;
  };

  test('sends three pictures as soon as they are chosen', async () => {
    const { page, close } = await open();
    await choose(page, add(pictures(3, 1)));
    await allArrive(page, 3);
    await page.locator('.count', { hasText: 'All 3 are stored' }).waitFor();
    await assertStored(program, expected);
    await close(asked);
  });

  test('sends nothing of what is there already', async () => {
    const { page, close } = await open();
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET') sent.push(request.url());
    });
    await choose(page, pictures(3, 1));
    await becomes(page, `${rows('duplicate')} === 3`);
    assert.deepEqual(sent, []);
    await page.locator('.row [data-do=open]').first().tap();
    await page.waitForURL('**/photos/*-*');
    await assertStored(program, expected);
    await close(asked);
  });

  test('takes the same file twice as one', async () => {
    const { page, close } = await open();
    await page.evaluate(`(() => {
      const file = new File([new Uint8Array([255, 216, 255, 1])], 'twice.jpg', { lastModified: 5 });
      const put = () => {
        const transfer = new DataTransfer();
        transfer.items.add(file);
        const input = document.querySelector('#choose');
        input.files = transfer.files;
        input.dispatchEvent(new Event('change'));
      };
      put();
      put();
    })()`);
    await becomes(page, `${rows('refused failed')} === 1`);
    assert.equal(await page.locator('.row').count(), 1);
    await close(/404|422|415/);
  });

  test('goes on after a reload in the middle', async () => {
    const { page, close } = await open();
    await narrow(page, 400_000);
    await choose(page, add(pictures(5, 2, large)));
    await becomes(page, `${rows(arrived)} >= 1`);
    await page.reload();
    await page.locator('.row').first().waitFor();
    assert.equal(await page.locator('.row').count(), 5);
    await allArrive(page, 5);
    await assertStored(program, expected);
    await close(asked);
  });

  test('goes on after the whole page was closed, from any page, and says so', async () => {
    const { page, context, close } = await open();
    await narrow(page, 200_000);
    await choose(page, add(pictures(4, 3, large)));
    await becomes(page, `${rows('sending')} === 3`);
    await page.close({ runBeforeUnload: false });
    const other = await context.newPage();
    await other.goto(program.url);
    await other.locator('#sending', { hasText: /Uploading \d\/4/ }).waitFor();
    await other.locator('#sending', { hasText: 'All 4 are stored' }).waitFor({ timeout: 60_000 });
    await assertStored(program, expected);
    await close(asked);
  });

  test('the next page goes on at once when the one that was sending is left', async () => {
    const { page, context, close } = await open();
    await narrow(page, 100_000);
    await choose(page, add(pictures(2, 20, { ...large, width: 640, height: 640 })));
    await becomes(page, `${rows('sending')} === 2`);
    const other = await context.newPage();
    await other.goto(`${program.url}/photos/new`);
    await becomes(other, `${rows('sending')} === 2`);
    const begun: number[] = [];
    other.on('request', (request) => {
      // It asks how far the upload is; perhaps all of it has come.
      if (['HEAD', 'PATCH'].includes(request.method())) begun.push(performance.now());
    });
    const left = performance.now();
    await page.close({ runBeforeUnload: false });
    await until('the other page to send', () => begun.length > 0);
    // A lease that runs out by itself takes ten seconds.
    assert.ok((begun[0] ?? 0) - left < 6_000, `it took ${(begun[0] ?? 0) - left} ms`);
    await allArrive(other, 2);
    await assertStored(program, expected);
    await close(asked);
  });

  test('two tabs share the work and send nothing twice', async () => {
    const { page, context, close } = await open();
    const other = await context.newPage();
    await other.goto(`${program.url}/photos/new`);
    const begun: string[] = [];
    context.on('request', (request) => {
      if (request.method() === 'POST') begun.push(request.headers()['upload-metadata'] ?? '');
    });
    await choose(page, add(pictures(12, 4)));
    await choose(other, add(pictures(12, 5)));
    await Promise.all([allArrive(page, 24), allArrive(other, 24)]);
    assert.equal(begun.length, 24);
    assert.equal(new Set(begun).size, 24);
    await assertStored(program, expected);
    await close(asked);
  });

  test('one rotten file does not sink the others, and says why', async () => {
    const { page, close } = await open();
    const broken = pictures(1, 6)[0]?.buffer.subarray(0, 300) ?? Buffer.alloc(0);
    await choose(page, [
      ...add(pictures(2, 7)),
      { name: 'notes.txt', mimeType: 'image/png', buffer: Buffer.from('not a photo at all') },
      { name: 'cut.png', mimeType: 'image/png', buffer: Buffer.concat([broken.subarray(0, 20)]) },
      { name: 'empty.png', mimeType: 'image/png', buffer: Buffer.alloc(0) },
      ...add(pictures(2, 8)),
    ]);
    await allArrive(page, 4);
    await becomes(page, `${rows('refused')} === 3`);
    const why = (name: string) => page.locator('.row', { hasText: name }).locator('.says').textContent();
    assert.match((await why('notes.txt')) ?? '', /JPEG, HEIC, PNG/);
    assert.match((await why('cut.png')) ?? '', /damaged|opened/);
    assert.match((await why('empty.png')) ?? '', /empty/);
    // What the server refused may be the only copy: it outlives the page, and is given back.
    await page.reload();
    await page.locator('.row').first().waitFor();
    assert.equal(await page.locator('[data-do=save]:visible').count(), 1);
    const saved = page.waitForEvent('download');
    await page.locator('.row', { hasText: 'cut.png' }).locator('[data-do=save]').tap();
    assert.equal((await saved).suggestedFilename(), 'cut.png');
    const size = await (await saved).path().then((path) => stat(path));
    assert.equal(size.size, 20);
    await page.goto(program.url);
    await page.locator('#sending', { hasText: '1 photo needs a look' }).waitFor();
    await page.goto(`${program.url}/photos/new`);
    await page.locator('.row').first().waitFor();
    await assertStored(program, expected);
    await close(/404|415|422/);
  });

  test('pauses and goes on, one and all, and takes out what is cancelled', async () => {
    const { page, close } = await open();
    await narrow(page, 100_000);
    const [one, two, three] = pictures(3, 9, large);
    assert.ok(one && two && three);
    await choose(page, [one, two, three]);
    await becomes(page, `${rows('sending')} === 3`);
    const row = (file: Chosen) => page.locator('.row', { hasText: file.name });
    await row(one).locator('[data-do=pause]').tap();
    await row(one).and(page.locator('[data-state=paused]')).waitFor();
    await row(two).locator('[data-do=cancel]').tap();
    await becomes(page, `document.querySelectorAll('.row').length === 2`);
    await page.locator('.taken-out', { hasText: two.name }).locator('button').tap();
    await becomes(page, `document.querySelectorAll('.row').length === 3`);
    await row(two).locator('[data-do=cancel]').tap();
    await becomes(page, `document.querySelectorAll('.row').length === 2`);
    await page.locator('[data-all=pause]').tap();
    await becomes(page, `${rows('paused')} === 2`);
    await narrow(page, 10_000_000);
    await page.locator('[data-all=resume]').tap();
    await allArrive(page, 2);
    add([one, three]);
    // The server lets go of a cancelled upload when its last request has ended.
    await until(
      'the cancelled upload to be gone',
      async () => (await leftovers(program.uploadsDir)).length === 0,
      {
        deadlineMs: 30_000,
      },
    );
    await assertStored(program, expected);
    await close(/404|423/);
  });

  test('titles typed while sending, and after, arrive', async () => {
    const { page, close } = await open();
    await narrow(page, 300_000);
    const [slow] = add(pictures(1, 10, large));
    assert.ok(slow);
    await choose(page, [slow]);
    await page.locator('.row-title').fill('Typed meanwhile');
    await allArrive(page, 1);
    const client = createClient(program.url);
    const title = async () => (await client.everything())[0]?.title;
    await until('the title', async () => (await title()) === 'Typed meanwhile', { deadlineMs: 10_000 });
    await page.locator('.row-title').fill('And changed');
    await until('the other title', async () => (await title()) === 'And changed', { deadlineMs: 10_000 });
    await assertStored(program, expected);
    // The title goes under the version that was just read; while it is developed that is soon another one.
    await close(/404|412/);
  });

  test('tells the titles of all rows at once when the page is put away', async () => {
    const { page, close } = await open();
    await choose(page, add(pictures(2, 13)));
    await allArrive(page, 2);
    const untold = await page.evaluate(`(() => {
      const titles = [...document.querySelectorAll('.row-title')];
      for (const [at, title] of titles.entries()) {
        title.value = 'Put away with ' + at;
        title.dispatchEvent(new Event('input'));
      }
      dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      return titles.filter(({ dataset }) => dataset.typed !== undefined).length;
    })()`);
    assert.equal(untold, 0);
    await page.evaluate(`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`);
    const client = createClient(program.url);
    const titles = async () => (await client.everything()).map(({ title }) => title);
    for (const title of ['Put away with 0', 'Put away with 1'])
      await until(title, async () => (await titles()).includes(title), { deadlineMs: 10_000 });
    await assertStored(program, expected);
    await close(asked);
  });

  test('three hundred small files stay quick', async (t) => {
    const { page, close } = await open();
    const files = add(pictures(300, 11));
    const started = performance.now();
    await choose(page, files);
    await allArrive(page, 300, 120_000);
    const tookMs = performance.now() - started;
    t.diagnostic(`300 files took ${Math.round(tookMs)} ms`);
    await assertStored(program, expected);
    await close(asked);
  });

  for (const { name, options } of fewLooks)
    test(`has no fault for axe with every kind of row at ${name}`, async () => {
      const { page, context, close } = await open(options);
      await choose(page, [
        ...pictures(1, 1),
        { name: 'notes.txt', mimeType: 'image/png', buffer: Buffer.from('not a photo at all') },
      ]);
      await becomes(page, `${rows('duplicate refused')} === 2`);
      await context.setOffline(true);
      await choose(page, pictures(3, 12));
      await becomes(page, `${rows('again')} >= 1`);
      await page.locator('.row [data-do=pause]:visible').last().click();
      await becomes(page, `${rows('paused')} === 1`);
      assert.deepEqual(await accessibilityFaults(page), []);
      const width = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      assert.ok(width <= 0, `${width} px too wide`);
      const small = await page.evaluate<
        string[]
      >(`[...document.querySelectorAll('.upload :is(button, a.button, label, .row-title)')]
            .filter((one) => one.offsetParent !== null)
            .filter((one) => one.getBoundingClientRect().height < 44 || one.getBoundingClientRect().width < 44)
            .map((one) => one.outerHTML.slice(0, 80))`);
      assert.deepEqual(small, []);
      await close(/404|ERR_INTERNET_DISCONNECTED/);
    });
});
