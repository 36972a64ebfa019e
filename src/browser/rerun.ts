// The page of photos that are looked at again: it fills while they are, and its buttons leave the reader where they are. Without this
// script every button is a form, and the page is loaded again by hand.
import { keepFresh } from './parts/fresh.ts';
import { openQuietForms } from './parts/quiet-forms.ts';

const lookEveryMs = 5_000;

const section = document.querySelector<HTMLElement>('#rerun');
if (section !== null) {
  const own = section.dataset['rerun'];
  const fresh = keepFresh(section, ({ id }) => String(id) === own);
  openQuietForms(section, () => fresh.refresh());
  // What ends without an answer, as when its last photo is deleted, is told by nobody.
  setInterval(() => {
    const state = section.querySelector<HTMLElement>('#live-head')?.dataset['state'];
    if (state === 'looking' && !document.hidden) fresh.refresh();
  }, lookEveryMs);
}
