// The page without a connection: says when the gallery can be reached again, and leads to where the reader wanted to go.

const note = document.querySelector<HTMLElement>('.offline-note');
const again = note?.querySelector<HTMLAnchorElement>('[data-again]');
// The service worker answers any address with this page; the link leads to what stands in the address bar.
if (again) again.href = location.pathname === '/offline' ? '/' : location.href;

const askEveryMs = 5_000;

/** The device may well have a network, only not the one that the gallery is in: so the gallery is asked. */
async function look(): Promise<void> {
  const answer = navigator.onLine
    ? await fetch('/healthz', { cache: 'no-store' }).catch(() => undefined)
    : undefined;
  note?.setAttribute('data-connection', answer?.ok === true ? 'on' : 'off');
}

for (const event of ['online', 'offline']) addEventListener(event, () => void look());
setInterval(() => {
  if (!document.hidden) void look();
}, askEveryMs);
void look();
