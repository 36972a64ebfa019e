// Whose the pictures are that are added and sent here: several people may sign in on one device, one after the other.

/** The id of who has signed in; '' where there are no accounts, and everything is everybody's; null when nobody has signed in. */
export type Owner = string | null;

const cacheName = 'queue-owner';
// A cache can be read by pages and by the service worker, and is there where a service worker is: only then is there anything to ask for.
const key = '/queue-owner';
const nobody = 'nobody';

/** Of this page. Who may add photos without having signed in does so in a gallery without accounts. */
export async function ownerHere(): Promise<Owner> {
  return isKeptPage() ? rememberedOwner() : ownerSaid();
}

/** Only pages of the server know who has signed in; what they said last counts without a connection and without a page. */
export async function rememberOwner(): Promise<void> {
  if (!('caches' in globalThis) || isKeptPage()) return;
  const owner = ownerSaid();
  if ((await rememberedOwner()) === owner) return;
  if (owner === '') await caches.delete(cacheName);
  else await (await caches.open(cacheName)).put(key, new Response(owner ?? nobody));
}

/** As the last page said; '' as long as there was none of somebody. */
export async function rememberedOwner(): Promise<Owner> {
  const found = 'caches' in globalThis ? await caches.match(key, { cacheName }) : undefined;
  const text = (await found?.text()) ?? '';
  return text === nobody ? null : text;
}

/** The page without a connection is one for all who use this device. */
const isKeptPage = () => document.body.classList.contains('on-offline');

const ownerSaid = (): Owner =>
  document.body.dataset['user'] ?? (document.querySelector('#sending') === null ? null : '');
