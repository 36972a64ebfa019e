// Whether the queue holds anything unfinished for whoever has signed in, be it for a person to decide, asked on every page: without a
// library, and without making a database where there is none.
import type { Owner } from './owner.ts';
import type { QueueItem } from './store.ts';

/** What nobody has called theirs counts, too: somebody has to. */
export function hasUnfinished(owner: Owner): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const asking = indexedDB.open('sajin-queue');
      // It is not there: what was just begun is taken back.
      asking.onupgradeneeded = () => asking.transaction?.abort();
      asking.onerror = () => resolve(false);
      asking.onsuccess = () => look(asking.result, owner, resolve);
    } catch {
      resolve(false);
    }
  });
}

function look(database: IDBDatabase, owner: Owner, tell: (isUnfinished: boolean) => void): void {
  const end = (isUnfinished: boolean) => {
    database.close();
    tell(isUnfinished);
  };
  try {
    const looking = database.transaction('items').objectStore('items').index('open').openCursor();
    looking.onsuccess = () => {
      const cursor = looking.result;
      const { user } = (cursor?.value ?? {}) as Partial<QueueItem>;
      if (cursor === null) end(false);
      else if (owner === '' || user === undefined || user === owner) end(true);
      else cursor.continue();
    };
    looking.onerror = () => end(false);
  } catch {
    end(false);
  }
}
