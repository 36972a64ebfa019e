// The page of the models over HTTP, with a real shelf whose weights come from a server on the loopback; and the photos that need a look.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { describe, type TestContext, test } from 'node:test';
import { type HTMLElement, parse } from 'node-html-parser';
import { openDetectionSite, type SiteOptions } from '../support/detection-site.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { openTestShelf } from '../support/test-shelf.ts';
import { until } from '../support/until.ts';
import { stallAfter, status } from '../support/weights-server.ts';

const browser = { Accept: 'text/html' };

async function openSite(
  t: TestContext,
  options: SiteOptions & { offline?: boolean; refusesModels?: string } = {},
) {
  const { offline = false, refusesModels, ...rest } = options;
  const stocked = await openTestShelf(t, {
    offline,
    prove: async () => refusesModels,
    inUse: () => rest.status?.engine,
  });
  const site = await openDetectionSite(t, {
    shelf: stocked.shelf,
    ...rest,
    settings: { offline, ...rest.settings },
  });
  const page = async (path = '/detection', headers: Record<string, string> = {}) =>
    parse((await site.client.ask(path, { headers: { ...browser, ...headers } })).text);
  return {
    ...site,
    ...stocked,
    page,
    row: async (name: string) => rowOf(await page(), name),
    post: (path: string, headers: Record<string, string> = {}) =>
      site.client.ask(path, { method: 'POST', headers }),
    bring(name: string, bytes: Uint8Array, headers: Record<string, string> = {}) {
      const { body, contentType } = formBody([{ ...filePart(name, bytes), name: 'model' }]);
      return site.client.ask('/models', {
        method: 'POST',
        body,
        headers: { 'Content-Type': contentType, ...headers },
      });
    },
  };
}

function rowOf(page: HTMLElement, name: string): HTMLElement {
  const row = page.getElementById(`model-${name}`);
  assert.ok(row, `there is a row for ${name}`);
  return row;
}

const actions = (row: HTMLElement) => row.querySelectorAll('form').map((form) => form.getAttribute('action'));

describe('the models', () => {
  test('stand with engine, points, address and place, and what can be done with each', async (t) => {
    const site = await openSite(t);
    const row = await site.row('small');
    assert.match(row.querySelector('.model-facts')?.text ?? '', /YOLOX · 60 kB · sees 416.*Apache-2\.0/);
    assert.match(row.querySelector('.points')?.text ?? '', /20 points/);
    assert.match(row.querySelector('details')?.text ?? '', /small\.onnx/);
    assert.match(row.querySelector('details')?.text ?? '', new RegExp(site.folder));
    assert.deepEqual(actions(row), ['/models/small/fetch']);
    assert.match((await site.row('centernet')).querySelector('.badge')?.text ?? '', /Here/);
  });

  test('are fetched, checked, used and let go again', async (t) => {
    const site = await openSite(t);
    const begun = await site.post('/models/small/fetch');
    assert.equal(begun.status, 202);
    assert.equal(JSON.parse(begun.text).name, 'small');
    await site.shelf.ended('small');
    assert.deepEqual(actions(await site.row('small')), ['/models/small/use', '/models/small/verify']);

    const checked = JSON.parse((await site.post('/models/small/verify')).text);
    assert.deepEqual([checked.verified, checked.state, checked.isHere], [true, 'present', true]);

    const used = await site.post('/models/small/use', browser);
    assert.deepEqual([used.status, used.headers.get('location')], [303, '/detection#model-small']);
    assert.equal((await site.get('small')).chosen, true);
    assert.match((await site.page()).querySelector('.now form')?.text ?? '', /Let Sajin choose/);
    assert.equal((await site.post('/models/auto')).status, 200);
    assert.equal((await site.get('small')).chosen, false);
  });

  test('show how far a download is, and stop it', async (t) => {
    const site = await openSite(t);
    site.server.behave('/small.onnx', [stallAfter(30_000)]);
    await site.post('/models/small/fetch');
    const half = await until('half of it to be here', async () => {
      const row = await site.row('small');
      return row.querySelector('progress')?.getAttribute('value') === '0.5' && row;
    });
    assert.match(half.querySelector('.arriving')?.text ?? '', /30 kB of 60 kB/);
    assert.deepEqual(actions(await site.row('small')), ['/models/small/cancel']);
    const json = JSON.parse((await site.client.ask('/detection')).text);
    const entry = json.models.find(({ name }: { name: string }) => name === 'small');
    assert.deepEqual([entry.state, entry.progress], ['fetching', { bytes: 30_000, of: 60_000 }]);
    await site.post('/models/small/cancel');
    await site.shelf.ended('small');
    assert.deepEqual(actions(await site.row('small')), ['/models/small/fetch']);
  });

  test('say with the exact address and path what went wrong', async (t) => {
    const site = await openSite(t);
    site.server.behave('/small.onnx', [status(404)], 'forever');
    await site.post('/models/small/fetch');
    await site.shelf.ended('small');
    const row = await site.row('small');
    const problem = row.querySelector('.model-problem')?.text ?? '';
    assert.ok(problem.includes(`${site.server.url}/small.onnx`), problem);
    assert.ok(problem.includes(`${site.folder}/small.onnx`), problem);
    assert.match(row.querySelector('form')?.text ?? '', /Try again/);
  });

  test('are not fetched offline, and the page says what to do instead', async (t) => {
    const site = await openSite(t, { offline: true });
    const page = await site.page();
    assert.deepEqual(actions(rowOf(page, 'small')), []);
    assert.match(page.querySelector('.note')?.text ?? '', /OFFLINE=1.*another machine/s);
    const refused = await site.post('/models/small/fetch');
    assert.deepEqual([refused.status, JSON.parse(refused.text).code], [409, 'offline']);
  });

  test('leave no choice where the environment has decided', async (t) => {
    const site = await openSite(t, { settings: { detector: 'centernet' } });
    await site.fetch('small');
    const page = await site.page();
    assert.deepEqual(actions(rowOf(page, 'small')), ['/models/small/verify']);
    assert.match(page.querySelector('.now-why')?.text ?? '', /DETECTOR=centernet/);
  });

  test('that are not there are not found', async (t) => {
    const site = await openSite(t);
    for (const path of [
      '/models/none/fetch',
      '/models/none/cancel',
      '/models/none/verify',
      '/models/small/use',
    ])
      assert.equal((await site.post(path)).status, 404, path);
    assert.equal((await site.client.ask('/models/small/fetch')).status, 405);
  });
});

describe('a model that somebody brings', () => {
  test('is kept, and nothing of the upload is left', async (t) => {
    const site = await openSite(t);
    const answer = await site.bring('our garden.onnx', Buffer.alloc(5000, 7));
    assert.equal(answer.status, 201, answer.text);
    const { name, origin } = JSON.parse(answer.text);
    assert.deepEqual([name, origin], ['our-garden', 'imported']);
    assert.deepEqual(await readdir(site.inboxFolder), []);
    const again = await site.bring('other.onnx', Buffer.alloc(5000, 8), browser);
    assert.deepEqual([again.status, again.headers.get('location')], [303, '/detection#model-other']);
  });

  test('is refused with a reason: as JSON, and on the page of the models', async (t) => {
    const site = await openSite(t, { refusesModels: 'it has no output of a YOLOX' });
    const answer = await site.bring('photo.onnx', Buffer.alloc(5000, 7));
    assert.deepEqual([answer.status, JSON.parse(answer.text).code], [422, 'bad-model']);
    const page = await site.bring('photo.onnx', Buffer.alloc(5000, 7), browser);
    assert.equal(page.status, 422);
    assert.match(parse(page.text).querySelector('.bring .refusal')?.text ?? '', /no output of a YOLOX/);
    assert.deepEqual(await readdir(site.inboxFolder), []);
  });

  test('has to be one file, named model', async (t) => {
    const site = await openSite(t);
    const { body, contentType } = formBody([filePart('a.onnx', Buffer.from('x'))]);
    const asPhoto = await site.client.ask('/models', {
      method: 'POST',
      body,
      headers: { 'Content-Type': contentType },
    });
    assert.deepEqual([asPhoto.status, JSON.parse(asPhoto.text).code], [400, 'bad-upload']);
    const empty = formBody([{ name: 'note', body: 'nothing' }]);
    const nothing = await site.client.ask('/models', {
      method: 'POST',
      body: empty.body,
      headers: { 'Content-Type': empty.contentType },
    });
    assert.deepEqual([nothing.status, JSON.parse(nothing.text).code], [422, 'bad-model']);
    assert.equal((await site.post('/models')).status, 415);
    assert.deepEqual(await readdir(site.inboxFolder), []);
  });
});

describe('who looked at the photos', () => {
  test('stands with a button for every model but the present one', async (t) => {
    const site = await openSite(t, { status: { engine: { name: 'yolox', model: 'e'.repeat(64) } } });
    await site.addPhoto('cat');
    await site.addPhoto('dog');
    const page = await site.page();
    const [row] = page.querySelectorAll('.seen-list li');
    assert.match(row?.text ?? '', /YOLOX \(ffffffff\).*2 photos/s);
    assert.equal(row?.querySelector('input[name=model]')?.getAttribute('value'), 'f'.repeat(64));
    assert.deepEqual(
      page.querySelectorAll('.look-label option').map((option) => option.getAttribute('value')),
      ['cat', 'dog'],
    );
    const json = JSON.parse((await site.client.ask('/detection')).text);
    assert.deepEqual(json.photos, [{ engine: 'yolox', model: 'f'.repeat(64), photos: 2 }]);
  });

  test('says that nothing looks, why, and offers no button that could not work', async (t) => {
    const site = await openSite(t, { status: { problem: 'No YOLOX model was found: fetch one.' } });
    await site.addPhoto('cat');
    const page = await site.page();
    assert.match(page.querySelector('.now')?.text ?? '', /Nothing looks.*No YOLOX model was found/s);
    assert.equal(page.querySelector('form[action="/reruns"]'), null);
    assert.match(
      (await site.page('/')).querySelector('.problem a')?.getAttribute('href') ?? '',
      /^\/detection$/,
    );
  });
});

describe('photos that need a look', () => {
  test('stand with their reason, and are counted in the menu of every page', async (t) => {
    const site = await openSite(t);
    const count = async (path: string) => (await site.page(path)).querySelector('.menu .count')?.text;
    await site.addPhoto('cat');
    for (const path of ['/', '/labels', '/photos/new', '/detection'])
      assert.equal(await count(path), undefined);
    const id = await site.addFailed();
    for (const path of ['/', '/labels', '/photos/new', `/photos/${id}`, '/detection', '/failed'])
      assert.equal(await count(path), '1 photo', path);
    const row = (await site.page('/failed')).getElementById(id);
    assert.match(row?.text ?? '', /took too long/);
    assert.equal(row?.querySelector('form')?.getAttribute('action'), `/photos/${id}/retry`);
    const json = JSON.parse((await site.client.ask('/failed')).text);
    assert.deepEqual([json.count, json.photos[0].id], [1, id]);
    assert.match(json.photos[0].reason, /took too long/);
  });

  test('are all tried again at once', async (t) => {
    const site = await openSite(t);
    await site.addFailed();
    await site.addFailed();
    assert.match(
      (await site.page('/failed')).querySelector('.failed-head form')?.text ?? '',
      /Try all 2 again/,
    );
    const answer = await site.post('/failed/retry');
    assert.deepEqual([answer.status, JSON.parse(answer.text)], [202, { retried: 2 }]);
    const page = await site.page('/failed');
    assert.match(page.querySelector('.empty')?.text ?? '', /All is well/);
    assert.equal(page.querySelector('.menu .count'), null);
    assert.equal((await site.post('/failed/retry', browser)).headers.get('location'), '/failed');
  });

  test('go on page by page', async (t) => {
    const site = await openSite(t);
    const ids = [await site.addFailed(), await site.addFailed(), await site.addFailed()].reverse();
    const first = JSON.parse((await site.client.ask('/failed?limit=2')).text);
    const second = JSON.parse((await site.client.ask(first.next)).text);
    const seen = [...first.photos, ...second.photos].map(({ id }: { id: string }) => id);
    assert.deepEqual(seen, ids);
    assert.equal(second.next, undefined);
    assert.equal((await site.client.ask('/failed?before=x')).status, 400);
  });
});
