// The server's news, for as long as somebody wants them. A browser goes back by itself to a stream that broke; an answer that is no stream
// (a proxy's 502 during a restart, 503 when enough pages listen) would be the end of it. Knows no kind of news.

/** Every open page comes back, so not all at once. */
const againMs = 5_000;

/** @param hear is given each new source, to listen to what it likes. Returns the end of listening. */
export function openNews(hear: (source: EventSource) => void, pauseMs = againMs): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    const opened = new EventSource('/events');
    source = opened;
    opened.addEventListener('error', () => {
      if (opened.readyState === EventSource.CLOSED) timer = setTimeout(open, pauseMs * (1 + Math.random()));
    });
    hear(opened);
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
