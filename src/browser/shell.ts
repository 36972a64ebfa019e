// On every page: the shutter's sheet gets a preview and progress. Without this script the form is sent as it is.
import { refusalOf } from './parts/refusal.ts';
import { photoAddress, refusal, send } from './parts/send.ts';

const form = document.querySelector<HTMLFormElement>('#shoot');
const input = document.querySelector<HTMLInputElement>('#shot');
if (form !== null && input !== null) openSheet(form, input);

function openSheet(form: HTMLFormElement, input: HTMLInputElement): void {
  const preview = form.querySelector<HTMLImageElement>('.sheet-preview');
  const says = form.querySelector('.says');
  const bar = form.querySelector('progress');
  let shown: string | undefined;

  const show = () => {
    if (shown !== undefined) URL.revokeObjectURL(shown);
    const [file] = input.files ?? [];
    shown = file === undefined ? undefined : URL.createObjectURL(file);
    // What will be refused is said at once, and there is nothing to send.
    const refused = file === undefined ? undefined : refusalOf(file);
    preview?.toggleAttribute('hidden', shown === undefined || refused !== undefined);
    if (shown !== undefined) preview?.setAttribute('src', shown);
    for (const button of form.querySelectorAll<HTMLButtonElement>('[type=submit]'))
      button.hidden = refused !== undefined;
    say(refused ?? '');
  };
  const say = (text: string) => {
    if (says !== null) says.textContent = text;
  };
  const lock = (sending: boolean) => {
    bar?.toggleAttribute('hidden', !sending);
    for (const button of form.querySelectorAll<HTMLButtonElement>('.sheet button')) button.disabled = sending;
  };

  input.addEventListener('change', show);
  form.addEventListener('reset', () => setTimeout(show));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const { sending = '', stored = '', broken = '' } = form.dataset;
    const body = new FormData(form);
    lock(true);
    say(sending);
    send(form.action, body, (sent) => {
      if (bar !== null) bar.value = sent;
    })
      .then((answer) => {
        const photo = photoAddress(answer);
        if (photo === undefined) {
          lock(false);
          say(refusal(answer) ?? broken);
          return;
        }
        say(stored);
        location.assign(photo);
      })
      .catch(() => {
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
