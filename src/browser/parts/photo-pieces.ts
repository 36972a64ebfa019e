// The live pieces of a photo's page: brought up to date at once after a correction, or when there is news and nobody is in the middle
// of something. Builds nothing itself.
import { morph } from './morph.ts';
import { fetchPage } from './page.ts';

const photo = () => document.querySelector<HTMLElement>('#photo');

/** Somebody draws, types, drags or has a menu open: what a fresh piece would take away is not theirs to lose. */
export const isBusy = () =>
  photo()?.dataset['busy'] !== undefined || document.querySelector('.chip-menu:popover-open') !== null;

export function setBusy(busy: boolean): void {
  photo()?.toggleAttribute('data-busy', busy);
}

/** Where a photo lies changes the whole page: away, in the trash, or among the others. */
const placeOf = (piece: HTMLElement | null) =>
  piece === null ? 'away' : piece.querySelector('.in-trash') === null ? 'here' : 'trash';

/** Rejects without a connection. A photo that is gone, or back, has the server say so: the whole page is asked for again. */
export async function renewPhoto(): Promise<void> {
  const page = await fetchPage(location.pathname + location.search, [200, 404]);
  const [old, fresh] = [photo(), page.querySelector<HTMLElement>('#photo')];
  if (placeOf(old) !== placeOf(fresh)) return location.reload();
  if (old !== null && fresh !== null) old.dataset['state'] = fresh.dataset['state'] ?? '';
  for (const piece of document.querySelectorAll('[data-live][id]')) {
    const same = page.getElementById(piece.id);
    if (same !== null) morph(piece, same);
  }
  document.dispatchEvent(new Event('renewed'));
}
