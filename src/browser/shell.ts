// On every page: the shutter's sheet gets a preview and its shot a safe place, and what is still to be uploaded goes on.
// Without this script the form is sent as it is.
import { registerServiceWorker } from './parts/background.ts';
import type { Everywhere } from './parts/queue/everywhere.ts';
import { ownerHere, rememberOwner } from './parts/queue/owner.ts';
import { hasUnfinished } from './parts/queue/peek.ts';
import type { QueueItem } from './parts/queue/store.ts';
import { openTypedTitles } from './parts/queue/typed-titles.ts';
import { refusalOf } from './parts/refusal.ts';

const form = document.querySelector<HTMLFormElement>('#shoot');
const input = document.querySelector<HTMLInputElement>('#shot');
const line = document.querySelector<HTMLElement>('#sending');
let queue: Promise<Everywhere> | undefined;

if (form !== null && input !== null && line !== null) openSheet(form, input, line);
registerServiceWorker();
void rememberOwner().catch(() => undefined);
// The page of the queue takes them up before it shows anything.
const takenUp = document.querySelector('#upload') === null ? takeUpTyped().catch(() => undefined) : undefined;
// The page of the queue and the shooting mode send by themselves.
if (line !== null && document.querySelector('#upload, #shooting') === null)
  // A photo that is there already is owed its title as soon as the queue knows that.
  void Promise.resolve(takenUp)
    .then(ownerHere)
    .then(hasUnfinished)
    .then((isUnfinished) => {
      if (isUnfinished) void openQueue(line).catch(() => undefined);
    });

/** On every page, also on the one that signing out leads to: what was typed is not left to whoever uses this browser next. */
async function takeUpTyped(): Promise<void> {
  if (openTypedTitles().list().length > 0) await (await import('./parts/queue/take-up.ts')).takeUpTyped();
}

/** Its code is no part of this small script: most pages are only looked at. */
function openQueue(line: HTMLElement): Promise<Everywhere> {
  queue ??= import('./parts/queue/everywhere.ts').then(({ openEverywhere }) => openEverywhere(line));
  // What could not be loaded now may be there when it is asked for again.
  queue.catch(() => {
    queue = undefined;
  });
  return queue;
}

function openSheet(form: HTMLFormElement, input: HTMLInputElement, line: HTMLElement): void {
  const preview = form.querySelector<HTMLImageElement>('.sheet-preview');
  const says = form.querySelector('.says');
  const bar = form.querySelector('progress');
  const { sending = '', stored = '', broken = '' } = form.dataset;
  let shown: string | undefined;

  const say = (text: string) => {
    if (says !== null && says.textContent !== text) says.textContent = text;
  };
  const offer = (isOffered: boolean) => {
    for (const button of form.querySelectorAll<HTMLButtonElement>('[type=submit]'))
      button.hidden = !isOffered;
  };
  const lock = (isSending: boolean) => {
    bar?.toggleAttribute('hidden', !isSending);
    for (const button of form.querySelectorAll<HTMLButtonElement>('.sheet button'))
      button.disabled = isSending;
  };
  const show = async () => {
    if (shown !== undefined) URL.revokeObjectURL(shown);
    const [file] = input.files ?? [];
    shown = file === undefined ? undefined : URL.createObjectURL(file);
    // What will be refused is said at once, and there is nothing to send.
    const refused = file === undefined ? undefined : await refusalOf(file);
    if (file !== input.files?.[0]) return;
    preview?.toggleAttribute('hidden', shown === undefined || refused !== undefined);
    if (shown !== undefined) preview?.setAttribute('src', shown);
    offer(refused === undefined);
    say(refused?.reason ?? '');
    // Loaded while somebody thinks of a title, so that a connection lost by then loses no shot.
    if (file !== undefined && refused === undefined) void openQueue(line).catch(() => undefined);
  };
  const follow = (item: QueueItem, isKept: boolean) => {
    if (bar !== null) bar.value = item.sent / item.size;
    if (item.photo !== undefined) {
      say(stored);
      location.assign(item.photo);
    } else if (item.state === 'failed' || item.state === 'refused') {
      lock(false);
      offer(item.state === 'failed');
      say(item.reason ?? broken);
    } else if (isKept && (!navigator.onLine || item.code === 'no-connection')) {
      // Safe on this phone: whoever shoots on may do so, and the line at the top says what will become of it.
      lock(false);
      form.reset();
      line.querySelector('span')?.replaceChildren(line.dataset['kept'] ?? '');
      line.hidden = false;
      return true;
    }
    return item.photo !== undefined;
  };
  const keep = async (file: File) => {
    const everywhere = await openQueue(line);
    let isOver = false;
    const said = new FormData(form);
    const title = String(said.get('title') ?? '').trim();
    const stop = await everywhere.keep(file, { title, isPrivate: said.has('private') }, (item) => {
      // Asked only now: that there is no room shows when the shot is put there.
      if (!isOver) isOver = follow(item, everywhere.isKept);
    });
    if (isOver) stop();
  };

  input.addEventListener('change', () => void show());
  form.addEventListener('reset', () => {
    // Whoever hid the last shot does not show the next one by chance.
    const choice = form.querySelector<HTMLInputElement>('[name=private]');
    const isPrivate = choice?.checked === true;
    setTimeout(() => {
      if (choice !== null) choice.checked = isPrivate;
      void show();
    });
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const [file] = input.files ?? [];
    if (file === undefined) return;
    lock(true);
    say(sending);
    keep(file).catch(() => {
      if (navigator.onLine) {
        // Since an update the queue's code may be gone from the server; the form goes the way it goes without scripts.
        HTMLFormElement.prototype.submit.call(form);
        return;
      }
      lock(false);
      say(broken);
    });
  });
  // A photo that was uploaded is not to be offered again when the reader comes back to this page.
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    lock(false);
    form.reset();
  });
}
