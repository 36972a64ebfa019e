// The pages around detection in a real browser: a model fetched and used, photos looked at again, seen first and then taken over.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import {
  accessibilityFaults,
  becomes,
  desktop,
  fewLooks,
  type OpenPage,
  openPage,
  phone,
  readFixture,
} from '../support/browser.ts';
import { launchChromium, skipWithoutChromium } from '../support/chromium.ts';
import { type Client, createClient } from '../support/client.ts';
import { makeFolder } from '../support/folder.ts';
import { openRunningGallery } from '../support/running-gallery.ts';
import { type Program, startProgram } from '../support/start-program.ts';
import { tinySsd } from '../support/test-shelf.ts';
import { until } from '../support/until.ts';
import { begin, type Mood, openWeightsServer, type WeightsServer } from '../support/weights-server.ts';

const slow = '/coco-ssd/group1-shard2of2';

describe('the pages around detection', { skip: skipWithoutChromium }, () => {
  const cleaners: (() => unknown)[] = [];
  const cleaner = { after: (clean: () => unknown) => void cleaners.push(clean) };
  let browser: Browser;
  let program: Program;
  let client: Client;
  let weights: WeightsServer;
  let uploadsDir: string;

  const start = async (env: Record<string, string>) => {
    await program?.stop();
    const settings = { DETECTOR: 'auto', MODEL_MIRROR: weights.url, DARKROOM_CHILDREN: '1', ...env };
    program = await startProgram({ uploadsDir, env: settings });
    client = createClient(program.url);
  };
  const open = async (path: string, options: BrowserContextOptions = phone): Promise<OpenPage> => {
    const opened = await openPage(browser, options);
    await opened.page.goto(new URL(path, program.url).href);
    return opened;
  };
  const postForm = (path: string, body: string) =>
    client.ask(path, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
  const photos = () => client.everything();

  before(async () => {
    weights = await openWeightsServer(cleaner);
    for (const [name, bytes] of tinySsd) weights.files.set(`/coco-ssd/${name}`, { bytes, etag: `"${name}"` });
    uploadsDir = await makeFolder(cleaner);
    // Stored while nothing looks at photos, so that there is something to find later.
    const clean: (() => unknown)[] = [];
    const gallery = await openRunningGallery({ after: (one) => void clean.push(one) }, { uploadsDir });
    const early = createClient(gallery.url.replace(/\/$/, ''));
    for (const name of ['kite.jpg', 'stop-sign.jpg', 'wall-clock.jpg', 'truncated.jpg'])
      await early.keep(readFixture(name), { name, title: name.slice(0, -4) });
    for (const { id } of await early.everything()) await early.developed(id);
    for (const one of clean) await one();
    browser = await launchChromium();
    // Looking again waits for another hour, so that what runs can be paused.
    const hour = new Date().getHours();
    await start({ RERUN_HOURS: `${(hour + 2) % 24}-${(hour + 3) % 24}` });
  });
  after(async () => {
    await browser?.close();
    await program?.stop();
    for (const clean of cleaners.reverse()) await clean();
  });

  test('a model is fetched with a bar that moves, checked, used and let go, without leaving the page', async () => {
    const { page, close } = await open('/detection');
    const held = hold();
    weights.behave(slow, [held.mood]);
    await page.evaluate('globalThis.stayed = true');
    const row = page.locator('#model-coco-ssd');
    await row.locator('form[action$="/fetch"] button').tap();
    const bar = row.locator('progress[value]');
    await bar.waitFor();
    await becomes(page, `document.querySelector('#model-coco-ssd progress')?.value > 0.2`);
    assert.match((await row.locator('.badge').textContent()) ?? '', /On its way/);
    held.release();
    await row.locator('form[action$="/verify"] button').tap();
    await row.locator('.model-verified').waitFor();
    await row.locator('form[action$="/use"] button').tap();
    await page.locator('.now-name', { hasText: 'coco-ssd' }).waitFor();
    await page.locator('.now form button').tap();
    await page.locator('.now-name', { hasText: 'centernet' }).waitFor();
    assert.equal(await page.evaluate('globalThis.stayed'), true, 'the page was never loaded anew');
    await close();
  });

  test('a download that fails says where from and where to', async () => {
    const { page, close } = await open('/detection');
    await page.locator('#model-yolox-s form[action$="/fetch"] button').tap();
    const problem = page.locator('#model-yolox-s .model-problem');
    await problem.waitFor();
    const text = (await problem.textContent()) ?? '';
    assert.ok(text.includes(`${weights.url}/yolox_s.onnx`) && text.includes(uploadsDir), text);
    await close();
  });

  test('a file that is no model is refused with a reason', async () => {
    const { page, close } = await open('/detection');
    await page.setInputFiles('#model-file', {
      name: 'not-a-model.onnx',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from('no weights'),
    });
    await page.locator('#import button').tap();
    await page.locator('.bring .refusal:not([hidden])', { hasText: 'not-a-model.onnx' }).waitFor();
    await close(/422/);
  });

  test('looking again is paused, goes on, and is stopped', async () => {
    const { page, close } = await open('/detection');
    await page.locator('.seen-list form button').first().tap();
    await page.waitForURL('**/reruns/*');
    const badge = page.locator('.rerun-head .badge');
    assert.match((await page.locator('.note').textContent()) ?? '', /RERUN_HOURS/);
    await page.locator('form[action$="/pause"] button').tap();
    await badge.filter({ hasText: 'Paused' }).waitFor();
    await page.locator('form[action$="/resume"] button').tap();
    await badge.filter({ hasText: 'Looking' }).waitFor();
    await page.locator('form[action$="/cancel"] button').tap();
    await badge.filter({ hasText: 'Stopped' }).waitFor();
    assert.match((await page.locator('.rerun-says').textContent()) ?? '', /stay as they are/);
    await close();
  });

  test('one photo is looked at again and taken over by a browser that runs no script', async () => {
    const kite = (await photos()).find(({ title }) => title === 'kite');
    assert.ok(kite);
    const answer = await postForm('/reruns', `photo=${kite.id}`);
    const path = answer.headers.get('location') ?? '';
    const { page, close } = await open(path, { ...phone, javaScriptEnabled: false });
    const isIn = (state: string) =>
      until(`${path} to be ${state}`, async () => JSON.parse((await client.ask(path)).text).state === state);
    await isIn('ready');
    // It may have been ready before the page was.
    if ((await page.locator('.by-hand').count()) > 0) await page.locator('.by-hand').tap();
    await page.locator('.badge.ready').waitFor();
    assert.match((await page.locator('.changes-list').textContent()) ?? '', /Found: kite/);
    await page.locator('form[action$="/apply"] button').tap();
    // The page that the form leads back to.
    await page.locator('.rerun-head .badge:not(.ready)').waitFor();
    await isIn('done');
    assert.deepEqual(
      (await client.photo(kite.id)).labels.map(({ label }) => label),
      ['kite'],
    );
    await page.reload();
    assert.equal(await page.locator('.seen-applied').count(), 1);
    await close();
  });

  test('everything is looked at again, shown while it comes, and goes into the photos on a yes', async () => {
    await start({});
    const { page, close } = await open('/detection', desktop);
    await page.locator('.seen-list li', { hasText: 'Nobody yet' }).locator('button').click();
    await page.waitForURL('**/reruns/*');
    await page.locator('.rerun-head .badge', { hasText: 'Your turn' }).waitFor();
    // Two whole photos, and what is left of a damaged one.
    assert.equal(await page.locator('.seen-photo').count(), 3);
    assert.equal(await page.locator('.seen-photo .difference.found').count(), 3);
    const signs = (await page.locator('.seen-photos').textContent()) ?? '';
    assert.match(signs, /Found: clock.*Found: stop sign/s);
    await page.locator('form[action$="/apply"] button').click();
    await page.locator('.rerun-head .badge', { hasText: 'Done' }).waitFor();
    assert.equal(await page.locator('.seen-applied').count(), 3);
    const labels = (await photos()).flatMap((photo) => photo.labels.map(({ label }) => label));
    assert.deepEqual(labels.sort(), ['clock', 'kite', 'stop sign', 'stop sign']);
    await close();
  });

  test('a photo that failed is tried again from the list of them', async () => {
    const { page, close } = await open('/');
    await page.locator('[popovertarget=more]').tap();
    await page.locator('.menu a[href="/failed"]').tap();
    const rows = page.locator('.failed-photo');
    await rows.first().waitFor();
    assert.match((await rows.first().textContent()) ?? '', /truncated.*damaged/s);
    const { id, version } = JSON.parse((await client.ask('/failed')).text).photos[0];
    await rows.first().locator('button').tap();
    await becomes(page, `document.querySelector('.failed-photo button')?.ariaDisabled !== 'true'`);
    const again = (await client.developed(id)) as unknown as { version: number };
    assert.ok(again.version > version, 'it was developed once more');
    await close();
  });

  for (const { name, width: widest, options } of fewLooks)
    for (const path of /390 px, light|1440 px, dark/.test(name)
      ? ['/detection', '/reruns/2', '/reruns/3', '/failed']
      : ['/detection', '/reruns/3'])
      test(`${path} has no fault for axe and is not too wide at ${name}`, async () => {
        const { page, close } = await open(path, options);
        assert.deepEqual(await accessibilityFaults(page), []);
        const width = await page.evaluate<number>('document.documentElement.scrollWidth');
        assert.ok(width <= widest, `it is ${width} px wide`);
        await close();
      });
});

/** An answer that stops in the middle until it is released. */
function hold(): { mood: Mood; release: () => void } {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    release: () => release(),
    mood(request, response, file) {
      begin(request, response, file);
      const middle = file.bytes.length >> 1;
      response.write(file.bytes.subarray(0, middle));
      void released.then(() => response.end(file.bytes.subarray(middle)));
    },
  };
}
