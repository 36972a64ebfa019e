// The keys of correcting. Letters are taken by what they mean, or, while Hangul is typed, by where they lie.

export interface KeyActions {
  isCorrecting(): boolean;
  toggle(): void;
  add(): void;
  undo(): void;
  /** @param spot the one that has the focus; whatever is open if undefined */
  verdict(kind: 'confirm' | 'reject', spot: string | undefined): void;
  rename(spot: string | undefined): void;
  move(spot: string | undefined): void;
  leave(): void;
}

export function openKeys(actions: KeyActions): void {
  document.addEventListener('keydown', (event) => {
    const { target, ctrlKey, metaKey, altKey, defaultPrevented } = event;
    if (ctrlKey || metaKey || altKey || defaultPrevented) return;
    if (document.querySelector(':popover-open') !== null) return;
    const key = letterOf(event);
    const typing = target instanceof Element && target.matches('input, select, textarea');
    // Out of a field Escape leads as well.
    if (typing && key !== 'Escape') return;
    const spot = target instanceof Element ? (target.getAttribute('data-id') ?? undefined) : undefined;
    const action = actionFor(key, spot, actions);
    if (action === undefined) return;
    event.preventDefault();
    // Keys of the page mean something else.
    event.stopImmediatePropagation();
    action();
  });
}

function actionFor(key: string, spot: string | undefined, actions: KeyActions): (() => void) | undefined {
  if (key === 'c') return actions.toggle;
  if (key === 'a') return actions.add;
  if (key === 'z') return actions.undo;
  if (!actions.isCorrecting()) return undefined;
  switch (key) {
    case 'y':
      return () => actions.verdict('confirm', spot);
    case 'n':
    case 'Delete':
    case 'Backspace':
      return () => actions.verdict('reject', spot);
    case 'r':
      return () => actions.rename(spot);
    case 'm':
      return () => actions.move(spot);
    case 'Escape':
      return actions.leave;
    default:
      return undefined;
  }
}

function letterOf({ key, code }: KeyboardEvent): string {
  if (/^[\x20-\x7e]$/.test(key)) return key.toLowerCase();
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  return letter !== undefined && [...key].length === 1 ? letter.toLowerCase() : key;
}
