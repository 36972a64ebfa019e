// Waits for something that becomes true by itself, and fails loudly when it does not. Refuses to wait for ever.
import { setTimeout as pause } from 'node:timers/promises';

/** Asks again and again; rejects with what was awaited after `deadlineMs`. Returns the first answer that is not undefined or false. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  { deadlineMs = 30_000, everyMs = 25 }: { deadlineMs?: number; everyMs?: number } = {},
): Promise<T> {
  const started = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() - started > deadlineMs)
      throw new Error(`waited ${deadlineMs} ms in vain for ${what}`);
    await pause(everyMs);
  }
}

/** Rejects with what was awaited when the promise takes longer. */
export async function within<T>(what: string, deadlineMs: number, promise: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = pause(deadlineMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`waited ${deadlineMs} ms in vain for ${what}`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}
