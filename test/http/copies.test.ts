// How copies of originals are sent: what is read for which question, and what goes on when the visitor has gone.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import express from 'express';
import { openCopies } from '../../src/gallery/bare/copies.ts';
import type { Photo } from '../../src/gallery/photo.ts';
import type { HttpParts } from '../../src/http/parts.ts';
import { sendCopy } from '../../src/http/routes/copies.ts';
import { fixtureOf, photoOf, shelfOf } from '../support/bare-copies.ts';
import { collectingLog } from '../support/collecting-log.ts';
import type { Cleaner } from '../support/folder.ts';
import { until } from '../support/until.ts';

const large = Buffer.concat([
  fixtureOf('kite.jpg').subarray(0, -2),
  Buffer.alloc(6_000_000, 7),
  Buffer.from('ffd9', 'hex'),
]);

/** One copy at one address. `hold` keeps the disk from answering until it is let go. */
async function openSite(t: Cleaner, file: Buffer) {
  const shelf = shelfOf(file);
  const photo = { ...photoOf(file, 'image/jpeg'), id: 'photo-1', title: 'Kite', renditions: [] };
  let [isHeld, held]: [boolean, (() => void)[]] = [false, []];
  const read: typeof shelf.read = async (key, range) => {
    if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
    return await shelf.read(key, range);
  };
  const media = { stat: shelf.stat, read };
  const log = collectingLog();
  const parts = { media, copies: openCopies(media), log } as unknown as HttpParts;
  const options = { cacheControl: 'private', isDownload: true };
  const app = express();
  let [left, ended] = [0, 0];
  app.get('/copy', async (asked, answer) => {
    answer.once('close', () => {
      left += 1;
    });
    await sendCopy(parts, asked, answer, photo as unknown as Photo, options);
    ended += 1;
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/copy`,
    shelf,
    log,
    left: () => left,
    ended: () => ended,
    hold: () => (isHeld = true),
    waiting: () => held.length,
    letGo() {
      isHeld = false;
      for (const go of held.splice(0)) go();
    },
  };
}

const ask = async (url: string, init: RequestInit = {}) => {
  const response = await fetch(url, init);
  return {
    status: response.status,
    headers: response.headers,
    bytes: (await response.arrayBuffer()).byteLength,
  };
};

describe('a copy that is asked for', () => {
  test('is read whole for whoever gets it, and not at all for who has it or asks again for its length', async (t) => {
    const { url, shelf } = await openSite(t, large);
    const first = await ask(url, { method: 'HEAD' });
    const walked = shelf.reads;
    assert.ok(walked > 10);
    const got = await ask(url);
    assert.equal(shelf.reads, walked + 1);
    assert.equal(Number(first.headers.get('content-length')), got.bytes);
    const etag = got.headers.get('etag') ?? '';
    assert.equal(first.headers.get('etag'), etag);
    const known = { 'If-None-Match': etag, 'Cache-Control': 'max-age=0' };
    for (const method of ['HEAD', 'GET']) {
      assert.equal((await ask(url, { method })).status, 200);
      assert.equal((await ask(url, { method, headers: known })).status, 304);
    }
    assert.equal(shelf.reads, walked + 2, 'the one that was sent once more');
  });

  test('with its tag is known before anything is read', async (t) => {
    const file = fixtureOf('kite.jpg');
    const { url, shelf } = await openSite(t, file);
    const other = await ask(url, { headers: { 'If-None-Match': '"another"', 'Cache-Control': 'max-age=0' } });
    assert.equal(other.status, 200);
    const { reads } = shelf;
    const known = { 'If-None-Match': other.headers.get('etag') ?? '', 'Cache-Control': 'max-age=0' };
    assert.equal((await ask(url, { headers: known })).headers.get('etag'), other.headers.get('etag'));
    assert.equal(shelf.reads, reads);
  });

  test('by somebody who leaves before it is found is looked for no further', async (t) => {
    const { url, shelf, hold, waiting, letGo, left, ended, log } = await openSite(t, large);
    hold();
    const asked = request(url);
    asked.on('error', () => {}).end();
    await until('the first reading', () => waiting() === 1);
    asked.destroy();
    await until('the end of the connection', () => left() === 1);
    letGo();
    await until('the end of the work', () => ended() === 1);
    assert.equal(shelf.reads, 1);
    assert.deepEqual(log.lines, []);
  });

  test('by somebody who leaves in the middle is closed', async (t) => {
    const { url, shelf, ended, log } = await openSite(t, large);
    const asked = request(url);
    const answer = new Promise<IncomingMessage>((resolve) => asked.on('response', resolve));
    asked.on('error', () => {}).end();
    (await answer).once('data', () => asked.destroy());
    await until('the end of the work', () => ended() === 1);
    assert.equal(shelf.open(), 0);
    assert.deepEqual(log.lines, []);
  });
});
