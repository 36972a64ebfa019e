// The shooting mode with a camera that the browser makes up: shots in a row, taken back, and everything that keeps a camera closed.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  accessibilityFaults,
  becomes,
  desktop,
  fewLooks,
  fixture,
  type OpenPage,
  openStage,
  phone,
} from '../support/browser.ts';
import { skipWithoutChromium } from '../support/chromium.ts';
import { assertAllWhole } from '../support/queue-page.ts';
import { until } from '../support/until.ts';

const camera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
/** As the browser says it when there is no camera, or no permission. */
const refuse = (name: string) =>
  `navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', '${name}'); }`;

describe('the shooting mode', { skip: skipWithoutChromium }, () => {
  const stage = openStage(camera);
  // A picture that is new to the server is 404 among the digests it knows.
  const isNew = /404/;

  // Photos of the made-up camera are as large as a real one's and take seconds to encode; most tests do with frames of its video.
  async function openCamera(options = phone, script = 'delete globalThis.ImageCapture'): Promise<OpenPage> {
    const opened = await stage.open('/offline', options);
    await opened.context.addInitScript(script);
    await opened.page.goto(new URL('/shoot', stage.program.url).href);
    await opened.page.locator('#shooting.ready').waitFor();
    return opened;
  }
  const titles = async () => (await stage.client.everything()).map(({ title }) => title);
  const count = (page: OpenPage['page'], text: string) =>
    page.locator('.camera-count', { hasText: text }).waitFor();

  test('sends three shots in a row under a title that counts', async () => {
    const { page, close } = await openCamera(phone, '');
    await page.fill('#running-title', 'Trip');
    for (const shots of ['1 shot', '2 shots', '3 shots']) {
      await page.locator('#shutter').tap();
      await count(page, shots);
    }
    await until('all to arrive', async () => (await titles()).length === 3, { deadlineMs: 120_000 });
    assert.deepEqual((await titles()).toSorted(), ['Trip 1', 'Trip 2', 'Trip 3']);
    await becomes(page, `document.querySelectorAll('.shots [data-state=sent]').length === 3`);
    assert.equal(await page.locator('#light').isVisible(), false, 'this camera has no light');
    assert.equal(await page.locator('#turn').isVisible(), false, 'and no other lens');
    await close(isNew);
  });

  test('takes the last shot back, and gives its number to the next', async () => {
    const { page, close } = await openCamera();
    await page.fill('#running-title', 'Walk');
    await page.locator('#shutter').tap();
    await count(page, '1 shot');
    await page.locator('#retake').tap();
    await page.locator('.camera-says', { hasText: 'taken out' }).waitFor();
    assert.equal(await page.locator('.shots li').count(), 0);
    await page.locator('#shutter').tap();
    await becomes(page, `document.querySelector('.shots [data-state=sent]') !== null`);
    assert.deepEqual(
      (await titles()).filter((title) => title.startsWith('Walk')),
      ['Walk 1'],
    );
    assert.equal(await page.locator('#retake').isVisible(), false, 'what was sent is not taken back');
    await close(isNew);
  });

  test('keeps a shot also when the page is left at once, without a title', async () => {
    const before = (await titles()).length;
    const { page, close } = await openCamera();
    await page.locator('#shutter').tap();
    await count(page, '1 shot');
    await page.locator('.camera-top a').tap();
    await page.waitForURL(`${stage.program.url}/`);
    await page.goto(new URL('/shoot', stage.program.url).href);
    await until('the shot to arrive', async () => (await titles()).length === before + 1);
    assert.equal((await titles())[0], '');
    await close(isNew);
  });

  test('is triggered by the space bar and by the keys of a remote shutter, not while a title is typed', async () => {
    const { page, close } = await openCamera(desktop);
    await page.locator('#running-title').focus();
    await page.keyboard.type('On the road');
    assert.equal(await page.locator('.shots li').count(), 0);
    await page.locator('.camera-count').evaluate('document.activeElement.blur()');
    await page.keyboard.press('Space');
    await count(page, '1 shot');
    await page.evaluate(`dispatchEvent(new KeyboardEvent('keydown', { key: 'AudioVolumeUp' }))`);
    await count(page, '2 shots');
    await close(isNew);
  });

  test('lets go of the camera when nobody looks, and opens it again', async () => {
    const { page, close } = await openCamera();
    const look = (state: string) =>
      page.evaluate(`
        Object.defineProperty(document, 'visibilityState', { configurable: true, value: '${state}' });
        document.dispatchEvent(new Event('visibilitychange'))`);
    await page.evaluate(`globalThis.track = document.querySelector('video').srcObject.getVideoTracks()[0]`);
    await look('hidden');
    assert.equal(await page.evaluate('track.readyState'), 'ended');
    assert.equal(await page.evaluate(`document.querySelector('video').srcObject`), null);
    await look('visible');
    await page.locator('#shooting.ready').waitFor();
    await close(isNew);
  });

  for (const [name, expected] of [
    ['NotAllowedError', /allow the camera/],
    ['NotFoundError', /No camera was found/],
    ['NotReadableError', /Another app is using the camera/],
    ['TypeError', /did not open/],
  ] as const)
    test(`says what to do after a ${name}, and takes pictures one by one`, async () => {
      const { page, context, close } = await stage.open('/');
      await context.addInitScript(refuse(name));
      await page.goto(new URL('/shoot', stage.program.url).href);
      const trouble = page.locator('[data-trouble]:not([hidden])');
      await trouble.waitFor();
      assert.match((await trouble.textContent()) ?? '', expected);
      assert.equal(await page.locator('#again').isVisible(), true);
      await page.fill('#plain-title', name);
      await page.setInputFiles('#one', fixture('kite.jpg'));
      await page.locator('.shots [data-state=sent]').waitFor();
      await close(isNew);
    });

  test('lets go of a camera that it could not open to the end', async () => {
    const { page, context, close } = await stage.open('/');
    await context.addInitScript(`
      const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wanted) => (globalThis.stream = await ask(wanted));
      navigator.mediaDevices.enumerateDevices = async () => { throw new DOMException('', 'NotAllowedError'); };`);
    await page.goto(new URL('/shoot', stage.program.url).href);
    await page.locator('[data-trouble=broken]:not([hidden])').waitFor();
    assert.equal(
      await page.evaluate('stream.getTracks().every((track) => track.readyState === "ended")'),
      true,
    );
    await close(isNew);
  });

  test('has no camera on plain http, says so, and offers one by one', async () => {
    const { page, context, close } = await stage.open('/');
    await context.addInitScript(`Object.defineProperty(navigator, 'mediaDevices', { value: undefined })`);
    await page.goto(new URL('/shoot', stage.program.url).href);
    await page.locator('[data-trouble=insecure]:not([hidden])').waitFor();
    assert.equal(await page.locator('#again').isVisible(), false, 'which would not help');
    assert.equal(await page.locator('label[for=one]').isVisible(), true);
    await close(isNew);
  });

  test('works one by one without scripts, title kept', async () => {
    const { page, close } = await stage.open('/shoot', { ...phone, javaScriptEnabled: false });
    await page.fill('#plain-title', 'Plain');
    await page.setInputFiles('#one', fixture('room.jpg'));
    await page.locator('.plain-shooting [type=submit]').tap();
    await page.waitForURL('**/shoot?title=Plain&last=*');
    assert.equal(await page.locator('#plain-title').inputValue(), 'Plain');
    await page.locator('.stored-last a').tap();
    await page.waitForURL('**/photos/*-*');
    assert.equal(await page.locator('h1').textContent(), 'Plain');
    await close(isNew);
  });

  for (const { name, width, options } of fewLooks)
    test(`has no fault for axe at ${name}, with and without a camera`, async () => {
      const { page, context, close } = await openCamera(options);
      await page.locator('#shutter').click();
      await page.locator('.shots li').waitFor();
      assert.deepEqual(await accessibilityFaults(page), []);
      await context.addInitScript(refuse('NotAllowedError'));
      await page.reload();
      await page.locator('[data-trouble=denied]:not([hidden])').waitFor();
      assert.deepEqual(await accessibilityFaults(page), []);
      assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= width);
      await close(isNew);
    });

  test('whatever was taken is there once, byte for byte, and nothing lies around', () =>
    assertAllWhole(stage.program, 5));
});
