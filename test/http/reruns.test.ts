// Looking again at photos over HTTP: beginning, the preview as page and JSON, every button, and what is refused.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { parse } from 'node-html-parser';
import type { PhotoId } from '../../src/gallery/photo.ts';
import { newModel, openDetectionSite, type SiteOptions } from '../support/detection-site.ts';

const browser = { Accept: 'text/html' };
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

interface RerunJson {
  readonly id: number;
  readonly state: string;
  readonly scope: object;
  readonly approved: boolean;
  readonly threshold: { readonly all: number; readonly labels: Record<string, number> };
  readonly found: number;
  readonly lost: number;
  readonly changed: number;
  readonly waitsFor?: object;
  readonly photos: readonly {
    readonly id: string;
    readonly applied: boolean;
    readonly differences: object[];
  }[];
  readonly next?: string;
}

async function openSite(t: TestContext, options: SiteOptions = {}) {
  const site = await openDetectionSite(t, options);
  const ask = (path: string, init: RequestInit = {}) => site.client.ask(path, init);
  const post = (path: string, body?: string, headers: Record<string, string> = {}) =>
    ask(path, { method: 'POST', ...(body === undefined ? {} : { body }), headers: { ...form, ...headers } });
  return {
    ...site,
    ask,
    post,
    begin: async (body: string) => JSON.parse((await post('/reruns', body)).text) as RerunJson,
    read: async (path: string) => JSON.parse((await ask(path)).text) as RerunJson,
    page: async (path: string, headers: Record<string, string> = {}) =>
      parse((await ask(path, { headers: { ...browser, ...headers } })).text),
  };
}

describe('beginning to look again', () => {
  test('answers a program with 202, where it is, and what it is about', async (t) => {
    const site = await openSite(t);
    await site.addPhoto('cat');
    const answer = await site.post('/reruns', 'older=1');
    assert.equal(answer.status, 202);
    const rerun = JSON.parse(answer.text) as RerunJson;
    assert.equal(answer.headers.get('location'), `/reruns/${rerun.id}`);
    assert.deepEqual([rerun.state, rerun.scope, rerun.approved], ['looking', { kind: 'older' }, false]);
  });

  test('leads a browser to its page', async (t) => {
    const site = await openSite(t);
    const photo = await site.addPhoto('cat');
    const answer = await site.post('/reruns', `photo=${photo}`, browser);
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/reruns/1']);
  });

  test('takes every scope, as form and as JSON, and the threshold of who asks', async (t) => {
    const site = await openSite(t);
    await site.addPhoto('cat');
    const byForm = { ...form, Cookie: 'sure=all%3D70%26cat%3D30' };
    const answer = await site.ask('/reruns', { method: 'POST', body: 'label=cat', headers: byForm });
    const { scope, threshold } = JSON.parse(answer.text) as RerunJson;
    assert.deepEqual(scope, { kind: 'label', label: 'cat', name: 'cat' });
    assert.deepEqual(threshold, { all: 70, labels: { cat: 30 } });
    const json = { 'Content-Type': 'application/json' };
    for (const [body, expected] of [
      [{ model: 'f'.repeat(64) }, { kind: 'model', model: 'f'.repeat(64) }],
      [{ model: '' }, { kind: 'model', model: '' }],
      [{ older: true, approved: true }, { kind: 'older' }],
    ] as const) {
      const given = await site.ask('/reruns', { method: 'POST', body: JSON.stringify(body), headers: json });
      assert.deepEqual((JSON.parse(given.text) as RerunJson).scope, expected);
    }
  });

  const refusals: readonly (readonly [what: string, body: string, status: number])[] = [
    ['nothing', '', 400],
    ['two scopes at once', 'older=1&label=cat', 400],
    ['a model that is no digest', 'model=latest', 400],
    ['a label that is longer than any', `label=${'x'.repeat(41)}`, 400],
    ['a photo that is not there', 'photo=019a9f00-0000-7000-8000-000000000001', 404],
    ['a photo that could not be one', 'photo=1', 404],
    ['approval that is not a yes', 'older=1&approved=maybe', 400],
  ];
  for (const [what, body, status] of refusals)
    test(`refuses ${what}`, async (t) => {
      const site = await openSite(t);
      assert.equal((await site.post('/reruns', body)).status, status);
    });

  test('says that nothing can look: 409 to a program, the page of the models to a person', async (t) => {
    const site = await openSite(t, { status: { problem: 'No model was found.' } });
    const answer = await site.post('/reruns', 'older=1');
    assert.deepEqual([answer.status, JSON.parse(answer.text).code], [409, 'no-engine']);
    const page = await site.post('/reruns', 'older=1', browser);
    assert.deepEqual([page.status, page.headers.get('location')], [303, '/detection']);
  });

  test('is refused to another site', async (t) => {
    const site = await openSite(t);
    const answer = await site.post('/reruns', 'older=1', { Origin: 'http://evil.example' });
    assert.equal(answer.status, 403);
  });
});

describe('what would change', () => {
  async function openPreview(t: TestContext) {
    const site = await openSite(t);
    const before = [['cat'], ['dog'], ['cat', 'dog']];
    const ids: PhotoId[] = [];
    for (const labels of before) ids.push(await site.addPhoto(...labels));
    await site.begin('older=1');
    // One thing found, one photo the same, one thing lost.
    const after = [['cat', 'kite'], ['dog'], ['cat']];
    const sees = new Map(ids.map((id, index) => [id, after[index] ?? []]));
    while (await site.look(sees));
    return { ...site, ids };
  }

  test('is told photo by photo, newest first, with sums and names', async (t) => {
    const site = await openPreview(t);
    const rerun = await site.read('/reruns/1');
    assert.deepEqual([rerun.state, rerun.found, rerun.lost, rerun.changed], ['ready', 1, 1, 0]);
    assert.deepEqual(
      rerun.photos.map(({ id }) => id),
      [site.ids[2], site.ids[0]],
    );
    const [lost] = rerun.photos[0]?.differences ?? [];
    const { box, ...words } = (lost ?? {}) as { box: { y: number } };
    assert.deepEqual(words, { kind: 'lost', label: 'dog', name: 'dog' });
    assert.equal(box.y, 0.5);
    assert.equal((await site.read('/reruns/1?all=1')).photos.length, 3);
    const head = await site.ask('/reruns/1', { method: 'HEAD' });
    assert.deepEqual([head.status, head.text], [200, '']);
  });

  test('is drawn on each picture and said under it, and nothing has changed yet', async (t) => {
    const site = await openPreview(t);
    const page = await site.page('/reruns/1');
    const [first, second] = page.querySelectorAll('.seen-photo');
    assert.equal(first?.querySelectorAll('.difference.lost').length, 1);
    assert.match(first?.querySelector('.difference.lost .tag')?.text ?? '', /^− dog$/);
    assert.match(first?.querySelector('.changes-list')?.text ?? '', /No longer seen: dog/);
    assert.match(second?.querySelector('.change.found')?.text ?? '', /Found: kite/);
    assert.match(page.querySelector('.rerun-says')?.text ?? '', /Nothing has changed/);
    assert.deepEqual(
      page.querySelectorAll('.rerun-actions form').map((one) => one.getAttribute('action')),
      ['/reruns/1/cancel', '/reruns/1/apply'],
    );
    const { detections } = JSON.parse((await site.ask(`/photos/${site.ids[0]}`)).text);
    assert.deepEqual(
      detections.map(({ label }: { label: string }) => label),
      ['cat'],
    );
  });

  test('is in Korean for who reads Korean', async (t) => {
    const site = await openPreview(t);
    const page = await site.page('/reruns/1', { 'Accept-Language': 'ko' });
    assert.match(page.querySelector('.seen-photos')?.text ?? '', /− 개|개/);
    assert.match(page.querySelector('h1')?.text ?? '', /다시 살펴보기/);
  });

  test('goes on page by page', async (t) => {
    const site = await openPreview(t);
    const first = await site.read('/reruns/1?limit=1');
    assert.deepEqual(
      first.photos.map(({ id }) => id),
      [site.ids[2]],
    );
    const second = await site.read(first.next ?? '');
    assert.deepEqual(
      second.photos.map(({ id }) => id),
      [site.ids[0]],
    );
    assert.equal(second.next, undefined);
  });

  test('goes into the photos when somebody says so, and twice is fine', async (t) => {
    const site = await openPreview(t);
    assert.equal((await site.post('/reruns/1/apply')).status, 200);
    await site.reruns.applyResults(50);
    assert.equal((await site.read('/reruns/1')).state, 'done');
    assert.equal((await site.post('/reruns/1/apply')).status, 200);
    const { detections } = JSON.parse((await site.ask(`/photos/${site.ids[0]}`)).text);
    assert.deepEqual(detections.map(({ label }: { label: string }) => label).sort(), ['cat', 'kite']);
    const page = await site.page('/reruns/1');
    assert.equal(page.querySelectorAll('.seen-applied').length, 2);
    assert.equal(page.querySelector('.rerun-actions form'), null);
  });

  test('says warmly that nothing differs', async (t) => {
    const site = await openSite(t);
    await site.addPhoto('cat');
    await site.begin('older=1');
    await site.look(['cat']);
    const page = await site.page('/reruns/1');
    assert.match(page.querySelector('.empty')?.text ?? '', /Nothing would change.*same way again/s);
    assert.equal(page.querySelector('.badge')?.text, 'All the same');
    // Or it would count for ever as not looked at by this model.
    assert.ok(page.querySelector('.rerun-actions form[action$="/apply"]'));
    assert.ok(page.querySelector('.rerun-actions form[action$="/cancel"]'));
  });

  test('of one photo shows the large picture, before it was seen and after', async (t) => {
    const site = await openSite(t);
    const photo = await site.addPhoto('cat');
    await site.begin(`photo=${photo}`);
    const before = await site.page('/reruns/1');
    assert.ok(before.querySelector('.large img[srcset]'));
    assert.match(before.querySelector('.progressing')?.text ?? '', /Looking at it now/);
    await site.look(['kite']);
    const after = await site.page('/reruns/1');
    assert.equal(after.querySelectorAll('.large .difference').length, 2);
    assert.match(after.querySelector('.rerun-actions')?.text ?? '', /Keep as is.*Use this/s);
  });
});

describe('the buttons of what runs', () => {
  test('pause, go on, stop; afterwards it is over', async (t) => {
    const site = await openSite(t);
    await site.addPhoto('cat');
    await site.addPhoto('cat');
    await site.begin('older=1');
    const press = async (verb: string) => {
      const answer = await site.post(`/reruns/1/${verb}`, undefined, browser);
      assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/reruns/1'], verb);
      return (await site.read('/reruns/1')).state;
    };
    assert.equal(await press('pause'), 'paused');
    assert.equal(await site.look(['dog']), false, 'what is paused is not looked at');
    assert.equal(await press('resume'), 'looking');
    assert.equal(await site.look(['dog']), true);
    assert.equal(await press('cancel'), 'cancelled');
    assert.equal(await press('resume'), 'cancelled', 'its own page says that it is over');
    const answer = await site.post('/reruns/1/resume');
    assert.deepEqual([answer.status, JSON.parse(answer.text).code], [409, 'rerun-over']);
  });

  test('apply before the end lets results in as they come', async (t) => {
    const site = await openSite(t);
    const photo = await site.addPhoto('cat');
    await site.addPhoto('cat');
    await site.begin('older=1');
    await site.look(['dog']);
    await site.post('/reruns/1/apply');
    assert.match((await site.page('/reruns/1')).querySelector('.rerun-says')?.text ?? '', /as it comes/);
    await site.look(['dog']);
    const { detections } = JSON.parse((await site.ask(`/photos/${photo}`)).text);
    assert.equal(detections[0].label, 'dog');
    assert.equal(detections[0].origin.model, newModel);
  });

  test('say in which hours this machine goes on, except for one photo', async (t) => {
    const noon = new Date(2026, 10, 20, 12).getTime();
    const settings = { rerunHours: { from: 22, to: 6 } };
    const site = await openSite(t, { settings, now: () => noon });
    const photo = await site.addPhoto('cat');
    await site.begin('older=1');
    await site.begin(`photo=${photo}`);
    assert.deepEqual((await site.read('/reruns/1')).waitsFor, { from: 22, to: 6 });
    assert.match((await site.page('/reruns/1')).querySelector('.note')?.text ?? '', /22:00 to 6:00/);
    assert.equal((await site.read('/reruns/2')).waitsFor, undefined);
  });

  test('of what never was are not found', async (t) => {
    const site = await openSite(t);
    for (const path of ['/reruns/9', '/reruns/0', '/reruns/x', '/reruns/1e3'])
      assert.equal((await site.ask(path)).status, 404, path);
    assert.equal((await site.post('/reruns/9/apply')).status, 404);
    assert.equal((await site.ask('/reruns')).status, 405);
  });
});
