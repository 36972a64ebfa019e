// Links in a browser, without scripts and by keyboard: shared, locked, over, filled by guests, let in. Every page of them for everybody.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import {
  accessibilityFaults,
  desktop,
  faultsOfPages,
  fewLooks,
  fixture,
  openStage,
  phone,
  readFixture,
} from '../support/browser.ts';
import { skipWithoutChromium } from '../support/chromium.ts';
import type { PhotoJson } from '../support/client.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { drawPng } from '../support/pictures.ts';

const bare = { ...phone, javaScriptEnabled: false };

describe('links in a browser', { skip: skipWithoutChromium }, () => {
  const stage = openStage();
  const photos: PhotoJson[] = [];

  before(async () => {
    for (const [name, title] of [
      ['kite.jpg', 'Kites'],
      ['street.jpg', ''],
      ['room.jpg', 'The room'],
    ] as const)
      photos.push(await stage.client.keep(readFixture(name), { title }));
    photos.push(await stage.client.keep(readFixture('phone.heic'), { title: 'Phone' }));
    for (const { id } of photos) await stage.client.developed(id);
  });

  const make = async (wish: object): Promise<{ id: string; path: string }> => {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await stage.client.ask('/links', { method: 'POST', body: JSON.stringify(wish), headers });
    assert.equal(answer.status, 201, answer.text);
    return JSON.parse(answer.text) as { id: string; path: string };
  };
  const all = () => ({ photo: photos.map(({ id }) => id), title: 'Kites & rooms' });
  const headed = (page: Page, name: string) =>
    page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  const sendAsGuest = async (path: string, seeds: readonly number[], sender: string) => {
    const files = seeds.map((seed) => filePart('a.png', drawPng({ seed, width: 640, height: 480 })));
    const { body, contentType } = formBody([{ name: 'sender', body: sender }, ...files]);
    const headers = { 'Content-Type': contentType };
    const answer = await stage.client.ask(`${path}/photos`, { method: 'POST', body, headers });
    assert.equal(answer.status, 303, answer.text);
  };

  test('a photo is shared from its page and looked at by its link, without scripts', async () => {
    const { page, close } = await stage.open(`/photos/${photos[0]?.id}`, bare);
    await page.getByRole('link', { name: 'Share' }).tap();
    await page.fill('#title', 'For grandma');
    await page.selectOption('#days', '30');
    await page.getByRole('button', { name: 'Make the link' }).tap();
    const address = await page.locator('#address').inputValue();
    assert.match(address, /\/s\/[\w-]{43}$/);
    await page.locator('.code svg[role=img]').waitFor();
    assert.equal(await page.locator('#copy').isVisible(), false, 'only a script can copy');
    await page.goto(address);
    await headed(page, 'Kites');
    assert.equal(await page.locator('nav.bar, script').count(), 0);
    assert.equal(await page.getByText('without place, camera data').isVisible(), true);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Save the picture' }).tap(),
    ]);
    assert.equal(download.suggestedFilename(), 'Kites.jpg');
    await page.goto(`${stage.program.url}/links`);
    const row = page.locator('.link', { hasText: 'For grandma' });
    assert.match((await row.textContent()) ?? '', /Opened once/);
    await row.getByRole('button', { name: /Take back/ }).tap();
    await page.locator('.link.ended', { hasText: 'For grandma' }).waitFor();
    await page.goto(address);
    assert.match((await page.locator('.status').textContent()) ?? '', /410/);
    await close(/410/);
  });

  for (const how of ['with a clipboard', 'as without https'] as const)
    test(`the link that was just made is copied ${how}`, async () => {
      const { page, context, close } = await stage.open(`/links/new?photo=${photos[0]?.id}`, desktop);
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.getByRole('button', { name: 'Make the link' }).click();
      const address = await page.locator('#address').inputValue();
      if (how === 'as without https')
        await page.evaluate(
          `Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })`,
        );
      await page.getByRole('button', { name: 'Copy', exact: true }).click();
      await page.locator('#copied', { hasText: 'Copied' }).waitFor();
      await page.evaluate('delete navigator.clipboard');
      assert.equal(await page.evaluate('navigator.clipboard.readText()'), address);
      await close();
    });

  test('photos are chosen and shared by keyboard alone', async () => {
    const { page, close } = await stage.open('/links', { ...desktop, javaScriptEnabled: false });
    await page.getByRole('link', { name: 'Choose photos to share' }).press('Enter');
    const boxes = page.getByRole('checkbox');
    await boxes.nth(0).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    assert.equal(await page.getByRole('checkbox', { checked: true }).count(), 2);
    await page.getByRole('button', { name: 'Continue' }).press('Enter');
    assert.equal(await page.locator('.thumbs li').count(), 2);
    await page.locator('#title').focus();
    await page.keyboard.type('Two of them');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Open it' }).press('Enter');
    await headed(page, 'Two of them');
    await page.locator('.card a').first().press('Enter');
    await page.getByRole('link', { name: 'Next photo' }).press('Enter');
    assert.equal(await page.getByRole('link', { name: 'Next photo' }).count(), 0);
    await page.getByRole('link', { name: 'All photos of this link' }).press('Enter');
    assert.equal(await page.locator('.card').count(), 2);
    await close();
  });

  test('a password is asked for, and remembered for this link', async () => {
    const { path } = await make({ ...all(), password: 'persimmon' });
    const { page, close } = await stage.open(path, bare);
    await page.fill('#password', 'apple');
    await page.getByRole('button', { name: 'Open' }).tap();
    assert.match((await page.getByRole('alert').textContent()) ?? '', /not the password/);
    await page.fill('#password', 'persimmon');
    await page.getByRole('button', { name: 'Open' }).tap();
    await headed(page, 'Kites & rooms');
    await page.locator('.card a').first().tap();
    await headed(page, 'Kites');
    await close(/401|403/);
  });

  test('guests send photos without scripts, and only what is let in is seen', async () => {
    const { path } = await make({ upload: true, approval: true, most: 20, title: 'Our wedding' });
    const { page, close } = await stage.open(path, bare);
    await headed(page, 'Our wedding');
    await page.fill('#sender', '민아');
    await page.setInputFiles('#choose', [fixture('wall-clock.jpg'), fixture('wide.png')]);
    await page.getByRole('button', { name: 'Send' }).tap();
    assert.match((await page.getByRole('status').textContent()) ?? '', /Your 2 photos have arrived/);
    assert.equal(await page.inputValue('#sender'), '민아');
    await page.setInputFiles('#choose', [fixture('stop-sign.jpg'), fixture('empty.jpg')]);
    await page.getByRole('button', { name: 'Send' }).tap();
    assert.match((await page.locator('.row').textContent()) ?? '', /empty\.jpg/);

    await page.goto(`${stage.program.url}/`);
    const before = await page.locator('.card').count();
    await page.goto(`${stage.program.url}/moderation`);
    assert.equal(await page.locator('.failed-photo').count(), 3);
    const decide = async (what: RegExp, left: number) => {
      await page.getByRole('button', { name: what }).first().tap();
      await page.locator('.failed-photo').nth(left).waitFor({ state: 'detached' });
    };
    await decide(/Let in: from 민아/, 2);
    await decide(/Throw away: from 민아/, 1);
    await page.getByRole('button', { name: 'Let all in' }).tap();
    await page.getByRole('heading', { name: 'Nothing waits' }).waitFor();
    assert.equal(await page.locator('.failed-photo').count(), 0);
    await page.goto(`${stage.program.url}/`);
    assert.equal(await page.locator('.card').count(), before + 2);
    await close();
  });

  test('guests see what they have chosen before they send it', async () => {
    const { path } = await make({ upload: true, approval: true, most: 20, title: 'Our wedding' });
    const { page, close } = await stage.open(path, fewLooks[1]?.options);
    await headed(page, 'Our wedding');
    await page.setInputFiles('#choose', [fixture('kite.jpg'), fixture('phone.heic'), fixture('street.jpg')]);
    assert.equal(await page.locator('#chosen-says').textContent(), '3 photos chosen');
    const rows = page.locator('.chosen li');
    assert.deepEqual(await rows.locator('small').allTextContents(), ['kite.jpg', 'phone.heic', 'street.jpg']);
    await page.locator('.chosen canvas').nth(1).waitFor();
    assert.equal(
      await rows.nth(1).locator('.icon').count(),
      1,
      'what this browser can’t draw keeps its sign',
    );
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.setInputFiles('#choose', [fixture('room.jpg')]);
    assert.equal(await page.locator('#chosen-says').textContent(), 'One photo chosen');
    assert.deepEqual(await rows.locator('small').allTextContents(), ['room.jpg']);
    await page.locator('label[for=choose]', { hasText: 'Choose other photos' }).waitFor();
    await page.setInputFiles('#choose', [fixture('stop-sign.jpg'), fixture('wide.png')]);
    await page.getByRole('button', { name: 'Send' }).tap();
    assert.match((await page.locator('.thanks').textContent()) ?? '', /Your 2 photos have arrived/);
    assert.equal(await rows.count(), 0);
    await close();
  });

  describe('every page of them', () => {
    const paths = new Map<string, string>();
    before(async () => {
      const shared = await make(all());
      const upload = await make({ upload: true, approval: true, most: 9, title: 'Our wedding' });
      await sendAsGuest(upload.path, [71, 72], '할머니');
      const over = await make(all());
      await stage.client.ask(`/links/${over.id}/revoke`, { method: 'POST' });
      for (const [name, path] of [
        ['the links', '/links'],
        ['a new link', `/links/new?photo=${photos[0]?.id}&photo=${photos[1]?.id}`],
        ['a new link for guests', '/links/new?upload=1'],
        ['choosing photos', `/links/new?choose=1&photo=${photos[0]?.id}`],
        ['what guests sent', '/moderation'],
        ['a list by a link', shared.path],
        ['a photo by a link', `${shared.path}/photos/${photos[1]?.id}`],
        ['a photo by a link that is saved smaller', `${shared.path}/photos/${photos[3]?.id}`],
        ['a link with a password', (await make({ ...all(), password: 'persimmon' })).path],
        ['a link that is over', over.path],
        ['a link that never was', `/s/${'A'.repeat(43)}`],
        ['the form of guests', upload.path],
        ['the thanks', `${upload.path}?sent=2`],
      ] as const)
        paths.set(name, path);
    });

    for (const look of fewLooks)
      test(`has no fault for axe and is not too wide at ${look.name}`, async () => {
        assert.deepEqual(await faultsOfPages(stage, paths, look, /401|404|410/), []);
      });
  });
});
