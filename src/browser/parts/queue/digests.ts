// SHA-256 of files, computed beside the page: a large picture must not freeze it.
import type { DigestAnswer, DigestQuestion } from '../../digest-worker.ts';
import { scriptUrl } from '../script-url.ts';

/**
 * @param address of the built worker. Where there is none, and while it can't be loaded, digests are undefined: the bytes are sent then,
 * and the server compares them itself.
 */
export function openDigests(address: string | undefined): (file: Blob) => Promise<string | undefined> {
  const waiting = new Map<number, (sha256: string | undefined) => void>();
  let worker: Worker | undefined;
  let last = 0;

  // The next file tries again: without a connection the worker itself could not be loaded.
  const giveUp = () => {
    worker = undefined;
    for (const answer of waiting.values()) answer(undefined);
    waiting.clear();
  };
  const begin = () => {
    const begun = new Worker(scriptUrl(address ?? ''), { type: 'module' });
    begun.addEventListener('message', ({ data }: MessageEvent<DigestAnswer>) => {
      waiting.get(data.id)?.(data.sha256);
      waiting.delete(data.id);
    });
    begun.addEventListener('error', giveUp);
    return begun;
  };

  return (file) => {
    if (address === undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve);
      try {
        worker ??= begin();
        worker.postMessage({ id: last, file } satisfies DigestQuestion);
      } catch {
        giveUp();
      }
    });
  };
}
