// Photos that only whoever adds them sees: chosen, shot, sent without scripts; and hidden and shown again later.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { accessibilityFaults, fewLooks, fixture, openStage, phone, readFixture } from '../support/browser.ts';
import { skipWithoutChromium } from '../support/chromium.ts';
import { remarkJpeg } from '../support/pictures.ts';
import { until } from '../support/until.ts';

const plain = { ...phone, javaScriptEnabled: false };
const file = (name: string) => ({
  name: `${name}.jpg`,
  mimeType: 'image/jpeg',
  buffer: remarkJpeg(readFixture('kite.jpg'), name),
});

describe('what only its owner sees', { skip: skipWithoutChromium }, () => {
  const stage = openStage([], { mina: 'member', juno: 'member' });
  const isSeenBy = async (name: string, id: string) =>
    (await stage.clientOf(name).ask(`/photos/${id}`)).status === 200;
  const idIn = (page: Page) => new URL(page.url()).pathname.split('/').at(-1) ?? '';
  const choose = (page: Page, id: string) => page.locator('label', { has: page.locator(`#${id}`) }).tap();
  const hears = async (page: Page, path: string) => {
    const listening = page.waitForResponse('**/events');
    await page.goto(new URL(path, stage.program.url).href);
    await listening;
  };

  test('is chosen before the photos are, says so in its row, and is the choice of this visit only', async () => {
    const { page, close } = await stage.open('/photos/new', phone, 'mina');
    await page.setInputFiles('#choose', file('for everybody'));
    await choose(page, 'private');
    await page.setInputFiles('#choose', file('for me'));
    await page.locator('.row[data-state=done]').nth(1).waitFor({ timeout: 60_000 });
    const [shared, hidden] = await page
      .locator('.row a[data-do=open]')
      .evaluateAll((links) =>
        links.map((link) => (link as unknown as { href: string }).href.split('/').at(-1) ?? ''),
      );
    assert.deepEqual(await Promise.all([shared, hidden].map((id = '') => isSeenBy('juno', id))), [
      true,
      false,
    ]);
    assert.equal(await isSeenBy('mina', hidden ?? ''), true);
    assert.deepEqual(
      await page.locator('.row-lock').evaluateAll((locks) => locks.map((lock) => lock.checkVisibility())),
      [false, true],
    );
    await page.reload();
    assert.equal(await page.locator('#private').isChecked(), false);
    await close();
  });

  for (const [how, options] of [
    ['with scripts', phone],
    ['without', plain],
  ] as const)
    test(`is shot with the shutter of every page, ${how}`, async () => {
      const { page, close } = await stage.open('/', options, 'mina');
      await page.setInputFiles('#shot', file(`shot ${how}`));
      await choose(page, 'shot-private');
      await page.locator('.sheet [type=submit]').tap();
      await page.waitForURL('**/photos/*-*');
      await page.locator('.only-you').waitFor();
      assert.equal(await isSeenBy('juno', idIn(page)), false);
      await close();
    });

  test('stays the choice for the next shot of the sheet', async () => {
    const { page, close } = await stage.open('/', phone, 'mina');
    await page.setInputFiles('#shot', fixture('room.jpg'));
    await choose(page, 'shot-private');
    await page.locator('.sheet [type=reset]').tap();
    await page.setInputFiles('#shot', fixture('room.jpg'));
    assert.equal(await page.locator('#shot-private').isChecked(), true);
    await close();
  });

  test('is shot one by one without scripts, and the next shot is as the last one', async () => {
    const { page, close } = await stage.open('/shoot', plain, 'mina');
    await page.setInputFiles('#one', file('one by one'));
    await choose(page, 'plain-private');
    await page.locator('#one-by-one .send').tap();
    await page.waitForURL('**/shoot?private=1&last=*');
    assert.equal(await page.locator('#plain-private').isChecked(), true);
    const id = new URL(page.url()).searchParams.get('last') ?? '';
    assert.deepEqual(await Promise.all(['mina', 'juno'].map((name) => isSeenBy(name, id))), [true, false]);
    await close();
  });

  test('leaves the open lists of others when it is hidden, gets its lock in one’s own, and comes back as new', async () => {
    const client = stage.clientOf('mina');
    const { id } = await client.keep(remarkJpeg(readFixture('kite.jpg'), 'hide and seek'));
    await client.developed(id);
    const [mine, theirs] = [
      await stage.open('/labels', phone, 'mina'),
      await stage.open('/labels', phone, 'juno'),
    ];
    for (const { page } of [mine, theirs]) await hears(page, '/');
    const owner = await stage.open(`/photos/${id}`, phone, 'mina');
    await owner.page.getByRole('button', { name: 'Only I see this' }).tap();
    await owner.page.locator('.only-you').waitFor();
    await theirs.page.locator(`[id="${id}"]`).waitFor({ state: 'detached' });
    await mine.page.locator(`[id="${id}"] .lock`).waitFor();
    assert.equal(await mine.page.locator('#news').isVisible(), false, 'to whose it is it is nothing new');

    await owner.page.getByRole('button', { name: 'Everybody who may look' }).tap();
    await owner.page.locator('.only-you').waitFor({ state: 'detached' });
    await theirs.page.locator('#news', { hasText: '1 new photo' }).waitFor();
    await mine.page.locator(`[id="${id}"] .lock`).waitFor({ state: 'detached' });
    for (const { close } of [mine, theirs, owner]) await close();
  });

  test('leaves its own page where others have it open, and that says so; so does one in the trash', async () => {
    const client = stage.clientOf('mina');
    const { id } = await client.keep(remarkJpeg(readFixture('kite.jpg'), 'looked at'), { title: 'Secret' });
    await client.developed(id);
    const path = `/photos/${id}`;
    const [mine, theirs] = [
      await stage.open('/labels', phone, 'mina'),
      await stage.open('/labels', phone, 'juno'),
    ];
    for (const { page } of [mine, theirs]) await hears(page, path);
    const hide = (isPrivate: boolean) =>
      client.ask(`${path}/privacy`, {
        method: 'POST',
        body: JSON.stringify({ private: isPrivate }),
        headers: { 'Content-Type': 'application/json' },
      });
    const isGone = async (page: Page) => {
      await page.locator('h1', { hasText: 'Nothing here' }).waitFor();
      assert.doesNotMatch(await page.content(), /Secret|kite/);
      assert.equal(await page.locator('#photo, img[src*=renditions]').count(), 0);
      assert.deepEqual(await accessibilityFaults(page), []);
    };
    assert.equal((await hide(true)).status, 200);
    await isGone(theirs.page);
    assert.equal(await mine.page.locator('#photo').count(), 1, 'whose it is goes on looking');
    await hide(false);
    await hears(theirs.page, path);
    await theirs.page.locator('#photo').waitFor();

    await client.ask(path, { method: 'DELETE' });
    await isGone(theirs.page);
    await mine.page.locator('.in-trash').waitFor();
    await client.ask(`${path}/restore`, { method: 'POST' });
    await mine.page.locator('.in-trash').waitFor({ state: 'detached' });
    await mine.page.locator('#photo .stage').waitFor();
    await mine.close();
    await theirs.close(/404 \(Not Found\)/);
  });

  test('is no choice for who has not signed in', async () => {
    const { page, close } = await stage.open('/');
    assert.equal(await page.locator('[name=private], #shoot, #more a[href="/trash"]').count(), 0);
    await close();
  });

  for (const { name, options, width } of fewLooks)
    test(`has no fault for axe, and fits: ${name}`, async () => {
      const client = stage.clientOf('mina');
      const { id } = await client.keep(remarkJpeg(readFixture('kite.jpg'), name));
      await client.developed(id);
      await client.ask(`/photos/${id}/privacy`, {
        method: 'POST',
        body: '{"private":true}',
        headers: { 'Content-Type': 'application/json' },
      });
      const { page, close } = await stage.open('/', options, 'mina');
      await until('the list', () => page.locator('.lock').first().isVisible());
      for (const path of ['/', `/photos/${id}`, '/photos/new', '/shoot']) {
        await page.goto(new URL(path, stage.program.url).href);
        assert.deepEqual(await accessibilityFaults(page), [], path);
        assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= width, path);
      }
      await page.goto(stage.program.url);
      await page.setInputFiles('#shot', fixture('room.jpg'));
      assert.deepEqual(await accessibilityFaults(page), [], 'the sheet');
      await close();
    });
});
