// Who gets in and who does not: the doors, sessions, roles, and what another site may ask for with somebody's cookie.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { parse as parsePage } from 'node-html-parser';
import { openSqlite } from '../../src/database/sqlite.ts';
import { originalKey } from '../../src/gallery/media.ts';
import type { PhotoId } from '../../src/gallery/photo.ts';
import { machine } from '../../src/gallery/viewer.ts';
import { routeTable } from '../../src/http/route-table.ts';
import { newPhoto } from '../contracts/photo-database.ts';
import { createClient } from '../support/client.ts';
import { makeFolder } from '../support/folder.ts';
import { type BrowserLike, goodPassword, openBrowser, openMembers, setUpToken } from '../support/members.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { drawPng } from '../support/pictures.ts';
import { sendRaw } from '../support/raw-http.ts';

const codeOf = ({ text }: { text: string }) => (JSON.parse(text) as { code: string }).code;
const tokenOf = ({ text }: { text: string }) =>
  new URL((JSON.parse(text) as { link: string }).link).searchParams.get('token') ?? '';
const another = 'nine herons under the bridge';

describe('a gallery for its own machine', () => {
  test('is for nobody whom a trusted proxy brings from elsewhere', async (t) => {
    const { url } = await openMembers(t, { access: 'local', trustedProxies: ['127.0.0.1'] });
    const asked = (headers: Record<string, string>) => openBrowser(url).ask('/', { headers });
    assert.equal((await asked({})).status, 200);
    assert.equal((await asked({ 'X-Forwarded-For': '127.0.0.1' })).status, 200, 'a browser on this machine');
    for (const headers of [
      { 'X-Forwarded-For': '203.0.113.9' },
      { 'X-Forwarded-For': '2001:db8::7', 'X-Forwarded-Proto': 'https' },
      { 'X-Forwarded-For': '127.0.0.1, 203.0.113.9' },
      // Does not say for whom.
      { Via: '1.1 proxy' },
      { 'X-Real-IP': '203.0.113.9' },
      { Forwarded: 'for=203.0.113.9' },
    ]) {
      const answer = await asked(headers);
      assert.deepEqual([answer.status, codeOf(answer)], [403, 'local-only'], JSON.stringify(headers));
    }
  });

  test('is for no proxy that says nothing of itself, as nginx does with its defaults', async (t) => {
    const { url } = await openMembers(t, { access: 'local' });
    const { host } = new URL(url);
    const asked = (version: string) =>
      sendRaw({ url, chunks: [`GET / HTTP/${version}\r\nHost: ${host}\r\nConnection: close\r\n\r\n`] });
    assert.equal((await asked('1.1')).status, 200);
    assert.equal((await asked('1.0')).status, 403);
  });
});

describe('the first owner', () => {
  test('is whoever has the link: once, with a password that is one, and signed in', async (t) => {
    const { gallery, url, browser } = await openMembers(t);
    const token = setUpToken(gallery);
    const first = browser();
    assert.match((await first.page('/sign-in')).text, /the link that the gallery printed/);
    const ask = (form: Record<string, string>) => first.ask('/set-up', { form: { token, ...form } });
    assert.equal((await first.page(`/set-up?token=${token}`)).status, 200);
    assert.equal(codeOf(await ask({ name: 'Miri', password: 'short' })), 'password-too-short');
    assert.equal(codeOf(await ask({ name: '', password: goodPassword })), 'bad-user-name');
    assert.equal(
      codeOf(await ask({ name: 'Miri', password: goodPassword, again: another })),
      'passwords-differ',
    );
    assert.equal(first.cookie, undefined);
    const answer = await ask({ name: 'Miri', password: goodPassword, again: goodPassword });
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.headers.get('set-cookie') ?? '', /^sid=[\w-]{43}; .*HttpOnly; SameSite=Lax$/);
    assert.equal((JSON.parse(answer.text) as { user: { role: string } }).user.role, 'owner');
    assert.equal((await first.ask('/people')).status, 200);
    for (const path of [`/set-up?token=${token}`, '/set-up?token=x', '/set-up'])
      assert.equal(codeOf(await openBrowser(url).ask(path)), 'already-set-up', path);
  });

  test('takes over what was theirs, in a gallery that came back from its sidecars', async (t) => {
    const uploadsDir = await makeFolder(t);
    const { photos } = openSqlite(uploadsDir, { mayCreate: true, now: Date.now });
    const was = { id: '01990000-0000-7000-8000-000000000001' as PhotoId, changes: [] };
    const { photo } = await photos.recordPhoto(
      machine,
      newPhoto({ was: { ...was, owner: 'Anna', isPrivate: true } }),
    );
    await photos.recordPhoto(machine, newPhoto({ was: { ...was, owner: 'Bori' } }));
    await photos.close();
    // There must be one of the originals for the folder to be the gallery's own.
    const original = join(uploadsDir, originalKey(photo.sha256, photo.type));
    await mkdir(dirname(original), { recursive: true });
    await writeFile(original, '');
    const { owner, browser } = await openMembers(t, { uploadsDir });
    assert.match((await browser().page('/sign-in')).text, /the link that the gallery printed/);
    const anna = await owner('anna');
    assert.equal((await anna.ask(`/photos/${photo.id}`)).status, 200, 'hidden, and hers');
    const { users } = JSON.parse((await anna.ask('/people')).text) as {
      users: { name: string; role: string; disabled?: boolean }[];
    };
    assert.deepEqual(
      users.map(({ name, role }) => [name, role]),
      [
        ['anna', 'owner'],
        ['Bori', 'member'],
      ],
    );
  });

  test('of ten who race with the same link, one is', async (t) => {
    const { gallery, browser } = await openMembers(t);
    const token = setUpToken(gallery);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        browser().ask('/set-up', { form: { token, name: `Owner ${index}`, password: goodPassword } }),
      ),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  });

  test('has a day to come, and not without the right link', async (t) => {
    let time = Date.UTC(2026, 10, 20);
    const { gallery, browser } = await openMembers(t, { now: () => time });
    const token = setUpToken(gallery);
    assert.equal(codeOf(await browser().ask('/set-up?token=x')), 'grant-over');
    assert.equal(
      codeOf(await browser().ask('/set-up', { form: { name: 'Miri', password: goodPassword } })),
      'grant-over',
    );
    time += 24 * 60 * 60 * 1000;
    assert.equal((await browser().ask(`/set-up?token=${token}`)).status, 410);
  });

  test('is not needed where only this machine gets in, and there is no door', async (t) => {
    const { browser, gallery } = await openMembers(t, { access: 'local' });
    assert.equal(gallery.setUp, undefined);
    assert.equal((await browser().ask('/people')).status, 200);
    assert.equal((await browser().ask('/account')).status, 403);
    assert.equal((await browser().page('/sign-in')).headers.get('location'), '/');
    assert.equal(codeOf(await browser().signIn('Miri')), 'local-only');
    for (const door of ['/set-up', '/invite', '/pair'])
      assert.equal(codeOf(await browser().ask(door)), 'local-only');
  });
});

describe('signing in', () => {
  test('whoever is not signed in sees nothing: programs hear 401, pages lead to the door and back', async (t) => {
    const { owner, browser, url } = await openMembers(t);
    await owner();
    const stranger = browser();
    for (const path of ['/', '/labels', '/trash', '/detection', '/account', '/people', '/audit', '/events']) {
      const answer = await stranger.ask(path);
      assert.equal(answer.status, 401, path);
      assert.equal(answer.headers.get('www-authenticate'), 'Session');
    }
    const page = await stranger.page('/photos/new?x=1');
    assert.equal(page.status, 303);
    assert.equal(page.headers.get('location'), '/sign-in?next=%2Fphotos%2Fnew%3Fx%3D1');
    const form = await stranger.page(page.headers.get('location') ?? '');
    assert.equal(form.status, 200);
    assert.equal(form.headers.get('cache-control'), 'no-store');
    assert.match(form.text, /name="next" value="\/photos\/new\?x=1"/);
    assert.doesNotMatch(form.text, /<nav/);
    const signedIn = await stranger.page('/sign-in', {
      form: { name: 'miri', password: goodPassword, next: '/photos/new?x=1' },
    });
    assert.deepEqual([signedIn.status, signedIn.headers.get('location')], [303, '/photos/new?x=1']);
    assert.equal((await fetch(`${url}/static/css/base.css`)).status, 200);
  });

  test('leads nowhere but into this gallery (T38)', async (t) => {
    const { owner, browser } = await openMembers(t);
    await owner();
    const targets = [
      '//evil.example',
      '/\\evil.example',
      '\\\\evil',
      'https://evil.example/',
      'javascript:alert(1)',
    ];
    const oddly = ['/\t/evil.example', '/.//evil.example', 'evil', '', '/sign-in?next=/'];
    for (const next of [...targets, ...oddly]) {
      const form = { name: 'Miri', password: goodPassword, next };
      const { status, headers } = await browser().page('/sign-in', { form });
      assert.equal(status, 303);
      assert.match(headers.get('location') ?? '', /^\/(evil\.example)?$/, next);
      const location = new URL(headers.get('location') ?? '', 'http://gallery.example');
      assert.equal(location.host, 'gallery.example', next);
    }
    for (const next of targets)
      assert.match(
        (await browser().page(`/sign-in?${new URLSearchParams({ next })}`)).text,
        /name="next" value="\/"/,
      );
  });

  test('is refused with the same words, whatever is wrong (T32)', async (t) => {
    const { owner, browser, invited } = await openMembers(t);
    const miri = await owner();
    await invited(miri, 'viewer', 'Juno');
    const { users } = JSON.parse((await miri.ask('/people')).text) as {
      users: { id: string; name: string }[];
    };
    const juno = users.find(({ name }) => name === 'Juno')?.id;
    assert.equal((await miri.ask(`/people/${juno}/disable`, { method: 'POST' })).status, 200);
    const bodies = [
      await browser().signIn('Miri', another),
      await browser().signIn('Nobody', another),
      await browser().signIn('Juno', goodPassword),
    ];
    for (const { status, text } of bodies) {
      assert.equal(status, 401);
      assert.equal(text, bodies[0]?.text);
    }
    const page = await browser().page('/sign-in', { form: { name: '<Miri>', password: another } });
    assert.equal(page.status, 401);
    assert.match(page.text, /value="&lt;Miri&gt;"/, 'the name need not be typed again');
    assert.doesNotMatch(page.text, new RegExp(another));
  });

  test('is counted by who connects, whatever a header says (T31, T39)', async (t) => {
    const { owner, browser } = await openMembers(t, { now: () => Date.UTC(2026, 10, 20) });
    await owner();
    const statuses = [];
    for (let tries = 0; tries < 6; tries += 1) {
      const headers = { 'X-Forwarded-For': `192.0.2.${tries}`, 'X-Real-IP': `192.0.2.${tries}` };
      statuses.push(
        (await browser().ask('/sign-in', { form: { name: 'Miri', password: another }, headers })).status,
      );
    }
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
  });

  test('may be tried ten times in a quarter of an hour; another account is another count (T31)', async (t) => {
    let time = Date.UTC(2026, 10, 20);
    const { owner, browser, invited } = await openMembers(t, { now: () => time });
    const miri = await owner();
    await invited(miri, 'viewer', 'Juno');
    for (let tries = 0; tries < 10; tries += 1) {
      assert.equal((await browser().signIn('Miri', another)).status, 401, `try ${tries}`);
      // Longer than every pause in between.
      time += 20_000;
    }
    const refused = await browser().signIn('MIRI', goodPassword);
    assert.equal(refused.status, 429);
    assert.equal(codeOf(refused), 'too-many-tries');
    const wait = Number(refused.headers.get('retry-after'));
    assert.ok(wait > 0 && wait <= 900, `Retry-After: ${wait}`);
    assert.equal((await browser().signIn('Juno')).status, 200);
    const page = await browser().page('/sign-in', { form: { name: 'Miri', password: goodPassword } });
    assert.deepEqual([page.status, Number(page.headers.get('retry-after')) > 0], [429, true]);
    time += wait * 1000;
    assert.equal((await browser().signIn('Miri')).status, 200);
  });
});

describe('a session', () => {
  const isIn = async (cookie: string | undefined, url: string) => {
    const headers = cookie === undefined ? {} : { Cookie: cookie };
    return (await openBrowser(url).ask('/account', { headers })).status;
  };

  test('is another one after every sign-in, and what the browser came with is over (T33)', async (t) => {
    const { owner, browser, url } = await openMembers(t);
    const miri = await owner();
    const planted = miri.cookie;
    const victim = browser();
    victim.cookie = planted;
    await victim.signIn('Miri');
    assert.notEqual(victim.cookie, planted);
    assert.deepEqual([await isIn(planted, url), await isIn(victim.cookie, url)], [401, 200]);
    const made = browser();
    made.cookie = `sid=${'A'.repeat(43)}`;
    await made.signIn('Miri');
    assert.notEqual(
      made.cookie,
      `sid=${'A'.repeat(43)}`,
      'a cookie of somebody else’s making is not taken over',
    );
  });

  test('is over after sign-out, which leaves what waits on the device to be sent (T33)', async (t) => {
    const { owner, url } = await openMembers(t);
    const miri = await owner();
    const was = miri.cookie;
    const answer = await miri.page('/sign-out', { method: 'POST' });
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/sign-in']);
    assert.equal(answer.headers.get('clear-site-data'), '"cache"');
    assert.equal(miri.cookie, undefined);
    assert.equal(await isIn(was, url), 401);
  });

  test('is over everywhere after a change of the password, and goes on here under another token (T33)', async (t) => {
    const { owner, browser, url } = await openMembers(t);
    const miri = await owner();
    const phone = browser();
    await phone.signIn('Miri');
    const offered = tokenOf(await phone.ask('/account/pair', { method: 'POST' }));
    const was = miri.cookie;
    const change = (form: Record<string, string>) => miri.ask('/account/password', { form });
    assert.equal(codeOf(await change({ present: another, password: another })), 'wrong-password');
    assert.equal(
      codeOf(await change({ present: goodPassword, password: another, again: goodPassword })),
      'passwords-differ',
    );
    assert.equal(codeOf(await change({ present: goodPassword, password: 'miri' })), 'password-too-short');
    assert.equal(await isIn(phone.cookie, url), 200);
    assert.equal((await change({ present: goodPassword, password: another, again: another })).status, 200);
    assert.deepEqual(
      [await isIn(was, url), await isIn(phone.cookie, url), await isIn(miri.cookie, url)],
      [401, 401, 200],
    );
    assert.equal(
      (await browser().ask(`/pair?token=${offered}`)).status,
      410,
      'nor does its code let anybody in',
    );
    assert.deepEqual(
      [(await browser().signIn('Miri')).status, (await browser().signIn('Miri', another)).status],
      [401, 200],
    );
  });

  test('whose password is not changed leads to the field with the reason, and whose is to the top', async (t) => {
    const miri = await (await openMembers(t)).owner();
    const change = (present: string) =>
      miri.page('/account/password', { form: { present, password: another, again: another } });
    const account = parsePage((await change('not this one')).text);
    const { action } = account.querySelector('#password form')?.attributes ?? {};
    const field = account.querySelector(`#password ${/#.*/.exec(action ?? '')?.[0]}`);
    const reason = account.querySelector(`#${field?.getAttribute('aria-describedby')}`);
    assert.match(reason?.text ?? '', /not your present password/);
    assert.equal(reason?.getAttribute('role'), 'alert');
    const done = (await change(goodPassword)).headers.get('location');
    assert.equal(
      done,
      '/account?done=password#account',
      'a browser keeps the fragment unless there is another',
    );
  });

  test('is seen in the account and can be ended from there, one or all others; only one’s own', async (t) => {
    const { owner, browser, invited, url } = await openMembers(t);
    const miri = await owner();
    const juno = await invited(miri, 'member', 'Juno');
    const [phone, tablet] = [browser(), browser()];
    for (const one of [phone, tablet]) await one.signIn('Miri');
    const sessions = async (of: BrowserLike) =>
      (JSON.parse((await of.ask('/account')).text) as { sessions: { id: string; current: boolean }[] })
        .sessions;
    assert.equal((await sessions(miri)).length, 3);
    const mine = (await sessions(phone)).find(({ current }) => current)?.id;
    assert.equal((await juno.ask(`/account/sessions/${mine}/end`, { method: 'POST' })).status, 404);
    assert.equal((await miri.ask(`/account/sessions/${mine}/end`, { method: 'POST' })).status, 204);
    assert.equal((await miri.ask(`/account/sessions/${mine}/end`, { method: 'POST' })).status, 404);
    assert.equal((await miri.ask('/account/sessions/x/end', { method: 'POST' })).status, 404);
    assert.deepEqual([await isIn(phone.cookie, url), await isIn(tablet.cookie, url)], [401, 200]);
    assert.equal((await miri.ask('/account/sessions/end', { method: 'POST' })).text, '{"ended":1}');
    assert.deepEqual([await isIn(tablet.cookie, url), await isIn(miri.cookie, url)], [401, 200]);
  });

  test('is over when its user is disabled or removed (T33)', async (t) => {
    const { owner, invited, url } = await openMembers(t);
    const miri = await owner();
    for (const verb of ['disable', 'remove']) {
      const juno = await invited(miri, 'member', `Juno ${verb}`);
      const { user } = JSON.parse((await juno.ask('/account')).text) as { user: { id: string } };
      const { status } = await miri.ask(`/people/${user.id}/${verb}`, { method: 'POST' });
      assert.ok(status < 300, `${status}`);
      assert.equal(await isIn(juno.cookie, url), 401);
    }
  });
});

describe('a phone', () => {
  test('is signed in by a code that works once, for five minutes; looking at it does not use it up', async (t) => {
    let time = Date.UTC(2026, 10, 20);
    const { owner, browser } = await openMembers(t, { now: () => time });
    const miri = await owner();
    const token = tokenOf(await miri.ask('/account/pair', { method: 'POST' }));
    const phone = browser();
    for (let looks = 0; looks < 3; looks += 1) {
      const page = await phone.page(`/pair?token=${token}`);
      assert.equal(page.status, 200);
      assert.match(page.text, /Sign in here as Miri\?/);
    }
    assert.equal(phone.cookie, undefined);
    assert.equal((await phone.page('/pair', { form: { token } })).headers.get('location'), '/');
    assert.equal((await phone.ask('/account')).status, 200);
    assert.equal((await browser().ask('/pair', { form: { token } })).status, 410);

    const late = tokenOf(await miri.ask('/account/pair', { method: 'POST' }));
    time += 5 * 60_000;
    assert.equal((await browser().ask('/pair', { form: { token: late } })).status, 410);
    const last = tokenOf(await miri.ask('/account/pair', { method: 'POST' }));
    await miri.ask('/sign-out', { method: 'POST' });
    assert.equal((await browser().ask('/pair', { form: { token: last } })).status, 410, 'its maker has left');
  });

  test('is not told that the gallery is at localhost without a word about it', async (t) => {
    const { owner } = await openMembers(t);
    const miri = await owner();
    assert.match((await miri.page('/account/pair', { method: 'POST' })).text, /no other device reaches/);
  });
});

describe('people', () => {
  test('who run the gallery see who else has invited', async (t) => {
    const members = await openMembers(t);
    const miri = await members.owner();
    const juno = await members.invited(miri, 'owner', 'Juno <3');
    await juno.ask('/people/invitations', { form: { role: 'viewer' } });
    const rowsFor = async (person: BrowserLike, language = 'en') => {
      const { text } = await person.page('/people', { headers: { 'Accept-Language': language } });
      return parsePage(text)
        .querySelectorAll('form[action$="/end"]')
        .map((form) => form.parentNode?.querySelector('small')?.text ?? '');
    };
    assert.match((await rowsFor(miri))[0] ?? '', /^until .* · by Juno <3$/);
    assert.match((await rowsFor(miri, 'ko'))[0] ?? '', /까지 · Juno <3 님이 보냄$/);
    assert.doesNotMatch((await rowsFor(juno))[0] ?? '', /Juno/, 'of one’s own nothing is said');
    const { invitations } = JSON.parse((await miri.ask('/people')).text) as { invitations: { by: string }[] };
    assert.deepEqual(
      invitations.map(({ by }) => by),
      ['Juno <3'],
    );
  });

  test('come in by an invitation, once, as what they were invited to be', async (t) => {
    let time = Date.UTC(2026, 10, 20);
    const { owner, browser } = await openMembers(t, { now: () => time });
    const miri = await owner();
    const token = tokenOf(await miri.ask('/people/invitations', { form: { role: 'viewer' } }));
    assert.equal((await browser().page(`/invite?token=${token}`)).status, 200);
    const accept = (form: Record<string, string>) => browser().ask('/invite', { form: { token, ...form } });
    assert.equal(
      codeOf(await accept({ name: 'ＭＩＲＩ'.normalize('NFKC'), password: goodPassword })),
      'name-taken',
    );
    assert.equal(codeOf(await accept({ name: 'Juno', password: 'x' })), 'password-too-short');
    const accepted = await accept({ name: 'Juno', password: goodPassword });
    assert.equal((JSON.parse(accepted.text) as { user: { role: string } }).user.role, 'viewer');
    assert.equal(codeOf(await accept({ name: 'Second', password: goodPassword })), 'grant-over');

    const withdrawn = tokenOf(await miri.ask('/people/invitations', { form: { role: 'owner' } }));
    const { invitations } = JSON.parse((await miri.ask('/people')).text) as { invitations: { id: string }[] };
    assert.equal(invitations.length, 1);
    const end = () => miri.ask(`/people/invitations/${invitations[0]?.id}/end`, { method: 'POST' });
    assert.deepEqual([(await end()).status, (await end()).status], [204, 404]);
    assert.equal((await browser().ask(`/invite?token=${withdrawn}`)).status, 410);
    const late = tokenOf(await miri.ask('/people/invitations', { form: { role: 'member' } }));
    time += 7 * 24 * 60 * 60 * 1000;
    assert.equal((await browser().ask(`/invite?token=${late}`)).status, 410);
    await miri.signIn('Miri');
    assert.equal((await miri.ask('/people/invitations', { form: { role: 'king' } })).status, 400);
  });

  test('may do what their role says, after signing in anew; the cookie from before opens nothing (T33)', async (t) => {
    const { owner, invited } = await openMembers(t);
    const miri = await owner();
    const juno = await invited(miri, 'viewer', 'Juno');
    const may = async () =>
      await Promise.all(
        (['/', '/photos/new', '/people', '/audit', '/detection'] as const).map(
          async (path) => (await juno.page(path)).status,
        ),
      );
    const { user } = JSON.parse((await juno.ask('/account')).text) as { user: { id: string } };
    const make = (role: string) => miri.ask(`/people/${user.id}/role`, { form: { role } });
    assert.deepEqual(await may(), [200, 403, 403, 403, 403]);
    assert.equal((await juno.ask(`/people/${user.id}/role`, { form: { role: 'owner' } })).status, 403);
    assert.equal((await juno.ask('/people/invitations', { form: { role: 'owner' } })).status, 403);
    const before = juno.cookie;
    await make('member');
    assert.equal((await juno.ask('/')).status, 401);
    await juno.signIn('Juno');
    assert.notEqual(juno.cookie, before);
    assert.deepEqual(await may(), [200, 200, 403, 403, 403]);
    await make('member');
    assert.deepEqual(await may(), [200, 200, 403, 403, 403], 'nothing changed');
    await make('owner');
    assert.equal((await juno.ask('/people')).status, 401);
    await juno.signIn('Juno');
    assert.deepEqual(await may(), [200, 200, 200, 200, 200]);
    assert.equal((await make('nobody')).status, 400);
  });

  test('who are refused are told what is true: who may see it, or that they may only look', async (t) => {
    const { owner, invited, browser } = await openMembers(t);
    const miri = await owner();
    const [juno, vera] = [await invited(miri, 'member', 'Juno'), await invited(miri, 'viewer', 'Vera')];
    const said = async (of: BrowserLike, path: string) => {
      const page = parsePage((await of.page(path)).text);
      const { needs, detail } = JSON.parse((await of.ask(path)).text) as Record<string, string>;
      assert.equal(page.querySelector('h1 + p')?.textContent, detail);
      return [needs, detail];
    };
    for (const path of ['/people', '/audit', '/detection', '/verification'])
      for (const of of [juno, vera])
        assert.deepEqual(await said(of, path), [
          'owner',
          'Only an owner of this gallery may see or do this. Ask one of them.',
        ]);
    for (const path of ['/photos/new', '/trash', '/links'])
      assert.deepEqual(await said(vera, path), [
        'member',
        'You may look, but not add or change photos. Ask an owner of this gallery.',
      ]);
    const korean = await juno.page('/people', { headers: { 'Accept-Language': 'ko' } });
    assert.match(korean.text, /갤러리 주인만/);
    const { gallery: _local, ...local } = await openMembers(t, { access: 'local' });
    assert.equal(codeOf(await local.browser().ask('/account')), 'local-only');
    assert.equal(codeOf(await browser().ask('/people')), 'signed-out');
  });

  test('are never without an owner', async (t) => {
    const { owner } = await openMembers(t);
    const miri = await owner();
    const { user } = JSON.parse((await miri.ask('/account')).text) as { user: { id: string } };
    const role = await miri.ask(`/people/${user.id}/role`, { form: { role: 'viewer' } });
    assert.deepEqual([role.status, codeOf(role)], [409, 'last-owner']);
    for (const verb of ['disable', 'remove']) {
      const answer = await miri.ask(`/people/${user.id}/${verb}`, { method: 'POST' });
      assert.deepEqual([answer.status, codeOf(answer)], [409, 'last-owner']);
    }
    const page = await miri.page(`/people/${user.id}/role`, { form: { role: 'viewer' } });
    assert.equal(page.status, 409);
    assert.match(page.text, /role="alert"/);
    assert.equal((await miri.ask('/people/x/disable', { method: 'POST' })).status, 404);
  });

  test('who are removed leave their photos, and what was private stays hidden', async (t) => {
    const { owner, invited, url } = await openMembers(t);
    const miri = await owner();
    const juno = await invited(miri, 'member', 'Juno');
    const client = createClient(url);
    const keep = async (seed: number) => {
      const { body, contentType } = formBody([filePart('a.png', drawPng({ seed }))]);
      const headers = { 'Content-Type': contentType, Cookie: juno.cookie ?? '' };
      const answer = await client.ask('/photos', { method: 'POST', body, headers });
      return (JSON.parse(answer.text) as { id: string }).id;
    };
    const [open, hidden] = [await keep(1), await keep(2)];
    await juno.ask(`/photos/${hidden}/privacy`, { form: { private: '1' } });
    const { user } = JSON.parse((await juno.ask('/account')).text) as { user: { id: string } };
    assert.equal((await miri.ask(`/people/${user.id}/remove`, { method: 'POST' })).status, 204);
    assert.equal((await miri.ask(`/photos/${open}`)).status, 200);
    assert.equal((await miri.ask(`/photos/${hidden}`)).status, 404);
  });
});

describe('what somebody kept private who is removed', () => {
  const open = async (t: Parameters<typeof openMembers>[0]) => {
    const members = await openMembers(t);
    const miri = await members.owner();
    const head = await members.invited(miri, 'owner', 'Head');
    const leave = async (name: string, seed: number, more: Record<string, string> = {}) => {
      const one = await members.invited(miri, 'member', name);
      const parts = [{ name: 'private', body: '1' }, filePart('a.png', drawPng({ seed }))];
      const { body, contentType } = formBody(parts);
      const headers = { 'Content-Type': contentType, Cookie: one.cookie ?? '' };
      const kept = await createClient(members.url).ask('/photos', { method: 'POST', body, headers });
      const { user } = JSON.parse((await one.ask('/account')).text) as { user: { id: string } };
      const removed = await miri.ask(`/people/${user.id}/remove`, { form: more });
      return { id: (JSON.parse(kept.text) as { id: string }).id, user: user.id, removed };
    };
    const statusFor = async (of: BrowserLike, id: string) => (await of.ask(`/photos/${id}`)).status;
    const left = async () =>
      (JSON.parse((await miri.ask('/people')).text) as { left: Record<string, number> }).left;
    const actions = async () =>
      (
        JSON.parse((await miri.ask('/audit')).text) as { entries: { action: string; subject: string }[] }
      ).entries
        .filter(({ action }) => action.startsWith('left-'))
        .map(({ action, subject }) => `${action} ${subject}`);
    return { ...members, miri, head, leave, statusFor, left, actions };
  };

  test('is hidden from everybody unless something else was said, and then may be taken over by one', async (t) => {
    const { miri, head, leave, statusFor, left, actions } = await open(t);
    const [first, second] = [await leave('Juno', 1), await leave('Vera', 2)];
    assert.deepEqual([first.removed.status, second.removed.status], [204, 204]);
    for (const of of [miri, head]) assert.equal(await statusFor(of, first.id), 404);
    assert.deepEqual(await left(), { hidden: 2, trashed: 0 });
    assert.match((await miri.page('/people')).text, /2 photos are hidden from everybody/);
    const settle = (to: string) => miri.ask('/people/left', { form: { private: to } });
    assert.equal((await settle('everybody')).status, 400);
    assert.equal((await settle('hidden')).status, 400);
    assert.equal((await settle('mine')).text, '{"settled":2}');
    for (const { id } of [first, second])
      assert.deepEqual([await statusFor(miri, id), await statusFor(head, id)], [200, 404]);
    assert.deepEqual(await left(), { hidden: 0, trashed: 0 });
    assert.equal((await settle('mine')).text, '{"settled":0}');
    assert.deepEqual(await actions(), ['left-photos-taken 2']);
    assert.doesNotMatch((await miri.page('/people')).text, /hidden from everybody/);
  });

  test('goes with them into a trash that nobody sees, or to who removes them, when that is said', async (t) => {
    const { miri, head, leave, statusFor, left, actions } = await open(t);
    const [gone, taken] = [
      await leave('Juno', 1, { private: 'trash' }),
      await leave('Vera', 2, { private: 'mine' }),
    ];
    assert.deepEqual(
      [await statusFor(miri, gone.id), await statusFor(head, gone.id), await statusFor(miri, taken.id)],
      [404, 404, 200],
    );
    assert.equal(await statusFor(head, taken.id), 404);
    assert.deepEqual(await left(), { hidden: 0, trashed: 1 });
    assert.equal((await miri.ask('/trash/empty', { method: 'POST' })).text, '{"removed":0}');
    assert.equal((await miri.ask('/people/left', { form: { private: 'mine' } })).text, '{"settled":1}');
    assert.equal((await miri.ask(`/photos/${gone.id}/restore`, { method: 'POST' })).status, 200);
    assert.deepEqual(await actions(), [
      'left-photos-taken 1',
      'left-photos-taken 1',
      'left-photos-trashed 1',
    ]);
  });

  test('is not touched while they are one of the people, disabled or not, and nobody takes over from themselves', async (t) => {
    const { miri, head, invited, url, left } = await open(t);
    const juno = await invited(miri, 'member', 'Juno');
    const { body, contentType } = formBody([
      { name: 'private', body: '1' },
      filePart('a.png', drawPng({ seed: 7 })),
    ]);
    const headers = { 'Content-Type': contentType, Cookie: juno.cookie ?? '' };
    await createClient(url).ask('/photos', { method: 'POST', body, headers });
    const asked = parsePage((await miri.page('/people')).text).querySelectorAll('.ask legend');
    assert.deepEqual(
      asked.map(({ text }) => text),
      ['1 private photo of Juno'],
      'nothing is asked about who keeps none',
    );
    const idOf = async (of: BrowserLike) =>
      (JSON.parse((await of.ask('/account')).text) as { user: { id: string } }).user.id;
    await miri.ask(`/people/${await idOf(juno)}/disable`, { method: 'POST' });
    assert.deepEqual(await left(), { hidden: 0, trashed: 0 });
    assert.equal((await miri.ask('/people/left', { form: { private: 'mine' } })).text, '{"settled":0}');
    const own = await idOf(head);
    const refused = await head.ask(`/people/${own}/remove`, { form: { private: 'mine' } });
    assert.deepEqual([refused.status, codeOf(refused)], [400, 'bad-request']);
    assert.equal((await head.ask('/account')).status, 200, 'nobody was removed');
  });
});

describe('what was done', () => {
  test('can be read, newest first, in pages, without a secret in it', async (t) => {
    const { owner, browser, invited, url } = await openMembers(t);
    const miri = await owner();
    await browser().signIn('Miri', another);
    await browser().signIn(another, 'x');
    const juno = await invited(miri, 'member', 'Juno');
    const client = createClient(url);
    const { body, contentType } = formBody([filePart('a.png', drawPng({ seed: 3 }))]);
    const cookie = { Cookie: juno.cookie ?? '' };
    const kept = await client.ask('/photos', {
      method: 'POST',
      body,
      headers: { 'Content-Type': contentType, ...cookie },
    });
    const { id } = JSON.parse(kept.text) as { id: string };
    await juno.ask(`/photos/${id}`, { method: 'DELETE' });
    await juno.ask(`/photos/${id}/remove`, { method: 'POST' });
    const read = async (path: string) =>
      JSON.parse((await miri.ask(path)).text) as {
        entries: { action: string; actor: string; subject: string; address: string }[];
        next?: string;
      };
    const all = await read('/audit');
    assert.deepEqual(
      all.entries.map(({ actor, action, subject }) => [actor, action, subject]),
      [
        ['Juno', 'photo-removed', id],
        ['Juno', 'photo-trashed', id],
        ['Juno', 'invitation-accepted', 'member'],
        ['Miri', 'invited', 'member'],
        ['', 'sign-in-failed', ''],
        ['', 'sign-in-failed', 'Miri'],
        ['Miri', 'set-up', ''],
      ],
    );
    assert.ok(all.entries.every(({ address }) => address === '127.0.0.1'));
    assert.ok(!JSON.stringify(all).includes(another), 'what was typed for a name may have been the password');
    const first = await read('/audit?limit=4');
    const rest = await read(first.next ?? '');
    assert.deepEqual([...first.entries, ...rest.entries], all.entries);
    assert.equal(rest.next, undefined);
    assert.match((await miri.page('/audit')).text, /A sign-in as Miri failed/);
    assert.equal((await miri.ask('/audit?before=x')).status, 400);
  });
});

describe('a public gallery', () => {
  test('shows itself to everybody, and lets only in who has signed in', async (t) => {
    const { owner, browser } = await openMembers(t, { access: 'public' });
    await owner();
    const visitor = browser();
    const page = parsePage((await visitor.page('/labels')).text);
    assert.equal(page.querySelector('.top .sign-in')?.getAttribute('href'), '/sign-in?next=%2Flabels');
    assert.equal(page.querySelector('.shutter'), null);
    assert.equal(page.querySelector('#sending'), null);
    assert.equal(page.querySelector('.empty [for=shot]'), null);
    assert.deepEqual(
      page.querySelectorAll('nav.bar li').map((item) => item.textContent.trim()),
      ['Photos', 'Labels', 'More'],
    );
    for (const path of ['/photos/new', '/trash', '/people', '/account'])
      assert.equal((await visitor.ask(path)).status, 401, path);
    assert.equal((await visitor.ask('/photos/x/delete', { method: 'POST' })).status, 401);
    const refused = await visitor.page('/photos/x/delete', { method: 'POST' });
    assert.deepEqual([refused.status, refused.text.includes('href="/sign-in"')], [401, true]);
    assert.equal((await visitor.signIn('Miri')).status, 200);
    const own = parsePage((await visitor.page('/labels')).text);
    assert.equal(own.querySelector('.top .sign-in'), null);
    assert.equal(own.querySelector('#more a[href="/account"] b')?.textContent, 'Miri');
    assert.ok(own.querySelector('.shutter'));
  });
});

describe('looking', () => {
  test('changes nothing, whatever page it is', async (t) => {
    const { owner } = await openMembers(t);
    const miri = await owner();
    await miri.ask('/people/invitations', { form: { role: 'member' } });
    const state = async () => {
      const { text: account } = await miri.ask('/account');
      return [
        account.replace(/"lastSeenAt":"[^"]*"/g, ''),
        (await miri.ask('/people')).text,
        (await miri.ask('/audit')).text,
      ];
    };
    const before = await state();
    const paths = routeTable.filter(({ method, path }) => method === 'GET' && !/:|events/.test(path));
    for (const { path } of paths) for (const look of [miri.ask, miri.page]) await look(path);
    assert.deepEqual(await state(), before);
  });
});

describe('another site', () => {
  test('changes nothing with somebody’s cookie, whatever a browser says or leaves out', async (t) => {
    const { owner, url } = await openMembers(t);
    const { cookie = '' } = await owner();
    const ask = async (headers: Record<string, string>, method = 'POST', path = '/account/sessions/end') =>
      (
        await fetch(url + path, {
          method,
          redirect: 'manual',
          headers: { Accept: 'application/json', ...headers },
        })
      ).status;
    const rows: readonly (readonly [Record<string, string>, number])[] = [
      [{ Cookie: cookie }, 403],
      [{ Cookie: `lang=ko; ${cookie}` }, 403],
      [{ Cookie: `__Host-${cookie}` }, 403],
      [{ Cookie: cookie, Origin: 'null' }, 403],
      [{ Cookie: cookie, Origin: 'http://evil.example' }, 403],
      [{ Cookie: cookie, Origin: url, 'Sec-Fetch-Site': 'cross-site' }, 403],
      [{ Cookie: cookie, Origin: url, 'Sec-Fetch-Site': 'same-site' }, 403],
      [{ Cookie: cookie, 'Sec-Fetch-Site': 'none' }, 403],
      [{ Cookie: cookie, Origin: url }, 200],
      [{ Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' }, 200],
      [{}, 403],
      [{ Cookie: 'lang=ko' }, 403],
    ];
    for (const [headers, status] of rows)
      assert.equal(
        await ask(headers),
        status,
        JSON.stringify({ ...headers, Cookie: headers['Cookie']?.slice(0, 12) }),
      );
    for (const method of ['POST', 'PATCH', 'DELETE', 'PUT'])
      assert.equal(await ask({ Cookie: cookie }, method, '/photos/x'), 403, method);
    for (const method of ['GET', 'HEAD'])
      assert.equal(await ask({ Cookie: cookie }, method, '/'), 200, method);
  });
});
