// Passkeys with a device in software: a real key is taken, and nothing that is wrong in one place.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import {
  authenticationOptions,
  challengeIn,
  challengeLifeMs,
  credentialIdIn,
  type PasskeyFacts,
  PasskeyRefused,
  type PasskeySite,
  registrationOptions,
  verifyAuthentication,
  verifyRegistration,
} from '../../src/security/passkeys.ts';
import { newToken, type Token } from '../../src/security/tokens.ts';
import { flags, type Lie, makeSoftPasskey, type SoftPasskey } from '../support/soft-passkey.ts';

const site: PasskeySite = {
  domain: 'sajin.example',
  name: 'Sajin',
  origins: ['https://sajin.example', 'https://sajin.example:3000'],
};
const home = { domain: site.domain, origin: 'https://sajin.example:3000' };
const miri = { handle: '01990000-0000-7000-8000-000000000001', name: '미리' };

const challengeOf = ({ challenge }: { readonly challenge: string }) => challenge as Token;
const ask = () => registrationOptions(site, newToken(), miri, []);
const register = async (device: SoftPasskey): Promise<PasskeyFacts & { handle: string }> => {
  const options = await ask();
  const facts = await verifyRegistration(site, challengeOf(options), device.register(options));
  return { ...facts, handle: miri.handle };
};

const lies: readonly (readonly [what: string, lie: Lie])[] = [
  ['another challenge', { challenge: newToken() }],
  ['another site’s page', { origin: 'https://evil.example' }],
  ['a site above', { origin: 'https://example' }],
  ['the page over plain http', { origin: 'http://sajin.example:3000' }],
  ['another port', { origin: 'https://sajin.example:3001' }],
  ['another domain', { domain: 'evil.example' }],
];

describe('making a passkey', () => {
  test('asks for a key of this user on this site, for five minutes, and for nothing about the device', async () => {
    const challenge = newToken();
    const known = { credentialId: 'AAAA', transports: ['usb'] };
    const options = await registrationOptions(site, challenge, miri, [known]);
    assert.equal(options.challenge, challenge);
    const { rp, user, timeout, attestation, authenticatorSelection, excludeCredentials } = options;
    assert.deepEqual(rp, { id: 'sajin.example', name: 'Sajin' });
    const id = Buffer.from(miri.handle).toString('base64url');
    assert.deepEqual(user, { id, name: '미리', displayName: '미리' });
    assert.deepEqual([timeout, attestation], [challengeLifeMs, 'none']);
    const { userVerification } = authenticatorSelection as { userVerification: string };
    assert.equal(userVerification, 'required');
    assert.deepEqual(excludeCredentials, [{ id: 'AAAA', transports: ['usb'], type: 'public-key' }]);
    assert.deepEqual(JSON.parse(JSON.stringify(options)), options, 'it can be sent as JSON');
  });

  test('gives what is to be kept of it', async () => {
    const device = makeSoftPasskey(home);
    const options = await ask();
    const answer = device.register(options);
    assert.equal(challengeIn(answer), options.challenge);
    assert.equal(credentialIdIn(answer), device.credentialId);
    const facts = await verifyRegistration(site, challengeOf(options), answer);
    const { credentialId, counter, transports, userVerified } = facts;
    assert.deepEqual(
      { credentialId, counter, transports, userVerified },
      {
        credentialId: device.credentialId,
        counter: 0,
        transports: ['hybrid', 'internal'],
        userVerified: true,
      },
    );
    assert.ok(facts.publicKey.length > 70);
  });

  test('takes a key that only was touched, and says so', async () => {
    const options = await ask();
    const answer = makeSoftPasskey(home).register(options, { flags: flags.present | flags.attested });
    const { userVerified } = await verifyRegistration(site, challengeOf(options), answer);
    assert.equal(userVerified, false);
  });

  for (const [what, lie] of [
    ...lies,
    ['nobody who touched it', { flags: flags.verified | flags.attested }],
    ['a use in place of a making', { type: 'webauthn.get' }],
    ['an attestation with nothing in it', { format: 'packed', statement: new Map() }],
    ['an attestation that nobody knows', { format: 'invented' }],
  ] as const)
    test(`refuses ${what}`, async () => {
      const options = await ask();
      const answer = makeSoftPasskey(home).register(options, lie);
      await assert.rejects(verifyRegistration(site, challengeOf(options), answer), PasskeyRefused);
    });

  test('refuses certificates unread, whatever address is in them', async (t) => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const options = await ask();
    const { port } = server.address() as AddressInfo;
    const certificate = Buffer.from(`http://127.0.0.1:${port}/list.crl`);
    for (const format of ['packed', 'tpm', 'apple', 'android-key', 'fido-u2f', 'android-safetynet']) {
      const statement = new Map<string, number | Buffer | Buffer[]>([
        ['alg', -7],
        ['sig', Buffer.alloc(70)],
        ['x5c', [certificate]],
      ]);
      const answer = makeSoftPasskey(home).register(options, { format, statement });
      await assert.rejects(
        verifyRegistration(site, challengeOf(options), answer),
        (error: unknown) =>
          error instanceof PasskeyRefused && /was not asked for/.test(String((error.cause as Error).message)),
      );
    }
    assert.equal(asked, 0);
  });

  test('keeps of the ways to reach a device only those that exist', async () => {
    for (const [transports, expected] of [
      [
        ['usb', '<script>', 'nfc'],
        ['nfc', 'usb'],
      ],
      ['usb', []],
      [{ length: 9 }, []],
    ] as const) {
      const options = await ask();
      const answer = makeSoftPasskey(home).register(options, { transports });
      assert.deepEqual((await verifyRegistration(site, challengeOf(options), answer)).transports, expected);
    }
  });
});

describe('using a passkey', () => {
  const askFor = (keys: readonly PasskeyFacts[] = []) => authenticationOptions(site, newToken(), keys);

  test('asks for the keys that are known, or for any', async () => {
    const key = await register(makeSoftPasskey(home));
    const { rpId, timeout, userVerification, allowCredentials } = await askFor([key]);
    assert.deepEqual([rpId, timeout, userVerification], [site.domain, challengeLifeMs, 'required']);
    const { credentialId: id, transports } = key;
    assert.deepEqual(allowCredentials, [{ id, transports, type: 'public-key' }]);
    assert.deepEqual((await askFor()).allowCredentials, []);
  });

  test('is believed again and again, each time with a higher count', async () => {
    const device = makeSoftPasskey(home);
    let key = await register(device);
    for (const counter of [1, 2, 3]) {
      const options = await askFor();
      const answer = device.use(options, { userHandle: miri.handle });
      assert.equal(challengeIn(answer), options.challenge);
      const use = await verifyAuthentication(site, challengeOf(options), key, answer);
      assert.deepEqual(use, { counter, userVerified: true });
      key = { ...key, counter: use.counter };
    }
  });

  test('is believed from a key that never counts', async () => {
    const device = makeSoftPasskey(home, false);
    const key = await register(device);
    for (let time = 0; time < 2; time += 1) {
      const options = await askFor();
      const use = await verifyAuthentication(site, challengeOf(options), key, device.use(options));
      assert.equal(use.counter, 0);
    }
  });

  test('is believed from every address of the site', async () => {
    const device = makeSoftPasskey(home);
    const key = await register(device);
    const options = await askFor();
    const answer = device.use(options, { origin: 'https://sajin.example', flags: flags.present });
    const { userVerified } = await verifyAuthentication(site, challengeOf(options), key, answer);
    assert.equal(userVerified, false);
  });

  for (const [what, lie] of [
    ...lies,
    ['nobody who touched it', { flags: flags.verified }],
    ['a making in place of a use', { type: 'webauthn.create' }],
    ['a count that stands still', { counter: 5 }],
    ['a count that goes back', { counter: 4 }],
    ['another user’s handle', { userHandle: '01990000-0000-7000-8000-000000000002' }],
    ['an empty handle', { userHandle: '' }],
  ] as const)
    test(`refuses ${what}`, async () => {
      const device = makeSoftPasskey(home);
      const key = { ...(await register(device)), counter: 5 };
      const options = await askFor();
      const right = device.use(options, { counter: 6 });
      await verifyAuthentication(site, challengeOf(options), key, right);
      const answer = device.use(options, { counter: 7, ...lie });
      await assert.rejects(verifyAuthentication(site, challengeOf(options), key, answer), PasskeyRefused);
    });

  test('refuses an answer that was given before', async () => {
    const device = makeSoftPasskey(home);
    const key = await register(device);
    const options = await askFor();
    const answer = device.use(options);
    const { counter } = await verifyAuthentication(site, challengeOf(options), key, answer);
    const later = { ...key, counter };
    await assert.rejects(verifyAuthentication(site, challengeOf(options), later, answer), PasskeyRefused);
    const next = await askFor();
    await assert.rejects(verifyAuthentication(site, challengeOf(next), key, answer), PasskeyRefused);
  });

  test('refuses a signature of another key, and one that was touched', async () => {
    const [device, other] = [makeSoftPasskey(home), makeSoftPasskey(home)];
    const [key, others] = [await register(device), await register(other)];
    const options = await askFor();
    const answer = other.use(options);
    await assert.rejects(verifyAuthentication(site, challengeOf(options), key, answer), PasskeyRefused);
    const disguised = { ...answer, id: key.credentialId, rawId: key.credentialId };
    await assert.rejects(verifyAuthentication(site, challengeOf(options), key, disguised), PasskeyRefused);
    const { signature } = answer.response;
    const touched = `${signature.slice(0, 20)}${signature[20] === 'A' ? 'B' : 'A'}${signature.slice(21)}`;
    const response = { ...answer.response, signature: touched };
    await assert.rejects(
      verifyAuthentication(site, challengeOf(options), others, { ...answer, response }),
      PasskeyRefused,
    );
  });
});

test('what is no answer at all is refused, and nothing is read out of it', async () => {
  const key = await register(makeSoftPasskey(home));
  const challenge = newToken();
  const answers = [undefined, null, 1, 'x', [], {}, { id: 1 }, { id: '' }, { id: 'a'.repeat(2000) }];
  const empty = { id: key.credentialId, rawId: key.credentialId, type: 'public-key', response: {} };
  for (const answer of [...answers, empty, { ...empty, response: { clientDataJSON: 'e30' } }]) {
    assert.equal(challengeIn(answer), undefined);
    await assert.rejects(verifyRegistration(site, challenge, answer), PasskeyRefused);
    await assert.rejects(verifyAuthentication(site, challenge, key, answer), PasskeyRefused);
  }
  for (const answer of answers) assert.equal(credentialIdIn(answer), undefined);
});
