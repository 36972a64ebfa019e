// Shooting and choosing on a phone: preview, progress, state of each file, and labels that appear by themselves.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { becomes, fixture, openStage, readFixture } from '../support/browser.ts';
import { skipWithoutChromium } from '../support/chromium.ts';
import { remarkJpeg } from '../support/pictures.ts';

describe('the upload page', { skip: skipWithoutChromium }, () => {
  const stage = openStage();

  test('shows what was chosen, its progress, and that it is stored', async () => {
    const { page, close } = await stage.open('/photos/new');
    await page.setInputFiles('#choose', fixture('stop-sign.jpg'));
    const row = page.locator('.row');
    await row.and(page.locator('[data-state=ready]')).waitFor();
    assert.match((await row.locator('img').getAttribute('src')) ?? '', /^blob:/);
    await becomes(page, `document.querySelector('.row img').naturalWidth > 0`);

    await row.locator('.row-title').fill('A stop sign, drawn');
    await page.locator('.send').tap();
    await page.locator('.row[data-state=done]').waitFor();
    assert.equal(await page.evaluate(`document.querySelector('.row progress').value`), 1);
    await row.locator('[data-do=open]').tap();
    await page.waitForURL('**/photos/*-*');
    assert.equal(await page.locator('h1').textContent(), 'A stop sign, drawn');
    await close();
  });

  test('says that a picture is there already', async () => {
    const { page, close } = await stage.open('/photos/new');
    await page.setInputFiles('#choose', fixture('stop-sign.jpg'));
    await page.locator('.send').tap();
    await page.locator('.row[data-state=duplicate]').waitFor();
    await close();
  });

  test('sends several, three at a time, and one rotten file does not sink the others', async () => {
    const { page, context, close } = await stage.open('/photos/new');
    await page.evaluate(`
      globalThis.most = 0;
      new MutationObserver(() => {
        most = Math.max(most, document.querySelectorAll('.row[data-state=sending]').length);
      }).observe(document.querySelector('.queue'), { subtree: true, attributes: true });`);
    const network = await context.newCDPSession(page);
    await network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 20,
      downloadThroughput: -1,
      uploadThroughput: 200_000,
    });
    const photos = [1, 2, 3, 4, 5].map((index) => ({
      name: `IMG_${index}.jpg`,
      mimeType: 'image/jpeg',
      buffer: remarkJpeg(readFixture('room.jpg'), `several ${index}`),
    }));
    const rotten = { name: 'IMG_0.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('not a photo at all') };
    await page.setInputFiles('#choose', [rotten, ...photos]);
    await page.locator('.send').tap();
    await becomes(page, `document.querySelectorAll('.row[data-state=done]').length === 5`);
    const bad = page.locator('.row', { hasText: 'IMG_0.jpg' });
    assert.equal(await bad.getAttribute('data-state'), 'refused');
    assert.match((await bad.locator('.reason').textContent()) ?? '', /JPEG, PNG, WebP, AVIF/);
    assert.equal(await page.evaluate('most'), 3);
    await close(/415/);
  });

  test('tries again by itself when the connection comes back', async () => {
    const { page, context, close } = await stage.open('/photos/new');
    await page.setInputFiles('#choose', fixture('wall-clock.jpg'));
    await context.setOffline(true);
    await page.locator('.send').tap();
    await page.locator('.row[data-state=again]').waitFor();
    await context.setOffline(false);
    await page.locator('.row[data-state=done]').waitFor();
    await close(/ERR_INTERNET_DISCONNECTED/);
  });

  test('refuses an empty file before it is sent', async () => {
    const { page, close } = await stage.open('/photos/new');
    await page.setInputFiles('#choose', {
      name: 'empty.jpg',
      mimeType: 'image/jpeg',
      buffer: Buffer.alloc(0),
    });
    await page.locator('.row[data-state=refused]').waitFor();
    assert.match((await page.locator('.row .reason').textContent()) ?? '', /empty/i);
    await close();
  });

  test('is told by the shutter at once what would be refused', async () => {
    const { page, close } = await stage.open('/');
    const scan = { name: 'scan.tiff', mimeType: 'image/tiff', buffer: Buffer.from('II*\0') };
    await page.setInputFiles('#shot', scan);
    assert.match((await page.locator('.sheet .says').textContent()) ?? '', /not a picture/);
    assert.equal(await page.locator('.sheet [type=submit]').isVisible(), false);
    await page.setInputFiles('#shot', fixture('kite.jpg'));
    assert.equal(await page.locator('.sheet [type=submit]').isVisible(), true);
    assert.equal(await page.locator('.sheet .says').textContent(), '');
    await close();
  });

  test('can be left to the shutter, from any page', async () => {
    const { page, close } = await stage.open('/labels');
    await page.setInputFiles('#shot', fixture('kite.jpg'));
    await becomes(page, `document.querySelector('.sheet-preview').naturalWidth > 0`);
    await page.fill('#shot-title', 'From the shutter');
    await page.locator('.sheet [type=submit]').tap();
    await page.waitForURL('**/photos/*-*');
    assert.equal(await page.locator('h1').textContent(), 'From the shutter');
    await close();
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
