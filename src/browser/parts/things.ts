// The list of things under the picture: which one is open, what is being changed about it, and which of its buttons make sense now.
import type { Box } from './box-math.ts';
import { boxIn, resetBox } from './correction-forms.ts';
import { setBusy } from './photo-pieces.ts';

export interface Things {
  /** `add` while something new is being added; undefined when nothing is open. */
  readonly open: string | undefined;
  /** Of the open one: how it is called. */
  readonly spoken: string;
  readonly placeForm: HTMLFormElement | undefined;
  readonly nameField: HTMLInputElement | undefined;
  /** Of the open one, as its fields say. */
  readonly box: Box | undefined;
  /** It was moved, sized or drawn, and that is not kept yet. */
  readonly isDirty: boolean;
  /** Opens this one and closes any other. */
  choose(id: string | undefined): void;
  markDirty(): void;
  /** Nothing is being changed any more; fields say again what the server wrote. */
  clean(): void;
  /** The form for something new is empty again. */
  forgetNew(): void;
  showButtons(): void;
  rowOf(id: string | undefined): Element | undefined;
}

export function openThings(mend: HTMLElement): Things {
  const opened = () => mend.querySelector<HTMLDetailsElement>('.thing[open]');
  const inOpened = <E extends Element>(selector: string) => opened()?.querySelector<E>(selector) ?? undefined;
  const placeForms = () => mend.querySelectorAll<HTMLFormElement>('form[data-place]');
  const things: Things = {
    get open() {
      return opened()?.dataset['thing'];
    },
    get spoken() {
      return opened()?.dataset['spoken'] ?? '';
    },
    get placeForm() {
      return inOpened<HTMLFormElement>('form[data-place]');
    },
    get nameField() {
      return inOpened<HTMLInputElement>('[name=label]');
    },
    get box() {
      return things.placeForm && boxIn(things.placeForm);
    },
    get isDirty() {
      return things.placeForm?.dataset['dirty'] !== undefined;
    },
    choose(id) {
      for (const thing of mend.querySelectorAll<HTMLDetailsElement>('.thing'))
        thing.open = thing.dataset['thing'] === id;
    },
    markDirty() {
      things.placeForm?.setAttribute('data-dirty', '');
      setBusy(true);
      things.showButtons();
    },
    clean() {
      for (const form of placeForms()) {
        if (form.dataset['dirty'] === undefined) continue;
        form.removeAttribute('data-dirty');
        resetBox(form);
      }
      setBusy(false);
    },
    forgetNew: () => mend.querySelector<HTMLFormElement>('.adding form')?.reset(),
    showButtons() {
      for (const form of placeForms()) showButtonsOf(form);
    },
    rowOf: (id) =>
      [...mend.querySelectorAll('.thing-row')].find((row) => row.getAttribute('data-key') === id),
  };
  return things;
}

function showButtonsOf(form: HTMLFormElement): void {
  const dirty = form.dataset['dirty'] !== undefined;
  const boxed = boxIn(form) !== undefined;
  form.querySelector('[data-do="give-up"]')?.toggleAttribute('hidden', !dirty);
  form.querySelector('[data-do="draw"]')?.toggleAttribute('hidden', boxed);
  const submit = form.querySelector<HTMLButtonElement>('[type=submit]');
  if (submit === null) return;
  const { boxed: withBox, unboxed: withoutBox } = submit.dataset;
  const isNew = withBox !== undefined;
  submit.hidden = !isNew && !dirty;
  submit.classList.toggle('primary', dirty || isNew);
  if (isNew) submit.textContent = (boxed ? withBox : withoutBox) ?? '';
}
