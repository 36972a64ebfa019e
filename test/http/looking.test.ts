// Whoever only looks changes nothing: every address that pages lead to is asked for, and nothing is committed or written down.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'node-html-parser';
import type { Role } from '../../src/gallery/user.ts';
import { routeTable } from '../../src/http/route-table.ts';
import { hashToken, newToken } from '../../src/security/tokens.ts';
import type { Subject } from '../support/access-lines.ts';
import { createSubjects } from '../support/access-subjects.ts';
import { openThreeGalleries } from '../support/three-galleries.ts';

const things: readonly Subject[] = [
  'photo',
  'trashed',
  'waiting',
  'rerun',
  'link',
  'session',
  'user',
  'invitation',
];

test('following every link of every page, as an owner and as a member, changes nothing (T35)', async (t) => {
  const site = await openThreeGalleries(t);
  const signIn = async (name: string, role: Role) => {
    const user = await site.accounts.createUser({ name, role });
    const token = newToken();
    await site.accounts.createSession({ user: user.id, tokenHash: hashToken(token), agent: 'test' });
    return { id: user.id, cookie: `sid=${token}` };
  };
  const [head, mina] = [await signIn('head', 'owner'), await signIn('mina', 'member')];
  const subjects = createSubjects(site, { kind: 'user', id: mina.id, role: 'member' }, async () => '');
  for (const thing of things)
    for (const variant of ['shared', 'private'] as const) await subjects.get(thing, variant);

  const earlier = site.revision();
  for (const { cookie } of [head, mina]) {
    const pages = routeTable.filter(({ method, path }) => method === 'GET' && !path.includes(':'));
    const queue = pages.map(({ path }) => path).filter((path) => path !== '/events');
    const known = new Set(queue);
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      const url = new URL(path, site.urls.members);
      const headers = { Accept: 'text/html', Cookie: cookie, 'X-Requested-With': 'test' };
      const response = await fetch(url, { headers, redirect: 'manual' });
      const text = await response.text();
      assert.ok(response.status < 500, `${path}: ${response.status}`);
      const found = parse(text)
        .querySelectorAll('a[href], img[src]')
        .map((one) => one.getAttribute('href') ?? one.getAttribute('src') ?? '');
      for (const address of [...found, response.headers.get('location') ?? '']) {
        const next = URL.canParse(address, url.href) ? new URL(address, url) : url;
        const way = `${next.pathname}${next.search}`;
        if (next.origin !== url.origin || next.pathname.startsWith('/static/') || known.has(way)) continue;
        known.add(way);
        queue.push(way);
      }
      assert.equal(site.revision(), earlier, `GET ${path} changed something`);
    }
    assert.ok(known.size > 50, `only ${known.size} addresses`);
  }
});
