// The page of one photo: keys, swipes, remembered switches, and boxes that can be tapped. Everything has a control without it.

const find = <E extends HTMLElement>(selector: string) => document.querySelector<E>(selector);

const keys: Readonly<Record<string, () => void>> = {
  ArrowLeft: () => find('.step.newer')?.click(),
  ArrowRight: () => find('.step.older')?.click(),
  o: () => find('#boxes')?.click(),
  p: () => find('#sure')?.click(),
  '?': () => find('#keys')?.togglePopover(),
  Escape: () => find('[data-back]')?.click(),
};

addEventListener('keydown', (event) => {
  const { key, target, altKey, ctrlKey, metaKey } = event;
  if (altKey || ctrlKey || metaKey || isTyping(target)) return;
  // Arrows move boxes then, and Escape leads out of that first.
  if (isCorrecting() && (key.startsWith('Arrow') || key === 'Escape')) return;
  if (key === 'Escape' && isSomethingOpen()) return;
  const action = keys[key.length === 1 ? key.toLowerCase() : key];
  if (action === undefined) return;
  event.preventDefault();
  action();
});

const isCorrecting = () => document.body.classList.contains('correcting');

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches('input:not([type=checkbox]), textarea, select');

const isSomethingOpen = () => find(':popover-open') !== null || find('#shot:valid') !== null;

// From the list to here and back keeps the list as it was, where it was; from elsewhere the link does what it says.
find<HTMLAnchorElement>('[data-back]')?.addEventListener('click', (event) => {
  const list = new URL(find<HTMLAnchorElement>('[data-back]')?.href ?? '', location.href);
  const from = document.referrer === '' ? undefined : new URL(document.referrer);
  if (from?.origin !== location.origin || from.pathname !== '/' || history.length < 2) return;
  if (from.searchParams.get('label') !== list.searchParams.get('label')) return;
  event.preventDefault();
  history.back();
});

find('.edit')?.addEventListener('toggle', () => find<HTMLInputElement>('.edit[open] #title')?.select());

setSwitches();
document.addEventListener('renewed', setSwitches);
document.addEventListener('change', ({ target }) => {
  if (target instanceof HTMLInputElement && target.dataset['remember'] !== undefined)
    keep(`sajin.${target.id}`, target.checked ? 'on' : 'off');
});

/** The switches of the last photo hold for this one. */
function setSwitches(): void {
  for (const input of document.querySelectorAll<HTMLInputElement>('[data-remember]')) {
    const kept = read(`sajin.${input.id}`);
    if (kept !== null) input.checked = kept === 'on';
  }
}

// Storage may be forbidden; then every photo starts with the defaults.
function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // As above.
  }
}

find('.stage')?.addEventListener('click', ({ target }) => {
  if (isCorrecting()) return;
  const label = target instanceof Element ? target.closest<SVGElement>('.box')?.dataset['label'] : undefined;
  if (label === undefined) return;
  for (const chip of document.querySelectorAll<HTMLElement>('.found-chip')) {
    if (chip.dataset['label'] === label) chip.querySelector('input')?.click();
  }
});

let touch: { x: number; y: number } | undefined;
const farEnough = 60;

find('.stage')?.addEventListener(
  'touchstart',
  ({ touches }) => {
    const [first] = touches;
    // Two fingers, or a finger on an enlarged picture, move the picture and not the page; and who corrects is drawing.
    const single = touches.length === 1 && (visualViewport?.scale ?? 1) <= 1.01 && !isCorrecting();
    touch = first !== undefined && single ? { x: first.clientX, y: first.clientY } : undefined;
  },
  { passive: true },
);
find('.stage')?.addEventListener('touchend', ({ changedTouches }) => {
  const [last] = changedTouches;
  if (touch === undefined || last === undefined) return;
  const [right, down] = [last.clientX - touch.x, last.clientY - touch.y];
  if (Math.abs(right) < farEnough || Math.abs(right) < 2 * Math.abs(down)) return;
  find(right > 0 ? '.step.newer' : '.step.older')?.click();
});
