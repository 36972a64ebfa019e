// Every page, for everybody: no complaint of the browser, no fault that axe finds, both languages, both schemes, all widths.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { becomes, faultsOfPages, fewLooks, openStage, phone, readFixture } from '../support/browser.ts';
import { skipWithoutChromium } from '../support/chromium.ts';
import type { PhotoJson } from '../support/client.ts';
import { remarkJpeg } from '../support/pictures.ts';

describe('every page', { skip: skipWithoutChromium }, () => {
  const stage = openStage();
  let photo: PhotoJson;
  let failed: PhotoJson;
  let trashed: PhotoJson;

  before(async () => {
    for (const name of [
      'kite.jpg',
      'wall-clock.jpg',
      'street.jpg',
      'truncated.jpg',
      'corrupt.jpg',
      'wide.png',
      'tiny.png',
      'room.jpg',
    ])
      await stage.client.upload(readFixture(name), {
        name,
        title: name === 'street.jpg' ? 'A street, drawn' : '',
      });
    const { id } = await stage.client.keep(readFixture('stop-sign.jpg'), { title: 'Stop' });
    photo = await stage.client.developed(id);
    const all = await stage.client.everything();
    for (const one of all) await stage.client.developed(one.id);
    failed = (await stage.client.everything()).find(({ state }) => state === 'failed') ?? photo;
    trashed = await stage.client.keep(remarkJpeg(readFixture('kite.jpg'), 'trash'), { title: 'A kite' });
    await stage.client.developed(trashed.id);
    await stage.client.ask(`/photos/${trashed.id}`, { method: 'DELETE' });
  });

  const pages: readonly (readonly [name: string, path: () => string])[] = [
    ['the list', () => '/'],
    ['a label', () => '/?label=stop+sign'],
    ['a label without photos', () => '/?label=toaster'],
    ['a photo', () => `/photos/${photo.id}`],
    ['a photo that failed', () => `/photos/${failed.id}`],
    ['the list after deleting', () => `/?deleted=${trashed.id}`],
    ['the trash', () => '/trash'],
    ['a photo in the trash', () => `/photos/${trashed.id}`],
    ['the upload form', () => '/photos/new'],
    ['the labels', () => '/labels'],
    ['a page that is not there', () => '/nowhere'],
  ];

  for (const look of fewLooks)
    test(`has no fault for axe at ${look.name}`, async () => {
      const paths = new Map(pages.map(([name, path]) => [name, path()]));
      assert.deepEqual(await faultsOfPages(stage, paths, look, /404/), []);
    });

  for (const [name, path] of pages)
    test(`${name} loads without a complaint, and is not wider than a phone`, async () => {
      const { page, close } = await stage.open(path());
      await page.waitForLoadState('load');
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      assert.ok(width <= 390, `it is ${width} px wide`);
      await close(/404/);
    });

  test('is in Korean for who reads Korean, and switches for good', async () => {
    const { page, close } = await stage.open('/', { ...phone, locale: 'ko-KR' });
    assert.equal(await page.locator('html').getAttribute('lang'), 'ko');
    assert.match((await page.locator('.chips').textContent()) ?? '', /정지|표지/);
    await page.locator('.languages a[lang=en]').tap();
    await page.locator('html[lang=en]').waitFor();
    assert.equal(new URL(page.url()).search, '', 'the address stays clean');
    await page.goto(new URL(`/photos/${photo.id}`, stage.program.url).href);
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    assert.match((await page.locator('.found').textContent()) ?? '', /stop sign/i);
    await close();
  });

  test('is dark where the reader likes it dark', async () => {
    const brightness = async (colorScheme: 'light' | 'dark') => {
      const { page, close } = await stage.open('/', { ...phone, colorScheme });
      // A canvas turns any notation of a colour into numbers.
      const sum = await page.evaluate<number>(`(() => {
        const pen = document.createElement('canvas').getContext('2d');
        pen.fillStyle = getComputedStyle(document.body).backgroundColor;
        pen.fillRect(0, 0, 1, 1);
        return pen.getImageData(0, 0, 1, 1).data.slice(0, 3).reduce((a, b) => a + b);
      })()`);
      await close();
      return sum;
    };
    assert.ok((await brightness('light')) > 600, 'light is light');
    assert.ok((await brightness('dark')) < 150, 'dark is dark');
  });

  test('tells a person who cannot see what is in the picture', async () => {
    const { page, close } = await stage.open('/');
    const alt = await page.locator(`[id="${photo.id}"] img:not(.under)`).getAttribute('alt');
    assert.match(alt ?? '', /Stop.*stop sign/is);
    await close();
  });

  test('does not jump while its pictures load', async () => {
    for (const path of ['/', `/photos/${photo.id}`]) {
      const { page, close } = await stage.open('/labels');
      await page.addInitScript(`
        globalThis.shifts = 0;
        new PerformanceObserver((list) => { for (const { value } of list.getEntries()) shifts += value; })
          .observe({ type: 'layout-shift', buffered: true });`);
      await page.goto(new URL(path, stage.program.url).href);
      await becomes(
        page,
        `[...document.images].filter((image) => image.loading !== 'lazy').every((image) => image.complete)`,
      );
      assert.equal(await page.evaluate('shifts'), 0, path);
      await close();
    }
  });
});
