// What asks once more who somebody is: after a quarter of an hour, by password or passkey, and then does what was wanted.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { parse as parsePage } from 'node-html-parser';
import { confirmedForMs } from '../../src/gallery/accounts.ts';
import { routeTable } from '../../src/http/route-table.ts';
import { type BrowserLike, goodPassword, openBrowser, openMembers } from '../support/members.ts';
import { makeSoftPasskey } from '../support/soft-passkey.ts';

const wrong = 'nine herons under the bridge';
const problemOf = ({ text }: { text: string }) => JSON.parse(text) as Record<string, unknown>;
const codeOf = (answer: { text: string }) => problemOf(answer)['code'];

/** The owner, who signed in a while ago. */
async function open(t: TestContext, options: Parameters<typeof openMembers>[1] = {}) {
  const clock = { time: Date.UTC(2026, 10, 20) };
  const members = await openMembers(t, { now: () => clock.time, ...options });
  const miri = await members.owner();
  const later = (ms = confirmedForMs) => {
    clock.time += ms;
  };
  const actions = async () =>
    (problemOf(await miri.ask('/audit'))['entries'] as { action: string }[]).map(({ action }) => action);
  return { ...members, miri, later, actions };
}

describe('a session that was confirmed a while ago', () => {
  test('does what it may until a quarter of an hour has passed, and then a program is told what to do', async (t) => {
    const { miri, later } = await open(t);
    const invite = () => miri.ask('/people/invitations', { form: { role: 'viewer' } });
    later(confirmedForMs - 1);
    assert.equal((await invite()).status, 201);
    later(1);
    const refused = await invite();
    assert.equal(refused.status, 403);
    assert.match(refused.headers.get('content-type') ?? '', /^application\/problem\+json/);
    const { type, code, confirm } = problemOf(refused);
    assert.deepEqual(
      [type, code, confirm],
      ['tag:sajin,2026:not-confirmed', 'not-confirmed', '/account/confirm'],
    );
    assert.equal(codeOf(await miri.ask('/account/confirm', { form: { present: wrong } })), 'wrong-password');
    assert.equal((await invite()).status, 403);
    const confirmed = await miri.ask('/account/confirm', { json: { present: goodPassword } });
    assert.equal(
      problemOf(confirmed)['confirmedUntil'],
      new Date(Date.UTC(2026, 10, 20) + 2 * confirmedForMs).toISOString(),
    );
    assert.equal((await invite()).status, 201);
  });

  test('is asked on a page without losing what was wanted, and goes on from there', async (t) => {
    const { miri, invited, later, actions } = await open(t);
    const juno = await invited(miri, 'member', 'Juno');
    const { id } = (problemOf(await juno.ask('/account')) as { user: { id: string } }).user;
    later();
    const path = `/people/${id}/role`;
    const asked = await miri.page(path, { form: { role: 'viewer', note: '"><b>' } });
    assert.equal(asked.status, 403);
    assert.equal(asked.headers.get('cache-control'), 'no-store');
    const form = parsePage(asked.text).querySelector('#door') ?? assert.fail(asked.text);
    assert.equal(form.getAttribute('action'), path);
    const hidden = form
      .querySelectorAll('input[type=hidden]')
      .map((field) => [field.getAttribute('name'), field.getAttribute('value')]);
    assert.deepEqual(hidden, [
      ['role', 'viewer'],
      ['note', '"><b>'],
    ]);
    assert.equal(parsePage(asked.text).querySelector('.door-card > a')?.getAttribute('href'), '/people');
    assert.equal(parsePage(asked.text).querySelector('[role=alert]'), null, 'nothing was wrong yet');

    const tried = await miri.page(path, { form: { role: 'viewer', present: wrong } });
    assert.equal(tried.status, 403);
    assert.ok(parsePage(tried.text).querySelector('#door [name=role][value=viewer]'));
    assert.ok(parsePage(tried.text).querySelector('[role=alert]'));
    assert.ok(!tried.text.includes(wrong));
    const done = await miri.page(path, { form: { role: 'viewer', present: goodPassword } });
    assert.deepEqual([done.status, done.headers.get('location')], [303, '/people']);
    const { users } = problemOf(await miri.ask('/people')) as { users: { name: string; role: string }[] };
    assert.equal(users.find(({ name }) => name === 'Juno')?.role, 'viewer');
    assert.deepEqual((await actions()).slice(0, 3), ['made-viewer', 'confirmed', 'confirmation-failed']);
  });

  test('may be asked for by a form that has no fields, and with the password at once', async (t) => {
    const { miri, later } = await open(t);
    later();
    const asked = await miri.page('/trash/empty', { method: 'POST' });
    assert.equal(asked.status, 403);
    assert.equal(parsePage(asked.text).querySelector('.door-card > a')?.getAttribute('href'), '/trash');
    const done = await miri.ask('/trash/empty', { form: { present: goodPassword } });
    assert.deepEqual([done.status, done.text], [200, '{"removed":0}']);
  });

  test('has ten tries, counted together with those of the door', async (t) => {
    const { miri, browser, later, actions } = await open(t);
    later();
    for (let tries = 0; tries < 5; tries += 1) {
      assert.equal((await browser().signIn('Miri', wrong)).status, 401);
      later(20_000);
      assert.equal((await miri.ask('/trash/empty', { form: { present: wrong } })).status, 403);
      later(20_000);
    }
    const refused = await miri.ask('/trash/empty', { form: { present: goodPassword } });
    assert.deepEqual([refused.status, codeOf(refused)], [429, 'too-many-tries']);
    const page = await miri.page('/trash/empty', { form: { present: goodPassword } });
    assert.deepEqual([page.status, Number(page.headers.get('retry-after')) > 0], [429, true]);
    assert.match(page.text, /action="\/trash\/empty"/);
    assert.equal((await actions()).filter((action) => action === 'confirmation-failed').length, 5);
  });

  test('is another thing than being signed in: a code lets a phone in, and confirms nothing', async (t) => {
    const { miri, browser } = await open(t);
    const { link } = problemOf(await miri.ask('/account/pair', { method: 'POST' })) as { link: string };
    const phone = browser();
    await phone.ask('/pair', { form: { token: new URL(link).searchParams.get('token') ?? '' } });
    assert.equal((await phone.ask('/people')).status, 200);
    const invite = (of: BrowserLike) => of.ask('/people/invitations', { form: { role: 'owner' } });
    assert.equal(codeOf(await invite(phone)), 'not-confirmed');
    assert.equal((await invite(miri)).status, 201);
    await phone.ask('/account/confirm', { form: { present: goodPassword } });
    assert.equal((await invite(phone)).status, 201);
  });

  test('is confirmed again by signing in, and by another password, which takes the present one at any time', async (t) => {
    const { miri, later } = await open(t);
    const change = (present: string) =>
      miri.ask('/account/password', { form: { present, password: 'six storks on a tall roof' } });
    assert.equal(codeOf(await change('')), 'wrong-password');
    assert.equal(codeOf(await change(wrong)), 'wrong-password');
    later();
    assert.equal((await change(goodPassword)).status, 200);
    assert.equal((await miri.ask('/trash/empty', { method: 'POST' })).status, 200);
    later();
    assert.equal((await miri.ask('/trash/empty', { method: 'POST' })).status, 403);
    await miri.signIn('Miri', 'six storks on a tall roof');
    assert.equal((await miri.ask('/trash/empty', { method: 'POST' })).status, 200);
  });

  test('may still end other sessions, and everything else', async (t) => {
    const { miri, later } = await open(t);
    later();
    assert.equal((await miri.ask('/account/sessions/end', { method: 'POST' })).status, 200);
    assert.equal((await miri.page('/people')).status, 200);
    assert.equal((await miri.ask('/account/pair', { method: 'POST' })).status, 201);
  });

  test('leads nowhere but into this gallery afterwards (T38)', async (t) => {
    const { miri } = await open(t);
    const page = parsePage((await miri.page('/account/confirm?next=//evil.example')).text);
    assert.equal(page.querySelector('#door [name=next]')?.getAttribute('value'), '/');
    assert.equal(page.querySelector('.door-card > a')?.getAttribute('href'), '/');
    for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)']) {
      const { status, headers } = await miri.page('/account/confirm', {
        form: { present: goodPassword, next },
      });
      assert.deepEqual([status, headers.get('location')], [303, '/'], next);
    }
  });
});

describe('a passkey', () => {
  test('confirms the session that asked, and no other one', async (t) => {
    const { miri: signedIn, url: byNumber, invited, later, actions } = await open(t);
    // A key belongs to a name.
    const url = byNumber.replace('127.0.0.1', 'localhost');
    const at = (one: BrowserLike) => Object.assign(openBrowser(url), { cookie: one.cookie });
    const miri = at(signedIn);
    const juno = at(await invited(signedIn, 'member', 'Juno'));
    const [hers, theirs] = [0, 1].map(() => makeSoftPasskey({ domain: 'localhost', origin: url }));
    assert.ok(hers && theirs);
    const options = async (of: BrowserLike, path: string) => {
      const answer = await of.ask(`${path}/options`, { json: {} });
      return JSON.parse(answer.text) as { challenge: string; allowCredentials?: { id: string }[] };
    };
    for (const [of, device] of [[miri, hers] as const, [juno, theirs] as const]) {
      const answer = device.register(await options(of, '/account/passkeys'));
      assert.equal((await of.ask('/account/passkeys', { json: { name: 'Phone', answer } })).status, 201);
    }
    later();
    assert.equal(codeOf(await miri.ask('/account/passkeys/options', { json: {} })), 'not-confirmed');
    assert.equal(
      codeOf(await miri.ask('/account/passkeys/remove', { form: { id: hers.credentialId } })),
      'not-confirmed',
    );
    const confirm = (answer: unknown, of = miri) => of.ask('/account/confirm/passkey', { json: { answer } });
    const offered = await options(miri, '/account/confirm/passkey');
    assert.deepEqual(
      offered.allowCredentials?.map(({ id }) => id),
      [hers.credentialId],
    );
    assert.equal(codeOf(await confirm(theirs.use(offered))), 'bad-passkey', 'another’s');
    const forJuno = await options(juno, '/account/confirm/passkey');
    assert.equal(codeOf(await confirm(hers.use(forJuno))), 'bad-passkey', 'another session’s challenge');
    const ofDoor = await options(miri, '/sign-in/passkey');
    assert.equal(codeOf(await confirm(hers.use(ofDoor))), 'bad-passkey', 'the door’s challenge');
    const right = hers.use(await options(miri, '/account/confirm/passkey'));
    assert.equal((await confirm(right)).status, 204);
    assert.equal(codeOf(await confirm(right)), 'bad-passkey', 'the same again');
    assert.equal(
      (await miri.ask('/account/passkeys/remove', { form: { id: hers.credentialId } })).status,
      204,
    );
    assert.deepEqual((await actions()).slice(0, 3), [
      'passkey-removed',
      'confirmed-by-passkey',
      'confirmation-failed',
    ]);
  });

  test('is called something else by whose it is', async (t) => {
    const { miri: signedIn, url: byNumber, later } = await open(t);
    const url = byNumber.replace('127.0.0.1', 'localhost');
    const miri = Object.assign(openBrowser(url), { cookie: signedIn.cookie });
    const device = makeSoftPasskey({ domain: 'localhost', origin: url });
    const options = JSON.parse((await miri.ask('/account/passkeys/options', { json: {} })).text) as {
      challenge: string;
    };
    await miri.ask('/account/passkeys', { json: { name: 'Phone', answer: device.register(options) } });
    later();
    const rename = (name: string, id = device.credentialId) =>
      miri.page('/account/passkeys/rename', { form: { id, name } });
    assert.equal((await rename('Old <phone>')).headers.get('location'), '/account#passkeys');
    assert.match((await miri.page('/account')).text, /<b>Old &lt;phone&gt;<\/b>/);
    assert.deepEqual([(await rename(' ')).status, (await rename('x', 'nobody’s')).status], [400, 404]);
    assert.match((await miri.page('/audit')).text, /Miri renamed a passkey: Old &lt;phone&gt;/);
  });
});

test('only this machine is never asked', async (t) => {
  const { browser } = await openMembers(t, { access: 'local' });
  assert.equal((await browser().ask('/trash/empty', { method: 'POST' })).status, 200);
  assert.equal((await browser().ask('/people/invitations', { form: { role: 'viewer' } })).status, 201);
});

test('what asks is what it was decided for', () => {
  assert.deepEqual(
    routeTable.filter(({ confirmed }) => confirmed).map(({ method, path }) => `${method} ${path}`),
    [
      'POST /trash/empty',
      'POST /account/passkeys/options',
      'POST /account/passkeys',
      'POST /account/passkeys/remove',
      'POST /people/invitations',
      'POST /people/invitations/:id/end',
      'POST /people/left',
      'POST /people/:id/role',
      'POST /people/:id/disable',
      'POST /people/:id/enable',
      'POST /people/:id/remove',
    ],
  );
});
