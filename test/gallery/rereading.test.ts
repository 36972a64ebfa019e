// Which files of a backup are read again, on days that are given.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Sha256 } from '../../src/gallery/photo.ts';
import { openRereading } from '../../src/gallery/rereading.ts';

const digests = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, '0').repeat(32) as Sha256,
);
const day = (number: number, hour = 3) => new Date(Date.UTC(2026, 10, number, hour));
const due = (last: Date | undefined, now: Date) => digests.filter(openRereading(last, now));
const noMore = (read: readonly Sha256[], of: number) => assert.ok(read.length <= of, `${read.length} of 256`);

describe('of a backup', () => {
  test('every file is read once in any thirty days of a backup every day, and never many at once', () => {
    for (const first of [1, 17, 44]) {
      const read: Sha256[] = [];
      for (let at = first; at < first + 30; at += 1) {
        const today = due(day(at - 1), day(at));
        noMore(today, 9);
        read.push(...today);
      }
      assert.deepEqual(read.sort(), digests);
    }
  });

  test('nothing is left out by days without a backup, and all of it read after a month', () => {
    const daily = [2, 3, 4, 5].flatMap((at) => due(day(at - 1), day(at)));
    assert.deepEqual(due(day(1, 23), day(5, 0)), daily.sort());
    assert.deepEqual(due(day(1), day(31)), digests);
    assert.deepEqual(due(day(1), day(300)), digests);
    noMore(due(day(1), day(30)), 255);
  });

  test('nothing is read twice on one day; without an earlier backup, or one of tomorrow, today’s part is', () => {
    assert.deepEqual(due(day(5, 1), day(5, 22)), []);
    const todays = due(day(4), day(5));
    assert.ok(todays.length > 0);
    assert.deepEqual(due(undefined, day(5)), todays);
    assert.deepEqual(due(day(9), day(5)), todays);
  });
});
