// The session's cookie: what a browser may do with it, on https and without.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Response } from 'express';
import { clearSessionCookies, setSessionCookie } from '../../src/http/session-cookie.ts';
import { openMembers } from '../support/members.ts';

function written(write: (response: Response) => void): string[] {
  const lines: string[] = [];
  write({ append: (_name: string, line: string) => lines.push(line) } as unknown as Response);
  return lines;
}
const session = { token: 'x'.repeat(43), expiresAt: new Date(Date.UTC(2027, 0, 1)) };

test('on https it is for this very host, over https, and for no script', () => {
  const [line = ''] = written((response) => setSessionCookie(response, { ...session, isSecure: true }));
  assert.match(line, /^__Host-sid=x{43}; /);
  for (const part of [
    'Path=/',
    'HttpOnly',
    'Secure',
    'SameSite=Lax',
    'Expires=Fri, 01 Jan 2027 00:00:00 GMT',
  ])
    assert.ok(line.split('; ').includes(part), `${part} in ${line}`);
  assert.doesNotMatch(line, /Domain/i);
});

test('on plain http, where browsers would throw that away, it has another name', () => {
  const [line = ''] = written((response) => setSessionCookie(response, { ...session, isSecure: false }));
  assert.match(line, /^sid=x{43}; /);
  assert.doesNotMatch(line, /Secure/);
});

test('signing out ends both', () => {
  const lines = written(clearSessionCookies);
  assert.equal(lines.length, 2);
  for (const line of lines) assert.match(line, /^(__Host-)?sid=; .*Expires=Thu, 01 Jan 1970/);
});

test('where the visitor came by https, only the cookie counts that nobody but https can set', async (t) => {
  const members = await openMembers(t, { trustedProxies: ['127.0.0.1'] });
  const owner = await members.owner();
  const token = owner.cookie?.split('=')[1] ?? '';
  const statusWith = async (name: string, headers: Record<string, string>) => {
    const browser = members.browser();
    return (await browser.ask('/account', { headers: { ...headers, Cookie: `${name}=${token}` } })).status;
  };
  const secure = { 'X-Forwarded-For': '192.0.2.1', 'X-Forwarded-Proto': 'https' };
  assert.equal(await statusWith('__Host-sid', secure), 200);
  assert.equal(await statusWith('sid', secure), 401);
  assert.equal(await statusWith('sid', {}), 200);
});
