// Every route against one table: method, headers, body in; status, headers out. The statuses are RFC 9110's and 9457's.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { RunningGallery } from '../../src/assemble.ts';
import { routeTable } from '../../src/http/route-table.ts';
import { type Client, createClient, type PhotoJson } from '../support/client.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { drawPng } from '../support/pictures.ts';
import { openRunningGallery } from '../support/running-gallery.ts';

const missing = '01990000-0000-7000-8000-000000000000';
const browser = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const formType = { 'Content-Type': 'application/x-www-form-urlencoded' };
const jsonType = { 'Content-Type': 'application/json' };

describe('routes', () => {
  let gallery: RunningGallery;
  let client: Client;
  let photo: PhotoJson;
  /** By the way that a link leads: `/s/<token>`, `/u/<token>`. */
  let [shown, taken] = ['', ''];
  const original = drawPng({ seed: 1, width: 640, height: 480 });
  const cleaners: (() => unknown)[] = [];

  before(async () => {
    gallery = await openRunningGallery({ after: (clean) => cleaners.push(clean) });
    client = createClient(gallery.url);
    const { body, contentType } = formBody([filePart('a.png', original), { name: 'title', body: 'A photo' }]);
    const answer = await client.ask('/photos', {
      method: 'POST',
      body,
      headers: { 'Content-Type': contentType },
    });
    assert.equal(answer.status, 201);
    photo = await client.developed((JSON.parse(answer.text) as PhotoJson).id);
    const link = async (wish: object) => {
      const made = await client.ask('/links', {
        method: 'POST',
        body: JSON.stringify(wish),
        headers: jsonType,
      });
      return (JSON.parse(made.text) as { path: string }).path;
    };
    [shown, taken] = [await link({ photo: photo.id }), await link({ upload: true, most: 5 })];
  });
  after(async () => {
    for (const clean of cleaners.toReversed()) await clean();
  });

  // A function where the photo's id or address is only known at run time.
  type Text = string | (() => string);
  interface Row {
    readonly ask: `${string} ${string}`;
    readonly headers?: Record<string, Text>;
    readonly body?: Text;
    readonly status: number;
    /** Response headers: an exact string, a pattern, or null for absent. */
    readonly expect?: Record<string, string | RegExp | null>;
  }
  const etag = () => `"${photo.sha256}"`;
  const present = async () => {
    const answer = await client.ask(`/photos/${photo.id}`);
    return { etag: answer.headers.get('etag') ?? '', json: JSON.parse(answer.text) as PhotoJson };
  };
  const address = (path: string) =>
    path
      .replace('/s/:token', shown)
      .replace('/u/:token', taken)
      .replace(':id', photo.id)
      .replace(':missing', missing)
      .replace(':sha256', photo.sha256)
      .replace(':name', photo.links.renditions[0]?.url.split('/').at(-1) ?? '');
  const problem = /^application\/problem\+json/;

  const rows: readonly Row[] = [
    // Pages and their JSON.
    {
      ask: 'GET /',
      headers: browser,
      status: 200,
      expect: { 'content-type': /html/, etag: /^"/, 'cache-control': 'private, no-cache', vary: /Accept/ },
    },
    { ask: 'GET /', status: 200, expect: { 'content-type': /json/, etag: /^"/ } },
    { ask: 'GET /?label=dog', headers: browser, status: 200 },
    { ask: 'GET /?before=:missing', status: 200 },
    { ask: 'GET /?limit=1', status: 200 },
    { ask: 'GET /photos/new', headers: browser, status: 200, expect: { 'content-type': /html/ } },
    { ask: 'GET /photos/:id', headers: browser, status: 200, expect: { 'content-type': /html/ } },
    { ask: 'GET /photos/:id', status: 200, expect: { etag: /^"\d+-en"$/ } },
    { ask: 'GET /labels', headers: browser, status: 200, expect: { 'content-type': /html/ } },
    { ask: 'GET /labels', status: 200, expect: { 'content-type': /json/ } },
    { ask: 'GET /healthz', status: 200, expect: { 'cache-control': 'no-store' } },
    { ask: 'GET /readyz', status: 200 },
    {
      ask: 'GET /?lang=ko',
      headers: browser,
      status: 303,
      expect: { location: '/', 'set-cookie': /^lang=ko/ },
    },
    { ask: 'GET /labels?lang=ko&x=1', headers: browser, status: 303, expect: { location: '/labels?x=1' } },
    {
      ask: 'GET //evil.example/?lang=ko',
      headers: browser,
      status: 303,
      expect: { location: '/evil.example/' },
    },
    { ask: 'GET /?lang=xx', headers: browser, status: 200 },
    // As an app.
    {
      ask: 'GET /manifest.webmanifest',
      headers: { 'Accept-Language': 'ko' },
      status: 200,
      expect: { 'content-type': /^application\/manifest\+json/, vary: /Accept-Language.*Cookie/ },
    },
    {
      ask: 'GET /service-worker.js',
      status: 200,
      expect: { 'content-type': /^text\/javascript/, 'cache-control': 'no-cache', etag: /"/ },
    },
    {
      ask: 'GET /offline',
      headers: { ...browser, 'Accept-Language': 'ko' },
      status: 200,
      expect: {
        'content-type': /html/,
        'content-language': 'ko',
        'sajin-version': /^[0-9a-f]{12}$/,
        'permissions-policy': /^camera=\(\),/,
      },
    },
    {
      ask: 'GET /shoot',
      headers: browser,
      status: 200,
      expect: { 'permissions-policy': /^camera=\(self\), microphone=\(\)/ },
    },
    { ask: 'GET /shoot?last=:id&title=Trip', headers: browser, status: 200 },
    { ask: 'GET /shoot?last=../../x', headers: browser, status: 200 },
    { ask: 'GET /shoot?title=a&title=b', headers: browser, status: 400 },
    {
      ask: 'GET /',
      headers: browser,
      status: 200,
      expect: {
        'permissions-policy': /^camera=\(\),/,
        'content-security-policy': /;worker-src 'self';.*;trusted-types sajin$/,
      },
    },
    // Another app shares: no page made that request. Everywhere else it would be a stranger's.
    { ask: 'POST /share', headers: { 'Sec-Fetch-Site': 'none' }, status: 415 },
    { ask: 'POST /share', headers: { 'Sec-Fetch-Site': 'cross-site' }, status: 403 },
    { ask: 'POST /share', headers: { 'Sec-Fetch-Site': 'same-site' }, status: 403 },
    { ask: 'POST /share', headers: { Origin: 'http://evil.example' }, status: 403 },
    { ask: 'POST /share/', headers: { 'Sec-Fetch-Site': 'none' }, status: 403 },
    { ask: 'POST /photos', headers: { 'Sec-Fetch-Site': 'none' }, status: 403 },
    { ask: 'DELETE /photos/:id', headers: { 'Sec-Fetch-Site': 'none' }, status: 403 },
    // What is asked for wrongly.
    { ask: 'GET /?limit=0', status: 400, expect: { 'content-type': problem, 'cache-control': 'no-store' } },
    { ask: 'GET /?limit=1e9', status: 400 },
    { ask: 'GET /?label=a&label=b', status: 400 },
    { ask: 'GET /?before=1;DROP', status: 400 },
    { ask: 'GET /?label=%_%', status: 200 },
    { ask: 'GET /?label=%ff', status: 200 },
    { ask: 'GET /photos/%ff', status: 400 },
    { ask: 'GET /photos/%2e%2e%2fgallery.db', status: 404 },
    { ask: 'GET /static/..%2fpackage.json', status: 404 },
    { ask: 'GET /photos/:missing', status: 404, expect: { 'content-type': problem } },
    { ask: 'GET /photos/:missing', headers: browser, status: 404, expect: { 'content-type': /html/ } },
    { ask: 'GET /photos/constructor', status: 404 },
    { ask: 'GET /nowhere', status: 404 },
    { ask: 'GET /photos/:id/', status: 404 },
    { ask: 'GET /photos', status: 405, expect: { allow: 'POST, OPTIONS' } },
    { ask: 'GET /', headers: { Accept: 'image/png' }, status: 406, expect: { 'content-type': /html/ } },
    { ask: 'GET /static/css/base.css', headers: { Range: 'bytes=99999999-' }, status: 416 },
    { ask: 'GET /static/css/base.css', headers: { 'If-Match': '"x"' }, status: 412 },
    {
      ask: 'GET /',
      headers: browser,
      status: 200,
      expect: { 'x-robots-tag': 'noindex', 'permissions-policy': /camera/ },
    },
    {
      ask: 'GET /nowhere',
      headers: { Connection: 'keep-alive' },
      status: 404,
      expect: { connection: 'keep-alive' },
    },
    {
      ask: 'GET /media/:id/original?download',
      headers: { ...browser, Range: 'bytes=99999999-' },
      status: 416,
      expect: { 'content-type': /html/, 'content-disposition': '', etag: /^(?!"[0-9a-f]{64}")/ },
    },
    // Media.
    {
      ask: 'GET /media/:id/original',
      status: 200,
      expect: {
        'content-type': 'image/png',
        'accept-ranges': 'bytes',
        'cache-control': 'private, max-age=31536000, immutable',
        'content-security-policy': /sandbox/,
        'x-content-type-options': 'nosniff',
        'content-length': String(original.length),
      },
    },
    {
      ask: 'GET /media/:id/original?download',
      status: 200,
      expect: { 'content-disposition': 'attachment; filename="A photo.png"' },
    },
    {
      ask: 'GET /media/:id/original',
      headers: { 'If-None-Match': etag },
      status: 304,
      expect: { etag: /^"[0-9a-f]{64}"$/ },
    },
    { ask: 'GET /media/:id/original', headers: { 'If-Match': '"other"' }, status: 412 },
    { ask: 'GET /media/:id/original', headers: { 'If-Match': etag }, status: 200 },
    {
      ask: 'GET /media/:id/original',
      headers: { Range: 'bytes=0-0' },
      status: 206,
      expect: { 'content-range': `bytes 0-0/${original.length}`, 'content-length': '1' },
    },
    {
      ask: 'GET /media/:id/original',
      headers: { Range: 'bytes=-1' },
      status: 206,
      expect: { 'content-range': `bytes ${original.length - 1}-${original.length - 1}/${original.length}` },
    },
    {
      ask: 'GET /media/:id/original',
      headers: { Range: 'bytes=99999999-' },
      status: 416,
      expect: { 'content-range': `bytes */${original.length}` },
    },
    { ask: 'GET /media/:id/original', headers: { Range: 'bytes=5-2' }, status: 416 },
    { ask: 'GET /media/:id/original', headers: { Range: 'bytes=0-0,2-2' }, status: 200 },
    { ask: 'GET /media/:id/original', headers: { Range: 'lines=0-1' }, status: 200 },
    { ask: 'GET /media/:id/original', headers: { Range: 'bytes=0-0', 'If-Range': '"other"' }, status: 200 },
    { ask: 'GET /media/:id/original', headers: { Range: 'bytes=0-0', 'If-Range': etag }, status: 206 },
    { ask: 'GET /media/:missing/original', status: 404 },
    {
      ask: 'GET /media/:id/original',
      headers: { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' },
      status: 403,
    },
    {
      ask: 'GET /media/:id/original',
      headers: { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' },
      status: 200,
    },
    {
      ask: 'GET /media/:id/:name',
      status: 200,
      expect: {
        'content-type': 'image/webp',
        'cache-control': 'private, max-age=31536000, immutable',
        etag: /^"[0-9a-f]{64}"$/,
      },
    },
    {
      ask: 'GET /media/:id/320-000000000000.webp',
      status: 200,
      expect: { 'cache-control': 'private, no-cache' },
    },
    { ask: 'GET /media/:id/321-000000000000.webp', status: 404 },
    { ask: 'GET /media/:id/..%2f..%2fgallery.db', status: 404 },
    {
      ask: 'GET /media/:id/original',
      headers: { Range: 'bytes=-99999999' },
      status: 206,
      expect: { 'content-range': `bytes 0-${original.length - 1}/${original.length}` },
    },
    {
      ask: 'GET /media/:id/original',
      headers: { Range: 'bytes=99999999-', 'If-None-Match': etag },
      status: 304,
    },
    { ask: 'HEAD /media/:id/original', headers: { Range: 'bytes=0-0' }, status: 200 },
    // Another site's page, another name.
    { ask: 'POST /photos/:id/delete', headers: { Origin: 'http://evil.example' }, status: 403 },
    { ask: 'POST /photos/:id/delete', headers: { Origin: 'null' }, status: 403 },
    { ask: 'POST /photos/:id/delete', headers: { 'Sec-Fetch-Site': 'cross-site' }, status: 403 },
    { ask: 'POST /photos/:id/delete', headers: { 'Sec-Fetch-Site': 'same-site' }, status: 403 },
    { ask: 'DELETE /photos/:id', headers: { Origin: 'http://localhost:1' }, status: 403 },
    { ask: 'GET /', headers: { Host: 'evil.example' }, status: 421 },
    { ask: 'GET /', headers: { Host: 'evil.example:3000' }, status: 421 },
    { ask: 'GET /', headers: { Host: '127.0.0.1:9' }, status: 200 },
    { ask: 'GET /', headers: { Host: 'localhost', 'X-Forwarded-Host': 'evil.example' }, status: 403 },
    // Titles.
    {
      ask: 'POST /photos/:id',
      headers: { ...browser, ...formType },
      body: 'title=New',
      status: 303,
      expect: { location: /^\/photos\// },
    },
    { ask: 'POST /photos/:id', headers: formType, body: 'title=New', status: 200 },
    {
      ask: 'POST /photos/:id',
      headers: { ...browser, ...formType },
      body: 'title=New&was=Other',
      status: 409,
      expect: { 'content-type': /html/ },
    },
    {
      ask: 'POST /photos/:id',
      headers: { ...browser, ...formType },
      body: `title=${'x'.repeat(201)}`,
      status: 422,
    },
    { ask: 'POST /photos/:id', headers: formType, body: `title=${'x'.repeat(40_000)}`, status: 413 },
    { ask: 'POST /photos/:id', headers: formType, body: 'titel=New', status: 400 },
    { ask: 'POST /photos/:id', headers: jsonType, body: '{"title":"New"}', status: 415 },
    { ask: 'POST /photos/:missing', headers: formType, body: 'title=New', status: 404 },
    {
      ask: 'PATCH /photos/:id',
      headers: jsonType,
      body: '{"title":"New"}',
      status: 428,
      expect: { 'content-type': problem },
    },
    {
      ask: 'PATCH /photos/:id',
      headers: { ...jsonType, 'If-Match': '"0-en"' },
      body: '{"title":"New"}',
      status: 412,
      expect: { etag: /^"\d+-en"$/ },
    },
    {
      ask: 'PATCH /photos/:id',
      headers: { ...jsonType, 'If-Match': '*' },
      body: '{"title":"New"}',
      status: 200,
      expect: { etag: /^"\d+-en"$/ },
    },
    {
      ask: 'PATCH /photos/:id',
      headers: { ...jsonType, 'If-Match': '*' },
      body: '{"title":"New","sha256":"0"}',
      status: 400,
    },
    { ask: 'PATCH /photos/:id', headers: { ...jsonType, 'If-Match': '*' }, body: '{"title":1}', status: 400 },
    { ask: 'PATCH /photos/:id', headers: { ...jsonType, 'If-Match': '*' }, body: '{', status: 400 },
    {
      ask: 'PATCH /photos/:id',
      headers: { 'Content-Type': 'text/plain', 'If-Match': '*' },
      body: '{"title":"New"}',
      status: 415,
    },
    {
      ask: 'PATCH /photos/:missing',
      headers: { ...jsonType, 'If-Match': '*' },
      body: '{"title":"New"}',
      status: 404,
    },
    { ask: 'POST /photos/:id/retry', status: 202 },
    { ask: 'POST /photos/:id/retry', headers: browser, status: 303 },
    { ask: 'POST /photos/:missing/retry', status: 404 },
    { ask: 'POST /photos/:missing/delete', headers: browser, status: 404 },
    { ask: 'DELETE /photos/:missing', status: 404 },
    // Uploads that are refused before their body.
    {
      ask: 'POST /photos',
      headers: { 'Content-Type': 'text/plain' },
      body: 'x',
      status: 415,
      expect: { 'accept-post': 'multipart/form-data' },
    },
    { ask: 'POST /photos', headers: { 'Content-Type': 'multipart/form-data' }, body: 'x', status: 400 },
    {
      ask: 'POST /photos',
      headers: { 'Content-Type': 'multipart/form-data; boundary=x' },
      body: '--x--\r\n',
      status: 400,
    },
    {
      ask: 'POST /photos',
      headers: { ...browser, 'Content-Type': 'multipart/form-data; boundary=x' },
      body: '--x--\r\n',
      status: 400,
      expect: { 'content-type': /html/ },
    },
    {
      ask: 'POST /photos',
      headers: { 'Content-Type': 'multipart/form-data; boundary=x', Origin: 'http://evil.example' },
      body: '--x--\r\n',
      status: 403,
      expect: { connection: 'close' },
    },
    // Methods that nobody knows here.
    { ask: 'TRACE /', status: 405, expect: { allow: 'GET, HEAD, OPTIONS' } },
    { ask: 'PUT /photos/:id', status: 405, expect: { allow: 'GET, POST, PATCH, DELETE, HEAD, OPTIONS' } },
  ];

  // In this gallery nothing was looked at again, which test/http/reruns.test.ts asks for, and it is for its own machine: nobody has an
  // account, and there is no door but one that leads in. test/http/accounts.test.ts asks for those.
  const statuses = new Map([
    ['/reruns/:id', 404],
    ['/sign-in', 303],
    ['/set-up', 403],
    ['/invite', 403],
    ['/pair', 403],
    ['/account', 403],
    ['/account/confirm', 403],
  ]);

  const say = (text: Text) => (typeof text === 'string' ? text : text());
  // Node's fetch refuses to send Host or TRACE; a plain request sends what it is told.
  const ask = (row: Row) => {
    const [method, path = ''] = row.ask.split(' ');
    const headers: Record<string, string> = { Accept: 'application/json' };
    for (const [name, value] of Object.entries(row.headers ?? {})) headers[name] = say(value);
    const { port } = gallery;
    if (!('Origin' in headers || 'Sec-Fetch-Site' in headers)) headers['Origin'] = `http://localhost:${port}`;
    return new Promise<{
      status: number;
      headers: Record<string, string | string[] | undefined>;
      body: string;
    }>((resolve, reject) => {
      const sent = httpRequest({ port, method, path: address(path), headers, agent: false }, (response) => {
        let body = '';
        response.setEncoding('latin1').on('data', (text: string) => (body += text));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      });
      sent.on('error', reject);
      sent.end(row.body === undefined ? undefined : say(row.body));
    });
  };

  const threatOf = ({ ask: asked, status, headers = {} }: Row) => {
    if ('Range' in headers) return ' (T24)';
    if (status === 412 || status === 428) return ' (T25)';
    if (asked.includes('evil.example')) return ' (T38)';
    return status === 415 ? ' (T09)' : '';
  };
  for (const row of rows) {
    const detail = [
      row.headers &&
        JSON.stringify(row.headers, (_key, value: unknown) =>
          typeof value === 'function' ? '(etag)' : value,
        ),
      typeof row.body === 'string' && row.body.slice(0, 40),
    ]
      .filter(Boolean)
      .join(' ');
    test(`${row.ask} ${detail} is answered ${row.status}${threatOf(row)}`, async () => {
      const answer = await ask(row);
      assert.equal(answer.status, row.status, answer.body.slice(0, 300));
      for (const [name, expected] of Object.entries(row.expect ?? {})) {
        const value = String(answer.headers[name] ?? '');
        if (typeof expected === 'string') assert.equal(value, expected, name);
        else if (expected instanceof RegExp) assert.match(value, expected, name);
      }
      if (answer.status >= 400)
        assert.doesNotMatch(
          answer.body,
          /node_modules|\.ts:|\/src\/|SQLITE|at async/,
          'shows nothing of the inside',
        );
    });
  }

  for (const path of new Set(routeTable.map((route) => route.path))) {
    const methods = routeTable.filter((route) => route.path === path).map(({ method }) => method as string);
    const allow = [...new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])];
    test(`OPTIONS ${path} says ${allow.join(', ')} (T22)`, async () => {
      const answer = await ask({ ask: `OPTIONS ${path}`, status: 204 });
      assert.equal(answer.status, 204);
      assert.equal(answer.headers.allow, allow.join(', '));
    });
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].filter(
      (name) => !allow.includes(name),
    )) {
      test(`${method} ${path} is refused with what is allowed (T22)`, async () => {
        const answer = await ask({ ask: `${method} ${path}`, status: 405 });
        assert.equal(answer.status, 405);
        assert.equal(answer.headers.allow, allow.join(', '));
      });
    }
    if (!methods.includes('GET')) continue;
    test(`HEAD ${path} has the headers of GET and no body (T22)`, async () => {
      const headers = { 'X-Requested-With': 'test' };
      const head = await ask({ ask: `HEAD ${path}`, headers, status: 200 });
      assert.equal(head.body, '');
      assert.equal(head.status, statuses.get(path) ?? 200);
      // Neither is the same twice: events have no end, and asking for metrics is counted, too.
      if (path === '/events' || path === '/metrics') return;
      const get = await ask({ ask: `GET ${path}`, headers, status: 200 });
      for (const name of [
        'content-type',
        'content-length',
        'etag',
        'cache-control',
        'content-security-policy',
      ]) {
        assert.equal(head.headers[name], get.headers[name], name);
      }
    });
  }

  test('an edit with the ETag that was read is accepted, the next one with the same is not (T25)', async () => {
    const { etag: read } = await present();
    const edit = (title: string) =>
      client.ask(`/photos/${photo.id}`, {
        method: 'PATCH',
        headers: { ...jsonType, 'If-Match': read },
        body: JSON.stringify({ title }),
      });
    assert.equal((await edit('mine')).status, 200);
    assert.equal((await edit('theirs')).status, 412);
    assert.equal((await present()).json.title, 'mine');
  });

  // Not through fetch: it adds `Cache-Control: no-cache` to a request with a condition of its own.
  test('a page asked for again with its ETag is answered 304 (T25)', async () => {
    for (const [path, headers] of [
      ['/', browser],
      ['/', {}],
      ['/photos/:id', {}],
      ['/photos/:id', browser],
      ['/labels', browser],
    ] as const) {
      const first = await ask({ ask: `GET ${path}`, headers, status: 200 });
      const etag = String(first.headers.etag);
      const again = await ask({
        ask: `GET ${path}`,
        headers: { ...headers, 'If-None-Match': etag },
        status: 304,
      });
      assert.deepEqual([again.status, again.headers.etag, again.body], [304, etag, ''], path);
    }
  });

  test('one photo answers 201 with its address, the same bytes again 200 and say so', async () => {
    const bytes = drawPng({ seed: 77 });
    const send = () => {
      const { body, contentType } = formBody([
        filePart('../../etc/passwd.png', bytes),
        { name: 'title', body: ' <b>제목</b>\u202e ' },
      ]);
      return client.ask('/photos', { method: 'POST', body, headers: { 'Content-Type': contentType } });
    };
    const first = await send();
    const json = JSON.parse(first.text) as PhotoJson;
    assert.equal(first.status, 201);
    assert.equal(first.headers.get('location'), `/photos/${json.id}`);
    assert.equal(json.title, '<b>제목</b>');
    assert.equal(json.sha256, createHash('sha256').update(bytes).digest('hex'));
    assert.equal(json.duplicate, undefined);
    const second = await send();
    assert.equal(second.status, 200);
    const again = JSON.parse(second.text) as PhotoJson;
    assert.deepEqual([again.id, again.duplicate], [json.id, true]);
    const remove = (query = '') => client.ask(`/photos/${json.id}${query}`, { method: 'DELETE' });
    assert.equal((await remove('?forever=1')).status, 409, 'only what lies in the trash');
    assert.deepEqual([(await remove()).status, (await remove()).status], [204, 404]);
    assert.equal((await client.ask(json.links.original)).status, 200, 'it may still come back');
    assert.deepEqual([(await remove('?forever=1')).status, (await remove('?forever=1')).status], [204, 404]);
    assert.equal((await client.ask(json.links.original)).status, 404);
  });

  test('what another app shares is taken like an upload', async () => {
    const { body, contentType } = formBody([
      filePart('shared.png', drawPng({ seed: 78 })),
      { name: 'title', body: 'Shared' },
    ]);
    const headers = { ...browser, 'Content-Type': contentType, 'Sec-Fetch-Site': 'none', Origin: 'null' };
    const answer = await client.ask('/share', { method: 'POST', body, headers });
    assert.equal(answer.status, 303);
    const shared = await client.photo(answer.headers.get('location')?.split('/').at(-1) ?? '');
    assert.equal(shared.title, 'Shared');
  });

  test('a shot without scripts comes back for the next, with its title', async () => {
    const { body, contentType } = formBody([
      filePart('shot.png', drawPng({ seed: 79 })),
      { name: 'title', body: 'Trip & back' },
    ]);
    const answer = await client.ask('/photos?then=shoot', {
      method: 'POST',
      body,
      headers: { ...browser, 'Content-Type': contentType },
    });
    assert.equal(answer.status, 303);
    const location = answer.headers.get('location') ?? '';
    assert.match(location, /^\/shoot\?title=Trip\+%26\+back&last=[0-9a-f-]{36}$/);
    const { text } = await client.ask(location, { headers: browser });
    assert.match(text, /value="Trip &amp; back"/);
    assert.ok(text.includes(`href="/photos/${location.split('last=')[1]}"`));
  });

  test('several files answer 207 in the order sent, each for itself', async () => {
    const parts = [
      filePart('one.png', drawPng({ seed: 101 })),
      filePart('rotten.png', Buffer.from('not a picture')),
      filePart('two.png', drawPng({ seed: 102 })),
      filePart('empty.png', Buffer.alloc(0)),
      filePart('one again.png', drawPng({ seed: 101 })),
    ];
    const { body, contentType } = formBody(parts);
    const answer = await client.ask('/photos', {
      method: 'POST',
      body,
      headers: { 'Content-Type': contentType },
    });
    const { results } = JSON.parse(answer.text) as {
      results: { name: string; status: number; photo?: PhotoJson; error?: { detail: string } }[];
    };
    assert.equal(answer.status, 207);
    assert.deepEqual(
      results.map(({ name, status }) => [name, status]),
      [
        ['one.png', 201],
        ['rotten.png', 415],
        ['two.png', 201],
        ['empty.png', 422],
        ['one again.png', 200],
      ],
    );
    assert.ok(results[1]?.error?.detail);
    assert.equal(results[4]?.photo?.id, results[0]?.photo?.id);
    const form = await client.ask('/photos', {
      method: 'POST',
      body,
      headers: { ...browser, 'Content-Type': contentType },
    });
    assert.equal(form.status, 207);
    assert.match(form.text, /rotten\.png/);
  });

  test('a form with one good photo leads to it, with several good ones to the list', async () => {
    const send = (seeds: readonly number[]) => {
      const { body, contentType } = formBody(seeds.map((seed) => filePart(`${seed}.png`, drawPng({ seed }))));
      return client.ask('/photos', {
        method: 'POST',
        body,
        headers: { ...browser, 'Content-Type': contentType },
      });
    };
    const one = await send([201]);
    assert.equal(one.status, 303);
    assert.match(one.headers.get('location') ?? '', /^\/photos\/[0-9a-f-]{36}$/);
    const several = await send([202, 203]);
    assert.deepEqual([several.status, several.headers.get('location')], [303, '/']);
  });

  test('problems are told in the language of the reader', async () => {
    const answer = await client.ask(`/photos/${missing}`, {
      headers: { 'Accept-Language': 'ko-KR,ko;q=0.9' },
    });
    const { detail, status, type, title } = JSON.parse(answer.text) as Record<string, unknown>;
    assert.match(String(detail), /[가-힣]/);
    assert.deepEqual([status, type, title], [404, 'about:blank', 'Not Found']);
  });
});
