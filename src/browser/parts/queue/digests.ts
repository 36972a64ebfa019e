// SHA-256 of files, computed beside the page: a large picture must not freeze it.
import type { DigestAnswer, DigestQuestion } from '../../digest-worker.ts';
import { scriptUrl } from '../script-url.ts';

/** @param address of the built worker. Where there can be none, every digest is undefined and the server compares bytes itself. */
export function openDigests(address: string | undefined): (file: Blob) => Promise<string | undefined> {
  const waiting = new Map<number, (sha256: string | undefined) => void>();
  let worker: Worker | undefined;
  let isBroken = address === undefined;
  let last = 0;

  const giveUp = () => {
    isBroken = true;
    for (const answer of waiting.values()) answer(undefined);
    waiting.clear();
  };
  const begin = () => {
    worker = new Worker(scriptUrl(address ?? ''), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<DigestAnswer>) => {
      waiting.get(data.id)?.(data.sha256);
      waiting.delete(data.id);
    });
    worker.addEventListener('error', giveUp);
  };

  return (file) => {
    if (isBroken) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve);
      try {
        if (worker === undefined) begin();
        worker?.postMessage({ id: last, file } satisfies DigestQuestion);
      } catch {
        giveUp();
      }
    });
  };
}
