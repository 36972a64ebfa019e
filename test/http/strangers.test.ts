// What strangers could learn by waiting, and what anybody could be by saying so.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { goodPassword, openBrowser, openMembers, setUpToken } from '../support/members.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { drawPng } from '../support/pictures.ts';
import { openRunningGallery } from '../support/running-gallery.ts';

const median = (numbers: readonly number[]) =>
  numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;

test('the door takes as long for a name that nobody has as for one that somebody has (T32)', async (t) => {
  let time = Date.UTC(2026, 10, 20);
  // Costs at which it would show that no password is looked at.
  const options = { now: () => time, passwordCosts: { ln: 14, r: 8, p: 1 } };
  const gallery = await openRunningGallery(t, { access: 'members' }, options);
  const { url } = gallery;
  const form = { token: setUpToken(gallery), name: 'Miri', password: goodPassword };
  assert.equal((await openBrowser(url).ask('/set-up', { form })).status, 200);
  const took: Record<string, number[]> = { Miri: [], Nobody: [] };
  for (let tries = 0; tries < 15; tries += 1)
    for (const [name, times] of Object.entries(took)) {
      // Longer than anything is remembered of earlier tries.
      time += 60 * 60 * 1000;
      const started = performance.now();
      const { status } = await openBrowser(url).signIn(name, 'nine herons under the bridge');
      times.push(performance.now() - started);
      assert.equal(status, 401);
    }
  const [somebody, nobody] = [median(took['Miri'] ?? []), median(took['Nobody'] ?? [])];
  assert.ok(somebody > 10, 'work that can be measured');
  assert.ok(nobody > somebody / 2 && nobody < somebody * 2, `${nobody} and ${somebody} ms`);
});

describe('nobody becomes anybody', () => {
  const grown = { role: 'owner', id: '01990000-0000-7000-8000-000000000000', isOwner: '1', disabled: '0' };

  test('by fields of a form: invited, in the account, in the role of another (T37)', async (t) => {
    const { owner, browser } = await openMembers(t);
    const miri = await owner();
    const { link } = JSON.parse(
      (await miri.ask('/people/invitations', { form: { ...grown, role: 'viewer' } })).text,
    ) as { link: string };
    const juno = browser();
    const token = new URL(link).searchParams.get('token') ?? '';
    await juno.ask('/invite', { form: { ...grown, token, name: 'Juno', password: goodPassword } });
    const self = async () =>
      (JSON.parse((await juno.ask('/account')).text) as { user: { id: string; role: string; name: string } })
        .user;
    const { id, ...was } = await self();
    assert.equal(was.role, 'viewer');
    const passwords = { present: goodPassword, password: 'nine herons under the bridge' };
    assert.equal((await juno.ask('/account/password', { form: { ...grown, ...passwords } })).status, 200);
    assert.equal((await self()).role, 'viewer');
    assert.equal((await juno.ask(`/people/${id}/role`, { form: { role: 'owner' } })).status, 403);
    const changed = await miri.ask(`/people/${id}/role`, {
      form: { role: 'member', name: 'Mallory', id: grown.id },
    });
    assert.equal(changed.status, 200);
    // Whoever is given another role signs in anew.
    const signIn = { name: 'Juno', password: passwords.password };
    assert.equal((await juno.ask('/sign-in', { form: signIn })).status, 200);
    assert.deepEqual(await self(), { ...was, id, role: 'member' });
  });

  test('by fields of a photo: whose it is, its file and its time stay (T37)', async (t) => {
    const { owner, invited, url } = await openMembers(t);
    const miri = await owner();
    const juno = await invited(miri, 'member', 'Juno');
    const wish = {
      owner: 'Miri',
      owner_id: '1',
      sha256: '0'.repeat(64),
      path: '/etc/passwd',
      state: 'failed',
    };
    // Of an upload the digest is a promise about its bytes, and looked at.
    const { sha256: _, ...claims } = wish;
    const fields = Object.entries(claims).map(([name, body]) => ({ name, body }));
    const { body, contentType } = formBody([...fields, filePart('a.png', drawPng({ seed: 1 }))]);
    const headers = { Accept: 'application/json', Origin: url, 'Content-Type': contentType };
    const sent = await fetch(`${url}/photos`, {
      method: 'POST',
      body,
      headers: { ...headers, Cookie: juno.cookie ?? '' },
    });
    const answer = (await sent.json()) as { id?: string };
    assert.ok([201, 400].includes(sent.status), `${sent.status}`);
    const plain = formBody([filePart('a.png', drawPng({ seed: 1 }))]);
    const again = await fetch(`${url}/photos`, {
      method: 'POST',
      body: plain.body,
      headers: { ...headers, 'Content-Type': plain.contentType, Cookie: juno.cookie ?? '' },
    });
    const { id = '' } = sent.status === 201 ? answer : ((await again.json()) as { id?: string });
    const read = async () => {
      const { state: _, ...photo } = JSON.parse((await juno.ask(`/photos/${id}`)).text) as Record<
        string,
        unknown
      >;
      return { sha256: photo['sha256'], uploadedAt: photo['uploadedAt'], bytes: photo['bytes'] };
    };
    const was = await read();
    assert.notEqual(was.sha256, wish.sha256);
    const patch = { method: 'PATCH', headers: { 'If-Match': '*' } };
    assert.equal((await juno.ask(`/photos/${id}`, { ...patch, json: { title: 'x', ...wish } })).status, 400);
    assert.equal((await juno.ask(`/photos/${id}`, { form: { title: 'New', ...wish } })).status, 200);
    assert.equal((await juno.ask(`/photos/${id}/privacy`, { form: { private: '1', ...wish } })).status, 200);
    assert.deepEqual(await read(), was);
    assert.equal((await miri.ask(`/photos/${id}`)).status, 404, 'it is Juno’s still, who hid it');
  });

  test('by the names of prototypes in JSON (T05, T37)', async (t) => {
    const { owner, invited, url } = await openMembers(t);
    const juno = await invited(await owner(), 'viewer', 'Juno');
    const ask = (path: string, method: string, body: string) =>
      fetch(`${url}${path}`, {
        ...{ method, body },
        headers: {
          ...{ Accept: 'application/json', Origin: url, Cookie: juno.cookie ?? '' },
          ...{ 'Content-Type': 'application/json', 'If-Match': '*' },
        },
      });
    for (const key of ['__proto__', 'constructor', 'prototype'])
      for (const [method, path] of [
        ['POST', '/sign-in'],
        ['POST', '/sign-in/passkey'],
        ['POST', '/account/password'],
        ['PATCH', '/photos/01990000-0000-7000-8000-000000000000'],
      ] as const) {
        const body = `{"${key}":{"role":"owner","kind":"machine","prototype":{"role":"owner"}},"title":"x"}`;
        const { status } = await ask(path, method, body);
        assert.ok(status >= 400 && status < 500, `${path}: ${status}`);
      }
    assert.equal(Reflect.get({}, 'role'), undefined);
    assert.equal((await juno.ask('/people')).status, 403);
  });
});
