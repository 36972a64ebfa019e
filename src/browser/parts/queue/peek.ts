// Whether the queue holds anything unfinished, be it for a person to decide, asked on every page: without a library, and without making a database where there is none.

export function hasUnfinished(): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const asking = indexedDB.open('sajin-queue');
      // It is not there: what was just begun is taken back.
      asking.onupgradeneeded = () => asking.transaction?.abort();
      asking.onerror = () => resolve(false);
      asking.onsuccess = () => count(asking.result, resolve);
    } catch {
      resolve(false);
    }
  });
}

function count(database: IDBDatabase, tell: (isUnfinished: boolean) => void): void {
  const end = (isUnfinished: boolean) => {
    database.close();
    tell(isUnfinished);
  };
  try {
    const counting = database.transaction('items').objectStore('items').index('open').count();
    counting.onsuccess = () => end(counting.result > 0);
    counting.onerror = () => end(false);
  } catch {
    end(false);
  }
}
