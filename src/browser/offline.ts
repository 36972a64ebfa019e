// The page without a connection: says when it is back, and leads to where the reader wanted to go.

const note = document.querySelector<HTMLElement>('.offline-note');
const again = note?.querySelector<HTMLAnchorElement>('[data-again]');
// The service worker answers any address with this page; the link leads to what stands in the address bar.
if (again) again.href = location.pathname === '/offline' ? '/' : location.href;

const show = () => note?.setAttribute('data-connection', navigator.onLine ? 'on' : 'off');
for (const event of ['online', 'offline']) addEventListener(event, show);
show();
