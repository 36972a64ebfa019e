// The service worker asks whether an open page is sending: a page shows how far it is and stays awake, so the worker leaves it the work.

/** A window of Sajin, as a service worker sees it. */
export interface AskedPage {
  postMessage(message: unknown, transfer: readonly unknown[]): void;
}

const question = 'sajin-who-sends';

// A page that was put to sleep answers nothing, and one that works hard still does within this.
const patienceMs = 1_000;

/** For a page. @param isSending asked at each call */
export function answerRollCall(
  container: Pick<EventTarget, 'addEventListener'> | undefined,
  isSending: () => boolean,
): void {
  container?.addEventListener('message', (event) => {
    const { data, ports } = event as MessageEvent<unknown>;
    if (data === question && isSending()) ports[0]?.postMessage(true);
  });
}

/** For the service worker: resolves as soon as one page says so, or false when none has in time. */
export async function doesAPageSend(pages: readonly AskedPage[], waitMs = patienceMs): Promise<boolean> {
  if (pages.length === 0) return false;
  const channels = pages.map((page) => {
    const channel = new MessageChannel();
    page.postMessage(question, [channel.port2]);
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
