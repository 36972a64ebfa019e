// Shares: nobody takes everything, and what is given back is there for others.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openShares } from '../../src/security/shares.ts';

const mine = [{ holder: 'mine', part: 0.5 }];

describe('shares', () => {
  test('leave to others what one may not hold', () => {
    const shares = openShares(10);
    const taken = Array.from({ length: 20 }, () => shares.take(mine)).filter((place) => place !== undefined);
    assert.equal(taken.length, 5);
    assert.ok(shares.take([{ holder: 'another', part: 0.5 }]));
    assert.ok(shares.take([]));
    assert.equal(shares.taken(), 7);
  });

  test('are given back once, however often that is said', () => {
    const shares = openShares(2);
    const place = shares.take(mine);
    assert.equal(shares.take(mine), undefined);
    place?.();
    place?.();
    assert.equal(shares.taken(), 0);
    assert.ok(shares.take(mine));
    assert.equal(shares.take(mine), undefined);
  });

  test('count everybody of a kind together, and take nothing where one share of several is used up', () => {
    const shares = openShares(10);
    const of = (holder: string) => [
      { holder, part: 0.2 },
      { holder: 'outsiders', part: 0.8 },
    ];
    const taken = Array.from({ length: 100 }, (_, at) => shares.take(of(`link ${at}`)));
    assert.equal(taken.filter((place) => place !== undefined).length, 8);
    taken[0]?.();
    assert.ok(shares.take(of('link 99')), 'a refusal took nothing');
    assert.ok(shares.take(mine));
  });

  test('are never more than there is, for nobody', () => {
    const shares = openShares(3);
    for (let count = 0; count < 3; count += 1) assert.ok(shares.take([]));
    assert.equal(shares.take([]), undefined);
    assert.equal(shares.take(mine), undefined);
  });

  test('of little have one place at least', () => {
    assert.ok(openShares(2).take([{ holder: 'a', part: 0.2 }]));
  });
});
