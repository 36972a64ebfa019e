// The door: signing in with a passkey, and showing with one who is in. Without this script there are name and password.
import { canFillIn, hasPasskeys, usePasskey } from './parts/passkeys.ts';

/** Shorter than a challenge lives. */
const renewMs = 4 * 60_000;

const offer = document.querySelector<HTMLElement>('#by-passkey');
const name = document.querySelector<HTMLInputElement>('#door-name');
let waiting = new AbortController();
let waitingSince = Number.NEGATIVE_INFINITY;

if (offer !== null && hasPasskeys()) {
  offer.hidden = false;
  offer.querySelector('button')?.addEventListener('click', () => void ask(offer));
  if (name !== null && (await canFillIn())) {
    name.addEventListener('focus', () => void waitInField(offer));
    void waitInField(offer);
  }
}

async function ask(offer: HTMLElement): Promise<void> {
  const button = offer.querySelector('button');
  // Of two questions a browser asks none.
  waiting.abort();
  if (button !== null) button.disabled = true;
  const told = await usePasskey(addressOf(offer)).catch(() => undefined);
  if (told?.ok === true) return goOn(offer);
  if (button !== null) button.disabled = false;
  say(offer, told?.detail ?? offer.dataset['failed']);
}

/** The browser names keys where it names passwords. Nobody is asked before they choose one; its challenge is good for a while only. */
async function waitInField(offer: HTMLElement): Promise<void> {
  if (performance.now() - waitingSince < renewMs) return;
  waitingSince = performance.now();
  waiting.abort();
  waiting = new AbortController();
  const { signal } = waiting;
  const told = await usePasskey(addressOf(offer), { mediation: 'conditional', signal }).catch(
    () => undefined,
  );
  if (told?.ok === true) goOn(offer);
  else if (told !== undefined && !signal.aborted) say(offer, told.detail);
}

/** To where the door leads; or, with what was wanted, to where its form goes. */
function goOn({ dataset: { next } }: HTMLElement): void {
  if (next !== undefined) location.assign(new URL(next, location.origin));
  else document.querySelector<HTMLFormElement>('#door')?.submit();
}

const addressOf = ({ dataset }: HTMLElement) => dataset['address'] ?? '';

const say = (offer: HTMLElement, text = '') => offer.querySelector('.says')?.replaceChildren(text);
