// Correcting on the page of a photo: the same forms that work without this script, driven from the picture. Tells every change with
// its undo, and loses nothing that somebody drew or typed when the connection breaks.
import type { Box } from './parts/box-math.ts';
import { boxIn, type Outcome, sendForm, writeBox } from './parts/correction-forms.ts';
import { openKeys } from './parts/correction-keys.ts';
import { openEditor, type Spot } from './parts/editor.ts';
import { renewPhoto, setBusy } from './parts/photo-pieces.ts';
import { openSentences } from './parts/sentences.ts';
import { openThings } from './parts/things.ts';
import { openVoice } from './parts/voice.ts';

const find = <E extends Element>(selector: string) => document.querySelector<E>(selector);

const mend = find<HTMLElement>('#mend');
const layer = find<SVGSVGElement>('#editor');
const correct = find<HTMLDetailsElement>('#correct');
if (mend !== null && layer !== null && correct !== null) openCorrecting(mend, layer, correct);

// One thought: what the picture, the list and the keys do to each other.
function openCorrecting(mend: HTMLElement, layer: SVGSVGElement, correct: HTMLDetailsElement): void {
  const sentence = openSentences(mend.dataset['script']);
  const voice = openVoice(find('#correct-says'), find('#correct-heard'));
  const things = openThings(mend);
  const summary = find<HTMLElement>('#correct > summary');
  const isCorrecting = () => document.body.classList.contains('correcting');

  const editor = openEditor(layer, {
    picked(id, byKey) {
      if (things.isDirty) return voice.say(sentence('adjust'));
      choose(id);
      voice.say(sentence('selected', { thing: things.spoken }));
      if (byKey) focusVerdict();
      else editor.focusDraft();
    },
    missed() {
      if (things.isDirty) voice.say(sentence('adjust'));
      else if (things.open !== 'add') giveUp();
    },
    begun: () => choose('add'),
    changed(box, rest) {
      const form = things.placeForm;
      if (form === undefined) return;
      const written = writeBox(form, box);
      things.markDirty();
      if (!rest) return;
      voice.say(sentence('adjust'));
      voice.tell(sentence('size', written));
      // Drawn first, named after.
      if (things.open === 'add' && things.nameField?.value === '') things.nameField.focus();
    },
    tooSmall() {
      if (things.placeForm !== undefined) writeBox(things.placeForm, undefined);
      voice.say(sentence('tooSmall'));
    },
    kept: () => things.placeForm?.requestSubmit(),
    gaveUp: () => giveUp(),
  });

  /** The layer as the page is now: one thing being changed, the others to be chosen. */
  const sync = () => {
    if (correct.open !== isCorrecting()) enter(correct.open);
    const { open, box, spoken } = things;
    for (const drawn of document.querySelectorAll<SVGElement>('.box'))
      drawn.classList.toggle('chosen', drawn.dataset['key'] === open);
    editor.show(isCorrecting() ? spotsOn(document).filter(({ id }) => id !== open) : []);
    if (!isCorrecting() || open === undefined) return editor.edit(undefined);
    const isNew = open === 'add';
    const says = isNew ? sentence('drawing') : sentence('selected', { thing: spoken });
    editor.edit({ box, spoken: says, redraw: isNew });
    things.showButtons();
  };

  const enter = (correcting: boolean) => {
    document.body.classList.toggle('correcting', correcting);
    layer.toggleAttribute('hidden', !correcting);
    if (!correcting) {
      things.choose(undefined);
      things.clean();
    }
    voice.say(correcting ? sentence('begin') : '');
  };
  const setCorrecting = (correcting: boolean) => {
    correct.open = correcting;
    sync();
  };
  const choose = (id: string | undefined) => {
    things.choose(id);
    sync();
    things.rowOf(id)?.scrollIntoView({ block: 'nearest' });
  };
  const focusVerdict = () =>
    things.rowOf(things.open)?.querySelector<HTMLElement>('.verdict button')?.focus({ preventScroll: true });

  /** First what was drawn, then what was chosen. */
  const giveUp = () => {
    const { open, isDirty } = things;
    things.clean();
    if (open === 'add') {
      find<HTMLFormElement>('.adding form')?.reset();
      choose(undefined);
      find<HTMLElement>('.adding summary')?.focus({ preventScroll: true });
    } else if (isDirty) {
      sync();
      editor.focusDraft();
    } else {
      choose(undefined);
      if (open !== undefined) editor.focusSpot(open);
    }
    voice.say(sentence(isDirty ? 'gaveUp' : 'begin'));
  };
  const draw = () => {
    if (things.placeForm === undefined) return;
    sync();
    voice.say(sentence(things.box === undefined ? 'drawing' : 'adjust'));
    editor.focusDraft();
  };

  let sending = false;
  const submit = async (form: HTMLFormElement, submitter: HTMLElement | null) => {
    if (sending) return;
    sending = true;
    const place = editor.draft?.box ?? placeOf(form);
    const outcome = await sendForm(form, submitter);
    sending = false;
    if (outcome.kind !== 'done') return refused(outcome, () => void submit(form, submitter));
    for (const menu of document.querySelectorAll<HTMLElement>('.chip-menu:popover-open')) menu.hidePopover();
    things.clean();
    choose(undefined);
    if (form.closest('.adding') !== null) form.reset();
    // It is stored. Should the fresh page not come, the news of the change will bring it later.
    await renewPhoto().catch(() => undefined);
    voice.say(isCorrecting() ? sentence('begin') : '');
    const text = find('.latest span')?.textContent ?? '';
    voice.tell(form.dataset['undo'] === undefined ? text : sentence('undone'));
    settle(place);
  };
  const placeOf = (form: HTMLFormElement): Box | undefined => {
    const id = form.closest('.thing-row')?.getAttribute('data-key');
    return spotsOn(document).find((spot) => spot.id === id)?.box;
  };
  /** The focus was on something that is gone now. */
  const settle = (place: Box | undefined) => {
    if (document.activeElement !== document.body && document.activeElement !== null) return;
    if (isCorrecting() && editor.focusNear(place)) return;
    (find<HTMLElement>('.found .latest button') ?? summary)?.focus({ preventScroll: true });
  };
  const refused = (outcome: Exclude<Outcome, { kind: 'done' }>, again: () => void) => {
    for (const menu of document.querySelectorAll<HTMLElement>('.chip-menu:popover-open')) menu.hidePopover();
    if (!correct.open) setCorrecting(true);
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
  // `toggle` does not bubble, and comes late: what was chosen by script is in step already.
  const onToggle = ({ target }: Event) => {
    if (!(target instanceof HTMLDetailsElement)) return;
    // Not every browser closes the others of the same name.
    const opened = target.matches('.thing[open]') ? target.dataset['thing'] : undefined;
    if (opened !== undefined) things.choose(opened);
    else if (target.matches('.thing') && things.open === undefined) things.clean();
    sync();
  };
  mend.addEventListener('toggle', onToggle, true);
  mend.addEventListener('input', ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    setBusy(true);
    if (target.closest('.place') === null) return;
    things.markDirty();
    sync();
  });
  mend.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLElement>('[data-do]') : null;
    if (button?.dataset['do'] === 'draw') draw();
    else if (button?.dataset['do'] === 'give-up') giveUp();
  });
  mend.addEventListener('keydown', (event) => {
    const { key, target, isComposing } = event;
    // Enter after the name of something new leads on to drawing it. It does not finish a syllable that is just being written.
    if (key !== 'Enter' || isComposing || target !== find('#add-label')) return;
    const form = things.placeForm;
    if (form === undefined || boxIn(form) !== undefined || things.nameField?.value.trim() === '') return;
    event.preventDefault();
    draw();
  });
  document.addEventListener('renewed', sync);

  openKeys({
    isCorrecting,
    toggle() {
      setCorrecting(!correct.open);
      summary?.focus({ preventScroll: true });
    },
    add() {
      setCorrecting(true);
      choose('add');
      things.nameField?.focus();
    },
    undo: () =>
      find<HTMLFormElement>(isCorrecting() ? '#corrections .latest' : '.found .latest')?.requestSubmit(),
    verdict: (kind, spot) =>
      things
        .rowOf(spot ?? things.open)
        ?.querySelector<HTMLButtonElement>(`.verdict [value=${kind}]`)
        ?.click(),
    rename(spot) {
      if (spot !== undefined) choose(spot);
      things.nameField?.select();
    },
    move(spot) {
      if (spot !== undefined) choose(spot);
      draw();
    },
    leave() {
      if (things.open !== undefined) return giveUp();
      setCorrecting(false);
      summary?.focus({ preventScroll: true });
    },
  });
  sync();
}

/** The boxes that the page shows now, as places to be chosen. */
function spotsOn(page: Document): Spot[] {
  return [...page.querySelectorAll<SVGElement>('.box:not([hidden])')].map((box) => {
    const fraction = (side: string) => Number.parseFloat(box.getAttribute(side) ?? '') / 100;
    return {
      id: box.dataset['key'] ?? '',
      spoken: box.dataset['spoken'] ?? '',
      box: { x: fraction('x'), y: fraction('y'), width: fraction('width'), height: fraction('height') },
    };
  });
}
