// Titles in the queue of uploads, without a browser: what was typed is kept until the queue has it.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { deliver } from '../../src/browser/parts/queue/delivery.ts';
import { changed } from '../../src/browser/parts/queue/rules.ts';
import { type Changes, openQueueStore, type QueueItem } from '../../src/browser/parts/queue/store.ts';
import { TransferError } from '../../src/browser/parts/queue/transfer.ts';
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

describe('a title that is told late', () => {
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
