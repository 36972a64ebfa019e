// The real program behind the real nginx with the site that we ship: everything works through it, and what means harm ends there or
// at the program, which never minds.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, createClient, type PhotoJson, sha256Of } from '../support/client.ts';
import { filesBelow } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { type Nginx, skipWithoutNginx, startNginx } from '../support/nginx.ts';
import { drawPng } from '../support/pictures.ts';
import { type RawAnswer, requestText, sendRaw } from '../support/raw-http.ts';
import { type Program, parseLine, startProgram } from '../support/start-program.ts';
import { createTusClient } from '../support/tus-client.ts';
import { until, within } from '../support/until.ts';

const megabyte = 1024 * 1024;
const large = drawPng({ seed: 1, width: 1200, height: 900, compression: 0 });

describe('behind nginx', { skip: skipWithoutNginx }, () => {
  let program: Program;
  let nginx: Nginx;
  let client: Client;
  let photo: PhotoJson;
  const cleaners: (() => unknown)[] = [];

  before(async () => {
    const cleaner = { after: (clean: () => unknown) => cleaners.push(clean) };
    program = await startProgram({
      uploadsDir: await makeFolder(cleaner),
      env: { TRUSTED_PROXY: '127.0.0.1', LOG_LEVEL: 'debug' },
    });
    cleaner.after(() => program.stop());
    nginx = await startNginx(cleaner, program.url);
    client = createClient(nginx.url);
    photo = await client.developed((await client.keep(drawPng({ seed: 2 }), { title: 'First' })).id);
  });
  after(async () => {
    for (const clean of cleaners.toReversed()) await clean();
  });

  const answered = () => program.lines.map(parseLine).filter(({ msg }) => msg === 'answered');
  /** The program answers at once, and has nothing left of what came in. */
  const assertUnharmed = async () => {
    const started = performance.now();
    assert.equal((await createClient(program.url).ask('/healthz')).status, 200);
    assert.ok(performance.now() - started < 1_000, 'it answers within a second');
    await until('what came in to be gone', () => filesBelow(`${program.uploadsDir}/incoming`).length === 0);
  };

  describe('everything works', () => {
    test('pages', async () => {
      const page = await fetch(`${nginx.url}/photos/${photo.id}`, { headers: { Accept: 'text/html' } });
      assert.equal(page.status, 200);
      assert.match(await page.text(), /First/);
      assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
      assert.equal(page.headers.get('server'), 'nginx', 'it does not say which');
    });

    test('an upload by form, larger than what pages send', async () => {
      const kept = await client.keep(large, { title: 'Large' });
      assert.equal(sha256Of(await client.bytes(kept.links.original)), sha256Of(large));
    });

    test('what a guest sends by a link, as large', async () => {
      const made = await client.ask('/links', {
        method: 'POST',
        body: JSON.stringify({ upload: true, most: 2 }),
        headers: { 'Content-Type': 'application/json' },
      });
      assert.equal(made.status, 201, made.text);
      const { path } = JSON.parse(made.text) as { path: string };
      const picture = drawPng({ seed: 7, width: 1200, height: 900, compression: 0 });
      assert.ok(picture.length > 2 * megabyte);
      const { body, contentType } = formBody([filePart('a.png', picture)]);
      const headers = { 'Content-Type': contentType, Accept: 'text/html' };
      const sent = await client.ask(`${path}/photos`, { method: 'POST', body, headers });
      assert.equal(sent.status, 303, sent.text);
    });

    test('an upload in pieces, cut in between', async () => {
      const tus = createTusClient(nginx.url);
      const picture = drawPng({ seed: 3, width: 1200, height: 900, compression: 0 });
      const path = await tus.made({ bytes: picture.length, title: 'Pieces' });
      assert.match(path, /^\/uploads\//, 'it leads through nginx again');
      const { sent } = tus.begin(path, 0, { 'Content-Length': picture.length });
      sent.write(picture.subarray(0, 2 * megabyte));
      await until('a piece to arrive', async () => {
        const inFolder = filesBelow(`${program.uploadsDir}/resumable`);
        return inFolder.some(({ name }) => path.endsWith(name));
      });
      await pause(300);
      sent.destroy();
      const offset = await until('what has come to be written down', async () => {
        const { status, headers } = await tus.head(path);
        return status < 300 && Number(headers['upload-offset']);
      });
      const reply = await tus.patch(path, offset, picture.subarray(offset));
      assert.equal(reply.status, 204, reply.text);
      assert.match(String(reply.headers['sajin-photo']), /^\/photos\//);
    });

    test('news, while they happen', async () => {
      const abort = new AbortController();
      const news = await fetch(`${nginx.url}/events`, { signal: abort.signal });
      assert.match(news.headers.get('content-type') ?? '', /event-stream/);
      const reader = news.body?.pipeThrough(new TextDecoderStream() as never).getReader();
      const { id } = await client.keep(drawPng({ seed: 4 }));
      let heard = '';
      const hear = async () => {
        while (!heard.includes('photo-added')) heard += String((await reader?.read())?.value ?? '');
      };
      await within('the news to come through', 5_000, hear());
      assert.ok(heard.includes(id));
      abort.abort();
    });

    test('pieces of an original, and not again what is known', async () => {
      const { original } = photo.links;
      const whole = await client.bytes(original);
      const ask = (headers: Record<string, string>) => fetch(`${nginx.url}${original}`, { headers });
      const part = await ask({ Range: 'bytes=10-19' });
      assert.deepEqual(
        [part.status, part.headers.get('content-range')],
        [206, `bytes 10-19/${whole.length}`],
      );
      assert.deepEqual(Buffer.from(await part.arrayBuffer()), whole.subarray(10, 20));
      assert.equal((await ask({ Range: `bytes=${whole.length}-` })).status, 416);
      // By hand: fetch() would add that it wants it anew.
      const known = { 'If-None-Match': `"${photo.sha256}"`, Connection: 'close' };
      assert.equal((await raw(requestText('GET', original, nginx.url, known))).status, 304);
    });

    test('static files come from nginx, with the headers that the program would send', async () => {
      const page = await (await fetch(`${nginx.url}/`, { headers: { Accept: 'text/html' } })).text();
      const named = [...page.matchAll(/(?:href|src)="(\/static\/[^"#]+)/g)].map(([, path = '']) => path);
      assert.ok(named.length >= 3, named.join());
      for (const path of [...named, '/static/icons.svg', '/static/css/none.css']) {
        const [ours, theirs] = [await fetch(`${program.url}${path}`), await fetch(`${nginx.url}${path}`)];
        assert.equal(theirs.status, ours.status, path);
        if (ours.status !== 200) continue;
        assert.equal(await theirs.text(), await ours.text(), path);
        for (const name of [
          'content-type',
          'cache-control',
          'content-security-policy',
          'x-content-type-options',
          'cross-origin-resource-policy',
          'referrer-policy',
          'x-frame-options',
          'x-robots-tag',
        ])
          assert.equal(
            theirs.headers.get(name)?.toLowerCase(),
            ours.headers.get(name)?.toLowerCase(),
            `${path} ${name}`,
          );
      }
      // Only what was asked of the program itself is in its log.
      const asked = () => answered().filter(({ path }) => String(path).startsWith('/static/')).length;
      await until('the log', () => asked() >= named.length + 2);
      assert.equal(asked(), named.length + 2);
      for (const path of [
        '/static/../package.json',
        '/static/%2e%2e/package.json',
        '/static/..%2fpackage.json',
      ])
        assert.ok([400, 404].includes((await raw(requestText('GET', path, nginx.url))).status), path);
    });

    test('a refusal of the program reaches the visitor in its own words', async () => {
      const { status, text } = await client.upload(Buffer.from('no picture'));
      assert.deepEqual([status, JSON.parse(text).code], [415, 'unsupported-type']);
    });
  });

  const raw = (text: string, more: { end?: boolean; deadlineMs?: number } = {}): Promise<RawAnswer> =>
    sendRaw({ url: nginx.url, chunks: [text], ...more });

  describe('what a visitor claims', () => {
    test('about where it comes from and what it is called is overwritten (T39)', async () => {
      const forged = {
        'X-Forwarded-For': '203.0.113.9',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': 'evil.example',
        Forwarded: 'for=203.0.113.9',
        'X-Request-Id': 'forged-request-id',
      };
      const { headers } = await client.ask('/labels', { headers: forged });
      const id = headers.get('x-request-id');
      const line = await until('the line', () => answered().find(({ request }) => request === id));
      assert.equal(line.client, '127.0.0.1');
      assert.match(id ?? '', /^[0-9a-f]{32}$/, 'it is called what nginx calls it');
      assert.ok((await nginx.requests()).includes(`"request":"${id}"`));
    });

    test('does not open the metrics', async () => {
      for (const path of ['/metrics', '/METRICS', '/%6detrics', '//metrics', '/x/../metrics'])
        assert.equal((await raw(requestText('GET', path, nginx.url))).status, 404, path);
    });

    test('that are secrets are in no log', async () => {
      const path = await createTusClient(nginx.url).made({ bytes: 10, title: 'title-secret' });
      for (const link of [
        '/s/link-secret',
        '/U/link-secret',
        '/s/link-secret/photos/x',
        '/%75/link-secret/photos',
      ])
        await client.ask(link);
      await client.ask(path, { method: 'OPTIONS' });
      await client.ask('/?token=query-secret', {
        headers: { Cookie: 'sid=cookie-secret', Referer: 'http://x/?referer-secret' },
      });
      const log = await until('the line', async () => {
        const text = await nginx.requests();
        return text.includes('"path":"/uploads/..."') && text.includes('"method":"OPTIONS"') && text;
      });
      assert.doesNotMatch(log, /secret/);
      assert.ok(!log.includes(path.split('/').at(-1) ?? ''));
      for (const line of log.trim().split('\n')) JSON.parse(line);
    });
  });

  describe('a visitor who asks too much', () => {
    test('may try to sign in a few times, and look at the form as often as it likes', async () => {
      // Sajin has limits of its own, in its own words.
      const isLimit = ({ status, text }: { status: number; text: string }) =>
        status === 429 && text.includes('<center>nginx');
      const tries: boolean[] = [];
      for (const path of ['/sign-in', '/Sign-In', '/sign-in?again', '/SIGN-IN'])
        for (let count = 0; count < 4; count += 1)
          tries.push(isLimit(await client.ask(path, { method: 'POST' })));
      assert.deepEqual([...new Set(tries.slice(0, 11))], [false]);
      // One more every twelve seconds, which a slow machine may have taken.
      assert.ok(tries.slice(11).includes(true));
      for (let count = 0; count < 15; count += 1) assert.ok(!isLimit(await client.ask('/sign-in')));
    });

    test('hears no news on more than forty connections', async () => {
      const abort = new AbortController();
      const ask = () => fetch(`${nginx.url}/events`, { signal: abort.signal });
      // Kept, or what nobody holds any more would be hung up on.
      const answers: Response[] = [];
      for (let count = 0; count < 42; count += 1) answers.push(await ask());
      const statuses = answers.map(({ status }) => status);
      assert.deepEqual([...new Set(statuses.slice(0, 40))], [200]);
      assert.equal(statuses.at(-1), 429);
      abort.abort();
      await assertUnharmed();
    });
  });

  describe('a request that is no request', () => {
    const host = () => new URL(nginx.url).host;
    const hidden = 'GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const post = (headers: string, body: string) =>
      `POST /photos/new HTTP/1.1\r\nHost: ${host()}\r\nOrigin: ${nginx.url}\r\n${headers}\r\n${body}`;
    const chunked = `0\r\n\r\n${hidden}`;
    const cases: readonly (readonly [what: string, text: () => string])[] = [
      ['a length and chunks', () => post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', chunked)],
      ['chunks and a length', () => post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', chunked)],
      ['two lengths', () => post('Content-Length: 0\r\nContent-Length: 44\r\n', hidden)],
      ['two lengths in one', () => post('Content-Length: 0, 44\r\n', hidden)],
      ['a length with a sign', () => post('Content-Length: +0\r\n', hidden)],
      ['chunks twice', () => post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', chunked)],
      ['chunks and something else', () => post('Transfer-Encoding: chunked, identity\r\n', chunked)],
      ['chunks behind a tab', () => post('Transfer-Encoding:\x0bchunked\r\n', chunked)],
      ['a name before a space', () => post('Transfer-Encoding : chunked\r\nContent-Length: 44\r\n', hidden)],
      [
        'a folded header',
        () => post('X-A: a\r\n Transfer-Encoding: chunked\r\nContent-Length: 44\r\n', hidden),
      ],
      ['a chunk of nonsense', () => post('Transfer-Encoding: chunked\r\n', `zz\r\n${hidden}`)],
      [
        'a chunk that is longer than told',
        () => post('Transfer-Encoding: chunked\r\n', `1\r\nabc\r\n${chunked}`),
      ],
      ['a chunk without end', () => post('Transfer-Encoding: chunked\r\n', `fffffffffffffffff\r\n${hidden}`)],
      ['two hosts', () => `GET / HTTP/1.1\r\nHost: ${host()}\r\nHost: evil.example\r\n\r\n`],
      ['no host', () => 'GET / HTTP/1.1\r\n\r\n'],
      ['a zero byte', () => `GET /\0 HTTP/1.1\r\nHost: ${host()}\r\n\r\n`],
      ['a header of 40 KB', () => requestText('GET', '/', nginx.url, { 'X-A': 'a'.repeat(40_000) })],
      ['an address of 40 KB', () => requestText('GET', `/${'a'.repeat(40_000)}`, nginx.url)],
      [
        'a proxy that shall be asked',
        () => 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n',
      ],
      ['an echo', () => requestText('TRACE', '/', nginx.url)],
      ['another protocol', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
      ['nonsense', () => '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n'],
    ];
    for (const [what, text] of cases)
      test(`is refused: ${what} (T26)`, async () => {
        const answer = await raw(text(), { end: true });
        assert.ok([0, 400, 405, 408, 413, 414, 421, 501].includes(answer.status), answer.head);
        await assertUnharmed();
        assert.ok(!answered().some(({ path }) => String(path).includes('smuggled')), 'what it hid arrived');
      });

    test('is one request when its lines end with a line feed only (T26)', async () => {
      const answer = await raw(
        `GET /labels HTTP/1.1\nHost: ${host()}\nAccept: application/json\nConnection: close\n\n`,
      );
      assert.ok([200, 400].includes(answer.status), answer.head);
      await assertUnharmed();
    });
  });

  describe('too much, or too slowly', () => {
    test('what is too large is refused before it is sent', async () => {
      const type = { 'Content-Type': 'multipart/form-data; boundary=x' };
      for (const [method, path, bytes] of [
        ['POST', '/photos', 2_000 * megabyte],
        ['POST', '/share', 2_000 * megabyte],
        ['POST', '/u/token/photos', 2_000 * megabyte],
        ['PATCH', '/uploads/x', 200 * megabyte],
        ['POST', '/models', 600 * megabyte],
        ['PATCH', `/photos/${photo.id}`, 2 * megabyte],
        ['POST', '/threshold', 2 * megabyte],
      ] as const) {
        const answer = await raw(requestText(method, path, nginx.url, { ...type, 'Content-Length': bytes }));
        assert.equal(answer.status, 413, path);
      }
      await assertUnharmed();
    });

    test('what does not say how large it is ends when it is too large', async () => {
      const head = requestText('PATCH', `/photos/${photo.id}`, nginx.url, {
        'Content-Type': 'application/json',
        'Transfer-Encoding': 'chunked',
      });
      const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
      function* endless() {
        yield head;
        for (let count = 0; count < 1_000; count += 1) yield chunk;
      }
      const answer = await sendRaw({ url: nginx.url, chunks: endless() });
      assert.ok([0, 413].includes(answer.status), answer.head);
      await assertUnharmed();
    });

    test('who never comes to an end is left, while others are served (T28, T29)', async () => {
      const multipart = { 'Content-Type': 'multipart/form-data; boundary=x', 'Content-Length': 5_000_000 };
      const part =
        '--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n';
      const openings = [
        `GET / HTTP/1.1\r\nHost: ${new URL(nginx.url).host}\r\nX-A: `,
        `${requestText('POST', '/photos', nginx.url, multipart)}${part}${'x'.repeat(100_000)}`,
      ];
      const started = performance.now();
      const ends = openings.flatMap((opening) =>
        Array.from({ length: 10 }, () => openUntilLeft(nginx.url, opening)),
      );
      const others = (async () => {
        for (let count = 0; count < 20; count += 1) {
          const from = performance.now();
          assert.equal((await client.ask('/')).status, 200);
          assert.ok(performance.now() - from < 1_000, 'others wait');
          await pause(250);
        }
      })();
      await within('all of them to be left', 60_000, Promise.all([...ends, others]));
      assert.ok(performance.now() - started > 15_000, 'they had some time');
      await assertUnharmed();
    });
  });

  test('while the program restarts nginx says so at once, and what was half sent goes on afterwards', async () => {
    const tus = createTusClient(nginx.url);
    const picture = drawPng({ seed: 5, width: 1200, height: 900, compression: 0 });
    const path = await tus.made({ bytes: picture.length });
    const half = 2 * megabyte;
    assert.equal((await tus.patch(path, 0, picture.subarray(0, half))).status, 204);
    await program.kill('SIGKILL');
    const started = performance.now();
    assert.equal((await client.ask('/')).status, 502);
    assert.equal((await client.upload(drawPng({ seed: 6 }))).status, 502);
    assert.ok(performance.now() - started < 2_000, 'nobody waits');
    const { uploadsDir, url } = program;
    const env = { TRUSTED_PROXY: '127.0.0.1', LOG_LEVEL: 'debug', PORT: new URL(url).port };
    program = await startProgram({ uploadsDir, env });
    assert.equal((await client.photo(photo.id)).title, 'First');
    const offset = Number((await tus.head(path)).headers['upload-offset']);
    const reply = await tus.patch(path, offset, picture.subarray(offset));
    assert.equal(reply.status, 204, reply.text);
    const kept = await client.photo(String(reply.headers['sajin-photo']).split('/').at(-1) ?? '');
    assert.equal(sha256Of(await client.bytes(kept.links.original)), sha256Of(picture));
  });

  test('after all of this the program has not lost its composure', async () => {
    const slips = program.lines.filter((line) => /"code":"internal"|unhandled|uncaught/i.test(line));
    assert.deepEqual(slips, []);
    assert.doesNotMatch(await nginx.errors(), /\[(?:emerg|alert|crit)\]/);
    assert.equal((await client.photo(photo.id)).title, 'First');
  });
});

/** Sends the beginning of a request and then nothing; resolves when the other side has had enough. */
function openUntilLeft(url: string, opening: string): Promise<void> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(opening));
    socket.resume();
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
}
