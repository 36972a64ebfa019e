// Every route asked by everybody: whoever may gets the answer of its line, everybody else is refused before anything happens, and what is
// somebody else's alone is as absent as what never was.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { UserId } from '../../src/gallery/user.ts';
import { machine } from '../../src/gallery/viewer.ts';
import type { Access, AccessMode } from '../../src/http/access.ts';
import { type Route, routeTable } from '../../src/http/route-table.ts';
import { hashToken, newToken } from '../../src/security/tokens.ts';
import { accessLines, type Line, type Need, waysBack } from '../support/access-lines.ts';
import { type Address, createSubjects, missing, type Variant } from '../support/access-subjects.ts';
import { auditLines } from '../support/audit-lines.ts';
import { openThreeGalleries } from '../support/three-galleries.ts';

/** Everything that is spoken of is mina's. */
const roles = ['machine', 'head', 'mina', 'juno', 'vera', 'visitor', 'stranger'] as const;
type Role = (typeof roles)[number];
const doorOf: Readonly<Record<Role, AccessMode>> = {
  ...{ machine: 'local', head: 'members', mina: 'members', juno: 'members', vera: 'members' },
  ...{ visitor: 'public', stranger: 'members' },
} as const;

const allowed: Readonly<Record<Access, readonly Role[]>> = {
  anyone: roles,
  look: ['machine', 'head', 'mina', 'juno', 'vera', 'visitor'],
  add: ['machine', 'head', 'mina', 'juno'],
  operate: ['machine', 'head'],
  self: ['head', 'mina', 'juno', 'vera'],
};

/** Who may, and who hears that there is such a thing but not for them. To everybody else there is none. */
const grants: Readonly<Record<Need, Record<Variant, { may: readonly Role[]; refused?: readonly Role[] }>>> = {
  see: { shared: { may: allowed.look }, private: { may: ['machine', 'mina'] } },
  // What somebody else may take away is kept for nobody but them.
  keep: { shared: { may: ['machine', 'mina'] }, private: { may: ['machine', 'mina'] } },
  change: {
    shared: { may: ['machine', 'head', 'mina'], refused: ['juno'] },
    private: { may: ['machine', 'mina'] },
  },
  share: {
    shared: { may: ['machine', 'head', 'mina'], refused: ['juno'] },
    private: { may: ['mina'], refused: ['machine'] },
  },
  hide: {
    shared: { may: ['mina'], refused: ['machine', 'head', 'juno'] },
    private: { may: ['mina'], refused: ['machine'] },
  },
  own: { shared: { may: ['mina'] }, private: { may: ['mina'] } },
};
/** Of these nobody but who may change them knows. */
const unseen = new Set(['trashed', 'waiting', 'rerun', 'link']);
const withVariants = new Set(['photo', 'trashed', 'rerun']);

describe('who may do what', () => {
  const cleaners: (() => unknown)[] = [];
  let site: Awaited<ReturnType<typeof openThreeGalleries>>;
  let subjects: ReturnType<typeof createSubjects>;
  const users = new Map<Role, UserId>();
  const cookies = new Map<Role, string>();

  before(async () => {
    site = await openThreeGalleries({ after: (clean) => cleaners.push(clean) });
    const people = { head: 'owner', mina: 'member', juno: 'member', vera: 'viewer' } as const;
    for (const [name, role] of Object.entries(people))
      users.set(name as Role, (await site.accounts.createUser({ name, role })).id);
    const id = users.get('mina') ?? assert.fail('there is no mina');
    subjects = createSubjects(site, { kind: 'user', id, role: 'member' }, async () => {
      const answer = await ask('mina', 'POST', '/uploads', {
        headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': '10' },
      });
      return answer.headers.location?.split('/').at(-1) ?? '';
    });
  });
  after(async () => {
    for (const clean of cleaners.toReversed()) await clean();
  });

  async function cookieOf(role: Role): Promise<string | undefined> {
    const user = users.get(role);
    if (user === undefined || cookies.has(role)) return cookies.get(role);
    const token = newToken();
    const session = { user, tokenHash: hashToken(token), isConfirmed: true, agent: 'test' };
    await site.accounts.createSession(session);
    cookies.set(role, `sid=${token}`);
    return cookies.get(role);
  }

  interface Sent {
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  }
  async function ask(role: Role, method: string, path: string, { headers, body }: Sent = {}) {
    const url = site.urls[doorOf[role]];
    const cookie = await cookieOf(role);
    const signedIn = cookie === undefined ? {} : { Cookie: cookie };
    const usual = { Accept: 'application/json', Origin: url, 'X-Requested-With': 'test', ...signedIn };
    const response = await fetch(new URL(path, url), {
      ...{ method, redirect: 'manual', headers: { ...usual, ...headers } },
      ...(body === undefined ? {} : { body }),
    });
    const isEndless = response.headers.get('content-type')?.startsWith('text/event-stream');
    if (isEndless) await response.body?.cancel();
    const { date, 'x-request-id': _id, ...told } = Object.fromEntries<string | undefined>(response.headers);
    return { status: response.status, headers: told, text: isEndless ? '' : await response.text() };
  }

  const addressOf = (path: string, address: Address) =>
    path.replace(/:(\w+)/g, (_whole, name: string) => address[name] ?? assert.fail(`no ${name} for ${path}`));
  function sent({ form, json, raw, headers = {} }: Line, { id = '' }: Address): Sent {
    const of = (type: string, body: string) => ({ headers: { ...headers, 'Content-Type': type }, body });
    if (form) return of('application/x-www-form-urlencoded', new URLSearchParams(form).toString());
    if (raw) return of(raw.type, raw.body);
    if (json) return of('application/json', JSON.stringify(typeof json === 'function' ? json(id) : json));
    return { headers };
  }
  const page = ({ headers, ...rest }: Sent): Sent => ({
    ...rest,
    headers: { ...headers, Accept: 'text/html' },
  });

  /** Refused by the route itself, whatever its address speaks of. */
  async function expectRefused(role: Role, { method, path }: Route, asked: Sent) {
    const status = role === 'stranger' || role === 'visitor' ? 401 : 403;
    const earlier = site.revision();
    const answer = await ask(role, method, path, asked);
    assert.equal(answer.status, status, `${role}: ${answer.text}`);
    const shown = await ask(role, method, path, page(asked));
    if (method === 'GET' && status === 401) {
      const next = path === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(path)}`;
      assert.deepEqual([shown.status, shown.headers.location], [303, next], role);
    } else assert.equal(shown.status, status, role);
    if (method === 'GET')
      assert.equal((await ask(role, 'HEAD', path, asked)).status, status, `${role}: HEAD`);
    assert.equal(site.revision(), earlier, `${role} was refused, and something happened`);
  }

  /** Whoever may, but has not shown for a while who they are: told so before anything is looked for or done. */
  async function expectAsked(role: Role, route: Route, line: Line, address: Address) {
    const user = users.get(role);
    if (user === undefined) return;
    const token = newToken();
    const { id } = await site.accounts.createSession({ user, tokenHash: hashToken(token), agent: 'test' });
    const known = cookies.get(role);
    cookies.set(role, `sid=${token}`);
    const earlier = site.revision();
    const path = addressOf(route.path, address);
    const asked = sent(line, address);
    const answer = await ask(role, route.method, path, asked);
    assert.equal(answer.status, 403, `${role}: ${answer.text}`);
    assert.match(answer.text, /"not-confirmed"/);
    const shown = await ask(role, route.method, path, page(asked));
    assert.equal(shown.status, 403);
    assert.match(shown.text, new RegExp(`<form id="door" action="${path}"`));
    assert.equal(site.revision(), earlier, `${role} was asked first, and something happened`);
    if (known !== undefined) cookies.set(role, known);
    await site.accounts.endSession(user, id);
  }

  /** What is hidden from somebody is told as what never was: status, headers and words. */
  async function expectAbsent(role: Role, route: Route, line: Line, address: Address) {
    const nothing = missing[line.of ?? assert.fail()];
    const earlier = site.revision();
    for (const as of [(one: Sent) => one, page]) {
      const [hidden, never] = [address, nothing].map((one) => ({
        path: addressOf(route.path, one),
        asked: as(sent(line, one)),
      }));
      if (hidden === undefined || never === undefined) assert.fail();
      const one = await ask(role, route.method, hidden.path, hidden.asked);
      const other = await ask(role, route.method, never.path, never.asked);
      // A page names its own address: to switch the language, and to come back from the door.
      const plain = (text: string, path: string) =>
        text.replaceAll(path, 'PATH').replaceAll(encodeURIComponent(path), 'PATH');
      assert.equal(one.status, line.silent ? 204 : 404, `${role}: ${one.text}`);
      assert.equal(one.status, other.status);
      assert.ok(plain(one.text, hidden.path) === plain(other.text, never.path), `${role} is told apart`);
      if (as !== page) assert.deepEqual(one.headers, other.headers, role);
      else assert.deepEqual(Object.keys(one.headers), Object.keys(other.headers), role);
    }
    assert.equal(site.revision(), earlier, `to ${role} it is absent, and something happened`);
  }

  const noted = async () => (await site.accounts.listAudit(machine, { limit: 20 })).entries;
  const lastNoted = async () => (await noted())[0]?.id ?? 0;

  async function expectAllowed(role: Role, route: Route, line: Line, address: Address) {
    const path = addressOf(route.path, address);
    const last = await lastNoted();
    const answer = await ask(role, route.method, path, sent(line, address));
    const statuses = [line.ok].flat();
    assert.ok(statuses.includes(answer.status), `${role}: ${answer.status} ${answer.text.slice(0, 300)}`);
    const lines = auditLines[`${route.method} ${route.path}`] ?? [];
    for (const { id, action } of await noted())
      assert.ok(id <= last || lines.includes(action), `${role}: ${action} is written down`);
    if (route.path === '/sign-out') cookies.delete(role);
  }

  async function expectOf(role: Role, route: Route, line: Line, variant: Variant) {
    const { of, needs } = line;
    if (of === undefined) return expectAllowed(role, route, line, {});
    const address = await subjects.get(of, variant);
    const grant = needs === undefined ? { may: roles } : grants[needs][variant];
    if (grant.may.includes(role)) {
      await expectAllowed(role, route, line, address);
      if (!['GET', 'HEAD'].includes(route.method)) subjects.used(of, variant);
      return;
    }
    if (!unseen.has(of) && grant.refused?.includes(role)) {
      const earlier = site.revision();
      const answer = await ask(role, route.method, addressOf(route.path, address), sent(line, address));
      assert.equal(answer.status, 403, `${role}: ${answer.text}`);
      assert.equal(site.revision(), earlier, `${role} was refused, and something happened`);
      return;
    }
    await expectAbsent(role, route, line, address);
  }

  for (const route of routeTable) {
    const name = `${route.method} ${route.path}`;
    const line = accessLines[name];
    test(`${name} is for ${line?.for ?? 'nobody knows whom'}, and for nobody else (T36)`, async () => {
      if (line === undefined) assert.fail(`say in test/support/access-lines.ts what is expected of ${name}`);
      assert.equal(route.access, line.for);
      assert.equal(route.confirmed, line.confirmed);
      for (const role of roles) {
        // Before anything is looked at: it may have to be made.
        await cookieOf(role);
        if (!allowed[route.access].includes(role)) {
          const address = line.of === undefined ? {} : await subjects.get(line.of, 'shared');
          const path = addressOf(route.path, address);
          await expectRefused(role, { ...route, path }, sent(line, address));
          continue;
        }
        if (line.confirmed) {
          const address = line.of === undefined ? {} : await subjects.get(line.of, 'shared');
          await expectAsked(role, route, line, address);
        }
        for (const variant of withVariants.has(line.of ?? '')
          ? (['shared', 'private'] as const)
          : (['shared'] as const))
          await expectOf(role, route, line, variant);
        if (line.of !== undefined && !line.silent) await expectAbsent(role, route, line, missing[line.of]);
      }
    });
  }

  for (const [form, paths] of Object.entries(waysBack)) {
    for (const path of paths) {
      test(`GET ${path} leads a browser to ${form}, and tells nobody anything (T36)`, async () => {
        const { of } = accessLines[`POST ${path}`] ?? assert.fail('there is no such route');
        // One that nobody has emptied the trash of meanwhile.
        if (of === 'trashed') subjects.used(of, 'shared');
        const addresses = of === undefined ? [{}] : [await subjects.get(of, 'shared'), missing[of]];
        for (const address of addresses) {
          for (const role of roles) {
            const at = addressOf(path, address);
            const shown = await ask(role, 'GET', at, page({}));
            assert.deepEqual([shown.status, shown.headers.location], [303, addressOf(form, address)], role);
            assert.equal((await ask(role, 'GET', at)).status, 405, `${role}: a program is told`);
          }
        }
        const there = await ask('head', 'GET', addressOf(form, addresses[0] ?? {}), page({}));
        const expected = [accessLines[`GET ${form}`]?.ok].flat();
        assert.ok(expected.includes(there.status), `and there it is: ${there.status}`);
      });
    }
  }

  test('every address that takes POST only leads a browser somewhere', () => {
    const pathsOf = (isOne: (method: string) => boolean) =>
      new Set(routeTable.filter(({ method }) => isOne(method)).map(({ path }) => path));
    const others = pathsOf((method) => method !== 'POST');
    assert.deepEqual(
      Object.values(waysBack).flat().sort(),
      [...pathsOf((method) => method === 'POST')].filter((path) => !others.has(path)).sort(),
    );
  });

  test('there is no line for a route that is gone', () => {
    const names = new Set(routeTable.map(({ method, path }) => `${method} ${path}`));
    assert.deepEqual(
      Object.keys(accessLines).filter((name) => !names.has(name)),
      [],
    );
  });
});
