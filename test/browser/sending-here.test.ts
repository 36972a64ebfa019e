// When a page must not be left without a question.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { draftsOf } from '../../src/browser/parts/queue/rules.ts';
import { openLosses } from '../../src/browser/parts/queue/sending-here.ts';
import type { Change, QueueItem } from '../../src/browser/parts/queue/store.ts';

const itemNamed = (name: string): QueueItem => {
  const [draft] = draftsOf([{ file: new Blob(['x']), name }], 0);
  assert.ok(draft);
  return draft.item;
};

async function openPage(isKept: boolean, ...there: readonly QueueItem[]) {
  const store = {
    isKept,
    list: async () => [...there],
    tell: (_: Change) => {},
    subscribe(listener: (change: Change) => void) {
      store.tell = listener;
      return () => false;
    },
  };
  const wouldLose = openLosses(store);
  await store.list();
  const put = (item: QueueItem) => store.tell({ put: [item], removed: [] });
  return { store, put, wouldLose };
}

describe('leaving a page', () => {
  it('loses nothing that is kept, also when there is no room for more later', async () => {
    const [before, now] = [itemNamed('before'), itemNamed('now')];
    const { store, put, wouldLose } = await openPage(true, before);
    put(now);
    store.isKept = false;
    for (const item of [before, now]) put({ ...item, state: 'sending' });
    assert.equal(wouldLose(), false);
  });

  it('loses what is only in its memory until that is sent, also while a person has to look at it', async () => {
    const { store, put, wouldLose } = await openPage(true);
    const item = itemNamed('no room');
    store.isKept = false;
    for (const state of ['waiting', 'sending', 'paused', 'failed'] as const) {
      put({ ...item, state });
      assert.equal(wouldLose(), true, state);
    }
    put({ ...item, state: 'sent' });
    assert.equal(wouldLose(), false);
  });

  it('loses what was in memory before it was asked, unless that was taken out', async () => {
    const item = itemNamed('private window');
    const { store, wouldLose } = await openPage(false, item);
    assert.equal(wouldLose(), true);
    store.tell({ put: [], removed: [item.id] });
    assert.equal(wouldLose(), false);
  });
});
