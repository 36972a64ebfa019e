// Correcting what was found: by mouse, by touch and by keyboard, with undo, and with whatever goes wrong meanwhile.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import {
  accessibilityFaults,
  becomes,
  desktop,
  fewLooks,
  openStage,
  readFixture,
} from '../support/browser.ts';
import { skipWithoutChromium } from '../support/chromium.ts';
import { remarkJpeg } from '../support/pictures.ts';
import { until } from '../support/until.ts';
import { drag, onPicture, swipe } from './hands.ts';

interface Thing {
  readonly id: string;
  readonly label: string;
  readonly confidence: number;
  readonly box?: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly origin: { readonly by: string };
}

describe('correcting', { skip: skipWithoutChromium }, () => {
  const stage = openStage();
  const keep = async (remark: string, name = 'stop-sign.jpg') => {
    const { id } = await stage.client.keep(remarkJpeg(readFixture(name), remark));
    await stage.client.developed(id);
    return id;
  };
  const things = async (id: string) =>
    (await stage.client.photo(id)).detections as unknown as readonly Thing[];
  const said = (id: string, label: string) =>
    until(`${label} to be said by a person`, async () =>
      (await things(id)).find((one) => one.label === label && one.origin.by === 'person'),
    );
  const gone = (id: string, label: string) =>
    until(
      `${label} to be gone`,
      async () => !(await things(id)).some((one) => one.label === label && one.confidence > 50),
    );
  const near = (actual: number | undefined, expected: number, what: string) =>
    assert.ok(Math.abs((actual ?? Number.NaN) - expected) <= 0.03, `${what} is ${actual}, not ${expected}`);
  const middleOf = ({ box }: Thing) => ({
    x: (box?.x ?? 0) + (box?.width ?? 0) / 2,
    y: (box?.y ?? 0) + (box?.height ?? 0) / 2,
  });
  const theSign = async (id: string) => {
    const sign = (await things(id)).find(({ label }) => label === 'stop sign');
    assert.ok(sign?.box, 'the engine saw the sign');
    return sign;
  };
  const tapSign = async (page: Page, id: string) => {
    const [point] = await onPicture(page, middleOf(await theSign(id)));
    await page.touchscreen.tap(point?.x ?? 0, point?.y ?? 0);
    await page.locator('.thing[open]').waitFor();
  };
  const heard = (page: Page, words: RegExp) =>
    becomes(page, `${words}.test(document.querySelector('#correct-heard').textContent)`);

  test('by touch: a tapped box is right, and undone', async () => {
    const id = await keep('touch right');
    const { page, close } = await stage.open(`/photos/${id}`);
    await page.locator('#correct > summary').tap();
    await page.locator('body.correcting').waitFor();
    await tapSign(page, id);
    for (const name of [
      '.verdict [value=confirm]',
      '.verdict [value=reject]',
      '.thing[open] [type=submit]',
    ]) {
      const box = await page.locator(`.thing-row:has([open]) ${name}`).first().boundingBox();
      assert.ok(box !== null && box.height >= 44 && box.width >= 44, `${name} is a target for a thumb`);
      assert.ok(box.y > 844 / 2, `${name} is within the thumb's reach`);
    }
    await page.locator('.thing-row:has([open]) .verdict [value=confirm]').tap();
    const right = await said(id, 'stop sign');
    assert.equal(right.confidence, 100);
    await heard(page, /Confirmed: stop sign/);
    await page.locator('.box .tag use[href$="#person"]').first().waitFor({ state: 'attached' });
    await page.locator('#corrections .latest button').tap();
    await until('it to be the engine’s again', async () =>
      (await things(id)).every(({ origin }) => origin.by === 'engine'),
    );
    await heard(page, /Undone/);
    await page.locator('#correct > summary').tap();
    await becomes(page, `!document.body.classList.contains('correcting')`);
    await close();
  });

  test('by touch: a box is drawn and named, and no swipe leads to another photo', async () => {
    await keep('an older neighbour');
    const id = await keep('touch draw');
    const { page, close } = await stage.open(`/photos/${id}`);
    await page.locator('#correct > summary').tap();
    const [from, to] = await onPicture(page, { x: 0.9, y: 0.3 }, { x: 0.1, y: 0.5 });
    assert.ok(from && to);
    await swipe(page, from, to);
    await page.locator('#add-label').fill('나무');
    await page.locator('.adding [type=submit]').tap();
    const { box } = await said(id, '나무');
    near(box?.x, 0.1, 'left');
    near(box?.y, 0.3, 'top');
    near(box?.width, 0.8, 'width');
    near(box?.height, 0.2, 'height');
    assert.equal(new URL(page.url()).pathname, `/photos/${id}`);
    await close();
  });

  test('by touch: a corner is pulled, and kept only when it is said so', async () => {
    const id = await keep('touch move');
    const { box } = await theSign(id);
    const { page, close } = await stage.open(`/photos/${id}`);
    await page.locator('#correct > summary').tap();
    await tapSign(page, id);
    const corner = { x: (box?.x ?? 0) + (box?.width ?? 0), y: (box?.y ?? 0) + (box?.height ?? 0) };
    const target = { x: Math.min(0.98, corner.x + 0.05), y: Math.min(0.98, corner.y + 0.1) };
    const [from, to] = await onPicture(page, corner, target);
    assert.ok(from && to);
    await swipe(page, from, to);
    const keepIt = page.locator('.thing[open] form[data-dirty] [type=submit]');
    await keepIt.waitFor();
    assert.ok(
      (await things(id)).every(({ origin }) => origin.by === 'engine'),
      'nothing is sent yet',
    );
    await page.locator('.thing[open] form[data-dirty] [data-do=give-up]').tap();
    await heard(page, /Left as it was/);
    await swipe(page, from, to);
    await keepIt.tap();
    const moved = await said(id, 'stop sign');
    near((moved.box?.x ?? 0) + (moved.box?.width ?? 0), target.x, 'right edge');
    near((moved.box?.y ?? 0) + (moved.box?.height ?? 0), target.y, 'lower edge');
    near(moved.box?.x, box?.x ?? 0, 'left edge');
    await close();
  });

  test('by mouse: wrong, another name, another place, and all of it undone', async () => {
    const id = await keep('mouse');
    const sign = await theSign(id);
    const { page, close } = await stage.open(`/photos/${id}`, desktop);
    await page.locator('#correct > summary').click();
    const [middle] = await onPicture(page, middleOf(sign));
    await page.mouse.click(middle?.x ?? 0, middle?.y ?? 0);
    await page.locator('.thing[open] [name=label]').fill('clock');
    await page.locator('.thing[open] .with-button [type=submit]').click();
    const clock = await said(id, 'clock');
    assert.deepEqual(clock.box, sign.box);

    await page.locator('.thing-row', { hasText: 'clock' }).locator('summary').click();
    const [from, to] = await onPicture(page, middleOf(clock), { x: 0.5, y: 0.5 });
    assert.ok(from && to);
    await drag(page, from, to);
    await page.locator('.thing[open] form[data-dirty] [type=submit]').click();
    await until('it to be moved', async () => {
      const { x, y } = middleOf(await said(id, 'clock'));
      return Math.hypot(x - 0.5, y - 0.5) < 0.02;
    });

    await page.locator('.thing-row', { hasText: 'clock' }).locator('.verdict [value=reject]').click();
    await gone(id, 'clock');
    await page.locator('.rejected li', { hasText: 'clock' }).first().waitFor();

    for (const after of [/clock/, /clock/, /stop sign/]) {
      const count = ((await stage.client.photo(id)) as unknown as { lastChange: { id: number } }).lastChange
        .id;
      await page.locator('#corrections .latest button').click();
      await until('one step back', async () => {
        const photo = (await stage.client.photo(id)) as unknown as { lastChange?: { id: number } };
        return photo.lastChange?.id !== count;
      });
      await page.locator('.things', { hasText: after }).waitFor();
    }
    assert.ok((await things(id)).every(({ origin }) => origin.by === 'engine'));
    await close();
  });

  test('by mouse: a label is said not to be there from the menu of its chip', async () => {
    const id = await keep('chip menu');
    const { page, close } = await stage.open(`/photos/${id}`, desktop);
    await page.locator('.found-chip', { hasText: 'stop sign' }).locator('.chip-more').click();
    await page
      .locator('.chip-menu:popover-open')
      .getByRole('button', { name: 'No stop sign in this photo' })
      .click();
    await gone(id, 'stop sign');
    await page.locator('.found .latest', { hasText: 'Taken away: stop sign' }).waitFor();
    await becomes(page, `document.querySelector(':popover-open') === null`);
    await page.locator('.found .latest button').click();
    await page.locator('.found-chip:not([hidden])', { hasText: 'stop sign' }).waitFor();
    await close();
  });

  test('by keyboard: a box is chosen, moved, sized and kept; another drawn; the last one undone', async () => {
    const id = await keep('keyboard');
    const sign = await theSign(id);
    const { page, close } = await stage.open(`/photos/${id}`, desktop);
    await page.waitForLoadState('load');
    await page.keyboard.press('c');
    await page.locator('body.correcting').waitFor();
    assert.equal(
      await page.evaluate(`document.activeElement.getAttribute('aria-label')`),
      `stop sign, ${sign.confidence}% sure`,
    );
    await page.keyboard.press('Enter');
    await heard(page, /stop sign, \d+% sure/);
    await page.keyboard.press('m');
    for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowDown', 'Shift+ArrowLeft', 'Alt+ArrowUp'])
      await page.keyboard.press(key);
    await heard(page, /% from left, .* % high/);
    await page.keyboard.press('Enter');
    const moved = await said(id, 'stop sign');
    const by = (side: 'x' | 'y' | 'width') =>
      Math.round(1000 * ((moved.box?.[side] ?? 0) - (sign.box?.[side] ?? 0))) / 1000;
    assert.deepEqual([by('x'), by('y'), by('width')], [-0.02, 0.008, -0.01]);

    await becomes(page, `document.activeElement.getAttribute('aria-label') === 'stop sign, you said so'`);
    await page.keyboard.press('a');
    await page.keyboard.type('cloud');
    await page.keyboard.press('Enter');
    await heard(page, /Enter puts one into the middle/);
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    const cloud = await said(id, 'cloud');
    near(cloud.box?.x, 0.35, 'left');
    near(cloud.box?.y, 0.34, 'top');
    await heard(page, /Added: cloud/);

    await page.keyboard.press('z');
    await gone(id, 'cloud');
    await heard(page, /Undone/);
    await page.keyboard.press('Escape');
    await becomes(page, `!document.body.classList.contains('correcting')`);
    assert.equal(new URL(page.url()).pathname, `/photos/${id}`, 'Escape left the editor, not the photo');
    assert.equal(await page.evaluate(`document.activeElement.matches('#correct > summary')`), true);
    await close();
  });

  test('by keyboard: Escape gives up what was drawn, and y and n judge the box that has the focus', async () => {
    const id = await keep('keyboard verdict');
    const { page, close } = await stage.open(`/photos/${id}`, desktop);
    await page.waitForLoadState('load');
    await page.keyboard.press('a');
    await page.keyboard.type('ghost');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.locator('.editor .handle').first().waitFor();
    await page.keyboard.press('Escape');
    await heard(page, /Left as it was/);
    assert.equal(await page.locator('.editor .handle').count(), 0);
    await page.locator('.spot').first().focus();
    await page.keyboard.press('y');
    await said(id, 'stop sign');
    await becomes(page, `document.activeElement.getAttribute('aria-label') === 'stop sign, you said so'`);
    await page.keyboard.press('n');
    await gone(id, 'stop sign');
    assert.ok(!(await things(id)).some(({ label }) => label === 'ghost'));
    await close();
  });

  test('shows every box while correcting, whatever was switched off or lit up before', async () => {
    const id = await keep('switched off', 'room.jpg');
    const { page, close } = await stage.open(`/photos/${id}`);
    await page.locator('.found-chip > label').first().tap();
    await page.locator('label.switch', { has: page.locator('#boxes') }).tap();
    await page.locator('#correct > summary').tap();
    await becomes(
      page,
      `[...document.querySelectorAll('.box:not([hidden])')].every((box) => box.checkVisibility() && getComputedStyle(box).opacity === '1')`,
    );
    // As a screen reader presses it: a click, and no pointer.
    await page.locator('.spot').first().dispatchEvent('click');
    await page.locator('.thing[open]').waitFor();
    await close();
  });

  test('adds without a box, and a word of one’s own is offered for the next photo', async () => {
    const id = await keep('no box');
    const { page, close } = await stage.open(`/photos/${id}`);
    await page.locator('#correct > summary').tap();
    await page.locator('.adding summary').tap();
    await page.locator('#add-label').fill('할머니');
    await page.locator('.adding').getByRole('button', { name: 'Add without a box' }).tap();
    assert.equal((await said(id, '할머니')).box, undefined);
    await page.locator('.found-chip', { hasText: '1 할머니' }).waitFor({ state: 'attached' });
    await page.goto(new URL(`/photos/${await keep('another')}`, stage.program.url).href);
    assert.equal(await page.locator('#label-names option[value="할머니"]').count(), 1);
    await close();
  });

  test('loses nothing that was drawn when the connection breaks', async () => {
    const id = await keep('offline');
    const { page, context, close } = await stage.open(`/photos/${id}`);
    await page.locator('#correct > summary').tap();
    const [from, to] = await onPicture(page, { x: 0.2, y: 0.2 }, { x: 0.5, y: 0.6 });
    assert.ok(from && to);
    await swipe(page, from, to);
    await page.locator('#add-label').fill('bench');
    await context.setOffline(true);
    await page.locator('.adding [type=submit]').tap();
    const trouble = page.locator('#correct-says.trouble');
    await trouble.waitFor();
    assert.match((await trouble.textContent()) ?? '', /Nothing you did is lost/);
    assert.equal(await page.locator('#add-label').inputValue(), 'bench');
    assert.equal(await page.locator('.adding [name=width]').inputValue(), '30');
    await context.setOffline(false);
    await trouble.getByRole('button', { name: 'Try again' }).tap();
    const { box } = await said(id, 'bench');
    near(box?.width, 0.3, 'width');
    await close(/ERR_INTERNET_DISCONNECTED/);
  });

  test('news meanwhile does not tear down what is being drawn, and a thing that is gone is told', async () => {
    const id = await keep('meanwhile');
    const sign = await theSign(id);
    const { page, close } = await stage.open(`/photos/${id}`);
    await page.locator('#correct > summary').tap();
    await tapSign(page, id);
    const corner = {
      x: (sign.box?.x ?? 0) + (sign.box?.width ?? 0),
      y: (sign.box?.y ?? 0) + (sign.box?.height ?? 0),
    };
    const [from, to] = await onPicture(page, corner, { x: corner.x - 0.1, y: corner.y - 0.1 });
    assert.ok(from && to);
    await swipe(page, from, to);
    await page.locator('.thing[open] form[data-dirty]').waitFor();
    const width = await page.locator('.thing[open] [name=width]').inputValue();
    await page.evaluate(`(globalThis.news = new Promise((heard) => {
      const events = new EventSource('/events');
      events.addEventListener('photo-changed', () => { events.close(); heard(true); });
      events.addEventListener('open', () => { globalThis.listens = true; });
    }), true)`);
    await becomes(page, 'globalThis.listens');
    // Somebody else is faster.
    await stage.client.ask(`/photos/${id}/corrections`, {
      method: 'POST',
      body: JSON.stringify({ kind: 'rename', detection: sign.id, label: 'clock' }),
      headers: { 'Content-Type': 'application/json' },
    });
    await page.evaluate('news');
    await page.evaluate(
      'fetch(location.href).then((answer) => answer.text()).then(() => fetch(location.href)).then(() => true)',
    );
    assert.equal(
      await page.locator('.thing[open] [name=width]').inputValue(),
      width,
      'the drawing is still there',
    );
    await page.locator('.thing[open] form[data-dirty] [type=submit]').tap();
    const trouble = page.locator('#correct-says.trouble');
    await trouble.waitFor();
    assert.match((await trouble.textContent()) ?? '', /changed this photo meanwhile/);
    await page.locator('.things', { hasText: 'clock' }).waitFor();
    await close(/409/);
  });

  test('a hostile name starts nothing (T41)', async () => {
    const id = await keep('hostile');
    const label = '<img src=x onerror=alert(1)>"\'';
    const { page, close } = await stage.open(`/photos/${id}`, desktop);
    page.on('dialog', () => assert.fail('a dialog opened'));
    await page.locator('#correct > summary').click();
    const [from, to] = await onPicture(page, { x: 0.05, y: 0.05 }, { x: 0.3, y: 0.3 });
    assert.ok(from && to);
    await drag(page, from, to);
    await page.locator('#add-label').fill(label);
    await page.locator('.adding [type=submit]').click();
    await said(id, label);
    await page.locator('.thing-row', { hasText: label }).waitFor();
    await page.locator('.found-chip', { hasText: label }).waitFor({ state: 'attached' });
    assert.equal(await page.locator('img[src=x]').count(), 0);
    await page.reload();
    assert.equal(await page.locator('img[src=x]').count(), 0);
    await close();
  });

  test('tells its keys, and leaves typing alone', async () => {
    const id = await keep('keys');
    const { page, close } = await stage.open(`/photos/${id}`, desktop);
    await page.waitForLoadState('load');
    await page.keyboard.press('?');
    assert.match((await page.locator('#keys').textContent()) ?? '', /Correct.*Add something.*Undo/s);
    await page.keyboard.press('Escape');
    await page.keyboard.press('a');
    await page.keyboard.type('a cozy mynr zoo');
    assert.equal(await page.locator('#add-label').inputValue(), 'a cozy mynr zoo');
    await close();
  });

  for (const { name, options } of fewLooks)
    test(`has no fault for axe at ${name}`, async () => {
      const id = await keep('axe');
      const { page, close } = await stage.open(`/photos/${id}`, options);
      await page.locator('.found-chip .chip-more').first().click();
      assert.deepEqual(await accessibilityFaults(page), [], 'the menu of a chip');
      await page.keyboard.press('Escape');
      await page.locator('#correct > summary').click();
      assert.deepEqual(await accessibilityFaults(page), [], 'correcting');
      await page.locator('.things .thing summary').first().click();
      await page.locator('.editor .handle').first().waitFor();
      assert.deepEqual(await accessibilityFaults(page), [], 'one box chosen');
      await page.keyboard.press('Escape');
      await page.locator('.adding summary').click();
      assert.deepEqual(await accessibilityFaults(page), [], 'adding');
      await close();
    });
});
