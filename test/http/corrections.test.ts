// Corrections, undo and the slider's cookie over HTTP: forms and JSON, what they answer, and what they refuse.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { parse } from 'node-html-parser';
import type { RunningGallery } from '../../src/assemble.ts';
import { parseThreshold, withLabel } from '../../src/http/threshold.ts';
import { type Answer, type Client, createClient, type PhotoJson } from '../support/client.ts';
import { fixturesFolder } from '../support/data.ts';
import { remarkJpeg } from '../support/pictures.ts';
import { openRunningGallery } from '../support/running-gallery.ts';

interface Detection {
  readonly id: string;
  readonly label: string;
  readonly confidence: number;
  readonly box?: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly origin: { readonly by: string; readonly at?: string };
}
interface Corrected extends Omit<PhotoJson, 'detections'> {
  readonly version: number;
  readonly alt: string;
  readonly detections: readonly Detection[];
  readonly rejections: readonly { readonly label: string; readonly change: number }[];
  readonly lastChange?: { readonly id: number; readonly kind: string; readonly label: string };
}

function assertNear(box: Detection['box'], expected: NonNullable<Detection['box']>): void {
  for (const side of ['x', 'y', 'width', 'height'] as const)
    assert.ok(Math.abs((box?.[side] ?? 9) - expected[side]) < 1e-9, `${side}: ${box?.[side]}`);
}

const readFixture = (name: string) => readFileSync(join(fixturesFolder, name));
const browser = { Accept: 'text/html' };
const missing = '01990000-0000-7000-8000-000000000000';

describe('corrections over HTTP', () => {
  let gallery: RunningGallery;
  let client: Client;
  let id: string;
  let seed = 0;
  const cleaners: (() => unknown)[] = [];
  before(async () => {
    gallery = await openRunningGallery({ after: (clean) => cleaners.push(clean) }, { detector: 'centernet' });
    client = createClient(gallery.url);
  });
  after(async () => {
    for (const clean of cleaners.toReversed()) await clean();
  });
  beforeEach(async () => {
    seed += 1;
    id = (await client.keep(remarkJpeg(readFixture('stop-sign.jpg'), `correction ${seed}`))).id;
    await client.developed(id);
  });

  const present = async (headers: Record<string, string> = {}) =>
    JSON.parse((await client.ask(`/photos/${id}`, { headers })).text) as Corrected;
  const sign = async () => {
    const { detections } = await present();
    const found = detections.find(({ label }) => label === 'stop sign');
    assert.ok(found, 'the engine saw the sign');
    return found;
  };
  const send = (path: string, body: object, headers: Record<string, string> = {}) =>
    client.ask(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', ...headers },
    });
  const fill = (path: string, fields: Record<string, string>, headers: Record<string, string> = browser) =>
    client.ask(path, {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    });
  const correct = (body: object) => send(`/photos/${id}/corrections`, body);
  const corrected = (answer: Answer) => {
    assert.equal(answer.status, 200, answer.text);
    return JSON.parse(answer.text) as Corrected;
  };

  test('a program says that something is right, and gets the photo with its new ETag', async () => {
    const { id: detection, confidence } = await sign();
    assert.ok(confidence < 100);
    const answer = await correct({ kind: 'confirm', detection });
    const photo = corrected(answer);
    assert.equal(answer.headers.get('etag'), `"${photo.version}-en"`);
    const said = photo.detections.find(({ label }) => label === 'stop sign');
    assert.deepEqual([said?.confidence, said?.origin.by], [100, 'person']);
    assert.deepEqual([photo.lastChange?.kind, photo.lastChange?.label], ['confirm', 'stop sign']);
  });

  test('every kind of correction does what it says', async () => {
    const { id: detection, box } = await sign();
    const renamed = corrected(await correct({ kind: 'rename', detection, label: '시계' }));
    assert.deepEqual(
      renamed.detections.filter(({ origin }) => origin.by === 'person').map(({ label }) => label),
      ['clock'],
      'a name in Korean is the name of the class',
    );
    const clock = renamed.detections.find(({ label }) => label === 'clock');
    assert.deepEqual(clock?.box, box);
    const there = { x: 0.1, y: 0.2, width: 0.3, height: 0.4 };
    const moved = corrected(await correct({ kind: 'move', detection: clock?.id, box: there }));
    assertNear(moved.detections.find(({ label }) => label === 'clock')?.box, there);
    const added = corrected(await correct({ kind: 'add', label: 'grandma' }));
    assert.match(added.alt, /1 grandma/);
    const none = corrected(await correct({ kind: 'reject-label', label: 'clock' }));
    assert.ok(!none.detections.some(({ label }) => label === 'clock'));
    assert.ok(none.rejections.some(({ label }) => label === 'clock'));
  });

  test('a form leads back to the photo and says its box in percent', async () => {
    const answer = await fill(`/photos/${id}/corrections?label=stop+sign`, {
      kind: 'add',
      label: ' 강아지풀 ',
      left: '12,5',
      top: '10',
      width: '25',
      height: '30.5',
    });
    assert.equal(answer.status, 303);
    assert.equal(answer.headers.get('location'), `/photos/${id}?label=stop+sign#corrections`);
    const { detections } = await present();
    const added = detections.find(({ label }) => label === '강아지풀');
    assertNear(added?.box, { x: 0.125, y: 0.1, width: 0.25, height: 0.305 });
    const page = parse((await client.ask(`/photos/${id}`, { headers: browser })).text);
    assert.equal(page.querySelector('.found .latest span')?.text, 'Added: 강아지풀');
  });

  test('a form without a place adds without a box, and rejects and moves as it says', async () => {
    const empty = { left: '', top: ' ', width: '', height: '' };
    assert.equal(
      (await fill(`/photos/${id}/corrections`, { kind: 'add', label: 'kite', ...empty })).status,
      303,
    );
    const kite = (await present()).detections.find(({ label }) => label === 'kite');
    assert.ok(kite, 'it was added');
    assert.equal(kite.box, undefined);
    const place = { left: '1', top: '2', width: '30', height: '40' };
    const move = { kind: 'move', detection: kite.id, ...place };
    assert.equal((await fill(`/photos/${id}/corrections`, move)).status, 303);
    const placed = (await present()).detections.find(({ label }) => label === 'kite');
    assert.equal(placed?.box?.width, 0.3);
    const reject = { kind: 'reject', detection: placed?.id ?? '' };
    assert.equal((await fill(`/photos/${id}/corrections`, reject)).status, 303);
    assert.ok(!(await present()).detections.some(({ label }) => label === 'kite'));
  });

  test('undo takes a correction back, once', async () => {
    const before = await present();
    const { id: detection } = await sign();
    const change = corrected(await correct({ kind: 'reject', detection })).lastChange?.id;
    assert.ok(!(await present()).detections.some((one) => one.id === detection), 'it is gone');
    const undone = corrected(await send(`/photos/${id}/undo`, { change }));
    assert.deepEqual(undone.detections, before.detections);
    assert.equal((await send(`/photos/${id}/undo`, { change })).status, 409);
    const again = corrected(await correct({ kind: 'reject', detection })).lastChange?.id;
    const form = await fill(`/photos/${id}/undo`, { change: String(again) });
    assert.deepEqual([form.status, form.headers.get('location')], [303, `/photos/${id}#corrections`]);
  });

  test('what changed meanwhile is a page that shows the photo again and says so', async () => {
    const { id: detection } = await sign();
    corrected(await correct({ kind: 'reject', detection }));
    const answer = await fill(`/photos/${id}/corrections`, { kind: 'confirm', detection });
    assert.equal(answer.status, 409);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const page = parse(answer.text);
    assert.match(page.querySelector('.refusal')?.text ?? '', /changed this photo meanwhile/);
    assert.ok(page.querySelector('.picture'), 'the photo is there');
    const json = await correct({ kind: 'confirm', detection });
    assert.deepEqual(
      [json.status, (JSON.parse(json.text) as { code: string }).code],
      [409, 'edited-meanwhile'],
    );
  });

  test('a refused box or name keeps what was typed, in the language of the reader', async () => {
    const typed = { kind: 'add', label: 'grandma', left: '10', top: '10', width: '0', height: '5' };
    const answer = await fill(`/photos/${id}/corrections`, typed, { ...browser, 'Accept-Language': 'ko' });
    assert.equal(answer.status, 422);
    const page = parse(answer.text);
    assert.match(page.querySelector('.refusal')?.text ?? '', /상자가 너무 작거나/);
    assert.equal(page.querySelector('#add-label')?.getAttribute('value'), 'grandma');
    assert.equal(page.querySelector('.adding [name=left]')?.getAttribute('value'), '10');
  });

  const box = { x: 0.1, y: 0.1, width: 0.2, height: 0.2 };
  const refusals: readonly (readonly [name: string, body: unknown, status: number])[] = [
    ['no kind', {}, 400],
    ['an unknown kind', { kind: 'explode', detection: 'e1' }, 400],
    ['no detection', { kind: 'confirm' }, 400],
    ['a detection that is not there', { kind: 'confirm', detection: 'e999999' }, 409],
    ['a detection that is no id', { kind: 'reject', detection: "' OR 1=1 --" }, 409],
    ['a detection of another type', { kind: 'reject', detection: 7 }, 400],
    ['something more', { kind: 'confirm', detection: 'e1', confidence: 100 }, 400],
    ['no label', { kind: 'add', label: '' }, 422],
    ['a label of nothing but spaces', { kind: 'add', label: '  \u202e ' }, 422],
    ['a label that is too long', { kind: 'add', label: 'x'.repeat(41) }, 422],
    ['a label that is far too long', { kind: 'add', label: 'x'.repeat(5_000) }, 400],
    ['a box that is too small', { kind: 'add', label: 'dog', box: { ...box, width: 0.001 } }, 422],
    ['a box outside', { kind: 'add', label: 'dog', box: { ...box, x: 1.5 } }, 422],
    ['a box turned over', { kind: 'add', label: 'dog', box: { ...box, width: -0.2 } }, 422],
    ['half a box', { kind: 'add', label: 'dog', box: { x: 0.1, y: 0.1 } }, 400],
    ['a box of words', { kind: 'add', label: 'dog', box: { ...box, x: 'left' } }, 400],
    ['a label that nobody said', { kind: 'reject-label', label: 'unicorn' }, 409],
    ['a list', [{ kind: 'confirm' }], 400],
  ];
  for (const [name, body, status] of refusals)
    test(`${name} is refused with ${status} and changes nothing`, async () => {
      const { version } = await present();
      const answer = await correct(body as object);
      assert.equal(answer.status, status, answer.text);
      assert.match(answer.headers.get('content-type') ?? '', /problem\+json/);
      const { detail } = JSON.parse(answer.text) as { detail: string };
      assert.match(detail, /^[A-Z].*\.$/);
      assert.equal((await present()).version, version);
    });

  test('numbers that are none, photos that are not there and other types are refused', async () => {
    const nan = { kind: 'add', label: 'dog', left: 'NaN', top: '0', width: '10', height: '10' };
    assert.equal((await fill(`/photos/${id}/corrections`, nan)).status, 422);
    assert.equal(
      (await fill(`/photos/${id}/corrections`, { ...nan, left: '1e999', width: '-1e999' })).status,
      422,
    );
    const json = '{"kind":"add","label":"dog","box":{"x":1e999,"y":0,"width":1,"height":1}}';
    const type = { 'Content-Type': 'application/json' };
    const infinite = await client.ask(`/photos/${id}/corrections`, {
      method: 'POST',
      body: json,
      headers: type,
    });
    assert.equal(infinite.status, 400);
    const add = { kind: 'add', label: 'dog' };
    assert.equal((await send(`/photos/${missing}/corrections`, add)).status, 404);
    assert.equal((await fill(`/photos/${missing}/corrections`, add)).status, 404);
    assert.equal((await fill('/photos/nonsense/undo', { change: '1' })).status, 404);
    assert.equal((await fill(`/photos/${id}/undo`, { change: 'x' })).status, 400);
    assert.equal((await send(`/photos/${id}/undo`, { change: -1 })).status, 400);
    assert.equal((await send(`/photos/${id}/undo`, { change: 1e300 })).status, 400);
    const plain = { method: 'POST', body: 'kind=add', headers: { 'Content-Type': 'text/plain' } };
    const wrong = await client.ask(`/photos/${id}/corrections`, plain);
    assert.equal(wrong.status, 415);
    assert.equal(wrong.headers.get('accept-post'), 'application/x-www-form-urlencoded, application/json');
    const huge = await fill(`/photos/${id}/corrections`, { kind: 'add', label: 'x'.repeat(40_000) });
    assert.equal(huge.status, 413);
    const foreign = await send(`/photos/${id}/corrections`, add, { Origin: 'http://evil.example' });
    assert.equal(foreign.status, 403);
  });

  test('a flood of labels ends with a sentence, not with a broken photo', async () => {
    let last: Answer | undefined;
    for (let number = 0; number <= 500 && (last === undefined || last.status === 200); number += 1)
      last = await correct({ kind: 'add', label: `label ${number}` });
    assert.equal(last?.status, 422);
    assert.equal((JSON.parse(last?.text ?? '{}') as { code: string }).code, 'too-many-labels');
    assert.equal((await client.ask(`/photos/${id}`, { headers: browser })).status, 200);
  });

  test('hostile words come out as the text they are', async () => {
    const label = `"><img src=x onerror=a>{{7}}`;
    corrected(await correct({ kind: 'add', label, box }));
    const page = parse((await client.ask(`/photos/${id}`, { headers: browser })).text);
    assert.equal(page.querySelectorAll('img[src=x]').length, 0);
    const row = page.querySelectorAll('.thing-row b').find((name) => name.textContent === label);
    assert.ok(row, 'its row says it word for word');
    const list = await client.ask(`/?${new URLSearchParams({ label })}`, { headers: browser });
    assert.match(list.text, new RegExp(`id="${id}"`));
    assert.equal(parse(list.text).querySelectorAll('img[src=x]').length, 0);
    const change = (await present()).lastChange?.id;
    assert.equal((await send(`/photos/${id}/undo`, { change })).status, 200);
  });

  describe('the slider', () => {
    const cookieOf = (answer: Answer) => answer.headers.get('set-cookie') ?? '';
    const set = (fields: Record<string, string>, headers: Record<string, string> = browser) =>
      fill('/threshold', fields, headers);

    test('is remembered for a year in a cookie that no script reads, and comes back to its page', async () => {
      const answer = await set({ all: '65', back: '/labels?x=1#sure' });
      assert.equal(answer.status, 303);
      assert.equal(answer.headers.get('location'), '/labels?x=1#sure');
      assert.equal(cookieOf(answer), 'sure=all%3D65; Max-Age=31536000; Path=/; HttpOnly; SameSite=Lax');
      const json = await set(
        { label: '개', value: '70' },
        { Accept: 'application/json', Cookie: 'sure=all%3D65' },
      );
      assert.deepEqual(JSON.parse(json.text), { all: 65, labels: { dog: 70 } });
      const cleared = await set(
        { label: 'dog', clear: '1' },
        { ...browser, Cookie: 'sure=all%3D65%26dog%3D70' },
      );
      assert.match(cookieOf(cleared), /^sure=all%3D65;/);
    });

    test('leads to no other site', async () => {
      for (const back of [
        '//evil.example/x',
        '/\\evil.example',
        'https://evil.example/',
        'javascript:alert(1)',
        '#"><b>',
      ])
        assert.match(
          (await set({ all: '50', back })).headers.get('location') ?? '',
          /^\/(?![/\\])[^<]*$/,
          back,
        );
    });

    test('refuses what is no step of it', async () => {
      for (const fields of [
        { all: '51' },
        { all: '100' },
        { all: '' },
        { all: 'many' },
        { label: 'dog', value: '7' },
        { label: 'dog' },
        { value: '50' },
        {},
      ] as Record<string, string>[])
        assert.equal((await set(fields)).status, 400, JSON.stringify(fields));
      assert.equal((await set({ label: 'x'.repeat(41), value: '50' })).status, 422);
    });

    test('governs labels, alt, list, captions and labels page alike', async () => {
      const room = await client.keep(remarkJpeg(readFixture('room.jpg'), 'the slider'));
      const { detections } = (await client.developed(room.id)) as unknown as Corrected;
      const { label, confidence } =
        detections.find((one) => one.confidence > 15 && one.confidence < 85) ?? {};
      assert.ok(label !== undefined && confidence !== undefined, 'something the engine is unsure of');
      const seen = async (all: number, own = '') => {
        const cookie = { Cookie: `sure=${encodeURIComponent(`all=${all}${own}`)}` };
        const page = async (path: string) =>
          parse((await client.ask(path, { headers: { ...browser, ...cookie } })).text);
        const filtered = await client.ask(`/?${new URLSearchParams({ label })}`, { headers: cookie });
        const json = JSON.parse(
          (await client.ask(`/photos/${room.id}`, { headers: cookie })).text,
        ) as Corrected;
        const card = (await page('/')).getElementById(room.id);
        return [
          json.labels.some((one) => one.label === label),
          json.alt.includes(label),
          (JSON.parse(filtered.text) as { photos: { id: string }[] }).photos.some(({ id }) => id === room.id),
          card?.querySelector('.caption i')?.text.includes(label) ?? false,
          card?.querySelector('img[srcset]')?.getAttribute('alt')?.includes(label) ?? false,
          (await page('/labels')).querySelectorAll('.labels b').some(({ text }) => text === label),
        ];
      };
      const [nowhere, everywhere] = [Array(6).fill(false), Array(6).fill(true)];
      assert.deepEqual(await seen(10), everywhere);
      assert.deepEqual(await seen(95), nowhere);
      assert.deepEqual(await seen(95, `&${label}=10`), everywhere);
      assert.deepEqual(await seen(10, `&${label}=90`), nowhere);
    });

    test('is part of the tags, so that no cache takes one reader’s page for another’s', async () => {
      const tag = async (path: string, headers: Record<string, string>) =>
        (await client.ask(path, { headers })).headers.get('etag');
      const other = { Cookie: 'sure=all%3D70%26dog%3D30' };
      assert.notEqual(await tag(`/photos/${id}`, {}), await tag(`/photos/${id}`, other));
      assert.notEqual(await tag('/', browser), await tag('/', { ...browser, ...other }));
      const title = (etag: string | null) =>
        client.ask(`/photos/${id}`, {
          method: 'PATCH',
          body: '{"title":"New"}',
          headers: { 'Content-Type': 'application/json', 'If-Match': etag ?? '' },
        });
      assert.equal((await title(await tag(`/photos/${id}`, other))).status, 200, 'and still names a version');
    });

    test('keeps a cookie small enough for any browser', () => {
      let threshold = parseThreshold(undefined);
      for (let number = 0; number < 60; number += 1)
        threshold = withLabel(threshold, `${'가'.repeat(36)}${number}`, 70);
      assert.ok(threshold.labels.size > 0 && threshold.labels.size < 10, String(threshold.labels.size));
      assert.ok([...threshold.labels.keys()].at(-1)?.endsWith('59'), 'the latest stays');
    });

    test('understands a label that is called all', () => {
      assert.deepEqual(parseThreshold('all=50&all=70'), { all: 50, labels: new Map([['all', 70]]) });
    });
  });
});
