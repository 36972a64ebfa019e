// A field of the queue in which somebody types a title.

export interface TellTitle {
  /** With every letter. */
  typing(title: string): void;
  /** After a rest, when the field is left, and when the page is put away. */
  typed(title: string): void;
}

// Whoever types is not interrupted, and not every letter is told to the server.
const restMs = 900;

/** Returns how to tell at once what was typed so far. */
export function openTitleField(input: HTMLInputElement, tell: TellTitle): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const now = () => {
    clearTimeout(timer);
    if (input.dataset['typed'] === undefined) return;
    delete input.dataset['typed'];
    tell.typed(input.value.trim());
  };
  input.addEventListener('input', () => {
    input.dataset['typed'] = '';
    tell.typing(input.value.trim());
    clearTimeout(timer);
    timer = setTimeout(now, restMs);
  });
  input.addEventListener('change', now);
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    const titles = [...document.querySelectorAll<HTMLInputElement>('.row-title:not([hidden])')];
    now();
    titles[titles.indexOf(input) + 1]?.focus();
  });
  return now;
}

/** A phone that is put away tells nobody that typing is over. */
export function onPutAway(work: () => void): void {
  addEventListener('pagehide', work);
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) work();
  });
}
