// Turns: how many at once, in which order, and who is sent away.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openTurns, TurnRefused } from '../../src/security/turns.ts';

const forever = new AbortController().signal;
/** Resolves after everything that could happen now has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  test('let no more than so many at once, and the others in the order they came (T31)', async () => {
    const turns = openTurns({ atOnce: 2, mostWaiting: 10 });
    const begun: number[] = [];
    const releases = new Map<number, () => void>();
    for (const who of [1, 2, 3, 4, 5])
      void turns.take(forever).then((release) => {
        begun.push(who);
        releases.set(who, release);
      });
    await settled();
    assert.deepEqual(begun, [1, 2]);
    releases.get(2)?.();
    // Comes later than those who wait, also now that one has just ended.
    void turns.take(forever).then(() => begun.push(6));
    await settled();
    assert.deepEqual(begun, [1, 2, 3]);
    releases.get(1)?.();
    releases.get(3)?.();
    await settled();
    assert.deepEqual(begun, [1, 2, 3, 4, 5]);
    releases.get(4)?.();
    await settled();
    assert.deepEqual(begun, [1, 2, 3, 4, 5, 6]);
  });

  test('are given back once, however often that is said', async () => {
    const turns = openTurns({ atOnce: 1, mostWaiting: 10 });
    const release = await turns.take(forever);
    const begun: number[] = [];
    for (const who of [1, 2]) void turns.take(forever).then(() => begun.push(who));
    release();
    release();
    await settled();
    assert.deepEqual(begun, [1]);
  });

  test('send away whoever would wait behind too many', async () => {
    const turns = openTurns({ atOnce: 1, mostWaiting: 2 });
    const release = await turns.take(forever);
    const waiting = [turns.take(forever), turns.take(forever)];
    await assert.rejects(turns.take(forever), TurnRefused);
    release();
    (await waiting[0])?.();
    (await waiting[1])?.();
    (await turns.take(forever))();
  });

  test('pass over whoever has left, who takes no place', async () => {
    const turns = openTurns({ atOnce: 1, mostWaiting: 1 });
    const release = await turns.take(forever);
    const leaving = new AbortController();
    const left = turns.take(leaving.signal);
    leaving.abort(new Error('gone'));
    await assert.rejects(left, /gone/);
    const next = turns.take(forever);
    release();
    (await next)();
    await assert.rejects(turns.take(leaving.signal), /gone/);
  });

  test('let nobody wait in all the places, and count who begins or leaves no longer', async () => {
    const turns = openTurns({ atOnce: 1, mostWaiting: 4 });
    const release = await turns.take(forever);
    const mine = [{ holder: 'mine', part: 0.5 }];
    const leaving = new AbortController();
    const left = turns.take(leaving.signal, mine);
    const first = turns.take(forever, mine);
    await assert.rejects(turns.take(forever, mine), TurnRefused);
    void turns.take(forever, [{ holder: 'another', part: 0.5 }]);
    leaving.abort(new Error('left'));
    await assert.rejects(left, /left/);
    void turns.take(forever, mine);
    await assert.rejects(turns.take(forever, mine), TurnRefused);
    release();
    await first;
    void turns.take(forever, mine);
    await assert.rejects(turns.take(forever, mine), TurnRefused);
  });
});
