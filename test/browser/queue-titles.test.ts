// Titles in the queue of uploads, without a browser: what was typed is kept until the queue has it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openQueueStore } from '../../src/browser/parts/queue/store.ts';
import { openTypedTitles, takeUpTyped } from '../../src/browser/parts/queue/typed-titles.ts';

function openKept(): Storage {
  const kept = new Map<string, string>([['sajin.boxes', 'on']]);
  return {
    get length() {
      return kept.size;
    },
    key: (at) => [...kept.keys()][at] ?? null,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
    clear: () => kept.clear(),
  };
}

describe('a title that is being typed', () => {
  test('is kept until the queue has it, and what was typed since stays', () => {
    const kept = openKept();
    const titles = openTypedTitles(kept);
    titles.put('1', 'Ki');
    titles.put('1', 'Kite');
    titles.put('2', '');
    titles.written('1', 'Ki');
    assert.deepEqual(openTypedTitles(kept).list(), [
      ['1', 'Kite'],
      ['2', ''],
    ]);
    titles.written('1', 'Kite');
    titles.written('2', '');
    assert.deepEqual(titles.list(), []);
    assert.equal(kept.length, 1, 'nothing else is touched');
  });

  test('goes into the queue from what an earlier page left, and is forgotten with its item', async (t) => {
    const titles = openTypedTitles(openKept());
    const store = await openQueueStore('');
    t.after(() => store.close());
    const [one] = await store.add([{ file: new Blob(['a']), name: 'a' }]);
    titles.put(one?.id ?? '', 'Typed');
    titles.put('gone', 'Typed, too');
    await takeUpTyped(store, titles);
    assert.deepEqual(
      (await store.list()).map(({ title }) => title),
      ['Typed'],
    );
    assert.deepEqual(titles.list(), []);
  });

  test('stays kept while the queue can’t be written to', async () => {
    const titles = openTypedTitles(openKept());
    titles.put('1', 'Typed');
    const broken = { update: () => Promise.reject(new Error('no')) };
    await assert.rejects(takeUpTyped(broken, titles));
    assert.deepEqual(titles.list(), [['1', 'Typed']]);
  });

  test('is no trouble where nothing may be kept', () => {
    const titles = openTypedTitles({
      ...openKept(),
      setItem() {
        throw new DOMException('full', 'QuotaExceededError');
      },
    });
    titles.put('1', 'Typed');
    titles.written('1', 'Typed');
    assert.deepEqual(titles.list(), []);
  });
});
