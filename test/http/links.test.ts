// Links from outside: who is let in and who is not, what is told and what is not, and what comes in by them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'node-html-parser';
import type { RunningGallery } from '../../src/assemble.ts';
import { networkAddresses } from '../../src/http/own-address.ts';
import { seen } from '../support/bare-copies.ts';
import { type Client, createClient, type PhotoJson, sha256Of } from '../support/client.ts';
import { fixturesFolder } from '../support/data.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { drawPng } from '../support/pictures.ts';
import { openRunningGallery } from '../support/running-gallery.ts';
import { until } from '../support/until.ts';

const browser = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const formType = { 'Content-Type': 'application/x-www-form-urlencoded' };
const jsonType = { 'Content-Type': 'application/json' };
const dayMs = 24 * 60 * 60 * 1000;
const readFixture = (name: string) => readFileSync(join(fixturesFolder, name));

interface LinkJson {
  readonly id: string;
  readonly path: string;
  readonly views: number;
  readonly photos: number;
  readonly title: string;
}

describe('links', () => {
  let gallery: RunningGallery & { folder: string };
  let client: Client;
  let ahead = 0;
  let [photo, other]: PhotoJson[] = [];
  const cleaners: (() => unknown)[] = [];
  const located = readFixture('located.jpg');

  before(async () => {
    gallery = await openRunningGallery(
      { after: (clean) => cleaners.push(clean) },
      {},
      { now: () => Date.now() + ahead },
    );
    client = createClient(gallery.url);
    const kept = await client.keep(located, { name: 'IMG_4711.JPG', title: 'Hill' });
    photo = await client.developed(kept.id);
    other = await client.developed((await client.keep(drawPng({ seed: 2, width: 900, height: 700 }))).id);
  });
  after(async () => {
    for (const clean of cleaners.toReversed()) await clean();
  });

  const idOf = (one: PhotoJson | undefined) => one?.id ?? '';
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    client.ask(path, { method: 'POST', body: JSON.stringify(body), headers: { ...jsonType, ...headers } });
  const make = async (wish: object): Promise<LinkJson> => {
    const answer = await post('/links', wish);
    assert.equal(answer.status, 201, answer.text);
    return JSON.parse(answer.text) as LinkJson;
  };
  const get = (path: string, headers: Record<string, string> = {}) =>
    client.ask(path, { headers: { ...browser, ...headers } });
  const listed = async (id: string) => {
    const { links } = JSON.parse((await client.ask('/links')).text) as { links: LinkJson[] };
    return links.find((link) => link.id === id);
  };
  const cookiesOf = (headers: Headers) =>
    headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
  const statusOf = async (path: string) => (await get(path)).status;

  test('a link to one photo shows it, with addresses that belong to the link alone (T40)', async () => {
    const { path } = await make({ photo: [idOf(photo)], title: 'For you' });
    const { status, headers, text } = await get(path);
    assert.equal(status, 200);
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.match(headers.get('x-robots-tag') ?? '', /noindex/);
    assert.match(headers.get('cache-control') ?? '', /^private/);
    const page = parse(text);
    assert.equal(page.querySelector('h1')?.text, 'Hill');
    assert.equal(page.querySelectorAll('script, nav.bar, form').length, 0);
    const addresses = page
      .querySelectorAll('a[href], img[src]')
      .flatMap((one) => [
        one.getAttribute('href') ?? one.getAttribute('src') ?? '',
        ...(one.getAttribute('srcset') ?? '').split(', ').filter(Boolean),
      ]);
    const foreign = addresses.filter((one) => !/^(#main|data:)/.test(one) && !one.startsWith(path));
    assert.deepEqual(foreign, []);
    const picture = page.querySelector('img.picture')?.getAttribute('src') ?? '';
    const answer = await get(picture);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
    assert.match(answer.headers.get('cache-control') ?? '', /^private, max-age=3600$/);
  });

  test('a selection is shown in its order, with a way from one to the next', async () => {
    const { path } = await make({ photo: [idOf(other), idOf(photo)] });
    const cards = parse((await get(path)).text)
      .querySelectorAll('.card')
      .map((card) => card.getAttribute('id'));
    assert.deepEqual(cards, [idOf(other), idOf(photo)]);
    const first = parse((await get(`${path}/photos/${idOf(other)}`)).text);
    assert.equal(first.querySelector('.older')?.getAttribute('href'), `${path}/photos/${idOf(photo)}`);
    assert.equal(first.querySelector('.back')?.getAttribute('href'), path);
  });

  test('other photos, guessed tokens and other addresses are as absent as what never was (T40)', async () => {
    const { path } = await make({ photo: idOf(photo) });
    const rendition = other?.links.renditions[0]?.url ?? '';
    const paths = [
      `${path}/photos/${idOf(other)}`,
      `${path}${rendition}`,
      `${path}/media/${idOf(other)}/original`,
      `/s/${'A'.repeat(43)}`,
      '/s/x',
      `${path.slice(0, -1)}/photos/${idOf(photo)}`,
      path.replace('/s/', '/u/'),
    ];
    for (const one of paths) {
      const { status, headers } = await get(one);
      assert.equal(status, 404, one);
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
    }
    assert.equal((await get(`/s/${'%00'.repeat(9)}`)).status, 404);
  });

  test('what is saved is the original’s picture without its place, its camera and its name (T40)', async () => {
    assert.ok(located.includes('Exif'));
    const { path } = await make({ photo: idOf(photo) });
    const response = await fetch(`${gallery.url}${path}/media/${idOf(photo)}/original`);
    const copy = Buffer.from(await response.arrayBuffer());
    assert.equal(response.status, 200);
    assert.equal(Number(response.headers.get('content-length')), copy.length);
    assert.match(response.headers.get('content-disposition') ?? '', /^attachment; filename="?Hill\.jpg"?$/);
    assert.notEqual(sha256Of(copy), photo?.sha256);
    assert.equal(copy.includes('Exif'), false);
    const etag = response.headers.get('etag') ?? '';
    const told = JSON.stringify([...response.headers]);
    assert.equal(told.includes(photo?.sha256.slice(0, 12) ?? ''), false, 'no digest of what was left out');
    // Without the second one fetch would ask for no stored answer at all.
    const known = { 'If-None-Match': etag, 'Cache-Control': 'max-age=0' };
    assert.equal((await get(`${path}/media/${idOf(photo)}/original`, known)).status, 304);
    const head = await client.ask(`${path}/media/${idOf(photo)}/original`, { method: 'HEAD' });
    assert.equal(Number(head.headers.get('content-length')), copy.length);
  });

  test('a shared page and its pictures tell no digest of the original (T40)', async () => {
    const { path } = await make({ photo: [idOf(photo), idOf(other)] });
    const page = await get(`${path}/photos/${idOf(photo)}`);
    const sources = parse(page.text).querySelectorAll('img.picture, source');
    const [picture = ''] = sources.map((one) => one.getAttribute('src') ?? '').filter(Boolean);
    for (const { text, headers } of [await get(path), page, await get(picture)])
      for (const one of [photo, other])
        assert.equal(
          `${text}${JSON.stringify([...headers])}`.includes(one?.sha256.slice(0, 12) ?? ''),
          false,
        );
  });

  test('of a file with very many parts the largest rendition is saved (T40)', async () => {
    const [start, end] = [located.subarray(0, 2), located.subarray(2)];
    const tiny = Array.from({ length: 30_000 }, () => Buffer.from('ffdd00040000fffe0002', 'hex'));
    const kept = await client.keep(Buffer.concat([start, ...tiny, end]), { title: 'Many' });
    await client.developed(kept.id);
    const { path } = await make({ photo: kept.id });
    const response = await fetch(`${gallery.url}${path}/media/${kept.id}/original`);
    assert.equal(response.headers.get('content-type'), 'image/webp');
    assert.equal((await response.arrayBuffer()).byteLength, Number(response.headers.get('content-length')));
  });

  test('of a HEIC its own picture is saved, and the page says so (T40)', async () => {
    const file = readFixture('phone.heic');
    const kept = await client.keep(file, { title: 'Phone', name: 'IMG_0815.HEIC' });
    await client.developed(kept.id);
    const { path } = await make({ photo: kept.id });
    assert.match((await get(path)).text, /The original picture/);
    const response = await fetch(`${gallery.url}${path}/media/${kept.id}/original`);
    const copy = Buffer.from(await response.arrayBuffer());
    assert.equal(response.headers.get('content-type'), 'image/heic');
    assert.match(response.headers.get('content-disposition') ?? '', /^attachment; filename="?Phone\.heic"?$/);
    assert.equal(Number(response.headers.get('content-length')), copy.length);
    const known = { 'If-None-Match': response.headers.get('etag') ?? '', 'Cache-Control': 'max-age=0' };
    assert.equal((await get(`${path}/media/${kept.id}/original`, known)).status, 304);
    for (const word of ['Exif', 'Apple', 'iPhone', 'IMG_0815'])
      assert.equal(copy.includes(word), false, word);
    assert.deepEqual((await seen(copy)).pixels, (await seen(file)).pixels);
  });

  test('of an AVIF that moves the largest rendition is saved', async () => {
    const kept = await client.keep(readFixture('moving.avif'), { title: 'Moving' });
    await client.developed(kept.id);
    const { path } = await make({ photo: kept.id });
    const response = await fetch(`${gallery.url}${path}/media/${kept.id}/original`);
    assert.equal(response.headers.get('content-type'), 'image/webp');
    assert.match(response.headers.get('content-disposition') ?? '', /Moving\.webp/);
    await response.arrayBuffer();
  });

  test('is over when it is taken back, when its time has come, and when its photo is gone (T40)', async () => {
    const [revoked, short] = [
      await make({ photo: idOf(photo) }),
      await make({ photo: idOf(photo), days: 1 }),
    ];
    assert.equal((await post(`/links/${revoked.id}/revoke`, {})).status, 200);
    assert.equal(await statusOf(short.path), 200);
    ahead = dayMs + 1000;
    for (const { path } of [revoked, short])
      for (const one of [path, `${path}/photos/${idOf(photo)}`, `${path}/media/${idOf(photo)}/original`]) {
        const { status, text } = await get(one);
        assert.equal(status, 410);
        assert.equal(parse(text).querySelectorAll('nav.bar, script, a[href="/"]').length, 0);
      }
    ahead = 0;
    const gone = await client.keep(drawPng({ seed: 5 }));
    const { path } = await make({ photo: gone.id });
    await client.ask(`/photos/${gone.id}`, { method: 'DELETE' });
    assert.equal(await statusOf(`${path}/photos/${gone.id}`), 404);
    assert.match((await get(path)).text, /Nothing here any more/);
  });

  test('counts visits, not pictures and not reloads', async () => {
    const { id, path } = await make({ photo: [idOf(photo), idOf(other)] });
    const first = await get(path);
    const cookie = cookiesOf(first.headers);
    for (const more of ['', `/photos/${idOf(photo)}`, photo?.links.renditions[0]?.url ?? ''])
      await get(`${path}${more}`, { Cookie: cookie });
    assert.equal((await listed(id))?.views, 1);
    await get(`${path}/photos/${idOf(photo)}`);
    assert.equal((await listed(id))?.views, 2);
  });

  test('with a password shows nothing without it, is opened by it, and bears no guessing (T40)', async () => {
    const { path, id } = await make({ photo: idOf(photo), password: 'persimmon' });
    const type = (password: string) =>
      client.ask(path, {
        method: 'POST',
        body: new URLSearchParams({ password }).toString(),
        headers: { ...browser, ...formType },
      });
    const locked = await get(path);
    assert.equal(locked.status, 401);
    assert.ok(parse(locked.text).querySelector('input[type=password]'));
    assert.equal(locked.text.includes('Hill'), false);
    for (const one of [
      `/photos/${idOf(photo)}`,
      `/media/${idOf(photo)}/original`,
      photo?.links.renditions[0]?.url,
    ])
      assert.equal(await statusOf(`${path}${one}`), 401);
    assert.equal((await listed(id))?.views, 0);
    assert.equal((await type('wrong')).status, 403);
    const right = await type('persimmon');
    assert.deepEqual([right.status, right.headers.get('location')], [303, path]);
    const [set = ''] = right.headers.getSetCookie();
    assert.match(set, new RegExp(`^pass=[\\w-]{43}; .*Path=${path};? .*HttpOnly.*SameSite=Lax`));
    const open = await get(path, { Cookie: cookiesOf(right.headers) });
    assert.equal(open.status, 200);
    const second = await make({ photo: idOf(photo), password: 'persimmon' });
    assert.equal((await get(second.path, { Cookie: cookiesOf(right.headers) })).status, 401);
    let last = await type('wrong');
    for (let tries = 0; tries < 12 && last.status === 403; tries += 1) last = await type('wrong');
    assert.equal(last.status, 429);
    assert.ok(Number(last.headers.get('retry-after')) >= 1);
    assert.equal((await type('persimmon')).status, 429, 'also the right one has to wait');
  });

  test('a label is shared at its threshold, and says what no form would send', async () => {
    const { path } = await make({ label: 'dog', from: 60 });
    assert.match((await get(path)).text, /Nothing here any more/);
    for (const wish of [{ label: 'dog', from: 61 }, { photo: [] }, {}, { photo: idOf(photo), days: 3 }])
      assert.equal((await post('/links', wish)).status, 400, JSON.stringify(wish));
    assert.equal((await post('/links', { photo: '01990000-0000-7000-8000-000000000000' })).status, 404);
    assert.equal((await post('/links', { photo: 'x' })).status, 404);
    assert.equal((await post('/links/x/revoke', {})).status, 404);
  });

  test('is made by a form, whose answer alone tells the address', async () => {
    const form = parse((await get(`/links/new?photo=${idOf(photo)}`)).text).querySelector('form.link-form');
    assert.equal(form?.getAttribute('action'), '/links');
    const body = new URLSearchParams({ photo: idOf(photo), title: 'By form', days: '7', password: '' });
    const made = await client.ask('/links', {
      method: 'POST',
      body: body.toString(),
      headers: { ...browser, ...formType },
    });
    assert.equal(made.status, 201);
    assert.equal(made.headers.get('cache-control'), 'no-store');
    const address = parse(made.text).querySelector('#address')?.getAttribute('value') ?? '';
    assert.equal(new URL(address).origin, gallery.url);
    assert.equal(await statusOf(new URL(address).pathname), 200);
    const list = (await get('/links')).text;
    assert.match(list, /By form/);
    assert.equal(list.includes(new URL(address).pathname), false, 'it is not kept');
  });

  test('leads to where another device gets in, also when it was made at localhost', async (context) => {
    const everywhere = await openRunningGallery(context, { host: '0.0.0.0' });
    const { port } = everywhere;
    const at = createClient(`http://localhost:${port}`);
    const answer = await at.ask('/links', {
      method: 'POST',
      body: JSON.stringify({ upload: true }),
      headers: { 'Content-Type': 'application/json' },
    });
    assert.equal(answer.status, 201, answer.text);
    const { address, path } = JSON.parse(answer.text) as { address: string; path: string };
    const [first = `http://localhost:${port}`] = networkAddresses(port);
    assert.equal(address, first + path);
  });

  test('photos are chosen page by page, without scripts, in their order', async () => {
    const choose = parse((await get(`/links/new?choose=1&photo=${idOf(other)}`)).text);
    const boxes = choose.querySelectorAll('input[name=photo]');
    assert.equal(boxes[0]?.getAttribute('value'), idOf(other));
    assert.notEqual(boxes[0]?.getAttribute('checked'), undefined);
    assert.equal(new Set(boxes.map((box) => box.getAttribute('value'))).size, boxes.length);
    const none = await get('/links/new?choose=1&go=1');
    assert.match(none.text, /Choose at least one photo/);
    const form = parse(
      (await get(`/links/new?choose=1&go=1&photo=${idOf(other)}&photo=${idOf(photo)}`)).text,
    );
    assert.deepEqual(
      form.querySelectorAll('.thumbs input[name=photo]').map((one) => one.getAttribute('value')),
      [idOf(other), idOf(photo)],
    );
  });

  const send = (path: string, files: readonly Buffer[], sender = '') => {
    const parts = files.map((file, at) => filePart(`guest-${at}.png`, file));
    const { body, contentType } = formBody([{ name: 'sender', body: sender }, ...parts]);
    return client.ask(`${path}/photos`, {
      method: 'POST',
      body,
      headers: { ...browser, 'Content-Type': contentType },
    });
  };
  const waiting = async () =>
    (
      JSON.parse((await client.ask('/moderation')).text) as {
        photos: (PhotoJson & { sender: { name: string; link: string } })[];
      }
    ).photos;

  test('guests send photos, which wait, are let in, or thrown away', async () => {
    const { path } = await make({ upload: true, approval: true, most: 3, title: 'Wedding' });
    const form = parse((await get(path)).text);
    assert.equal(form.querySelector('form')?.getAttribute('action'), `${path}/photos`);
    assert.deepEqual(
      form.querySelectorAll('script, img').map((one) => one.getAttribute('src')?.split('?')[0]),
      ['/static/built/guest-form.js'],
      'nothing of the gallery around it',
    );
    const sent = await send(path, [drawPng({ seed: 31 }), drawPng({ seed: 32 })], '할머니');
    assert.deepEqual([sent.status, sent.headers.get('location')], [303, `${path}?sent=2`]);
    const thanks = await get(`${path}?sent=2`, { Cookie: cookiesOf(sent.headers) });
    assert.match(thanks.text, /Your 2 photos have arrived/);
    assert.equal(parse(thanks.text).querySelector('#sender')?.getAttribute('value'), '할머니');
    const photos = await waiting();
    assert.deepEqual(
      photos.map(({ sender }) => [sender.name, sender.link]),
      [
        ['할머니', 'Wedding'],
        ['할머니', 'Wedding'],
      ],
    );
    const list = await client.everything();
    assert.equal(list.filter(({ id }) => photos.some((one) => one.id === id)).length, 0);
    const [first, second] = photos;
    assert.equal((await post(`/photos/${first?.id}/approve`, {})).status, 200);
    const thrown = await client.ask(`/photos/${second?.id}/delete?then=moderation`, {
      method: 'POST',
      headers: browser,
    });
    assert.equal(thrown.headers.get('location'), '/moderation');
    assert.deepEqual(await waiting(), []);
    assert.equal((await client.everything())[0]?.id, first?.id);
  });

  test('a guest is told what was not taken, and nothing of what the gallery holds', async () => {
    const { path } = await make({ upload: true, approval: true, most: 3 });
    const mine = drawPng({ seed: 2, width: 900, height: 700 });
    assert.equal((await send(path, [mine])).status, 303, 'it is here already, and that is nobody’s business');
    assert.deepEqual(await waiting(), []);
    const some = await send(path, [drawPng({ seed: 41 }), Buffer.from('no picture')]);
    assert.equal(some.status, 207);
    assert.match(some.text, /1 of 2 have arrived/);
    assert.match(some.text, /guest-1\.png/);
    const full = await send(path, [drawPng({ seed: 42 }), drawPng({ seed: 43 })]);
    assert.equal(full.status, 207);
    assert.match(full.text, /as many photos as it may/);
    const none = await send(path, [drawPng({ seed: 44 })]);
    assert.equal(none.status, 422);
    assert.equal((await send(path, [])).status, 400);
    assert.equal((await send(path, [drawPng({ seed: 45 })], 'x'.repeat(50))).status, 422);
    const approved = JSON.parse((await post('/moderation/approve', {})).text) as { approved: number };
    assert.equal(approved.approved, 2);
    await until('nothing to wait', async () => (await waiting()).length === 0);
  });

  test('an upload link may need no approval, may have a password, and ends as others do', async () => {
    const open = await make({ upload: true, most: 5 });
    const before = (await client.everything()).length;
    assert.equal((await send(open.path, [drawPng({ seed: 51 })])).status, 303);
    assert.equal((await client.everything()).length, before + 1);
    const locked = await make({ upload: true, most: 5, password: 'persimmon' });
    assert.equal((await get(locked.path)).status, 401);
    assert.equal((await send(locked.path, [drawPng({ seed: 52 })])).status, 401);
    await post(`/links/${open.id}/revoke`, {});
    assert.equal((await send(open.path, [drawPng({ seed: 53 })])).status, 410);
    assert.equal((await send(open.path.replace('/u/', '/s/'), [drawPng({ seed: 53 })])).status, 404);
  });

  test('forms of a link work where a browser calls their origin null, and not from another site', async () => {
    const { path } = await make({ upload: true, most: 5 });
    const { body, contentType } = formBody([filePart('a.png', drawPng({ seed: 61 }))]);
    const ask = (headers: Record<string, string>, to = `${path}/photos`) =>
      client.ask(to, { method: 'POST', body, headers: { 'Content-Type': contentType, ...headers } });
    assert.equal((await ask({ Origin: 'null' })).status, 303);
    for (const headers of [
      { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' },
      { Origin: 'https://evil.example' },
    ] as Record<string, string>[])
      assert.equal((await ask(headers)).status, 403);
    assert.equal((await ask({ Origin: 'null' }, '/photos')).status, 403, 'the gallery’s own forms do not');
  });
});
