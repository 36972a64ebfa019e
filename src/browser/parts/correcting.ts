// The state of correcting: whether it is on, which thing is open in the list and on the picture, and what of it is not kept yet. Sends
// nothing.
import type { Box } from './box-math.ts';
import { writeBox } from './correction-forms.ts';
import { type Editor, openEditor, type Spot } from './editor.ts';
import { openSentences, type Sentences } from './sentences.ts';
import { openThings, type Things } from './things.ts';
import { openVoice, type Voice } from './voice.ts';

export interface Correcting {
  readonly isOn: boolean;
  readonly things: Things;
  readonly editor: Editor;
  readonly voice: Voice;
  readonly sentence: Sentences;
  /** On or off, with the focus on the button that does the same. */
  set(on: boolean): void;
  /** Opens one thing, or `add`, or closes what is open. */
  choose(id: string | undefined): void;
  /** Lets the picture have the keys for the box of what is open, drawn already or not. */
  draw(): void;
  /** First what was drawn, then what was chosen, then correcting itself. */
  giveUp(): void;
  /** The picture as the list is now. */
  sync(): void;
  /** The same after something in the list was folded or unfolded. */
  follow(): void;
  /** Where a thing is that the page shows. */
  placeOf(id: string | null | undefined): Box | undefined;
}

// One thought: whatever happens to the list happens to the picture, and the other way round.
export function openCorrecting(
  mend: HTMLElement,
  layer: SVGSVGElement,
  correct: HTMLDetailsElement,
): Correcting {
  const sentence = openSentences(mend.dataset['script']);
  const voice = openVoice(document.querySelector('#correct-says'), document.querySelector('#correct-heard'));
  const things = openThings(mend);
  const summary = correct.querySelector<HTMLElement>(':scope > summary');
  const isOn = () => document.body.classList.contains('correcting');
  const focusIn = (place: Element | undefined | null, selector: string) =>
    place?.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true });

  const editor = openEditor(layer, {
    picked(id, byKey) {
      if (things.isDirty) return voice.say(sentence('adjust'));
      choose(id);
      voice.say(sentence('selected', { thing: things.spoken }));
      if (byKey) focusIn(things.rowOf(id), '.verdict button');
      else editor.focusDraft();
    },
    missed() {
      if (things.isDirty) voice.say(sentence('adjust'));
      else if (things.open !== undefined && things.open !== 'add') giveUp();
    },
    begun: () => choose('add'),
    changed(box, rest) {
      if (things.placeForm === undefined) return;
      const written = writeBox(things.placeForm, box);
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

  let known: string | undefined;
  // A page that came with its forms open, to say why one was refused, does not jump into something else.
  let isPlain = correct.open;
  const sync = () => {
    if (!correct.open) isPlain = false;
    const on = correct.open && !isPlain;
    if (on !== isOn()) enter(on);
    const { open, box, spoken } = things;
    known = open;
    for (const drawn of document.querySelectorAll<SVGElement>('.box'))
      drawn.classList.toggle('chosen', drawn.dataset['key'] === open);
    editor.show(isOn() ? spotsOnPage().filter(({ id }) => id !== open) : []);
    if (!isOn() || open === undefined) return editor.edit(undefined);
    const isNew = open === 'add';
    const says = isNew ? sentence('drawing') : sentence('selected', { thing: spoken });
    editor.edit({ box, spoken: says, redraw: isNew });
    things.showButtons();
  };
  const enter = (on: boolean) => {
    document.body.classList.toggle('correcting', on);
    layer.toggleAttribute('hidden', !on);
    // A label that is lit up would leave the others in the dark.
    for (const chip of document.querySelectorAll<HTMLInputElement>('.found-chip > input'))
      chip.checked = false;
    if (!on) {
      things.choose(undefined);
      things.clean();
    }
    voice.say(on ? sentence('begin') : '');
  };
  const choose = (id: string | undefined) => {
    things.choose(id);
    sync();
    things.rowOf(id)?.scrollIntoView({ block: 'nearest' });
  };
  const set = (on: boolean) => {
    isPlain = false;
    correct.open = on;
    sync();
    summary?.focus({ preventScroll: true });
  };
  const giveUp = () => {
    const { open, isDirty } = things;
    things.clean();
    if (open === undefined) return set(false);
    if (isDirty && open !== 'add') {
      sync();
      editor.focusDraft();
    } else {
      if (open === 'add') things.forgetNew();
      choose(undefined);
      if (open === 'add') focusIn(mend, '.adding summary');
      else editor.focusSpot(open);
    }
    voice.say(sentence(isDirty ? 'gaveUp' : 'begin'));
  };

  return {
    get isOn() {
      return isOn();
    },
    things,
    editor,
    voice,
    sentence,
    set,
    choose,
    draw() {
      if (things.placeForm === undefined) return;
      sync();
      voice.say(sentence(things.box === undefined ? 'drawing' : 'adjust'));
      editor.focusDraft();
    },
    giveUp,
    sync,
    follow() {
      // Unfolded by hand: the script has not said anything about it yet.
      const isNews = things.open !== known;
      sync();
      if (isNews && things.spoken !== '') voice.say(sentence('selected', { thing: things.spoken }));
    },
    placeOf: (id) => spotsOnPage().find((spot) => spot.id === id)?.box,
  };
}

/** The boxes that the page shows now, as places to be chosen. */
function spotsOnPage(): Spot[] {
  return [...document.querySelectorAll<SVGElement>('.box:not([hidden])')].map((box) => {
    const fraction = (side: string) => Number.parseFloat(box.getAttribute(side) ?? '') / 100;
    return {
      id: box.dataset['key'] ?? '',
      spoken: box.dataset['spoken'] ?? '',
      box: { x: fraction('x'), y: fraction('y'), width: fraction('width'), height: fraction('height') },
    };
  });
}
