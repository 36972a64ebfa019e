// The listening server: whom it has patience with.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import express from 'express';
import { listen } from '../../src/http/server.ts';
import { requestText } from '../support/raw-http.ts';
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
