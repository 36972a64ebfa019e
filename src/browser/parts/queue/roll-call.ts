// The service worker asks whether an open page is sending the items of somebody: a page shows how far it is and stays awake, so the
// worker leaves it the work. A page that was left open by somebody else sends nothing of theirs.
import type { Owner } from './owner.ts';

/** A window of Sajin, as a service worker sees it. */
export interface AskedPage {
  postMessage(message: unknown, transfer: readonly unknown[]): void;
}

interface Question {
  readonly asks: 'sajin-who-sends';
  readonly owner: Owner;
}

// A page that was put to sleep answers nothing, and one that works hard still does within this.
const patienceMs = 1_000;

/** For a page. @param isSending asked at each call */
export function answerRollCall(
  container: Pick<EventTarget, 'addEventListener'> | undefined,
  isSending: (owner: Owner) => boolean,
): void {
  container?.addEventListener('message', (event) => {
    const { data, ports } = event as MessageEvent<unknown>;
    if (isQuestion(data) && isSending(data.owner)) ports[0]?.postMessage(true);
  });
}

/** For the service worker: resolves as soon as one page says so, or false when none has in time. */
export async function doesAPageSend(
  pages: readonly AskedPage[],
  owner: Owner,
  waitMs = patienceMs,
): Promise<boolean> {
  if (pages.length === 0) return false;
  const channels = pages.map((page) => {
    const channel = new MessageChannel();
    page.postMessage({ asks: 'sajin-who-sends', owner } satisfies Question, [channel.port2]);
    return channel;
  });
  const answered = channels.map(
    ({ port1 }) =>
      new Promise<boolean>((resolve) => {
        port1.onmessage = () => resolve(true);
      }),
  );
  const none = new Promise<boolean>((resolve) => setTimeout(resolve, waitMs, false));
  try {
    return await Promise.race([...answered, none]);
  } finally {
    for (const { port1 } of channels) port1.close();
  }
}

const isQuestion = (data: unknown): data is Question =>
  typeof data === 'object' && data !== null && 'asks' in data && data.asks === 'sajin-who-sends';
