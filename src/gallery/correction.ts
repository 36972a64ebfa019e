// What people say about what is in a photo, and how their word and an engine's become one list. A person's word always stands.
import { bestOfSameBox, iou } from './detection.ts';
import { GalleryError } from './errors.ts';
import { labelFrom } from './labels.ts';
import type { Box, Change, ChangeId, Detection, DetectionId, EngineDetection, Rejection } from './photo.ts';

/** One thing a person says. `detection` is the id of something the photo shows now. */
export type Correction =
  | { readonly kind: 'confirm'; readonly detection: DetectionId }
  | { readonly kind: 'reject'; readonly detection: DetectionId }
  /** There is none of these anywhere in the photo. */
  | { readonly kind: 'reject-label'; readonly label: string }
  | { readonly kind: 'rename'; readonly detection: DetectionId; readonly label: string }
  | { readonly kind: 'move'; readonly detection: DetectionId; readonly box: Box }
  | { readonly kind: 'add'; readonly label: string; readonly box?: Box };

/** What an engine said, as it is kept; replaced whenever one looks again. */
export interface Said extends EngineDetection {
  readonly id: DetectionId;
  /** Whole percent, by calibration.ts. */
  readonly confidence: number;
}

/** What a person said, as it is kept; ended only by a person. */
export interface Word {
  readonly id: DetectionId;
  readonly change: ChangeId;
  /** Of the change that made it. */
  readonly kind: Change['kind'];
  /** Is there one, or is there none? Without a box: somewhere, or nowhere. */
  readonly present: boolean;
  readonly label: string;
  readonly box?: Box;
  readonly at: Date;
}

/** From here on two boxes of one label are the same thing to a person's word. */
const sameThing = 0.5;

/**
 * Lays people's words over what an engine said. What a person said is there; an engine's box is not, when a person spoke of the same
 * label at that place (IoU >= 0.5), or said that there is none of these at all.
 */
export function merge(
  said: readonly Said[],
  words: readonly Word[],
): { detections: Detection[]; rejections: Rejection[] } {
  const named = words.filter(({ present }) => present).map(detectionOf);
  const heard = said.filter((one) => !words.some((word) => settles(word, one)));
  const all: Detection[] = [...named, ...heard];
  const best = new Set(bestOfSameBox(all));
  return {
    detections: all.filter((one) => one.origin.by === 'person' || best.has(one)).sort(bySureness),
    // Renaming and moving take away and put there in one go: what was taken away is not a refusal of its own.
    rejections: words
      .filter(({ present, kind }) => !present && kind === 'reject')
      .map(({ id, label, box, at, change }) => ({
        id,
        label,
        at,
        change,
        ...(box === undefined ? {} : { box }),
      }))
      .sort((a, b) => b.change - a.change),
  };
}

const detectionOf = ({ id, label, box, at }: Word): Detection => ({
  id,
  label,
  ...(box === undefined ? {} : { box }),
  confidence: 100,
  origin: { by: 'person', at },
});

/** Has this word decided about what the engine said? "There is one somewhere" decides nothing about a box. */
function settles({ label, box, present }: Word, one: Said): boolean {
  if (label !== one.label) return false;
  return box === undefined ? !present : iou(box, one.box) >= sameThing;
}

const bySureness = (a: Detection, b: Detection) =>
  b.confidence - a.confidence || (b.score ?? 1) - (a.score ?? 1) || (a.id < b.id ? -1 : 1);

/** What a correction does to the words. */
export interface Amendment {
  readonly kind: Change['kind'];
  /** For the memory of the change: what it was about. */
  readonly label: string;
  readonly ends: readonly DetectionId[];
  readonly adds: readonly Pick<Word, 'present' | 'label' | 'box'>[];
}

/**
 * Undefined when it is said already.
 * @throws GalleryError `edited-meanwhile` when the photo does not show that detection
 */
export function amend(
  correction: Correction,
  said: readonly Said[],
  words: readonly Word[],
): Amendment | undefined {
  const amendment = meant(correction, said, words);
  if (amendment === undefined) return undefined;
  // "There is one" ends an older "there is none" about the same; both at once would be no answer.
  const named = amendment.adds.filter(({ present }) => present);
  const unsaid = words.filter((word) => !word.present && named.some((one) => contradicts(word, one)));
  return { ...amendment, ends: [...new Set([...amendment.ends, ...unsaid.map(({ id }) => id)])] };
}

const contradicts = (none: Word, one: Pick<Word, 'label' | 'box'>) =>
  none.label === one.label &&
  (none.box === undefined || (one.box !== undefined && iou(none.box, one.box) >= sameThing));

/** One switch over all that people can mean, since each case is two or three lines. */
function meant(correction: Correction, said: readonly Said[], words: readonly Word[]): Amendment | undefined {
  const shown = merge(said, words).detections;
  switch (correction.kind) {
    case 'confirm': {
      const { label, box, origin } = find(shown, correction.detection);
      if (origin.by === 'person') return undefined;
      return { kind: 'confirm', label, ends: [], adds: [there(label, box)] };
    }
    case 'reject': {
      const { id, label, box, origin } = find(shown, correction.detection);
      const ends = origin.by === 'person' ? [id] : [];
      // "Somewhere" taken back is not "nowhere": what an engine sees with a box is another matter.
      const adds = box === undefined ? [] : [notThere(label, box)];
      return { kind: 'reject', label, ends, adds };
    }
    case 'reject-label': {
      const { label } = correction;
      if (!shown.some((one) => one.label === label)) throw goneMeanwhile();
      const ends = words.filter((word) => word.label === label).map(({ id }) => id);
      return { kind: 'reject', label, ends, adds: [notThere(label, undefined)] };
    }
    case 'rename': {
      const { id, label, box, origin } = find(shown, correction.detection);
      if (label === correction.label) return undefined;
      const ends = origin.by === 'person' ? [id] : [];
      const adds = [there(correction.label, box), ...(box === undefined ? [] : [notThere(label, box)])];
      return { kind: 'rename', label: correction.label, ends, adds };
    }
    case 'move': {
      const { id, label, box, origin } = find(shown, correction.detection);
      const moved = there(label, correction.box);
      if (origin.by === 'engine')
        return { kind: 'move', label, ends: [], adds: [moved, notThere(label, box)] };
      // An engine that sees it at the old place as well must not bring it back there.
      const seen =
        box !== undefined && said.some((one) => one.label === label && iou(one.box, box) >= sameThing);
      return { kind: 'move', label, ends: [id], adds: seen ? [moved, notThere(label, box)] : [moved] };
    }
    case 'add': {
      const { label, box } = correction;
      const isSaid = words.some((word) => word.present && word.label === label && isSamePlace(word.box, box));
      return isSaid ? undefined : { kind: 'add', label, ends: [], adds: [there(label, box)] };
    }
    default:
      return correction satisfies never;
  }
}

function find(shown: readonly Detection[], id: DetectionId): Detection {
  const found = shown.find((one) => one.id === id);
  if (found === undefined) throw goneMeanwhile();
  return found;
}

/** The refusal of a correction whose subject is not there any more. */
export const goneMeanwhile = () =>
  new GalleryError(
    'edited-meanwhile',
    'What was found in this photo changed meanwhile; look at it again and repeat your correction.',
  );

const there = (label: string, box: Box | undefined) => ({ present: true, label, ...(box ? { box } : {}) });
const notThere = (label: string, box: Box | undefined) => ({
  present: false,
  label,
  ...(box ? { box } : {}),
});

const isSamePlace = (a: Box | undefined, b: Box | undefined) =>
  a === undefined || b === undefined ? a === b : iou(a, b) >= 0.95;

/** No thing in a photo is smaller than this part of its edge: what is, was a slip of the finger. */
export const smallestBox = 0.005;

/** Clipped to the photo. @throws GalleryError `bad-request` for what is no box in it, or too small to be meant */
export function checkedBox({ x, y, width, height }: Box): Box {
  const [left, top] = [unit(x), unit(y)];
  const box = { x: left, y: top, width: unit(x + width) - left, height: unit(y + height) - top };
  // Also refuses NaN.
  if (box.width >= smallestBox && box.height >= smallestBox) return box;
  throw new GalleryError(
    'bad-box',
    'This box is too small or outside of the photo; draw it again around the thing.',
  );
}

const unit = (value: number) => Math.min(1, Math.max(0, value));

/** How many words a photo may carry; more is no photo any more but a flood. */
export const mostWords = 500;

/** With labels and boxes as they may be kept. Throws `bad-label`, `bad-box`. */
export function checkedCorrection(correction: Correction): Correction {
  switch (correction.kind) {
    case 'rename':
      return { ...correction, label: labelFrom(correction.label) };
    case 'move':
      return { ...correction, box: checkedBox(correction.box) };
    case 'add':
      return {
        ...correction,
        label: labelFrom(correction.label),
        ...(correction.box === undefined ? {} : { box: checkedBox(correction.box) }),
      };
    default:
      return correction;
  }
}
