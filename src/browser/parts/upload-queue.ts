// Sends the files of the queue, three at a time, each in a request of its own: one that fails does not sink the others.
import { type Answer, photoAddress, refusal, send } from './send.ts';
import type { Row } from './upload-row.ts';

const atOnce = 3;
// A lost connection is tried again by itself after these pauses; then it waits for the person.
const pausesMs = [1_000, 3_000, 8_000, 20_000];

/** @param changed is called whenever a row's state may have changed. */
export function openQueue(address: string, changed: () => void) {
  const waiting: Row[] = [];
  let sending = 0;

  const next = () => {
    while (sending < atOnce) {
      const row = waiting.shift();
      if (row === undefined) break;
      sending += 1;
      void deliver(address, row, changed).finally(() => {
        sending -= 1;
        next();
      });
    }
    changed();
  };

  return {
    add(rows: readonly Row[]) {
      for (const row of rows) row.show('waiting');
      waiting.push(...rows);
      next();
    },
    get busy() {
      return sending > 0 || waiting.length > 0;
    },
  };
}

async function deliver(address: string, row: Row, changed: () => void): Promise<void> {
  for (const pauseMs of [...pausesMs, undefined]) {
    const answer = await tryOnce(address, row);
    if (answer !== undefined) {
      settle(row, answer);
      changed();
      return;
    }
    row.show(pauseMs === undefined ? 'broken' : 'again');
    changed();
    if (pauseMs !== undefined) await pauseOrOnline(pauseMs);
  }
}

/** Undefined for what another try may mend: no connection, or a server that asks for patience. */
async function tryOnce(address: string, row: Row): Promise<Answer | undefined> {
  const form = new FormData();
  form.append('photo', row.file);
  form.append('title', row.title);
  row.show('sending');
  row.progress(0);
  try {
    const answer = await send(address, form, row.progress);
    return [408, 429, 502, 503, 504].includes(answer.status) ? undefined : answer;
  } catch {
    return undefined;
  }
}

function settle(row: Row, answer: Answer): void {
  const photo = photoAddress(answer);
  if (photo !== undefined && answer.status < 300) {
    row.linkTo(photo);
    row.show(answer.body?.['duplicate'] === true ? 'duplicate' : 'done');
    return;
  }
  const reason = refusal(answer);
  if (reason === undefined) row.show('broken');
  else row.show(answer.status < 500 ? 'refused' : 'failed', reason);
}

function pauseOrOnline(pauseMs: number): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      removeEventListener('online', go);
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(go, pauseMs);
    addEventListener('online', go);
  });
}
