// Taking out of the queue: a way back, and nothing lost by whoever closes the page meanwhile.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { openQueueStore, type QueueItem } from '../../src/browser/parts/queue/store.ts';
import { openTakingOut } from '../../src/browser/parts/queue/taking-out.ts';
import { until } from '../support/until.ts';

async function open(t: TestContext) {
  const store = await openQueueStore('');
  t.after(() => store.close());
  const waiting: (() => void)[] = [];
  const told = { left: [] as string[], back: [] as string[], offered: [] as number[] };
  const out = openTakingOut(
    store,
    {
      left: (id) => told.left.push(id),
      back: ({ name }) => told.back.push(name),
      mayComeBack: ({ length }) => told.offered.push(length),
    },
    (work) => waiting.push(work),
  );
  const items = await store.add(['a', 'b', 'c'].map((name) => ({ file: new Blob([name]), name })));
  const states = async () => (await store.list()).map(({ name, state }) => `${name} ${state}`);
  const pass = () => {
    for (const work of waiting.splice(0)) work();
  };
  return { store, out, told, items, states, pass };
}

describe('what is taken out', () => {
  it('is not sent and not gone until the time for coming back is over', async (t) => {
    const { out, told, items, states, pass } = await open(t);
    await out.takeOut(items.slice(0, 1));
    assert.deepEqual(await states(), ['a paused', 'b waiting', 'c waiting']);
    assert.deepEqual([told.left, told.offered], [[items[0]?.id], [1]]);
    await out.takeOut(items.slice(1, 2));
    assert.deepEqual(told.offered, [1, 2], 'both may come back');
    pass();
    await until('both to be gone', async () => (await states()).length === 1);
    assert.deepEqual(await states(), ['c waiting']);
    assert.deepEqual(told.offered.at(-1), 0);
  });

  it('comes back as it was', async (t) => {
    const { store, out, told, items, states, pass } = await open(t);
    const [a, b] = items as [QueueItem, QueueItem];
    const failed = await store.update(b.id, { state: 'failed', code: 'server', reason: 'Why' });
    assert.ok(failed);
    await out.takeOut([a, failed]);
    assert.equal(out.isLeaving(a.id), true);
    await out.undo();
    pass();
    assert.deepEqual(await states(), ['a waiting', 'b failed', 'c waiting']);
    assert.deepEqual([told.back, out.isLeaving(a.id)], [['a', 'b'], false]);
  });

  it('goes at once where nothing can be lost', async (t) => {
    const { store, out, items, states } = await open(t);
    const [a] = items as [QueueItem];
    const sent = await store.update(a.id, { state: 'sent', photo: '/photos/1' });
    assert.ok(sent);
    await out.takeOut([sent]);
    assert.deepEqual(await states(), ['b waiting', 'c waiting']);
  });
});
