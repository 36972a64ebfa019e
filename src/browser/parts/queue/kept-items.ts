// Queue items in IndexedDB. Their bytes lie in an object store of their own, so that listing a thousand items reads no picture.
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb';
import { changed, changedBy, chosenAgain, isDue, isOpen, isSpent, leased, needsPerson } from './rules.ts';
import type { Added, Draft, Items, QueueItem } from './store.ts';

/** `open` is there only while there is something to do, so that its index holds nothing else: 1 by itself, 2 for a person. */
type Row = QueueItem & { readonly open?: 1 | 2 };

interface Shape extends DBSchema {
  items: {
    key: string;
    value: Row;
    indexes: { open: number; leasedUntil: number; choice: string };
  };
  files: { key: string; value: Blob };
}

// 2 has the shape of 1. Pages and service workers that know no owners can't open it: they would send everybody's items.
const version = 2;

type Writing = IDBPTransaction<Shape, ('items' | 'files')[], 'readwrite'>;

/** Rejects where IndexedDB can't be used. */
export async function openKeptItems(): Promise<Items> {
  let connection: Promise<IDBPDatabase<Shape>> | undefined = connect();
  await connection;

  // A phone that sleeps may cut the connection to its own database; once more is enough then.
  const run = async <T>(work: (database: IDBPDatabase<Shape>) => Promise<T>): Promise<T> => {
    try {
      connection ??= connect();
      return await work(await connection);
    } catch (error) {
      if (!(error instanceof DOMException) || !['InvalidStateError', 'UnknownError'].includes(error.name))
        throw error;
      connection = connect();
      return work(await connection);
    }
  };
  const write = <T>(work: (writing: Writing) => Promise<T>, options?: IDBTransactionOptions) =>
    run(async (database) => {
      const writing = database.transaction(['items', 'files'], 'readwrite', options);
      // A rejected request also rejects `done`, which nobody listens to by then.
      writing.done.catch(() => undefined);
      try {
        const result = await work(writing);
        await writing.done;
        return result;
      } catch (error) {
        abandon(writing);
        throw error;
      }
    });

  return {
    add: (drafts) =>
      write(
        async (writing) => {
          const added: Added[] = [];
          for (const draft of drafts) added.push(await addOne(writing, draft));
          return added;
        },
        // "Kept" is said only of what is on the disk, not of what the system is about to write there.
        { durability: 'strict' },
      ),
    list: () => run((database) => database.getAll('items')),
    file: (id) => run((database) => database.get('files', id)),
    update: (id, changes, by) =>
      write(async (writing) => {
        const before = await writing.objectStore('items').get(id);
        const item = before === undefined ? undefined : changed(before, changes, by);
        if (item === undefined) return undefined;
        await writing.objectStore('items').put(rowOf(item));
        if (isSpent(item)) await writing.objectStore('files').delete(id);
        return item;
      }),
    updateAll: (changesOf) =>
      write(async (writing) => {
        const items = writing.objectStore('items');
        const put = (await items.getAll()).flatMap((before) => changedBy(before, changesOf) ?? []);
        await Promise.all(put.map((item) => items.put(rowOf(item))));
        return put;
      }),
    remove: (id) =>
      write(async (writing) => {
        await writing.objectStore('items').delete(id);
        await writing.objectStore('files').delete(id);
      }),
    claim: (by, leaseMs, now, atMost, isMine = () => true) =>
      write(async (writing) => {
        const items = writing.objectStore('items');
        const others = await items.index('leasedUntil').count(IDBKeyRange.lowerBound(now, true));
        if (others >= atMost) return undefined;
        for await (const cursor of items.index('open').iterate(1)) {
          if (!isDue(cursor.value, now) || !isMine(cursor.value)) continue;
          const item = leased(cursor.value, by, leaseMs, now);
          await cursor.update(rowOf(item));
          return item;
        }
        return undefined;
      }),
    close() {
      void connection?.then((database) => database.close());
    },
  };

  function connect() {
    return openDB<Shape>('sajin-queue', version, {
      upgrade(database, before) {
        if (before > 0) return;
        const items = database.createObjectStore('items', { keyPath: 'id' });
        items.createIndex('open', 'open');
        items.createIndex('leasedUntil', 'leasedUntil');
        items.createIndex('choice', 'choice');
        database.createObjectStore('files');
      },
      // A newer version of this page wants to change the shape.
      blocking(_current, _blocked, event) {
        (event.target as IDBDatabase).close();
      },
      terminated() {
        connection = undefined;
      },
    });
  }
}

/** All or none: what could not even be asked for, as to put a file that can't be copied, does not end a transaction by itself. */
function abandon(writing: Writing): void {
  try {
    writing.abort();
  } catch {
    // It ended already.
  }
}

async function addOne(writing: Writing, draft: Draft): Promise<Added> {
  const { item, file } = draft;
  const items = writing.objectStore('items');
  const [same] = item.choice === undefined ? [] : await items.index('choice').getAll(item.choice, 1);
  const again = same === undefined ? undefined : chosenAgain(same, draft);
  if (again !== undefined) {
    if (again === same) return { item: again };
    await items.put(rowOf(again));
    if (file !== undefined) await writing.objectStore('files').put(file, again.id);
    return { item: again };
  }
  if (same !== undefined) await items.delete(same.id);
  await items.put(rowOf(item));
  if (file !== undefined) await writing.objectStore('files').put(file, item.id);
  return same === undefined ? { item } : { item, replaces: same.id };
}

function rowOf(item: Row): Row {
  const { open: _, ...rest } = item;
  if (isOpen(rest)) return { ...rest, open: 1 };
  return needsPerson(rest) ? { ...rest, open: 2 } : rest;
}
