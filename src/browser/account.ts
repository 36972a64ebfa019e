// One's own account: making a passkey, which only a script can ask a device for.
import { hasPasskeys, makePasskey } from './parts/passkeys.ts';
import { openSentences } from './parts/sentences.ts';

const section = document.querySelector<HTMLElement>('#passkeys');
const form = section?.querySelector('form.add-passkey');
if (section !== null && form instanceof HTMLFormElement && hasPasskeys()) {
  form.hidden = false;
  section.querySelector('.cannot')?.setAttribute('hidden', '');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void add(form, section.dataset['says']);
  });
}

async function add(form: HTMLFormElement, says: string | undefined): Promise<void> {
  const button = form.querySelector('button');
  const sentence = openSentences(says);
  const name = String(new FormData(form).get('name') ?? '');
  if (button !== null) button.disabled = true;
  try {
    const told = await makePasskey('/account/passkeys', name);
    if (told.ok) location.reload();
    else if (told.code === 'not-confirmed') location.assign('/account/confirm?next=/account');
    else say(form, told.detail ?? sentence('failed'));
  } catch (error) {
    // WebAuthn 5.1.3: the device has one of the keys that it was told not to make again.
    const isKnown = error instanceof DOMException && error.name === 'InvalidStateError';
    say(form, sentence(isKnown ? 'known' : 'failed'));
  } finally {
    if (button !== null) button.disabled = false;
  }
}

const say = (form: HTMLFormElement, text: string) => form.querySelector('.says')?.replaceChildren(text);
