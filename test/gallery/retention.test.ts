// Which backups stay.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keptMoments } from '../../src/gallery/retention.ts';

const hours = (from: string, count: number) =>
  Array.from({ length: count }, (_, hour) => new Date(Date.parse(from) + hour * 3_600_000));
const kept = (moments: readonly Date[]) =>
  [...keptMoments(moments)].map((moment) => moment.toISOString()).sort();

describe('of many backups', () => {
  test('the last of each of seven days and four weeks stay', () => {
    // From a Monday on, one every hour, for ten weeks.
    assert.deepEqual(kept(hours('2026-09-07T00:00:00Z', 10 * 7 * 24)), [
      '2026-10-25T23:00:00.000Z',
      '2026-11-01T23:00:00.000Z',
      '2026-11-08T23:00:00.000Z',
      '2026-11-09T23:00:00.000Z',
      '2026-11-10T23:00:00.000Z',
      '2026-11-11T23:00:00.000Z',
      '2026-11-12T23:00:00.000Z',
      '2026-11-13T23:00:00.000Z',
      '2026-11-14T23:00:00.000Z',
      '2026-11-15T23:00:00.000Z',
    ]);
  });

  test('days and weeks without one do not count', () => {
    const rare = ['2024-01-01', '2025-01-01', '2026-01-01'].map((day) => new Date(day));
    assert.equal(keptMoments(rare).size, 3);
    assert.equal(keptMoments([]).size, 0);
  });

  test('the last one always stays, whatever order they come in', () => {
    const moments = hours('2026-09-07T00:00:00Z', 400);
    const last = moments.at(-1);
    assert.ok(last && keptMoments(moments.toReversed()).has(last));
  });
});
