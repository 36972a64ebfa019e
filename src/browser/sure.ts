// The slider "show what is at least so sure". On a photo's page boxes and chips follow it while it is dragged, and letting go is
// enough to remember it; in lists it says where it stands, and its form is sent as it is.
import { isBusy, renewPhoto, setBusy } from './parts/photo-pieces.ts';

document.addEventListener('input', ({ target }) => {
  if (!isSlider(target)) return;
  say(target);
  if (viewing() === null) return;
  setBusy(true);
  show(target);
});

document.addEventListener('change', ({ target }) => {
  if (!isSlider(target) || viewing() === null) return;
  setBusy(false);
  void remember(target);
});

// The menu of a chip is left alone while it is open. `toggle` does not bubble.
document.addEventListener(
  'toggle',
  ({ target }) => {
    const closed = target instanceof HTMLElement && target.matches('.chip-menu:not(:popover-open)');
    if (closed && isStale) void renewPhoto().catch(() => undefined);
    if (closed) isStale = false;
  },
  true,
);

const viewing = () => document.querySelector<HTMLElement>('#viewing');

const isSlider = (target: EventTarget | null): target is HTMLInputElement & { form: HTMLFormElement } =>
  target instanceof HTMLInputElement && target.type === 'range' && target.form !== null;

/** "at least 50% sure": what the server would write there. */
function say(slider: HTMLInputElement): void {
  const pattern = document.querySelector<HTMLElement>('[data-output]')?.dataset['output'] ?? '{n}%';
  const text = pattern.replace('{n}', slider.value);
  slider.setAttribute('aria-valuetext', text);
  const output = slider.form?.querySelector('output');
  if (output) output.textContent = text;
}

/** Boxes and chips as they are with this slider where it is now. Everything that may be asked for is on the page already. */
function show(slider: HTMLInputElement & { form: HTMLFormElement }): void {
  const only = slider.form.dataset['label'];
  const all = Number(
    only === undefined ? slider.value : viewing()?.querySelector('input')?.form?.['all']?.value,
  );
  const from = new Map<string, number>();
  for (const { dataset } of document.querySelectorAll<HTMLElement>('.found-chip[data-own]'))
    from.set(dataset['label'] ?? '', Number(dataset['own']));
  if (only !== undefined) from.set(only, Number(slider.value));
  const least = (label: string | undefined) => from.get(label ?? '') ?? all;

  for (const box of document.querySelectorAll<SVGElement>('.box[data-sure]'))
    box.toggleAttribute('hidden', Number(box.dataset['sure']) < least(box.dataset['label']));
  let shown = 0;
  for (const chip of document.querySelectorAll<HTMLElement>('.found-chip')) {
    const count = countShown(chip, least(chip.dataset['label']));
    chip.hidden = count === 0;
    shown += count;
  }
  document.querySelector('.nothing-shown')?.toggleAttribute('hidden', shown > 0);
  document.querySelector('#highlight')?.toggleAttribute('hidden', shown === 0);
}

function countShown(chip: HTMLElement, least: number): number {
  const count = (chip.dataset['sure'] ?? '').split(' ').filter((sure) => Number(sure) >= least).length;
  const texts: unknown = JSON.parse(chip.dataset['texts'] ?? '[]');
  const text: unknown = Array.isArray(texts) ? texts[Math.max(count, 1) - 1] : undefined;
  for (const place of chip.querySelectorAll('.chip-text'))
    if (typeof text === 'string') place.textContent = text;
  return count;
}

let saving: Promise<void> = Promise.resolve();
let latest = 0;
/** Something was remembered, and the page waits to show it whole. */
let isStale = false;

/** One after the other: of two answers on their way the later one must win. */
function remember({ form }: { readonly form: HTMLFormElement }): Promise<void> {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.append(name, value);
  const address = form.action;
  latest += 1;
  const number = latest;
  saving = saving.then(() => save(address, body, number));
  return saving;
}

async function save(address: string, body: URLSearchParams, number: number): Promise<void> {
  const trouble = document.querySelector('.slider-trouble');
  try {
    const answer = await fetch(address, { method: 'POST', body, headers: { Accept: 'application/json' } });
    if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
    // Somebody who has moved on is not set back.
    isStale = number === latest && isBusy();
    if (number === latest && !isStale) await renewPhoto();
    if (trouble !== null) trouble.textContent = '';
  } catch {
    if (trouble !== null) trouble.textContent = viewing()?.dataset['failed'] ?? '';
  }
}
