// The rules for names, for how long sessions live, and for passwords that somebody chooses.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  cleanUserName,
  parseRole,
  parseSessionId,
  parseUserId,
  sessionAbsoluteMs,
  sessionEnd,
  sessionIdleMs,
  shortAgent,
  userNameKey,
} from '../../src/gallery/accounts.ts';
import { GalleryError } from '../../src/gallery/errors.ts';
import { choosePassword } from '../../src/gallery/password-choice.ts';
import { openPasswords } from '../../src/security/passwords.ts';

const refusal = (code: string) => (error: unknown) => error instanceof GalleryError && error.code === code;

describe('a name', () => {
  test('is cleaned as titles are', () => {
    assert.equal(cleanUserName('  Miri\n\u202e Kim '), 'Miri Kim');
    assert.equal(cleanUserName('미리'.normalize('NFD')), '미리');
  });

  test('has 1 to 40 characters that can be seen', () => {
    for (const name of ['M', '😀'.repeat(40)]) assert.equal(cleanUserName(name), name);
    for (const name of ['', ' \n ', '\u200b\u2060', 'x'.repeat(41)])
      assert.throws(() => cleanUserName(name), refusal('bad-user-name'), name);
  });

  test('is the same in any case, composed in any way, with anything invisible in it', () => {
    const same: readonly (readonly [string, string])[] = [
      ['Miri', 'mIRI'],
      ['Änne', 'ÄNNE'.normalize('NFD')],
      ['Straße', 'STRASSE'],
      ['Σίσυφος', 'ΣΊΣΥΦΟΣ'],
      ['Miri', 'M\u200dir\u00adi'],
      ['ﬁnn', 'FINN'],
    ];
    for (const [a, b] of same) assert.equal(userNameKey(a), userNameKey(b), `${a} ${b}`);
    for (const [a, b] of [
      ['Miri', 'Mirí'],
      ['Miri', 'Miri 2'],
    ] as const)
      assert.notEqual(userNameKey(a), userNameKey(b));
  });
});

test('a session ends two weeks after it was seen, and two months after it began', () => {
  assert.equal(sessionEnd(0, 0), sessionIdleMs);
  assert.equal(sessionEnd(0, 1000), sessionIdleMs + 1000);
  assert.equal(sessionEnd(0, sessionAbsoluteMs - 1), sessionAbsoluteMs);
});

test('what a browser calls itself is one short line', () => {
  assert.equal(shortAgent('Mozilla/5.0\r\n\x1b[31m evil'), 'Mozilla/5.0 [31m evil');
  assert.equal(shortAgent(`${'x'.repeat(199)}😀`), 'x'.repeat(199));
  assert.equal(shortAgent(undefined), '');
});

test('ids and roles are ours, or nothing', () => {
  const id = '01990000-0000-7000-8000-000000000000';
  assert.deepEqual([parseUserId(id), parseSessionId(id), parseRole('viewer')], [id, id, 'viewer']);
  for (const text of ['', `${id} `, id.replace('-7', '-4'), '../x', '__proto__', 'admin'])
    assert.deepEqual(
      [parseUserId(text), parseSessionId(text), parseRole(text)],
      [undefined, undefined, undefined],
    );
});

describe('a password that somebody chooses', () => {
  const passwords = openPasswords({ ln: 4, r: 8, p: 1 });

  test('becomes a hash', async () => {
    const hash = await choosePassword(passwords, 'seven geese over 한강', 'Miri');
    assert.equal((await passwords.verify('seven geese over 한강', hash)).isRight, true);
  });

  test('is refused with what is wrong with it', async () => {
    const refused: readonly (readonly [string, string])[] = [
      ['geese', 'password-too-short'],
      ['seven geese '.repeat(20), 'password-too-long'],
      ['password1234', 'password-too-common'],
      ['bartholomew1', 'password-like-name'],
    ];
    for (const [password, code] of refused)
      await assert.rejects(choosePassword(passwords, password, 'Bartholomew'), refusal(code), code);
  });

  test('meets a gallery that is busy, or somebody who left', async () => {
    const many = Array.from({ length: 300 }, () =>
      choosePassword(passwords, 'seven geese over 한강', 'Miri'),
    );
    const refused = (await Promise.allSettled(many)).filter((one) => one.status === 'rejected');
    assert.ok(refused.length > 0);
    for (const one of refused) assert.ok(one.status === 'rejected' && refusal('busy')(one.reason));
    const late = AbortSignal.abort(new DOMException('too late', 'TimeoutError'));
    await assert.rejects(choosePassword(passwords, 'seven geese over 한강', 'Miri', late), refusal('busy'));
    const left = AbortSignal.abort(new Error('left'));
    await assert.rejects(choosePassword(passwords, 'seven geese over 한강', 'Miri', left), /left/);
  });
});
