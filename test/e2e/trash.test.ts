// Deleting and what comes after it: the way back from the list, the trash, and for good. By touch, by keyboard and without scripts.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import {
  accessibilityFaults,
  becomes,
  desktop,
  fewLooks,
  openStage,
  phone,
  readFixture,
} from '../support/browser.ts';
import { skipWithoutChromium } from '../support/chromium.ts';
import { remarkJpeg } from '../support/pictures.ts';

const plain = { ...phone, javaScriptEnabled: false };

describe('the trash', { skip: skipWithoutChromium }, () => {
  const stage = openStage();
  let count = 0;
  const keep = async (title: string) => {
    count += 1;
    const { id } = await stage.client.keep(remarkJpeg(readFixture('kite.jpg'), `trash ${count}`), { title });
    await stage.client.developed(id);
    return id;
  };
  const discard = (id: string) => stage.client.ask(`/photos/${id}`, { method: 'DELETE' });
  const emptied = () => stage.client.ask('/trash/empty', { method: 'POST' });
  const isListed = async (id: string) => (await stage.client.everything()).some((photo) => photo.id === id);
  const remove = async (page: Page) => {
    await page.locator('.danger[popovertarget=remove]').click();
    await page.locator('#remove [type=submit]').click();
  };
  beforeEach(emptied);

  for (const [how, options] of [
    ['with scripts', phone],
    ['without', plain],
  ] as const)
    test(`gives back what was just deleted, ${how}`, async () => {
      const id = await keep('Oops');
      const { page, close } = await stage.open(`/photos/${id}`, options);
      await remove(page);
      await page.waitForURL(`**/?deleted=${id}`);
      assert.equal(await isListed(id), false);
      await page.locator('.notice', { hasText: 'In the trash for 30 days: Oops' }).waitFor();
      await page.locator('.notice').getByRole('button', { name: 'Put back: Oops' }).click();
      await page.waitForURL(`**/photos/${id}`);
      assert.equal(await isListed(id), true);
      await close();
    });

  test('is said in the list only of what is really there', async () => {
    const id = await keep('Not deleted');
    for (const deleted of [id, '01990000-0000-7000-8000-000000000000', '<b>x</b>']) {
      const { page, close } = await stage.open(`/?deleted=${encodeURIComponent(deleted)}`);
      await page.locator('#days').waitFor();
      assert.equal(await page.locator('.notice').count(), 0);
      await close();
    }
  });

  test('is reached from the menu; a photo put back leaves it at once, and stands among the others', async () => {
    const [first, second] = [await keep('First'), await keep('Second')];
    await discard(first);
    await discard(second);
    const { page, close } = await stage.open('/');
    await page.locator('[popovertarget=more]').tap();
    await page.locator('#more a[href="/trash"]').tap();
    await page.waitForURL('**/trash');
    assert.equal(await page.locator('.trashed').count(), 2);
    assert.equal(await page.locator('.trashed .hint').first().textContent(), '30 days left');
    await page.getByRole('button', { name: 'Put back: First' }).tap();
    await becomes(page, `document.querySelectorAll('.trashed').length === 1`);
    assert.equal(new URL(page.url()).pathname, '/trash', 'the reader goes on where they were');
    const note = page.locator('[role=status] .note a', { hasText: 'Among the photos: First' });
    await note.waitFor();
    assert.equal(await note.getAttribute('href'), `/photos/${first}`);
    assert.deepEqual(await accessibilityFaults(page), []);
    assert.equal(await isListed(first), true);
    await close();
  });

  test('shows what comes into it while it is looked at', async () => {
    const id = await keep('Late');
    const { page, close } = await stage.open('/trash');
    await page.locator('.empty', { hasText: 'The trash is empty' }).waitFor();
    await discard(id);
    await page.locator('.trashed', { hasText: 'Late' }).waitFor();
    await close();
  });

  for (const [how, options] of [
    ['with scripts', phone],
    ['without', plain],
  ] as const)
    test(`deletes for good only when asked twice, ${how}`, async () => {
      const [one, other] = [await keep('One'), await keep('Other')];
      await discard(one);
      await discard(other);
      const { page, close } = await stage.open('/trash', options);
      await page.getByRole('button', { name: 'Delete for good: One' }).tap();
      await page.locator(`#remove-${one}`).getByRole('button', { name: 'Keep it' }).tap();
      assert.equal(await stage.isInTrash(one), true);
      await page.getByRole('button', { name: 'Delete for good: One' }).tap();
      await page.locator(`#remove-${one} [type=submit]`).tap();
      await page.locator(`[id="${one}"]`).waitFor({ state: 'detached' });
      assert.equal((await stage.client.ask(`/photos/${one}`)).status, 404);
      await page.locator('.trashed', { hasText: 'Other' }).waitFor();
      await close();
    });

  test('is emptied when asked twice', async () => {
    const ids = [await keep('One'), await keep('Other')];
    for (const id of ids) await discard(id);
    const { page, close } = await stage.open('/trash');
    await page.locator('.trash-head .danger').tap();
    assert.equal(await stage.isInTrash(ids[0] ?? ''), true);
    await page.locator('#empty [type=submit]').tap();
    await page.locator('.empty').waitFor();
    for (const id of ids) assert.equal((await stage.client.ask(`/photos/${id}`)).status, 404);
    await close();
  });

  test('offers both ways out on the page of a photo in it, by keyboard', async () => {
    const id = await keep('In there');
    await discard(id);
    const { page, close } = await stage.open(`/photos/${id}`, desktop);
    assert.match((await page.locator('.in-trash').textContent()) ?? '', /30 days left/);
    assert.equal(await page.locator('.edit, .mend, .step, a[download]').count(), 0);
    await page.locator('.in-trash .danger').focus();
    await page.keyboard.press('Enter');
    await page.locator('#remove:popover-open').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.in-trash .primary').focus();
    await page.keyboard.press('Enter');
    await page.locator('.edit').waitFor();
    assert.equal(await isListed(id), true);
    await close();
  });

  test('takes a card out of an open list, and tells of what comes back as of something new', async () => {
    const id = await keep('Here and there');
    const { page, close } = await stage.open('/labels');
    // What happens before the page listens is nothing that it could hear of.
    const listening = page.waitForResponse('**/events');
    await page.goto(stage.program.url);
    await listening;
    await page.locator(`[id="${id}"]`).waitFor();
    await discard(id);
    await page.locator(`[id="${id}"]`).waitFor({ state: 'detached' });
    await stage.client.ask(`/photos/${id}/restore`, { method: 'POST' });
    await page.locator('#news', { hasText: '1 new photo' }).waitFor();
    await close();
  });

  for (const { name, options, width } of fewLooks)
    test(`has no fault for axe with its dialogs open, and fits: ${name}`, async () => {
      const id = await keep('A rather long title that does not fit into one line of a card');
      await discard(id);
      const { page, close } = await stage.open('/trash', options);
      for (const opener of ['.trash-head .danger', '.trashed-do .danger']) {
        await page.locator(opener).click();
        assert.deepEqual(await accessibilityFaults(page), []);
        await page.keyboard.press('Escape');
      }
      assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= width);
      await close();
    });
});
