// Tokens and codes: how they look, how they are read, and what is kept of them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { hashToken, isSameSecret, newToken, parseToken } from '../../src/security/tokens.ts';

describe('a token', () => {
  test('is 32 bytes, another each time, and can be read again', () => {
    const tokens = Array.from({ length: 200 }, newToken);
    assert.equal(new Set(tokens).size, 200);
    for (const token of tokens) {
      assert.equal(Buffer.from(token, 'base64url').length, 32);
      assert.equal(parseToken(token), token);
    }
  });

  test('is nothing else', () => {
    const token = newToken();
    const others = ['', token.slice(1), `${token}A`, `${token}\n`, token.replace(/^./, '='), `${token}==`];
    for (const text of [...others, 'a'.repeat(100_000)]) assert.equal(parseToken(text), undefined);
  });

  test('has one way to be written', () => {
    const bytes = Buffer.alloc(32, 0xff);
    const written = bytes.toString('base64url');
    const twin = `${written.slice(0, -1)}9`;
    assert.deepEqual(Buffer.from(twin, 'base64url'), bytes);
    assert.deepEqual([parseToken(written), parseToken(twin)], [written, undefined]);
  });

  test('is kept as its SHA-256', () => {
    const token = newToken();
    assert.equal(hashToken(token), createHash('sha256').update(token).digest('hex'));
  });
});

test('secrets are the same or not, whatever their lengths', () => {
  assert.equal(isSameSecret('abc', 'abc'), true);
  for (const other of ['', 'ab', 'abd', 'abcd']) assert.equal(isSameSecret('abc', other), false);
});
