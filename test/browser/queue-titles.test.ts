// Titles in the queue of uploads, without a browser: what was typed is kept until the queue has it.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { deliver } from '../../src/browser/parts/queue/delivery.ts';
import { openMemoryItems } from '../../src/browser/parts/queue/memory-items.ts';
import { changed, chosenAgain, draftsOf, owesTitle } from '../../src/browser/parts/queue/rules.ts';
import { type Changes, openQueueStore, type QueueItem } from '../../src/browser/parts/queue/store.ts';
import { takeUpTyped } from '../../src/browser/parts/queue/take-up.ts';
import { takesTitleForAll, titledByHand, titledWithAll } from '../../src/browser/parts/queue/titles.ts';
import { TransferError } from '../../src/browser/parts/queue/transfer.ts';
import { idForAll, openTypedTitles } from '../../src/browser/parts/queue/typed-titles.ts';

const item: QueueItem = {
  id: '1',
  name: 'kite.jpg',
  type: 'image/jpeg',
  size: 1,
  addedAt: 0,
  title: 'Kite',
  state: 'sent',
  sent: 1,
  tries: 0,
  photo: '/photos/1',
  sentTitle: '',
};

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

/** What a browser keeps, for whoever opens it. */
function openKeptQueue() {
  const items = openMemoryItems();
  return (owner: string | null) => openQueueStore(owner, async () => items);
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
    const openQueue = openKeptQueue();
    const store = await openQueue('');
    t.after(() => store.close());
    const [one] = await store.add([{ file: new Blob(['a']), name: 'a' }]);
    titles.put(one?.id ?? '', 'Typed');
    titles.put('gone', 'Typed, too');
    await takeUpTyped(titles, () => openQueue(''));
    assert.deepEqual(
      (await store.list()).map(({ title }) => title),
      ['Typed'],
    );
    assert.deepEqual(titles.list(), []);
  });

  test('stays kept while the queue can’t be written to', async () => {
    const titles = openTypedTitles(openKept());
    titles.put('1', 'Typed');
    const openBroken = async () => {
      const store = await openKeptQueue()('');
      return { ...store, isKept: true, update: () => Promise.reject(new Error('no')) };
    };
    await assert.rejects(takeUpTyped(titles, openBroken));
    assert.deepEqual(titles.list(), [['1', 'Typed']]);
    const refuse = () => Promise.reject(new Error('no'));
    await takeUpTyped(titles, () => openQueueStore('', refuse));
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

describe('one title for all', () => {
  const open = async (t: TestContext, owner = '') => {
    const store = await openQueueStore(owner);
    t.after(() => store.close());
    const titles = async () => (await store.list()).map(({ title }) => title);
    return { store, titles, give: (title: string) => store.updateAll((one) => titledWithAll(one, title)) };
  };
  const files = (...names: string[]) => names.map((name) => ({ file: new Blob([name]), name }));

  test('fills what has none, and what it filled before, but nothing that was typed by hand', async (t) => {
    const { store, titles, give } = await open(t);
    const [first] = await store.add(files('a', 'b', 'c'));
    await store.update(first?.id ?? '', titledByHand('By hand'));
    await give('Trip');
    assert.deepEqual(await titles(), ['By hand', 'Trip', 'Trip']);
    const [, second] = await store.list();
    await store.update(second?.id ?? '', titledByHand('Trip'));
    await give('Journey');
    assert.deepEqual(await titles(), ['By hand', 'Trip', 'Journey']);
    await give('');
    assert.deepEqual(await titles(), ['By hand', 'Trip', '']);
  });

  test('is taken by what was sent, which is then owed it, but not by what was there or is no photo', () => {
    const sent = { ...item, title: '' };
    assert.equal(takesTitleForAll(sent), true);
    assert.equal(owesTitle({ ...sent, ...titledWithAll(sent, 'Trip') }), true);
    assert.equal(takesTitleForAll({ ...sent, duplicate: true }), false);
    assert.equal(takesTitleForAll({ ...sent, state: 'refused' }), false);
  });

  test('is told in one change, and only of what changed', async (t) => {
    const { store, give } = await open(t);
    await store.add(files(...Array.from({ length: 1_000 }, (_, at) => `${at}`)));
    const told: number[] = [];
    store.subscribe(({ put }) => told.push(put.length));
    await give('Trip');
    await give('Trip');
    assert.deepEqual(told, [1_000]);
  });

  test('comes with a file that is added, and leaves what was typed by hand before it was chosen again', () => {
    const file = new File(['a'], 'a.jpg', { lastModified: 1 });
    const [draft] = draftsOf([{ file, name: 'a.jpg', title: 'Trip', isTitledWithAll: true }], 1);
    assert.ok(draft);
    const failed = { ...item, state: 'failed' } as const;
    const again = (facts: Partial<QueueItem>) => {
      const { title, isTitledWithAll = false } = chosenAgain({ ...failed, ...facts }, draft) ?? item;
      return [title, isTitledWithAll];
    };
    assert.deepEqual(again({ title: '' }), ['Trip', true]);
    assert.deepEqual(again({ title: 'Before', isTitledWithAll: true }), ['Trip', true]);
    assert.deepEqual(again({ title: 'By hand' }), ['By hand', false]);
  });

  test('that an earlier page left half typed is given to the items of whoever typed it, and left to nobody', async (t) => {
    const left = openTypedTitles(openKept());
    const openQueue = openKeptQueue();
    const juno = await openQueue('juno');
    const miri = await openQueue('miri');
    t.after(() => {
      juno.close();
      miri.close();
    });
    await juno.add(files('a', 'b'));
    const [hers] = await miri.add(files('c', 'd'));
    left.put(idForAll('juno'), 'His');
    left.put(idForAll('miri'), 'Hers');
    left.put(idForAll('bori'), 'Of somebody who has nothing here');
    left.put(hers?.id ?? '', 'Her first');
    // Nobody has signed in on the page that signing out leads to.
    await takeUpTyped(left, () => openQueue(''));
    assert.deepEqual(
      (await juno.list()).map(({ title }) => title),
      ['His', 'His'],
    );
    assert.deepEqual(
      (await miri.list()).map(({ title }) => title),
      ['Her first', 'Hers'],
    );
    assert.deepEqual(left.list(), []);
  });
});

describe('a title that is told late', () => {
  /** A gallery with that one photo, whose answers can be lost. */
  function openGallery(t: TestContext) {
    const photo = { title: '', version: 1 };
    let isCut = false;
    t.mock.method(globalThis, 'fetch', async (_: string, { method, body }: RequestInit) => {
      if (method === 'PATCH') {
        photo.title = (JSON.parse(String(body)) as { title: string }).title;
        photo.version += 1;
        if (isCut) throw new TypeError('cut');
      }
      return Response.json({ title: photo.title }, { headers: { ETag: `"${photo.version}"` } });
    });
    return {
      photo,
      cut(is: boolean) {
        isCut = is;
      },
    };
  }
  async function tell(before: QueueItem): Promise<QueueItem> {
    let now = before;
    const take = (changes: Changes) => {
      now = changed(now, changes) ?? now;
      return now;
    };
    const sent = deliver({
      item: before,
      file: undefined,
      chunkBytes: 1,
      signal: new AbortController().signal,
      httpStack: undefined,
      digest: async () => undefined,
      known: async () => undefined,
      note: async (changes) => take(changes),
      progress() {},
    });
    await sent.then(take, (error) => assert.ok(error instanceof TransferError));
    return now;
  }

  test('and typed further after the answer was lost is not taken for somebody else’s', async (t) => {
    const { photo, cut } = openGallery(t);
    cut(true);
    const unsure = await tell(item);
    assert.equal(photo.title, 'Kite');
    const twice = await tell({ ...unsure, title: 'Kite over' });
    assert.equal(photo.title, 'Kite over');
    cut(false);
    const told = await tell({ ...twice, title: 'Kite over the sea' });
    assert.equal(photo.title, 'Kite over the sea');
    assert.deepEqual([told.title, told.sentTitle], ['Kite over the sea', 'Kite over the sea']);
  });

  test('gives way to what somebody else wrote meanwhile', async (t) => {
    const { photo } = openGallery(t);
    photo.title = 'Of somebody else';
    const told = await tell(item);
    assert.equal(photo.title, 'Of somebody else');
    assert.deepEqual([told.title, told.sentTitle], ['Of somebody else', 'Of somebody else']);
  });
});
