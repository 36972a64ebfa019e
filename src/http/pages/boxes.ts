// Where the boxes of a photo are drawn, in which of eight hues, and with which words. Percentages of the picture, never pixels.
// Everything that a reader may ask for is there, hidden where it is not sure enough, so that the slider answers at once.
import { shownDetections, type Threshold, thresholdOf, thresholdSteps } from '../../gallery/detection.ts';
import { cocoLabels, labelName, spokenLabel } from '../../gallery/labels.ts';
import type { Box, Detection, Photo, PhotoLabel } from '../../gallery/photo.ts';
import { listPath } from '../links.ts';
import type { Speech } from '../words.ts';

export interface DrawnBox {
  readonly id: string;
  readonly label: string;
  readonly name: string;
  readonly percent: string;
  /** Whole percent: what the slider is compared with. */
  readonly confidence: number;
  readonly byPerson: boolean;
  readonly hue: number;
  /** Which chip it belongs to: boxes and chips of the same number light up together (static/css/boxes.css). */
  readonly index: number;
  /** Which row of the corrections it belongs to, in the same way. */
  readonly thing: number;
  readonly sure: boolean;
  readonly shown: boolean;
  /** What is heard: "dog, 62% sure". */
  readonly spoken: string;
  readonly x: string;
  readonly y: string;
  readonly width: string;
  readonly height: string;
  /** The tag hangs from the box's right edge when it would leave the picture otherwise. */
  readonly toLeft: boolean;
  /** The tag is inside the box when there is no room above it. */
  readonly inside: boolean;
}

export interface LabelChip {
  readonly label: string;
  readonly name: string;
  readonly text: string;
  /** JSON: what the chip says of one, of two, and so on. */
  readonly texts: string;
  /** Whole percents, best first, for the slider. */
  readonly confidences: string;
  readonly percent: string;
  readonly byPerson: boolean;
  readonly hue: number;
  readonly index: number;
  readonly shown: boolean;
  readonly href: string;
  /** Whole percent, where the reader asks for another one than for everything, and in words: "from 70%". */
  readonly own?: number | undefined;
  readonly ownText?: string | undefined;
}

/** Of a hundred things so sure, thirty are not there: below this a box is dashed. */
export const sureFrom = 70;

const hues = 8;
// The stylesheet pairs so many labels of one photo with their boxes; any further ones share the last number.
const pairs = 16;
const lowest = thresholdSteps[0] ?? 0;

export function boxesOf(
  photo: Photo,
  threshold: Threshold,
  speech: Speech,
): { boxes: DrawnBox[]; chips: LabelChip[]; hueOf: (label: string) => number } {
  const labels = photo.labels.filter(({ confidences }) => (confidences[0] ?? 0) >= lowest);
  const names = labels.map(({ label }) => label);
  const hueOf = assignHues(names);
  const indexOf = (label: string) => Math.min(Math.max(names.indexOf(label), 0), pairs - 1);
  const shown = shownDetections(photo.detections, threshold);
  const spoken = spokenThings(shown, speech);
  const isBoxed = (one: Detection): one is Boxed => one.box !== undefined && one.confidence >= lowest;
  return {
    hueOf,
    // Large ones first: a small box inside a large one stays on top and can be reached.
    boxes: photo.detections
      .filter(isBoxed)
      .sort((a, b) => area(b) - area(a))
      .map((one) => ({
        ...drawnBox(one, speech),
        hue: hueOf(one.label),
        index: indexOf(one.label),
        thing: shown.indexOf(one),
        shown: shown.includes(one),
        spoken: spoken(one),
      })),
    chips: labels.map((one) => ({
      ...chip(one, threshold, speech),
      hue: hueOf(one.label),
      index: indexOf(one.label),
    })),
  };
}

type Boxed = Detection & { readonly box: Box };

const area = ({ box }: Boxed) => box.width * box.height;

/** How a thing is called among the others that are shown: "person 1 of 2, 91% sure". */
export function spokenThings(shown: readonly Detection[], speech: Speech): (one: Detection) => string {
  const t = speech.words.correct;
  return (one) => {
    const { number, all } = numberAmong(shown, one);
    const name = labelName(one.label, speech.language);
    const called = all > 1 ? t.numbered(name, speech.number(number), speech.number(all)) : name;
    return t.spoken(called, surenessText(one, speech));
  };
}

/** Which one it is of those with the same label; `all` is 0 for one that is not among them. */
export function numberAmong(shown: readonly Detection[], one: Detection): { number: number; all: number } {
  const alike = shown.filter(({ label }) => label === one.label);
  const at = alike.indexOf(one);
  return { number: at + 1, all: at < 0 ? 0 : alike.length };
}

/** "62% sure", or that a person said so. */
export function surenessText({ origin, confidence }: Detection, { words, percent }: Speech): string {
  return origin.by === 'person' ? words.correct.youSaid : words.correct.sure(percent(confidence / 100));
}

// A label keeps its hue from photo to photo; only where two in one photo would share one, the later moves on.
function assignHues(labels: readonly string[]): (label: string) => number {
  const given = new Map<string, number>();
  for (const label of labels) {
    const home = homeHue(label);
    const order = Array.from({ length: hues }, (_, step) => (home + step) % hues);
    const taken = new Set(given.values());
    given.set(label, order.find((hue) => !taken.has(hue)) ?? home);
  }
  return (label) => given.get(label) ?? homeHue(label);
}

// The multiplier spreads neighbours in COCO's list (cat, dog, horse) over different hues; people's own words are summed up.
function homeHue(label: string): number {
  const index = (cocoLabels as readonly string[]).indexOf(label);
  if (index < 0) return [...label].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % hues;
  return (index * 3 + (index >> 3)) % hues;
}

function drawnBox({ id, label, confidence, box, origin }: Boxed, speech: Speech) {
  const byPerson = origin.by === 'person';
  return {
    id,
    label,
    name: labelName(label, speech.language),
    percent: speech.percent(confidence / 100),
    confidence,
    byPerson,
    sure: byPerson || confidence >= sureFrom,
    x: percentage(box.x),
    y: percentage(box.y),
    width: percentage(box.width),
    height: percentage(box.height),
    toLeft: box.x > 0.7,
    inside: box.y < 0.08,
  };
}

function chip({ label, confidences }: PhotoLabel, threshold: Threshold, speech: Speech) {
  const { language } = speech;
  const stored = confidences.filter((confidence) => confidence >= lowest);
  const from = thresholdOf(threshold, label);
  const count = stored.filter((confidence) => confidence >= from).length;
  const texts = stored.map((_, index) => spokenLabel(label, index + 1, language));
  return {
    label,
    name: labelName(label, language),
    text: texts[Math.max(count, 1) - 1] ?? '',
    texts: JSON.stringify(texts),
    confidences: stored.join(' '),
    percent: speech.percent((stored[0] ?? 0) / 100),
    byPerson: stored[0] === 100,
    shown: count > 0,
    href: listPath({ label }),
    ...(threshold.labels.has(label)
      ? { own: from, ownText: speech.words.sure.own(speech.percent(from / 100)) }
      : {}),
  };
}

const percentage = (fraction: number) => `${Math.round(fraction * 10_000) / 100}%`;
