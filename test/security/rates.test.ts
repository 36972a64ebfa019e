// Limits in memory: how many, how long to wait, and what a clock or a crowd of keys can't do to them.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { type Allowance, openRateLimit, type RateOptions } from '../../src/security/rates.ts';
import { neighbourhoodOf, openSignInLimit, type SignInLimit } from '../../src/security/sign-in-limit.ts';

let time = 0;
beforeEach(() => {
  time = 1_000_000;
});
const now = () => time;
const waitOf = (allowance: Allowance) => (allowance.allowed ? 0 : allowance.retryAfterMs);

describe('a limit', () => {
  const open = (more: Partial<RateOptions> = {}) => openRateLimit({ most: 3, perMs: 1000, now, ...more });

  test('allows so many within any window, and says how long to wait', () => {
    const limit = open();
    const waits = [0, 100, 200, 300].map((later) => {
      time = 1_000_000 + later;
      return waitOf(limit.take('a'));
    });
    assert.deepEqual(waits, [0, 0, 0, 700]);
    time = 1_000_999;
    assert.equal(waitOf(limit.take('a')), 1);
    time = 1_001_000;
    assert.equal(waitOf(limit.take('a')), 0);
    assert.equal(waitOf(limit.take('a')), 100, 'until the second one is out of the window');
  });

  test('is one for each key', () => {
    const limit = open({ most: 1 });
    assert.deepEqual([limit.take('a'), limit.take('b')].map(waitOf), [0, 0]);
    assert.deepEqual([limit.take('a'), limit.take('b')].map(waitOf), [1000, 1000]);
    assert.equal(waitOf(limit.take('__proto__')), 0);
  });

  test('does not count what is refused, nor what is only asked', () => {
    const limit = open({ most: 1 });
    assert.equal(waitOf(limit.look('a')), 0);
    assert.equal(waitOf(limit.take('a')), 0);
    time += 999;
    for (let count = 0; count < 50; count += 1) assert.equal(waitOf(limit.take('a')), 1);
    time += 1;
    assert.equal(waitOf(limit.look('a')), 0);
  });

  test('forgets one try, or all', () => {
    const limit = open({ most: 2 });
    for (let count = 0; count < 2; count += 1) limit.take('a');
    limit.takeBack('a');
    assert.deepEqual([limit.take('a'), limit.take('a')].map(waitOf), [0, 1000]);
    limit.clear('a');
    limit.takeBack('a');
    assert.deepEqual([limit.take('a'), limit.take('a'), limit.take('a')].map(waitOf), [0, 0, 1000]);
  });

  test('asks for pauses that grow', () => {
    const limit = open({ most: 10, pauseMs: (tries) => (tries < 2 ? 0 : tries * 10) });
    assert.deepEqual([limit.take('a'), limit.take('a'), limit.take('a')].map(waitOf), [0, 0, 20]);
    time += 20;
    assert.deepEqual([limit.take('a'), limit.take('a')].map(waitOf), [0, 30]);
  });

  test('never asks for less than nothing, nor for more than a window, when the clock jumps', () => {
    const limit = open({ most: 1 });
    limit.take('a');
    time -= 500_000;
    assert.equal(waitOf(limit.take('a')), 1000);
    time += 400;
    assert.equal(waitOf(limit.take('a')), 600, 'and the wait gets shorter');
    time += 600;
    assert.equal(waitOf(limit.take('a')), 0);
    time += 1e12;
    assert.equal(waitOf(limit.take('a')), 0);
  });

  test('remembers so many keys, those that were used last', () => {
    const limit = open({ most: 1, mostKeys: 3, perMs: 1e9 });
    for (const key of ['a', 'b', 'c']) limit.take(key);
    limit.clear('a');
    limit.take('a');
    limit.take('d');
    const waiting = ['a', 'b', 'c', 'd'].filter((key) => !limit.look(key).allowed);
    assert.deepEqual(waiting, ['a', 'c', 'd']);
  });
});

describe('signing in', () => {
  let limit: SignInLimit;
  beforeEach(() => {
    limit = openSignInLimit(now);
  });
  /** Tries with the patience that it is asked for; how many were let through. */
  const failFor = (durationMs: number, account: string, address: string) => {
    const end = time + durationMs;
    let count = 0;
    while (time < end) {
      const wait = waitOf(limit.begin({ account, address }));
      if (wait === 0) count += 1;
      time += wait;
    }
    return count;
  };

  test('may fail ten times in a quarter of an hour, more and more slowly', () => {
    const attempt = { account: 'miri', address: '192.0.2.1' };
    const waits = Array.from({ length: 11 }, () => {
      const wait = waitOf(limit.begin(attempt));
      time += wait;
      if (wait > 0) limit.begin(attempt);
      return wait;
    });
    assert.deepEqual(waits.slice(0, 10), [0, 0, 0, 0, 0, 1000, 2000, 4000, 8000, 16_000]);
    assert.ok((waits[10] ?? 0) > 14 * 60_000, `${waits[10]}`);
  });

  test('is refused two hundred times a minute, and costs ten tries (T31)', () => {
    const attempt = { account: 'miri', address: '192.0.2.1' };
    let allowed = 0;
    for (let count = 0; count < 200; count += 1) {
      time += 300;
      if (limit.begin(attempt).allowed) allowed += 1;
    }
    assert.equal(allowed, 10);
  });

  test('works for the owner from elsewhere, whatever somebody does (T31)', () => {
    failFor(60 * 60_000, 'miri', '192.0.2.1');
    limit.begin({ account: 'miri', address: '192.0.2.1' });
    assert.equal(limit.begin({ account: 'miri', address: '192.0.2.1' }).allowed, false);
    assert.equal(limit.begin({ account: 'miri', address: '192.0.2.2' }).allowed, true);
    assert.equal(limit.begin({ account: 'bori', address: '192.0.2.1' }).allowed, true);
  });

  test('works again after a while', () => {
    assert.ok(failFor(14 * 60_000, 'miri', '192.0.2.1') <= 10);
    time += 15 * 60_000;
    assert.equal(limit.begin({ account: 'miri', address: '192.0.2.1' }).allowed, true);
  });

  test('does not care how the name is written', () => {
    for (const account of ['miri', 'MIRI', 'Miri', 'miri', 'mIri'])
      assert.equal(limit.begin({ account, address: '192.0.2.1' }).allowed, true);
    assert.equal(limit.begin({ account: 'MiRi', address: '192.0.2.1' }).allowed, false);
  });

  test('forgets failures after a success, of this account from this address', () => {
    const attempt = { account: 'miri', address: '192.0.2.1' };
    for (let count = 0; count < 20; count += 1) {
      for (let failed = 0; failed < 4; failed += 1) assert.equal(limit.begin(attempt).allowed, true);
      assert.equal(limit.begin(attempt).allowed, true);
      limit.succeeded(attempt);
      time += 60_000;
    }
    for (let failed = 0; failed < 5; failed += 1) limit.begin({ ...attempt, account: 'bori' });
    limit.begin(attempt);
    limit.succeeded(attempt);
    assert.equal(limit.begin({ ...attempt, account: 'bori' }).allowed, false);
  });

  test('may fail a hundred times from an address, whatever the names, and a success of one is no way around it', () => {
    const address = '192.0.2.1';
    let allowed = 0;
    for (let name = 0; name < 300; name += 1) {
      if (limit.begin({ account: `name${name}`, address }).allowed) allowed += 1;
      if (limit.begin({ account: 'mine', address }).allowed) limit.succeeded({ account: 'mine', address });
    }
    assert.equal(allowed, 100);
    assert.equal(limit.begin({ account: 'miri', address: '192.0.2.9' }).allowed, true);
  });

  test('counts all addresses of one IPv6 network together', () => {
    let allowed = 0;
    for (let count = 0; count < 300; count += 1)
      if (limit.begin({ account: `name${count}`, address: `2001:db8:1:2::${count.toString(16)}` }).allowed)
        allowed += 1;
    assert.equal(allowed, 100);
    assert.equal(limit.begin({ account: 'miri', address: '2001:db8:1:3::1' }).allowed, true);
  });
});

test('an account waits after five failures from one IPv6 network, and is free again after a success', () => {
  let time = 0;
  const limit = openSignInLimit(() => time);
  const tryFrom = (count: number) =>
    limit.begin({ account: 'miri', address: `2001:db8:1:2::${count}` }).allowed;
  assert.equal(Array.from({ length: 40 }, (_, count) => tryFrom(count)).filter(Boolean).length, 5);
  time += 1000;
  assert.equal(tryFrom(50), true);
  limit.succeeded({ account: 'miri', address: '2001:db8:1:2::51' });
  assert.equal(tryFrom(52), true);
});

test('the neighbourhood of an address', () => {
  const neighbourhoods: readonly (readonly [address: string, expected: string])[] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['2001:0DB8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1::7', '2001:db8:1:0::/64'],
    ['::2:3:4:5:6:7', '0:0:2:3::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['nonsense', 'nonsense'],
    ['', ''],
  ];
  for (const [address, expected] of neighbourhoods) assert.equal(neighbourhoodOf(address), expected);
});
