// The page of a photo: boxes where they should be, title, delete, neighbours, by touch and by keyboard.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { becomes, desktop, fixture, openStage, phone, readFixture } from '../support/browser.ts';
import { skipWithoutChromium } from '../support/chromium.ts';
import type { PhotoJson } from '../support/client.ts';
import { remarkJpeg } from '../support/pictures.ts';
import { until } from '../support/until.ts';

interface DrawnBox {
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const drawnBoxes = (page: Page) =>
  page.evaluate<DrawnBox[]>(`(() => {
    const picture = document.querySelector('.frame .picture').getBoundingClientRect();
    return [...document.querySelectorAll('.boxes .box:not([hidden])')].map((box) => {
      const { left, top, width, height } = box.querySelector('rect.light').getBoundingClientRect();
      return {
        label: box.dataset.label,
        x: (left - picture.left) / picture.width,
        y: (top - picture.top) / picture.height,
        width: width / picture.width,
        height: height / picture.height,
      };
    });
  })()`);

const hasFocus = (page: Page, selector: string) =>
  page.evaluate<boolean>(`document.activeElement?.matches(${JSON.stringify(selector)})`);

/** Presses Tab until something has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let pressed = 0; pressed < 80; pressed += 1) {
    await page.keyboard.press('Tab');
    if (await hasFocus(page, selector)) return;
  }
  assert.fail(`no way to ${selector} by Tab`);
}

describe('the page of a photo', { skip: skipWithoutChromium }, () => {
  const stage = openStage();
  const keep = async (name: string, remark: string): Promise<PhotoJson> => {
    const { id } = await stage.client.keep(remarkJpeg(readFixture(name), remark));
    return stage.client.developed(id);
  };

  for (const name of ['stop-sign.jpg', 'orientation-6.jpg', 'street.jpg', 'room.jpg'])
    for (const [where, options] of [
      ['a phone', phone],
      ['a desktop', desktop],
    ] as const)
      test(`draws the boxes of ${name} within 2 % of where they are, on ${where}`, async () => {
        const { id, detections, labels } = await keep(name, 'boxes');
        const { page, close } = await stage.open(`/photos/${id}`, options);
        await becomes(page, `document.querySelector('.picture').complete`);
        const drawn = await drawnBoxes(page);
        assert.equal(
          drawn.length,
          labels.reduce((sum, { count }) => sum + count, 0),
          'as many boxes as the labels count',
        );
        assert.ok(drawn.length > 0, 'something was found');
        for (const box of drawn) {
          const near = detections
            .filter(({ label }) => label === box.label)
            .map(({ box: said }) =>
              Math.max(
                ...(['x', 'y', 'width', 'height'] as const).map((side) => Math.abs(said[side] - box[side])),
              ),
            );
          assert.ok(Math.min(...near) <= 0.02, `${box.label} is ${Math.min(...near)} off`);
        }
        await close();
      });

  test('hides and shows the boxes, and lights up those of a label', async () => {
    const { id } = await keep('stop-sign.jpg', 'switch');
    const { page, close } = await stage.open(`/photos/${id}`);
    const visible = () => page.locator('.boxes .box').first().isVisible();
    assert.equal(await visible(), true);
    await page.locator('label.switch', { has: page.locator('#boxes') }).tap();
    await becomes(
      page,
      `!document.querySelector('.boxes')?.checkVisibility({ opacityProperty: true, visibilityProperty: true })`,
    );
    await page.reload();
    assert.equal(await page.locator('#boxes').isChecked(), false, 'it is remembered');
    await page.locator('label.switch', { has: page.locator('#boxes') }).tap();
    const chip = page.locator('.found-chip').first();
    await chip.locator('label').first().tap();
    assert.equal(await chip.locator('input').first().isChecked(), true);
    await close();
  });

  test('changes the title, by touch', async () => {
    const { id } = await keep('kite.jpg', 'title');
    const { page, close } = await stage.open(`/photos/${id}`);
    await page.locator('.edit summary').tap();
    await page.fill('#title', '연날리기 & <b>kites</b>');
    await page.locator('.edit [type=submit]').tap();
    await page.locator('h1', { hasText: '연날리기' }).waitFor();
    assert.equal(await page.locator('h1').textContent(), '연날리기 & <b>kites</b>');
    assert.equal((await stage.client.photo(id)).title, '연날리기 & <b>kites</b>');
    await close();
  });

  test('shows both titles when somebody was faster', async () => {
    const { id } = await keep('kite.jpg', 'conflict');
    const { page, close } = await stage.open(`/photos/${id}`);
    await page.locator('.edit summary').tap();
    await page.fill('#title', 'Mine');
    const body = new URLSearchParams({ title: 'Theirs' }).toString();
    await stage.client.ask(`/photos/${id}`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    await page.locator('.edit [type=submit]').tap();
    const conflict = page.locator('.conflict');
    await conflict.waitFor();
    assert.match((await conflict.textContent()) ?? '', /Theirs/);
    await conflict.locator('[type=submit]').tap();
    await page.locator('h1', { hasText: 'Mine' }).waitFor();
    await close(/409/);
  });

  test('goes to the trash only when asked twice', async () => {
    const { id } = await keep('kite.jpg', 'delete');
    const { page, close } = await stage.open(`/photos/${id}`);
    await page.locator('.danger[popovertarget=remove]').tap();
    await page.locator('#remove').getByRole('button', { name: 'Keep it' }).tap();
    assert.equal(await stage.isInTrash(id), false);
    await page.locator('.danger[popovertarget=remove]').tap();
    await page.locator('#remove [type=submit]').tap();
    await page.waitForURL(`${stage.program.url}/?deleted=${id}`);
    assert.equal(await stage.isInTrash(id), true);
    await close();
  });

  test('can be reached, titled, stepped through and deleted by keyboard alone', async () => {
    const older = await keep('wall-clock.jpg', 'keyboard');
    const { page, close } = await stage.open('/photos/new', desktop);
    await tabTo(page, '#choose');
    await page.setInputFiles('#choose', fixture('wall-clock.jpg'));
    await tabTo(page, '.row-title');
    await page.keyboard.type('By keyboard');
    await page.keyboard.press('Tab');
    await until('the title to arrive', async () =>
      (await stage.client.everything()).some(({ title }) => title === 'By keyboard'),
    );
    await page.locator('.row[data-state=done]').waitFor();
    await tabTo(page, '.row [data-do=open]');
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: 'By keyboard' }).waitFor();
    // A heading may be there before the script that listens for keys.
    await page.waitForLoadState('load');
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';

    await page.keyboard.press('ArrowRight');
    await page.waitForURL(`**/photos/${older.id}`);
    await page.keyboard.press('ArrowLeft');
    await page.waitForURL(`**/photos/${id}`);

    await tabTo(page, '.edit summary');
    await page.keyboard.press('Enter');
    await page.locator('.edit[open] #title').waitFor();
    await becomes(page, `document.activeElement?.id === 'title'`);
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('Renamed by keyboard');
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: 'Renamed by keyboard' }).waitFor();

    await tabTo(page, '.danger[popovertarget=remove]');
    await page.keyboard.press('Enter');
    await tabTo(page, '#remove [type=submit]');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${stage.program.url}/?deleted=${id}`);
    assert.equal(await stage.isInTrash(id), true);
    await close();
  });
});
