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

/** Rejects without a connection, and when the photo is gone. */
export async function renewPhoto(): Promise<void> {
  const page = await fetchPage(location.pathname + location.search);
  const [old, fresh] = [photo(), page.querySelector<HTMLElement>('#photo')];
  if (old !== null && fresh !== null) old.dataset['state'] = fresh.dataset['state'] ?? '';
  for (const piece of document.querySelectorAll('[data-live][id]')) {
    const same = page.getElementById(piece.id);
    if (same !== null) morph(piece, same);
  }
  document.dispatchEvent(new Event('renewed'));
}
