// When a body is too slow: it stalls, or it crawls; a phone on a bad network is neither.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPaceMeter } from '../../src/http/body-guard.ts';

/** The second at which a body with this many bytes so far is called too slow, looked at every 5 s for 10 minutes. */
function cutAfter(bytesAt: (second: number) => number): number | undefined {
  const isTooSlow = openPaceMeter(0, bytesAt(0));
  for (let second = 5; second <= 600; second += 5)
    if (isTooSlow(second * 1000, bytesAt(second))) return second;
  return undefined;
}

test('a body that never comes is cut after half a minute (T29)', () =>
  assert.equal(
    cutAfter(() => 100),
    30,
  ));
test('one byte a second is cut after a minute (T29)', () =>
  assert.equal(
    cutAfter((second) => second),
    60,
  ));
test('two kilobytes a second may go on', () =>
  assert.equal(
    cutAfter((second) => second * 2048),
    undefined,
  ));
test('a gap of 25 seconds is forgiven, one of 30 is not', () => {
  assert.equal(
    cutAfter((second) => Math.floor(second / 25) * 100_000),
    undefined,
  );
  assert.equal(
    cutAfter((second) => (second < 100 ? second * 10_000 : 1_000_000)),
    130,
  );
});
test('a fast start does not pay for a crawl later (T29)', () => {
  const second = cutAfter((at) => (at < 20 ? at * 1_000_000 : 20_000_000 + at));
  assert.ok(second !== undefined && second <= 85, `cut after ${second} s`);
});
