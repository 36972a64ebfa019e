// The whole journey in a browser that runs no script: shoot, choose, title, look, edit, delete, put back.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fixture, openStage, phone, readFixture } from '../support/browser.ts';
import { skipWithoutChromium } from '../support/chromium.ts';
import { assertAllWhole } from '../support/queue-page.ts';

const plain = { ...phone, javaScriptEnabled: false };

describe('without scripts', { skip: skipWithoutChromium }, () => {
  const stage = openStage();

  test('a photo is shot, titled, found, retitled, deleted and put back', async () => {
    const { page, close } = await stage.open('/', plain);
    await page.setInputFiles('#shot', fixture('stop-sign.jpg'));
    await page.fill('#shot-title', 'Plain');
    await page.locator('.sheet [type=submit]').tap();
    await page.waitForURL('**/photos/*-*');
    const { pathname } = new URL(page.url());
    assert.equal(await page.locator('h1').textContent(), 'Plain');

    await stage.client.developed(pathname.split('/').at(-1) ?? '');
    await page.goto(stage.program.url);
    await page.locator('.card a').first().tap();
    await page.waitForURL(`**${pathname}`);
    await page.locator('.found-chip', { hasText: /stop sign/i }).waitFor();
    assert.ok((await page.locator('.boxes .box').count()) > 0, 'boxes are there');

    await page.locator('.edit summary').tap();
    await page.fill('#title', 'Plainer');
    await page.locator('.edit [type=submit]').tap();
    await page.locator('h1', { hasText: 'Plainer' }).waitFor();

    await page.locator('.danger[popovertarget=remove]').tap();
    await page.locator('#remove [type=submit]').tap();
    await page.waitForURL(`${stage.program.url}/?deleted=*`);
    await page.locator('.notice', { hasText: 'Plainer' }).waitFor();
    assert.equal(await page.locator('.card').count(), 0);

    await page.locator('.notice [type=submit]').tap();
    await page.waitForURL(`**${pathname}`);
    await page.locator('.edit').waitFor();
    await close();
  });

  test('what was found is corrected: right, renamed, moved, added, taken away, and put back', async () => {
    const { id } = await stage.client.keep(readFixture('stop-sign.jpg'));
    await stage.client.developed(id);
    const { page, close } = await stage.open(`/photos/${id}`, plain);
    const row = (name: string) => page.locator('.thing-row', { hasText: name });
    await page.locator('#correct > summary').tap();
    await row('stop sign').locator('[value=confirm]').tap();
    // A browser opens what the address points into.
    await page.waitForURL(`**/photos/${id}#corrections`);
    await page.locator('#corrections .latest', { hasText: 'Confirmed: stop sign' }).waitFor();
    assert.match((await row('stop sign').textContent()) ?? '', /You · Today/);

    await row('stop sign').locator('summary').tap();
    await row('stop sign').locator('[name=label]').fill('시계');
    await row('stop sign').locator('.with-button [type=submit]').tap();
    await row('clock').locator('summary').tap();
    await row('clock').locator('[name=left]').fill('5');
    await row('clock').locator('[name=width]').fill('12.5');
    await row('clock').getByRole('button', { name: 'Put it here' }).tap();
    await page.locator('.latest', { hasText: 'Moved: clock' }).first().waitFor({ state: 'attached' });
    assert.equal(await page.locator('.box[data-label=clock]').getAttribute('x'), '5%');
    assert.equal(await page.locator('.box[data-label=clock]').getAttribute('width'), '12.5%');

    await page.locator('.adding summary').tap();
    await page.fill('#add-label', 'grandma');
    await page.locator('.adding [type=submit]').tap();
    await page.locator('.found-chip', { hasText: '1 grandma' }).waitFor();

    await page.locator('.adding summary').tap();
    await page.fill('#add-label', 'kite');
    await page.fill('.adding [name=left]', '10');
    await page.locator('.adding [type=submit]').tap();
    await page.locator('.refusal', { hasText: 'too small or outside' }).waitFor();
    assert.equal(await page.locator('#add-label').inputValue(), 'kite', 'what was typed is still there');

    await row('clock').locator('[value=reject]').tap();
    await page.locator('.rejected li', { hasText: 'clock' }).getByRole('button').tap();
    await row('clock').waitFor();
    await close(/422/);
  });

  test('several photos are chosen, and one that is rotten is named', async () => {
    const { page, close } = await stage.open('/photos/new', plain);
    await page.setInputFiles('#choose', [fixture('kite.jpg'), fixture('text.jpg'), fixture('room.jpg')]);
    await page.fill('.title-for-all input', 'Together');
    await page.locator('.send').tap();
    await page.locator('.queue .row').first().waitFor();
    const rows = page.locator('.queue .row');
    assert.equal(await rows.count(), 3);
    assert.deepEqual(
      await page.evaluate(`[...document.querySelectorAll('.queue .row')].map((row) => row.dataset.state)`),
      ['done', 'failed', 'done'],
    );
    assert.match((await rows.nth(1).textContent()) ?? '', /text\.jpg.*JPEG, HEIC, PNG/s);
    await close(/207|415/);
  });

  test('a form sent without a photo comes back with a sentence', async () => {
    const { page, close } = await stage.open('/photos/new', plain);
    await page.locator('.send').tap();
    const refusal = page.locator('.refusal[role=alert]');
    await refusal.waitFor();
    assert.match((await refusal.textContent()) ?? '', /choose/i);
    await close(/400/);
  });

  test('the language is switched by a link', async () => {
    const { page, close } = await stage.open('/photos/new', plain);
    await page.locator('.languages a[lang=ko]').tap();
    await page.locator('html[lang=ko]').waitFor();
    assert.equal(new URL(page.url()).pathname, '/photos/new');
    await close();
  });

  test('whatever was taken is there once, byte for byte, and nothing lies around', () =>
    assertAllWhole(stage.program, 3));
});
