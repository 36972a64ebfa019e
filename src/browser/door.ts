// The door: signing in with a passkey. Without this script there are name and password.
import { hasPasskeys, usePasskey } from './parts/passkeys.ts';

const offer = document.querySelector<HTMLElement>('#by-passkey');
if (offer !== null && hasPasskeys()) {
  offer.hidden = false;
  offer.querySelector('button')?.addEventListener('click', () => void signIn(offer));
}

async function signIn(offer: HTMLElement): Promise<void> {
  const button = offer.querySelector('button');
  const { next = '/', failed = '' } = offer.dataset;
  if (button !== null) button.disabled = true;
  const told = await usePasskey('/sign-in/passkey').catch(() => undefined);
  if (told?.ok === true) {
    location.assign(new URL(next, location.origin));
    return;
  }
  if (button !== null) button.disabled = false;
  offer.querySelector('.says')?.replaceChildren(told?.detail ?? failed);
}
