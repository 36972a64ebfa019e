// The pages "What Sajin sees", "Photos that need a look" and "Trash": what is shown stays true, and a model's file is sent with progress.
// Without this script they are plain forms and a page to load again.
import { type Fresh, keepFresh, type News } from './parts/fresh.ts';
import { openQuietForms } from './parts/quiet-forms.ts';
import { refusal, send } from './parts/send.ts';

const section = document.querySelector<HTMLElement>('[data-listen]');
if (section !== null) {
  const fresh = keepFresh(section, matters);
  openQuietForms(section, (form) => fresh.refresh(afterwards(form)));
  const bring = document.querySelector<HTMLFormElement>('#import');
  bring?.addEventListener('submit', (event) => {
    event.preventDefault();
    void sendModel(bring, fresh);
  });
}

/** Of photos only those that failed or are shown: while a thousand are developed, the others are nobody's business here. */
function matters({ id, state }: News): boolean {
  return state === undefined || state === 'failed' || document.getElementById(String(id)) !== null;
}

/** Where the fresh pieces come from: the page says what was just done by what `data-quiet` adds to its address. */
function afterwards(form: HTMLFormElement): string {
  const address = new URL(location.href);
  for (const [name, value] of new URLSearchParams(form.dataset['quiet']))
    address.searchParams.set(name, value);
  return address.pathname + address.search;
}

async function sendModel(form: HTMLFormElement, fresh: Fresh): Promise<void> {
  const bar = form.querySelector('progress');
  const button = form.querySelector('button');
  const input = form.querySelector<HTMLInputElement>('input[type=file]');
  const lock = (sending: boolean) => {
    bar?.toggleAttribute('hidden', !sending);
    if (button !== null) button.disabled = sending;
  };
  // Read before anything is locked: what is disabled is not sent.
  const body = new FormData(form);
  lock(true);
  say(undefined);
  try {
    const answer = await send(form.action, body, (sent) => {
      if (bar !== null) bar.value = sent;
    });
    if (answer.status < 300) {
      if (input !== null) input.value = '';
      const id = elementIn(answer.body?.['links']);
      document.addEventListener(
        'renewed',
        () => document.getElementById(id)?.scrollIntoView({ block: 'center' }),
        {
          once: true,
        },
      );
      fresh.refresh();
    } else say(refusal(answer) ?? form.dataset['broken']);
  } catch {
    say(form.dataset['broken']);
  } finally {
    lock(false);
  }
}

function elementIn(links: unknown): string {
  const self = typeof links === 'object' && links !== null && 'self' in links ? String(links.self) : '';
  return self.split('#', 2)[1] ?? '';
}

function say(sentence: string | undefined): void {
  const place = document.querySelector<HTMLElement>('.bring .refusal');
  const words = place?.querySelector('span');
  if (place === null || words === null || words === undefined) return;
  words.textContent = sentence ?? '';
  place.hidden = sentence === undefined;
}
