// Passwords: what is kept of them, what is recognised, and that neither time nor a crowd tells or costs too much.
import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { passwordFault } from '../../src/security/password-rules.ts';
import { openPasswords } from '../../src/security/passwords.ts';
import { TurnRefused } from '../../src/security/turns.ts';

const cheap = { ln: 4, r: 8, p: 1 };
const phrase = 'seven geese over 한강';

describe('a password', () => {
  test('is kept as scrypt with N 2^15, r 8, p 3, 16 bytes of salt and 32 of key', async () => {
    const hash = await openPasswords().hash(phrase);
    const [, , , salt = '', key = ''] = hash.split('$');
    assert.match(hash, /^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    const options = { N: 32_768, r: 8, p: 3, maxmem: 64 * 1024 * 1024 };
    const expected = scryptSync(phrase, Buffer.from(salt, 'base64'), 32, options);
    assert.deepEqual(Buffer.from(key, 'base64'), expected);
  });

  test('is recognised, and no other is', async () => {
    const passwords = openPasswords(cheap);
    const hash = await passwords.hash(phrase);
    assert.deepEqual(await passwords.verify(phrase, hash), { isRight: true, needsRehash: false });
    for (const other of [`${phrase} `, phrase.toUpperCase(), '', phrase.slice(0, -1)])
      assert.deepEqual(await passwords.verify(other, hash), { isRight: false, needsRehash: false });
  });

  test('leaves another hash each time', async () => {
    const passwords = openPasswords(cheap);
    assert.notEqual(await passwords.hash(phrase), await passwords.hash(phrase));
  });

  test('is taken as it was typed: composed and decomposed are two', async () => {
    const passwords = openPasswords(cheap);
    const hash = await passwords.hash('café'.normalize('NFC'));
    assert.equal((await passwords.verify('café'.normalize('NFD'), hash)).isRight, false);
  });

  test('that was kept at other costs is recognised, and shall be hashed again', async () => {
    const hash = await openPasswords({ ln: 3, r: 4, p: 2 }).hash(phrase);
    const passwords = openPasswords(cheap);
    assert.deepEqual(await passwords.verify(phrase, hash), { isRight: true, needsRehash: true });
    assert.deepEqual(await passwords.verify('another', hash), { isRight: false, needsRehash: false });
  });

  test('is never right for nobody, nor for what is no hash', async () => {
    const passwords = openPasswords(cheap);
    const good = await passwords.hash(phrase);
    const bad = [
      undefined,
      '',
      phrase,
      good.replace('scrypt', 'bcrypt'),
      good.replace('ln=4', 'ln=30'),
      good.replace('ln=4', 'ln=0'),
      good.replace('r=8', 'r=0'),
      good.replace('p=1', 'p=99'),
      good.slice(0, -1),
      `${good}\n`,
    ];
    for (const hash of bad) assert.equal((await passwords.verify(phrase, hash)).isRight, false, hash);
  });

  test('takes as much work for nobody as for somebody (T32)', async () => {
    const passwords = openPasswords({ ln: 14, r: 8, p: 1 });
    const hash = await passwords.hash(phrase);
    const workOf = async (kept: string | undefined) => {
      const before = process.cpuUsage();
      for (let count = 0; count < 5; count += 1) await passwords.verify('wrong', kept);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    const [somebody, nobody, nonsense] = [
      await workOf(hash),
      await workOf(undefined),
      await workOf('nonsense'),
    ];
    for (const work of [nobody, nonsense])
      assert.ok(work > somebody / 2 && work < somebody * 2, `${work} and ${somebody} µs`);
  });

  test('waits its turn among fifty, and is refused beyond', async () => {
    const passwords = openPasswords(cheap);
    const all = await Promise.allSettled(Array.from({ length: 60 }, () => passwords.hash(phrase)));
    const refused = all.filter((one) => one.status === 'rejected');
    assert.equal(refused.length, 8);
    for (const one of refused) assert.ok(one.status === 'rejected' && one.reason instanceof TurnRefused);
    assert.equal((await passwords.hash(phrase)).length > 0, true);
  });

  test('waits no longer than whoever asks', async () => {
    const passwords = openPasswords(cheap);
    const leaving = new AbortController();
    const asked = [1, 2, 3].map(() => passwords.verify(phrase, undefined, leaving.signal));
    leaving.abort(new Error('gone'));
    const ends = await Promise.allSettled(asked);
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected'],
    );
  });
});

describe('the rules for a password', () => {
  const faults: readonly (readonly [password: string, fault: string | undefined])[] = [
    [phrase, undefined],
    ['correct horse battery staple', undefined],
    ['vxoq7wm2kfpz', undefined],
    ['보리와 함께 한강에서 산책', undefined],
    ['kanshudo-miri-pole', undefined],
    ['11 letters.', 'too-short'],
    ['한강에서보리와산책을', 'too-short'],
    ['😀😀😀😀😀😀', 'too-short'],
    [`${phrase}`.repeat(8), 'too-long'],
    ['aaaaaaaaaaaa', 'too-common'],
    ['123456789012', 'too-common'],
    ['qwertyuiop12', 'too-common'],
    ['1qaz2wsx3edc', 'too-common'],
    ['zyxwvutsrqponm', 'too-common'],
    ['가가가가가가가가가가가가', 'too-common'],
    ['bori!bori!bori!', 'too-common'],
    ['Password1234', 'too-common'],
    ['!!Sunshine2024', 'too-common'],
    ['monkeymonkey', 'too-common'],
    ['Administrator', 'too-common'],
    ['ＡＤＭＩＮＩＳＴＲＡＴＯＲ', 'too-common'],
    ['dkssudgktpdy', 'too-common'],
    ['Sajin2026!!!', 'too-common'],
  ];
  for (const [password, fault] of faults)
    test(`say ${fault ?? 'nothing'} of ${password.slice(0, 30)}`, async () =>
      assert.equal(await passwordFault(password, 'Miri'), fault));

  test('allow 128 characters and no more', async () => {
    const long = Array.from({ length: 128 }, (_, at) => String.fromCodePoint(0x1_f600 + ((at * 37) % 80)));
    assert.equal(await passwordFault(long.join(''), 'Miri'), undefined);
    assert.equal(await passwordFault(`${long.join('')}x`, 'Miri'), 'too-long');
  });

  test("refuse one's own name with little beside it, however it is written", async () => {
    assert.equal(await passwordFault('bartholomew-99', 'Bartholomew'), 'like-the-name');
    assert.equal(await passwordFault('BARTHOLOMEWBARTHOLOMEW', 'Bartholomew'), 'like-the-name');
    assert.equal(await passwordFault('bartholomew had nine cats', 'Bartholomew'), undefined);
    assert.equal(await passwordFault('bartholomew-99x', 'Al'), undefined);
  });
});
