// The slider "show what is at least so sure": boxes, chips, lists and descriptions follow it, and it is remembered.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { becomes, desktop, openStage, phone, readFixture } from '../support/browser.ts';
import { skipWithoutChromium } from '../support/chromium.ts';
import { remarkJpeg } from '../support/pictures.ts';
import { until } from '../support/until.ts';

interface Thing {
  readonly label: string;
  readonly confidence: number;
}

describe('the slider', { skip: skipWithoutChromium }, () => {
  const stage = openStage();
  let id: string;
  let sure: Thing;
  let unsure: Thing;

  before(async () => {
    id = (await stage.client.keep(remarkJpeg(readFixture('room.jpg'), 'slider'), { title: 'A room' })).id;
    const { detections } = await stage.client.developed(id);
    const things = detections as unknown as readonly Thing[];
    const found = things.find(({ confidence }) => confidence > 15 && confidence < 50);
    assert.ok(things[0] && found, 'the engine is sure of one thing and unsure of another');
    [sure, unsure] = [things[0], found];
  });

  const slide = (page: Page, value: number) => page.locator('#sure-all').fill(String(value));
  const shown = async (page: Page) => ({
    boxes: await page.evaluate<string[]>(
      `[...document.querySelectorAll('.box')].filter((box) => box.checkVisibility()).map((box) => box.dataset.label)`,
    ),
    chips: await page.evaluate<string[]>(
      `[...document.querySelectorAll('.found-chip')].filter((chip) => chip.checkVisibility()).map((chip) => chip.querySelector('.chip-text').textContent)`,
    ),
  });

  test('shows and hides boxes and chips while it is dragged, and says where it stands', async () => {
    const { page, close } = await stage.open(`/photos/${id}`);
    await page.waitForLoadState('load');
    assert.deepEqual(await shown(page), { boxes: [sure.label], chips: [`1 ${sure.label}`] });
    const slider = await page.locator('#sure-all').boundingBox();
    assert.ok(slider !== null && slider.height >= 44, 'it can be held with a thumb');
    // Held, not let go of yet.
    await page.mouse.move(slider.x + slider.width / 2, slider.y + slider.height / 2);
    await page.mouse.down();
    await page.mouse.move(slider.x + 2, slider.y + slider.height / 2);
    await becomes(page, `document.querySelector('.viewing output').textContent === '10% sure'`);
    const all = await shown(page);
    assert.ok(all.boxes.includes(unsure.label) && all.chips.includes(`1 ${unsure.label}`));
    assert.equal((await stage.client.ask('/', {})).status, 200);
    assert.deepEqual(await page.context().cookies(), [], 'nothing is remembered before it is let go of');
    await page.mouse.up();
    await becomes(page, `document.querySelector('.picture').alt.includes(${JSON.stringify(unsure.label)})`);
    const [cookie] = await page.context().cookies();
    assert.deepEqual([cookie?.name, cookie?.httpOnly, cookie?.sameSite], ['sure', true, 'Lax']);
    await page.reload();
    assert.ok((await shown(page)).boxes.includes(unsure.label), 'it survives a reload');
    assert.equal((await page.locator('.box.unsure').count()) > 0, true, 'what is unsure is dashed');
    assert.match((await page.locator('.dashes').textContent()) ?? '', /less than 70%/);
    await close();
  });

  test('is moved by keys, keeps the focus, and steps to no other photo', async () => {
    const { page, close } = await stage.open(`/photos/${id}`, desktop);
    await page.waitForLoadState('load');
    await page.locator('#sure-all').focus();
    for (let step = 0; step < 6; step += 1) await page.keyboard.press('ArrowLeft');
    await becomes(page, `document.querySelector('.picture').alt.includes(${JSON.stringify(unsure.label)})`);
    assert.equal(await page.evaluate('document.activeElement.id'), 'sure-all');
    assert.equal(await page.locator('#sure-all').inputValue(), '20');
    await becomes(page, `document.querySelector('#sure-all').ariaValueText === '20% sure'`);
    assert.equal(await page.locator('.viewing output').textContent(), '20% sure');
    assert.equal(new URL(page.url()).pathname, `/photos/${id}`);
    await close();
  });

  test('governs captions, descriptions, filters and the labels page as well', async () => {
    const { page, close } = await stage.open(`/photos/${id}`);
    await page.waitForLoadState('load');
    const go = (path: string) => page.goto(new URL(path, stage.program.url).href);
    const filter = `/?${new URLSearchParams({ label: unsure.label })}`;
    await go(filter);
    assert.equal(await page.locator('.card').count(), 0);
    assert.match((await page.locator('.hides').textContent()) ?? '', /at least 50% sure/);
    await page.locator('.hides button').tap();
    await page.locator('#sure #sure-all').fill('10');
    await page
      .locator('#sure form', { has: page.locator('#sure-all') })
      .locator('[type=submit]')
      .tap();
    await page.locator('.card').waitFor();
    assert.equal(new URL(page.url()).search, new URL(filter, stage.program.url).search, 'back where it was');
    assert.match(
      (await page.locator('.card img[srcset]').getAttribute('alt')) ?? '',
      new RegExp(unsure.label),
    );
    await go('/labels');
    assert.ok(await page.locator('.labels b', { hasText: unsure.label }).isVisible());
    await go(`/photos/${id}`);
    assert.ok((await shown(page)).chips.includes(`1 ${unsure.label}`));
    await close();
  });

  test('has a number of its own for one label, seen where it counts and taken away again', async () => {
    const { page, close } = await stage.open(`/photos/${id}`);
    await page.waitForLoadState('load');
    await slide(page, 10);
    await becomes(page, `document.querySelector('.picture').alt.includes(${JSON.stringify(unsure.label)})`);
    const chip = page.locator('.found-chip', { hasText: unsure.label });
    await chip.locator('.chip-more').tap();
    const menu = page.locator('.chip-menu:popover-open');
    await menu.locator('[type=range]').fill('90');
    await until('it to be remembered', async () =>
      (await page.context().cookies()).some(({ value }) => value.includes('90')),
    );
    assert.ok(await menu.isVisible(), 'the menu stays while somebody tries');
    assert.ok(!(await shown(page)).boxes.includes(unsure.label));
    await page.keyboard.press('Escape');
    await page.locator('.viewing .own-one', { hasText: `${unsure.label}: from 90%` }).waitFor();
    await page.goto(new URL('/labels', stage.program.url).href);
    assert.equal(await page.locator('.labels b', { hasText: unsure.label }).count(), 0);
    await page.goto(new URL(`/photos/${id}`, stage.program.url).href);
    await page.locator('.viewing .own-one').tap();
    await page.locator('.found-chip:not([hidden])', { hasText: unsure.label }).waitFor();
    assert.equal(await page.locator('.viewing .own-one').count(), 0);
    await close();
  });

  test('works without scripts', async () => {
    const { page, close } = await stage.open(`/photos/${id}`, { ...phone, javaScriptEnabled: false });
    assert.equal(await page.locator('.box:not([hidden])').count(), 1);
    await slide(page, 10);
    await page.locator('.viewing .slider [type=submit]').tap();
    await page.waitForURL(`**/photos/${id}#found`);
    assert.ok((await page.locator('.box:not([hidden])').count()) > 1);
    assert.equal((await page.locator('.viewing output').textContent())?.trim(), '10% sure');
    await close();
  });

  test('says when it could not be remembered', async () => {
    // A service worker that is still being fetched would complain, too.
    const { page, context, close } = await stage.open(`/photos/${id}`, { ...phone, serviceWorkers: 'block' });
    await page.waitForLoadState('load');
    await context.setOffline(true);
    await slide(page, 20);
    await page.locator('.slider-trouble', { hasText: 'not remembered' }).waitFor();
    assert.ok((await shown(page)).boxes.includes(unsure.label), 'what it shows follows even so');
    await context.setOffline(false);
    await slide(page, 15);
    await becomes(page, `document.querySelector('.slider-trouble').textContent === ''`);
    await close(/ERR_INTERNET_DISCONNECTED/);
  });
});
