// The listening server: whom it has patience with.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import express from 'express';
import { listen } from '../../src/http/server.ts';
import { requestText, sendRaw } from '../support/raw-http.ts';
import { until } from '../support/until.ts';

test('a reader that stops in the middle is left, and what was open for it is closed (T30)', async (t) => {
  let isClosed = false;
  const app = express();
  app.get('/', (_request, response) => {
    const endless = new Readable({ read: () => endless.push(Buffer.alloc(65_536)) });
    response.on('close', () => {
      isClosed = true;
    });
    endless.pipe(response);
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0, patienceMs: 500 });
  t.after(() => server.close(0));
  const reader = connect(server.port, '127.0.0.1', () => reader.write(requestText('GET', '/', server.url)));
  reader.on('error', () => undefined);
  t.after(() => reader.destroy());
  await new Promise((resolve) => reader.once('readable', resolve));
  assert.equal(isClosed, false, 'it is served at first');
  await until('the reader to be left', () => isClosed, { deadlineMs: 15_000 });
});

test('more than a hundred headers are refused, and never read in part (T23)', async (t) => {
  const app = express();
  let asked = 0;
  app.post('/', (request, response) => {
    asked += 1;
    response.json(request.rawHeaders.length / 2);
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  t.after(() => server.close(0));
  const send = (count: number, more: Record<string, string> = {}) => {
    const filling = Array.from({ length: count - 4 - Object.keys(more).length }, (_, at) => [`x${at}`, '1']);
    const headers = { 'Content-Length': '0', ...Object.fromEntries(filling), ...more };
    return sendRaw({ url: server.url, chunks: [requestText('POST', '/', server.url, headers)] });
  };
  const fine = await send(100);
  assert.deepEqual([fine.status, fine.body], [200, '100']);
  for (const [count, more] of [
    [101, {}],
    [500, {}],
    [2300, {}],
    [101, { Expect: '100-continue' }],
  ] as const) {
    const { status, head } = await send(count, more);
    assert.equal(status, 431, `${count}: ${head}`);
    assert.match(head, /^connection: close/im);
  }
  assert.equal(asked, 1);
});
