// Bodies that are no upload: each ends in time, whatever address it is sent to, and one that nobody reads is not taken in without end.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunningGallery } from '../../src/assemble.ts';
import { routeTable } from '../../src/http/route-table.ts';
import { type Client, createClient } from '../support/client.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { drawPng } from '../support/pictures.ts';
import { requestText } from '../support/raw-http.ts';
import { openRunningGallery } from '../support/running-gallery.ts';
import { createTusClient } from '../support/tus-client.ts';
import { until, within } from '../support/until.ts';

const megabyte = 1024 * 1024;
const bodyMs = 500;
const form = 'application/x-www-form-urlencoded';
const tusHeaders = { 'Tus-Resumable': '1.0.0' };

describe('a body that is no upload', { concurrency: 8 }, () => {
  let gallery: RunningGallery;
  let client: Client;
  const cleaners: (() => unknown)[] = [];

  before(async () => {
    gallery = await openRunningGallery({ after: (clean) => cleaners.push(clean) }, {}, { bodyMs });
    client = createClient(gallery.url);
  });
  after(async () => {
    for (const clean of cleaners.toReversed()) await clean();
  });

  /** A connection on which this head was sent; `over` resolves when it is closed, with what was said on it. */
  function open(method: string, path: string, headers: Readonly<Record<string, string | number>>) {
    const socket = connect(gallery.port, '127.0.0.1');
    cleaners.push(() => socket.destroy());
    socket.write(requestText(method, path, gallery.url, headers));
    let said = '';
    let failure: string | undefined;
    socket.setEncoding('latin1').on('data', (text: string) => {
      said += text;
    });
    socket.on('error', (error) => {
      failure = 'code' in error ? String(error.code) : error.message;
    });
    const over = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    return { socket, over, said: () => said, failure: () => failure };
  }

  function trickle(socket: Socket, text: string): void {
    const timer = setInterval(() => socket.writable && socket.write(text), 100);
    socket.once('close', () => clearInterval(timer));
  }

  const addressOf = (path: string) => path.replace(/:\w+/g, 'x');

  test('that trickles is cut in time, at every address (T29)', async () => {
    const asked = routeTable.flatMap(({ method, path }) =>
      [form, 'application/json'].flatMap((type) => [
        {
          name: `${method} ${path} ${type}`,
          method,
          path,
          headers: { 'Content-Type': type, 'Content-Length': 30_000 },
          text: 'a',
        },
        {
          name: `${method} ${path} ${type} in chunks`,
          ...{ method, path, text: '1\r\na\r\n' },
          headers: { 'Content-Type': type, 'Transfer-Encoding': 'chunked' },
        },
      ]),
    );
    await Promise.all(
      asked.map(async ({ name, method, path, headers, text }) => {
        const { socket, over, said } = open(method, addressOf(path), headers);
        trickle(socket, text);
        await within(`${name} to be cut`, 10_000, over);
        assert.match(said(), /^HTTP\/1\.1 \d{3} /, `${name} was not answered`);
        if (path !== '/events') assert.doesNotMatch(said(), /^HTTP\/1\.1 5/, name);
      }),
    );
    assert.equal((await client.ask('/healthz')).status, 200);
  });

  for (const path of ['/sign-in', '/set-up', '/invite', '/s/x', '/u/x', '/pair'])
    test(`that trickles is answered with 408 where somebody waits for it: ${path} (T29)`, async () => {
      const { socket, over, said } = open('POST', path, { 'Content-Type': form, 'Content-Length': 30_000 });
      trickle(socket, 'a');
      await over;
      assert.match(said(), /^HTTP\/1\.1 408 /);
      assert.match(said(), /^connection: close\r$/im);
      assert.match(said(), /^content-type: application\/problem\+json/im);
      assert.match(said(), /"code":"too-slow"/);
    });

  test('that comes whole after its 408 changes nothing any more', async () => {
    const { id } = await client.keep(drawPng({ seed: 1 }), { title: 'Before' });
    const body = 'title=After';
    const { socket, over, said } = open('POST', `/photos/${id}`, {
      'Content-Type': form,
      'Content-Length': body.length,
    });
    socket.write(body.slice(0, -1));
    await until('the refusal', () => said().includes('"too-slow"'));
    socket.write(body.slice(-1));
    await over;
    assert.equal((await client.photo(id)).title, 'Before');
    assert.equal(said().match(/HTTP\/1\.1/g)?.length, 1, 'it is answered once');
  });

  test('leaves uploads as much time as they need, by form and in pieces', async () => {
    const slowly = async (socket: Socket, bytes: Buffer) => {
      const step = Math.ceil(bytes.length / 8);
      for (let at = 0; at < bytes.length; at += step) {
        socket.write(bytes.subarray(at, at + step));
        await pause((2 * bodyMs) / 8);
      }
    };
    const { body, contentType } = formBody([filePart('a.png', drawPng({ seed: 2 }))]);
    const whole = open('POST', '/photos', { 'Content-Type': contentType, 'Content-Length': body.length });
    const picture = drawPng({ seed: 3 });
    const path = await createTusClient(gallery.url).made({ bytes: picture.length, title: 'Pieces' });
    const piece = open('PATCH', path, {
      ...tusHeaders,
      'Upload-Offset': 0,
      'Content-Type': 'application/offset+octet-stream',
      'Content-Length': picture.length,
    });
    await Promise.all([slowly(whole.socket, body), slowly(piece.socket, picture)]);
    await until('both answers', () => whole.said() !== '' && piece.said() !== '');
    assert.match(whole.said(), /^HTTP\/1\.1 201 /);
    assert.match(piece.said(), /^HTTP\/1\.1 204 /);
  });

  const endless: readonly (readonly [
    method: string,
    path: string,
    status: number,
    headers?: Record<string, string>,
  ])[] = [
    ['GET', '/', 200],
    ['GET', '/healthz', 200],
    ['GET', '/static/favicon.svg', 200],
    ['POST', '/sign-out', 204],
    ['OPTIONS', '/uploads', 204],
    ['DELETE', '/uploads/:id', 204, tusHeaders],
    ['POST', '/uploads', 201, { ...tusHeaders, 'Upload-Length': '10' }],
    ['POST', '/sign-in', 413, { 'Content-Type': form }],
    ['POST', '/sign-in/passkey', 413, { 'Content-Type': 'application/json' }],
    ['POST', '/nothing', 404],
  ];
  for (const [method, pattern, status, headers = {}] of endless)
    for (const length of [{ 'Transfer-Encoding': 'chunked' }, { 'Content-Length': 300 * megabyte }])
      test(`without end is not taken in: ${method} ${pattern}, ${Object.keys(length)[0]} (T08)`, async () => {
        const path = pattern.includes(':') ? await createTusClient(gallery.url).made({ bytes: 10 }) : pattern;
        const { socket, over, said } = open(method, path, { ...headers, ...length });
        const piece = Buffer.alloc(65_536);
        const chunk =
          'Content-Length' in length
            ? piece
            : Buffer.concat([Buffer.from('10000\r\n'), piece, Buffer.from('\r\n')]);
        let sent = 0;
        while (!socket.destroyed && sent < 300 * megabyte) {
          await new Promise<void>((resolve) => {
            socket.once('close', resolve);
            socket.write(chunk, () => {
              socket.off('close', resolve);
              resolve();
            });
          });
          sent += piece.length;
        }
        await over;
        assert.match(said(), new RegExp(`^HTTP/1.1 ${status} `));
        // What the two ends of a connection hold beside is the system's.
        assert.ok(sent < 20 * megabyte, `${sent} bytes were taken`);
      });

  test('that is small leaves the connection as it is, also when it comes after the answer', async () => {
    const { socket, said } = open('GET', '/healthz', { 'Content-Length': 100_000 });
    socket.write(Buffer.alloc(10_000));
    await until('the answer', () => said().includes('HTTP/1.1 200'));
    for (let sent = 10_000; sent < 100_000; sent += 10_000) {
      socket.write(Buffer.alloc(10_000));
      await pause(5);
    }
    socket.write(requestText('GET', '/readyz', gallery.url));
    await until('the next answer', () => said().match(/HTTP\/1\.1 200/g)?.length === 2);
    socket.destroy();
  });

  test('that came whole and is not read keeps nobody waiting who asks on the same connection', async () => {
    const { socket, said } = open('GET', '/healthz', {});
    // In one piece with its head: more than a stream holds, and there at once.
    socket.write(
      requestText('GET', '/healthz', gallery.url, { 'Content-Length': 50_000 }) + 'a'.repeat(50_000),
    );
    await until('both answers', () => said().match(/HTTP\/1\.1 200/g)?.length === 2);
    socket.write(requestText('GET', '/readyz', gallery.url));
    await until('the next answer', () => said().match(/HTTP\/1\.1 200/g)?.length === 3, {
      deadlineMs: 2_000,
    });
    socket.destroy();
  });

  for (const [what, path, more] of [
    ['a refusal', '/nothing', {}],
    ['a success', '/sign-out', {}],
    ['a success after which the connection ends', '/sign-out', { Connection: 'close' }],
  ] as const)
    test(`that is small is sent to its end before ${what} is read, and no reset overtakes that`, async () => {
      const { socket, over, said, failure } = open('POST', path, { ...more, 'Content-Length': 300_000 });
      socket.pause();
      for (let sent = 0; sent < 300_000; sent += 30_000) {
        await new Promise((resolve) => socket.write(Buffer.alloc(30_000), resolve));
        await pause(20);
      }
      socket.resume();
      await until('the answer', () => said() !== '' || failure() !== undefined);
      assert.equal(failure(), undefined);
      assert.match(said(), /^HTTP\/1\.1 (?:204|404) /);
      socket.destroy();
      await over;
    });
});
