// Keeps the live pieces of a page what the server says they are: asks for the page again whenever there is news. Builds no HTML.
import { morph } from './morph.ts';
import { openNews } from './news.ts';
import { fetchPage } from './page.ts';

/** What an event says, beside its kind. */
export interface News {
  readonly id?: unknown;
  readonly state?: unknown;
}

export interface Fresh {
  /** Asks for the page soon. @param address where this page lies from now on, if it is another one */
  refresh(address?: string): void;
}

// A download tells of every tenth of a second, a re-run of every half.
const restMs = 400;

/**
 * Listens for the kinds of news that `section` names in `data-listen`, as far as they matter here. Brings every `[data-live]` up to date,
 * then tells `renewed` on the document.
 */
export function keepFresh(section: HTMLElement, matters: (news: News) => boolean): Fresh {
  let stopListening: (() => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;
  let address = location.pathname + location.search;
  let isWanted = false;

  const later = (pauseMs: number) => {
    if (timer === undefined) timer = setTimeout(() => void fetchFresh(), pauseMs);
  };
  const refresh = (to = address) => {
    address = to;
    isWanted = true;
    if (!running) later(0);
  };
  const fetchFresh = async () => {
    timer = undefined;
    if (!isWanted || document.hidden) return;
    isWanted = false;
    running = true;
    try {
      take(await fetchPage(address));
      document.dispatchEvent(new Event('renewed'));
    } catch {
      // No connection: the event source notices as well, and asks when it is back.
    }
    // News that come meanwhile wait a little, so that many cost one request.
    setTimeout(() => {
      running = false;
      if (isWanted) later(0);
    }, restMs);
  };

  const listen = () => {
    stopListening?.();
    stopListening = openNews((source) => {
      // Before it and after every gap anything may have happened.
      source.addEventListener('open', () => refresh());
      for (const kind of (section.dataset['listen'] ?? '').split(' '))
        source.addEventListener(kind, (event: MessageEvent<string>) => {
          if (matters(newsIn(event.data))) refresh();
        });
    });
  };
  // Only what is looked at listens: a browser has six connections to a host, and an open one keeps the page out of its cache.
  const rest = () => {
    stopListening?.();
    stopListening = undefined;
  };
  addEventListener('pagehide', rest);
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) listen();
  });
  document.addEventListener('visibilitychange', () => (document.hidden ? rest() : listen()));
  if (!document.hidden) listen();
  return { refresh };
}

function take(page: Document): void {
  const focused = document.activeElement;
  const around: Element[] = [];
  for (let at = focused; at !== null && at !== document.body; at = at.parentElement) around.push(at);
  for (const old of document.querySelectorAll('[data-live][id]')) {
    const fresh = page.getElementById(old.id);
    if (fresh !== null) morph(old, fresh);
  }
  if (focused !== null && !focused.isConnected) focusNear(around);
}

/** Where the reader was is gone, as a button is that did its work: the next thing to use at that place, so that nobody is lost. */
function focusNear(around: readonly Element[]): void {
  const place = around.find((element) => element.isConnected);
  const next = place?.querySelector<HTMLElement>('button:not([disabled]), a[href], summary, select, input');
  if (next !== null && next !== undefined) next.focus();
  else document.querySelector<HTMLElement>('main')?.focus();
}

function newsIn(data: string): News {
  const news: unknown = JSON.parse(data);
  return typeof news === 'object' && news !== null ? news : {};
}
