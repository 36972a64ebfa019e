// Passkeys over HTTP: made in the account, used at the door, each challenge once and for one purpose.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BrowserLike, openBrowser, openMembers } from '../support/members.ts';
import { flags, makeSoftPasskey, type SoftPasskey } from '../support/soft-passkey.ts';

const codeOf = ({ text }: { text: string }) => (JSON.parse(text) as { code: string }).code;
const optionsFrom = async (browser: BrowserLike, path: string) => {
  const answer = await browser.ask(`${path}/options`, { json: {} });
  assert.equal(answer.status, 200, answer.text);
  return JSON.parse(answer.text) as { challenge: string };
};
const add = async (browser: BrowserLike, device: SoftPasskey, lie = {}) => {
  const options = await optionsFrom(browser, '/account/passkeys');
  return await browser.ask('/account/passkeys', {
    json: { name: 'Phone', answer: device.register(options, lie) },
  });
};

const open = async (...[t, options]: Parameters<typeof openMembers>) => {
  const members = await openMembers(t, options);
  // A key belongs to a name.
  const url = members.url.replace('127.0.0.1', 'localhost');
  const signedIn = openBrowser(url);
  signedIn.cookie = (await members.owner()).cookie;
  return {
    ...members,
    miri: signedIn,
    browser: () => openBrowser(url),
    home: { domain: 'localhost', origin: url },
  };
};

describe('a passkey', () => {
  test('is made, signs in, is listed and removed', async (t) => {
    const { miri, browser, home } = await open(t);
    const device = makeSoftPasskey(home);
    assert.equal((await add(miri, device)).status, 201);
    assert.equal(codeOf(await add(miri, device)), 'passkey-taken');
    const phone = browser();
    const signIn = async () => {
      const answer = device.use(await optionsFrom(phone, '/sign-in/passkey'));
      return await phone.ask('/sign-in/passkey', { json: { answer } });
    };
    assert.equal((await signIn()).status, 200);
    assert.ok(phone.cookie);
    const { passkeys } = JSON.parse((await phone.ask('/account')).text) as {
      passkeys: { id: string; name: string; lastUsedAt?: string }[];
    };
    assert.deepEqual(
      passkeys.map(({ id, name, lastUsedAt }) => [id, name, lastUsedAt !== undefined]),
      [[device.credentialId, 'Phone', true]],
    );
    const { entries } = JSON.parse((await phone.ask('/audit')).text) as { entries: { action: string }[] };
    assert.deepEqual(
      entries.map(({ action }) => action),
      ['signed-in-by-passkey', 'passkey-added', 'set-up'],
    );
    const remove = () => phone.ask('/account/passkeys/remove', { form: { id: device.credentialId } });
    assert.deepEqual([(await remove()).status, (await remove()).status], [204, 404]);
    assert.equal(codeOf(await signIn()), 'bad-passkey');
  });

  test('is believed once a challenge, and for what it was asked for', async (t) => {
    let time = Date.UTC(2026, 10, 20);
    const { miri, browser, home } = await open(t, { now: () => time });
    const device = makeSoftPasskey(home);
    await add(miri, device);
    const door = browser();
    const send = (answer: unknown) => door.ask('/sign-in/passkey', { json: { answer } });
    const answer = device.use(await optionsFrom(door, '/sign-in/passkey'));
    assert.equal((await send(answer)).status, 200);
    assert.equal(codeOf(await send(answer)), 'bad-passkey', 'the same again');
    const ofAccount = device.use(await optionsFrom(miri, '/account/passkeys'));
    assert.equal(codeOf(await send(ofAccount)), 'bad-passkey', 'a challenge for making one');
    const late = device.use(await optionsFrom(door, '/sign-in/passkey'));
    time += 5 * 60_000;
    assert.equal(codeOf(await send(late)), 'bad-passkey', 'too late');
    const touched = device.use(await optionsFrom(door, '/sign-in/passkey'), { flags: flags.present });
    assert.equal(codeOf(await send(touched)), 'bad-passkey', 'nobody showed a finger');
    const elsewhere = device.use(await optionsFrom(door, '/sign-in/passkey'), {
      origin: 'https://evil.example',
    });
    assert.equal(codeOf(await send(elsewhere)), 'bad-passkey', 'another site');
    assert.equal((await send('nonsense')).status, 400);
    assert.equal(codeOf(await send({})), 'bad-passkey');
    const unverified = await add(miri, makeSoftPasskey(home), { flags: flags.present | flags.attested });
    assert.equal(codeOf(unverified), 'bad-passkey');
  });

  test('of somebody who is disabled lets nobody in', async (t) => {
    const { miri, invited, browser, home } = await open(t);
    const juno = browser();
    juno.cookie = (await invited(miri, 'member', 'Juno')).cookie;
    const device = makeSoftPasskey(home);
    assert.equal((await add(juno, device)).status, 201);
    const { user } = JSON.parse((await juno.ask('/account')).text) as { user: { id: string } };
    await miri.ask(`/people/${user.id}/disable`, { method: 'POST' });
    const answer = device.use(await optionsFrom(juno, '/sign-in/passkey'));
    assert.equal(codeOf(await juno.ask('/sign-in/passkey', { json: { answer } })), 'bad-passkey');
  });

  test('can not be asked for without end', async (t) => {
    const { browser } = await open(t);
    const statuses = [];
    for (let asked = 0; asked < 61; asked += 1)
      statuses.push((await browser().ask('/sign-in/passkey/options', { json: {} })).status);
    assert.deepEqual([statuses[59], statuses[60]], [200, 429]);
  });
});
