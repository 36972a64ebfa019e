// The layer over the picture on which boxes are chosen, drawn, moved and sized: by mouse, finger, pen and keyboard. Knows positions
// only; what they mean and where they are sent is not its business.
import {
  type Box,
  boxAt,
  boxBetween,
  distance,
  type Grip,
  gripAt,
  isLargeEnough,
  middle,
  nudged,
  type Point,
  pulled,
} from './box-math.ts';
import { drawDraft, drawSpots } from './editor-shapes.ts';

export interface Spot {
  readonly id: string;
  /** "dog, 62% sure". */
  readonly spoken: string;
  readonly box: Box;
}

/** What is being changed: a box that is there, or one that is to be drawn. */
export interface Draft {
  readonly box?: Box | undefined;
  readonly spoken: string;
  /** Drawing elsewhere begins it anew. */
  readonly redraw?: boolean | undefined;
}

export interface EditorEvents {
  /** A spot was tapped, or chosen by key. */
  picked(id: string, byKey: boolean): void;
  /** Neither a spot nor the draft was tapped. */
  missed(): void;
  /** A box is about to be drawn where nothing is being changed. */
  begun(): void;
  /** The draft is another; `rest` when the hand has stopped. */
  changed(box: Box, rest: boolean): void;
  tooSmall(): void;
  kept(): void;
  gaveUp(): void;
}

export interface Editor {
  show(spots: readonly Spot[]): void;
  /** Undefined: nothing is being changed. */
  edit(draft: Draft | undefined): void;
  readonly draft: Draft | undefined;
  focusSpot(id: string): void;
  /** The spot nearest to where something was; false when there is none. */
  focusNear(box: Box | undefined): boolean;
  focusDraft(): void;
}

/** A finger that moves less than this meant to tap. */
const slop = 5;

interface Hold {
  readonly pointer: number;
  readonly from: Point;
  readonly grip: Grip | 'new' | undefined;
  readonly before: Box | undefined;
  moved: boolean;
}

export function openEditor(layer: SVGSVGElement, events: EditorEvents): Editor {
  let spots: readonly Spot[] = [];
  let draft: Draft | undefined;
  let hold: Hold | undefined;

  const size = () => layer.getBoundingClientRect();
  const pointOf = ({ clientX, clientY }: PointerEvent): Point => {
    const { left, top, width, height } = size();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  };
  const gripOf = (point: Point): Hold['grip'] => {
    if (draft?.box === undefined) return 'new';
    return gripAt(point, draft.box, size()) ?? (draft.redraw ? 'new' : undefined);
  };
  const change = (box: Box, rest: boolean) => {
    draft = { spoken: '', ...draft, box };
    drawDraft(layer, draft);
    events.changed(box, rest);
  };

  const press = (event: PointerEvent) => {
    // A second finger is no drawing: what the first one began is given up.
    if (hold !== undefined) return letGo(true);
    if (event.button !== 0) return;
    const from = pointOf(event);
    hold = { pointer: event.pointerId, from, grip: gripOf(from), before: draft?.box, moved: false };
    layer.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    const point = pointOf(event);
    if (hold === undefined) {
      layer.dataset['grip'] = draft?.box ? (gripAt(point, draft.box, size()) ?? '') : '';
      return;
    }
    if (event.pointerId !== hold.pointer || hold.grip === undefined) return;
    const { width, height } = size();
    const by = { x: point.x - hold.from.x, y: point.y - hold.from.y };
    if (!hold.moved && Math.hypot(by.x * width, by.y * height) < slop) return;
    if (!hold.moved && draft === undefined) events.begun();
    hold.moved = true;
    const { grip, before, from } = hold;
    change(
      grip === 'new' || before === undefined ? boxBetween(from, point) : pulled(before, grip, by),
      false,
    );
  };
  const lift = (event: PointerEvent) => {
    if (event.pointerId !== hold?.pointer) return;
    const { moved, from } = hold;
    hold = undefined;
    if (!moved) return tap(from);
    if (draft?.box === undefined) return;
    if (isLargeEnough(draft.box)) return change(draft.box, true);
    edit({ ...draft, box: undefined });
    events.tooSmall();
  };
  const letGo = (back: boolean) => {
    const before = hold?.before;
    const wasMoved = hold?.moved === true;
    hold = undefined;
    if (!back || !wasMoved || draft === undefined) return;
    edit({ ...draft, box: before });
    if (before !== undefined) events.changed(before, true);
  };
  const tap = (point: Point) => {
    const hit = boxAt(point, spots, size());
    if (hit !== undefined) events.picked(hit.id, false);
    else if (draft?.box === undefined || gripAt(point, draft.box, size()) === undefined) events.missed();
  };

  const pressKey = (event: KeyboardEvent) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey) return;
    const spot = target instanceof Element ? target.getAttribute('data-id') : null;
    if (spot !== null && (key === 'Enter' || key === ' ')) events.picked(spot, true);
    else if (draft === undefined) return;
    else if (key === 'Escape') events.gaveUp();
    else if (key === 'Enter' && draft.box !== undefined) events.kept();
    else if (key === 'Enter') change(middle, true);
    else {
      const box = draft.box && nudged(draft.box, event);
      if (box === undefined) return;
      change(box, true);
    }
    event.preventDefault();
    event.stopPropagation();
    if (draft?.box !== undefined && spot === null) focusDraft();
  };

  const edit = (next: Draft | undefined) => {
    draft = next;
    drawDraft(layer, next);
  };
  const focus = (selector: string) =>
    layer.querySelector<SVGElement>(selector)?.focus({ preventScroll: true });
  const focusSpot = (id: string) => focus(`[data-id="${CSS.escape(id)}"]`);
  const focusDraft = () => focus('.draft');

  // A quick stroke would count as a fling otherwise, and the tap on a button that follows would do nothing but stop it.
  layer.addEventListener('touchstart', (event) => event.preventDefault(), { passive: false });
  layer.addEventListener('pointerdown', press);
  layer.addEventListener('pointermove', move);
  layer.addEventListener('pointerup', lift);
  layer.addEventListener('pointercancel', () => letGo(true));
  layer.addEventListener('keydown', pressKey);
  // A screen reader presses a button without any pointer.
  layer.addEventListener('click', ({ detail, target }) => {
    const spot = target instanceof Element ? target.getAttribute('data-id') : null;
    if (detail === 0 && spot !== null) events.picked(spot, true);
  });

  return {
    show(next) {
      spots = next;
      drawSpots(layer, next);
    },
    edit,
    get draft() {
      return draft;
    },
    focusSpot,
    focusNear(box) {
      const near = [...spots].sort((a, b) => (box ? distance(a.box, box) - distance(b.box, box) : 0))[0];
      if (near === undefined) return false;
      focusSpot(near.id);
      return true;
    },
    focusDraft,
  };
}
