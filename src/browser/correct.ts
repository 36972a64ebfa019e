// Correcting on the page of a photo: the same forms that work without this script, driven from the picture. Tells every change with
// its undo, and loses nothing that somebody drew or typed when the connection breaks.
import type { Box } from './parts/box-math.ts';
import { type Correcting, openCorrecting } from './parts/correcting.ts';
import { type Outcome, sendForm } from './parts/correction-forms.ts';
import { openKeys } from './parts/correction-keys.ts';
import { renewPhoto, setBusy } from './parts/photo-pieces.ts';

const find = <E extends Element>(selector: string) => document.querySelector<E>(selector);

const mend = find<HTMLElement>('#mend');
const layer = find<SVGSVGElement>('#editor');
const correct = find<HTMLDetailsElement>('#correct');
if (mend !== null && layer !== null && correct !== null) {
  const correcting = openCorrecting(mend, layer, correct);
  sendForms(correcting);
  followList(mend, correcting);
  takeKeys(correcting);
  document.addEventListener('renewed', correcting.sync);
  correcting.sync();
}

function sendForms(correcting: Correcting): void {
  const { things, editor, voice, sentence } = correcting;
  let sending = false;
  const submit = async (form: HTMLFormElement, submitter: HTMLElement | null) => {
    if (sending) return;
    sending = true;
    const place =
      editor.draft?.box ?? correcting.placeOf(form.closest('[data-key]')?.getAttribute('data-key'));
    const outcome = await sendForm(form, submitter);
    sending = false;
    closeMenus();
    if (outcome.kind !== 'done') return refused(outcome, () => void submit(form, submitter));
    things.clean();
    if (things.open === 'add') things.forgetNew();
    correcting.choose(undefined);
    // It is stored. Should the fresh page not come, the news of the change will bring it later.
    await renewPhoto().catch(() => undefined);
    voice.say(correcting.isOn ? sentence('begin') : '');
    const isUndo = form.dataset['undo'] !== undefined;
    voice.tell(isUndo ? sentence('undone') : (find('.latest span')?.textContent ?? ''));
    settle(place);
  };
  /** The focus was on something that is gone now. */
  const settle = (place: Box | undefined) => {
    if (document.activeElement !== document.body && document.activeElement !== null) return;
    if (correcting.isOn && editor.focusNear(place)) return;
    const next = find<HTMLElement>('.found .latest button') ?? find<HTMLElement>('#correct > summary');
    next?.focus({ preventScroll: true });
  };
  const refused = (outcome: Exclude<Outcome, { kind: 'done' }>, again: () => void) => {
    if (!correcting.isOn) correcting.set(true);
    if (outcome.kind === 'broken')
      return voice.complain(sentence('broken'), { name: sentence('again'), act: again });
    voice.complain(outcome.sentence);
    if (!outcome.gone) return;
    things.clean();
    void renewPhoto().catch(() => undefined);
  };
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset['correct'] === undefined) return;
    event.preventDefault();
    void submit(form, event.submitter);
  });
}

function closeMenus(): void {
  for (const menu of document.querySelectorAll<HTMLElement>('.chip-menu:popover-open')) menu.hidePopover();
}

function followList(mend: HTMLElement, correcting: Correcting): void {
  const { things } = correcting;
  // `toggle` does not bubble, and comes late: what was chosen by script is in step already.
  const toggled = ({ target }: Event) => {
    if (!(target instanceof HTMLDetailsElement)) return;
    // Not every browser closes the others of the same name.
    if (target.matches('.thing[open]')) things.choose(target.dataset['thing']);
    else if (target.matches('.thing') && things.open === undefined) things.clean();
    correcting.follow();
  };
  mend.addEventListener('toggle', toggled, true);
  mend.addEventListener('input', ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    setBusy(true);
    if (target.closest('.place') === null) return;
    things.markDirty();
    correcting.sync();
  });
  mend.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLElement>('[data-do]') : null;
    if (button?.dataset['do'] === 'draw') correcting.draw();
    else if (button?.dataset['do'] === 'give-up') correcting.giveUp();
  });
  mend.addEventListener('keydown', (event) => {
    const { key, target, isComposing } = event;
    // Enter after the name of something new leads on to drawing it. It does not finish a syllable that is just being written.
    if (key !== 'Enter' || isComposing || target !== find('#add-label')) return;
    if (things.box !== undefined || things.nameField?.value.trim() === '') return;
    event.preventDefault();
    correcting.draw();
  });
}

function takeKeys(correcting: Correcting): void {
  const { things } = correcting;
  openKeys({
    isCorrecting: () => correcting.isOn,
    toggle() {
      correcting.set(!correcting.isOn);
      if (correcting.isOn) correcting.editor.focusNear(undefined);
    },
    add() {
      correcting.set(true);
      correcting.choose('add');
      things.nameField?.focus();
    },
    undo: () =>
      find<HTMLFormElement>(correcting.isOn ? '#corrections .latest' : '.found .latest')?.requestSubmit(),
    verdict(kind, spot) {
      const row = things.rowOf(spot ?? things.open);
      row?.querySelector<HTMLButtonElement>(`.verdict [value=${kind}]`)?.click();
    },
    rename(spot) {
      if (spot !== undefined) correcting.choose(spot);
      things.nameField?.select();
    },
    move(spot) {
      if (spot !== undefined) correcting.choose(spot);
      correcting.draw();
    },
    leave: correcting.giveUp,
  });
}
