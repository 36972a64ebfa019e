// Shooting and choosing on a phone: preview, progress, state of each file, and labels that appear by themselves.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { becomes, fixture, openStage, readFixture } from '../support/browser.ts';
import { skipWithoutChromium } from '../support/chromium.ts';
import { remarkJpeg } from '../support/pictures.ts';
import { allArrive, narrow } from '../support/queue-page.ts';
import { until } from '../support/until.ts';

describe('the upload page', { skip: skipWithoutChromium }, () => {
  const stage = openStage();

  test('shows what was chosen, and that it is stored', async () => {
    const { page, close } = await stage.open('/photos/new');
    await page.setInputFiles('#choose', fixture('stop-sign.jpg'));
    const row = page.locator('.row');
    await row.locator('.row-title').fill('A stop sign, drawn');
    await becomes(page, `document.querySelector('.row canvas')?.width > 0`);
    await page.locator('.row[data-state=done]').waitFor();
    const client = stage.client;
    await until('its title', async () => (await client.everything())[0]?.title === 'A stop sign, drawn', {
      deadlineMs: 10_000,
    });
    await row.locator('[data-do=open]').tap();
    await page.waitForURL('**/photos/*-*');
    assert.equal(await page.locator('h1').textContent(), 'A stop sign, drawn');
    await close(/404/);
  });

  test('sends several, three at a time', async () => {
    const { page, close } = await stage.open('/photos/new');
    await page.evaluate(`
      globalThis.most = 0;
      new MutationObserver(() => {
        most = Math.max(most, document.querySelectorAll('.row:is([data-state=sending], [data-state=checking])').length);
      }).observe(document.querySelector('.queue'), { subtree: true, attributes: true });`);
    await narrow(page, 200_000);
    const photos = [1, 2, 3, 4, 5].map((index) => ({
      name: `IMG_${index}.jpg`,
      mimeType: 'image/jpeg',
      buffer: remarkJpeg(readFixture('room.jpg'), `several ${index}`),
    }));
    await page.setInputFiles('#choose', photos);
    await allArrive(page, 5);
    assert.equal(await page.evaluate('most'), 3);
    await close(/404/);
  });

  test('is told by the shutter at once what would be refused', async () => {
    const { page, close } = await stage.open('/');
    const scan = { name: 'scan.tiff', mimeType: 'image/tiff', buffer: Buffer.from('II*\0') };
    await page.setInputFiles('#shot', scan);
    await page.locator('.sheet .says', { hasText: /not a picture/ }).waitFor();
    assert.equal(await page.locator('.sheet [type=submit]').isVisible(), false);
    await page.setInputFiles('#shot', fixture('kite.jpg'));
    await page.locator('.sheet [type=submit]').waitFor();
    assert.equal(await page.locator('.sheet .says').textContent(), '');
    await close(/404/);
  });

  test('can be left to the shutter, from any page', async () => {
    const { page, close } = await stage.open('/labels');
    await page.setInputFiles('#shot', fixture('kite.jpg'));
    await becomes(page, `document.querySelector('.sheet-preview').naturalWidth > 0`);
    await page.fill('#shot-title', 'From the shutter');
    await page.locator('.sheet [type=submit]').tap();
    await page.waitForURL('**/photos/*-*');
    assert.equal(await page.locator('h1').textContent(), 'From the shutter');
    await close(/404/);
  });
});

describe('labels', { skip: skipWithoutChromium }, () => {
  const stage = openStage();

  /** Keeps the darkroom busy, so that the photo is still waiting when the page opens. */
  async function uploadBehindOthers(remark: string): Promise<string> {
    for (let index = 0; index < 6; index += 1)
      await stage.client.keep(remarkJpeg(readFixture('street.jpg'), `${remark} ${index}`));
    return (await stage.client.keep(remarkJpeg(readFixture('stop-sign.jpg'), remark))).id;
  }

  test('appear on the list by themselves', async () => {
    const id = await uploadBehindOthers('list');
    const { page, close } = await stage.open('/');
    const card = page.locator(`[id="${id}"]`);
    assert.match((await card.getAttribute('data-state')) ?? '', /waiting|developing/);
    await page.evaluate('globalThis.unchanged = true');
    await page.locator(`[id="${id}"]:not([data-state]) .caption`).waitFor();
    assert.match((await card.locator('.caption').textContent()) ?? '', /stop sign/i);
    assert.equal(await page.evaluate('globalThis.unchanged'), true, 'the page was not loaded again');
    await close();
  });

  test('and boxes appear on the photo by themselves', async () => {
    const id = await uploadBehindOthers('photo');
    const { page, close } = await stage.open(`/photos/${id}`);
    assert.match((await page.locator('#photo').getAttribute('data-state')) ?? '', /waiting|developing/);
    await page.evaluate('globalThis.unchanged = true');
    await page.locator('.found-chip', { hasText: /stop sign/i }).waitFor();
    await page.locator('.boxes .box').first().waitFor();
    assert.equal(await page.evaluate('globalThis.unchanged'), true, 'the page was not loaded again');
    await close();
  });

  test('appear also when the page begins to listen only after the photo is done', async () => {
    const { page, context, close } = await stage.open('/');
    let listen = () => {};
    const mayListen = new Promise<void>((resolve) => {
      listen = resolve;
    });
    await context.route('**/events', async (route) => {
      await mayListen;
      await route.continue();
    });
    const id = await uploadBehindOthers('late');
    await page.goto(new URL(`/photos/${id}`, stage.program.url).href);
    assert.notEqual(await page.locator('#photo').getAttribute('data-state'), 'done');
    await stage.client.developed(id);
    listen();
    await page.locator('.found-chip[data-label="stop sign"]').waitFor();
    await close();
  });

  test('lead to everything under them', async () => {
    const { page, close } = await stage.open('/labels');
    await page.locator('main li a', { hasText: /stop sign/i }).tap();
    await page.waitForURL('**/?label=stop+sign');
    assert.ok((await page.locator('.card').count()) >= 2, 'both stop signs are there');
    await close();
  });

  test('a new photo is announced on an open list without moving it', async () => {
    const { page, close } = await stage.open('/');
    const before = await page.locator('.card').count();
    await stage.client.keep(remarkJpeg(readFixture('kite.jpg'), 'announced'));
    await page.locator('#news:not([hidden])').waitFor();
    assert.equal(await page.locator('.card').count(), before);
    await page.locator('#news').tap();
    await becomes(page, `document.querySelectorAll('.card').length === ${before + 1}`);
    await close();
  });
});
