// Who asks, as far as it can be believed.
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import express from 'express';
import { clientAddress, isFromProxy, isSecure } from '../../src/http/client.ts';
import { openRunningGallery } from '../support/running-gallery.ts';

interface Seen {
  readonly address: string;
  readonly secure: boolean;
  readonly proxy: boolean;
}

/** What a gallery that trusts these makes of a request with these headers. */
function openSeer(trusted: false | string[]) {
  const app = express().set('trust proxy', trusted);
  app.get('/', (request, response) => {
    response.json({
      address: clientAddress(request),
      secure: isSecure(request),
      proxy: isFromProxy(request),
    });
  });
  let url = '';
  const server = { close: () => {} };
  before(
    () =>
      new Promise<void>((resolve) => {
        const listening = app.listen(0, '::ffff:127.0.0.1', () => {
          url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
          resolve();
        });
        server.close = () => listening.close();
      }),
  );
  after(() => server.close());
  return async (headers: Record<string, string>) => (await (await fetch(url, { headers })).json()) as Seen;
}

const forged = {
  'X-Forwarded-For': '203.0.113.9',
  'X-Forwarded-Proto': 'https',
  Forwarded: 'for=203.0.113.9;proto=https',
  'X-Real-IP': '203.0.113.9',
};

describe('without a trusted proxy', () => {
  const see = openSeer(false);
  test('forwarded headers change nothing (T39)', async () =>
    assert.deepEqual(await see(forged), { address: '127.0.0.1', secure: false, proxy: false }));
});

describe('behind a proxy on another machine', () => {
  const see = openSeer(['192.0.2.1', '10.0.0.0/8']);
  test('forwarded headers of anybody else change nothing (T39)', async () =>
    assert.deepEqual(await see(forged), { address: '127.0.0.1', secure: false, proxy: false }));
});

describe('behind a proxy on this machine', () => {
  const see = openSeer(['127.0.0.1', '10.0.0.0/8']);
  const cases: readonly (readonly [what: string, forwardedFor: string, address: string])[] = [
    ['one address', '203.0.113.9', '203.0.113.9'],
    ['an address of the newer kind', '2001:db8::7', '2001:db8::7'],
    ['IPv4 written as IPv6', '::ffff:203.0.113.9', '203.0.113.9'],
    ['what a visitor forged before the proxy appended', '127.0.0.1, 203.0.113.9', '203.0.113.9'],
    ['another trusted proxy in between', '203.0.113.9, 10.1.2.3', '203.0.113.9'],
    ['a name', 'localhost', '127.0.0.1'],
    ['nonsense', '<script>, ;--', '127.0.0.1'],
  ];
  for (const [what, forwardedFor, address] of cases)
    test(`the visitor is the last one that is not trusted: ${what}`, async () => {
      const seen = await see({ 'X-Forwarded-For': forwardedFor });
      assert.deepEqual(seen, { address, secure: false, proxy: true });
    });

  test('TLS is what the proxy says', async () => {
    assert.equal((await see({ 'X-Forwarded-Proto': 'https' })).secure, true);
    assert.equal((await see({ 'X-Forwarded-Proto': 'http' })).secure, false);
    assert.equal((await see({})).secure, false);
  });
});

test('who came by https is told to come by it again, and nobody else', async (t) => {
  const hstsOf = async (url: string, proto?: string) => {
    const headers = { 'X-Forwarded-For': '203.0.113.9', ...(proto ? { 'X-Forwarded-Proto': proto } : {}) };
    for (const path of ['/sign-in', '/static/css/base.css', '/nowhere']) {
      const answer = await fetch(url + path, { headers });
      const said = answer.headers.get('strict-transport-security');
      if (path !== '/nowhere') assert.equal(answer.status, 200);
      assert.equal(said, proto === 'https' && url === behind.url ? 'max-age=31536000' : null, path);
    }
  };
  const behind = await openRunningGallery(t, { access: 'members', trustedProxies: ['127.0.0.1', '::1'] });
  const direct = await openRunningGallery(t, { access: 'members' });
  for (const { url } of [behind, direct])
    for (const proto of ['https', 'http', undefined]) await hstsOf(url, proto);
});
