// Where the boxes of a photo are drawn, in which of eight hues, and with which words. Percentages of the picture, never pixels.
import { cutOffOf, shownOf } from '../../gallery/detection.ts';
import { cocoLabels, countedLabel, labelName } from '../../gallery/labels.ts';
import type { Detection, LabelSummary, Photo } from '../../gallery/photo.ts';
import { listPath } from '../links.ts';
import type { Speech } from '../words.ts';

export interface DrawnBox {
  readonly label: string;
  readonly name: string;
  readonly percent: string;
  readonly hue: number;
  /** Which chip it belongs to: boxes and chips of the same number light up together (static/css/boxes.css). */
  readonly index: number;
  readonly sure: boolean;
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
  readonly text: string;
  readonly percent: string;
  readonly hue: number;
  readonly index: number;
  readonly href: string;
  readonly everyPhoto: string;
}

const hues = 8;
// The stylesheet pairs so many labels of one photo with their boxes; any further ones share the last number.
const pairs = 16;
// So far above an engine's cut-off an error is rare: such a box gets a solid line.
const sureAbove = 0.2;

export function boxesOf(photo: Photo, speech: Speech): { boxes: DrawnBox[]; chips: LabelChip[] } {
  const labels = photo.labels.map(({ label }) => label);
  const hueOf = assignHues(labels);
  const indexOf = (label: string) => Math.min(Math.max(labels.indexOf(label), 0), pairs - 1);
  return {
    // Large ones first: a small box inside a large one stays on top and can be reached.
    boxes: shownOf(photo.detections)
      .sort((a, b) => area(b) - area(a))
      .map((detection) => drawnBox(detection, hueOf(detection.label), indexOf(detection.label), speech)),
    chips: photo.labels.map((summary) => chip(summary, hueOf(summary.label), indexOf(summary.label), speech)),
  };
}

const area = ({ box }: Detection) => box.width * box.height;

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

// The multiplier spreads neighbours in COCO's list (cat, dog, horse) over different hues.
function homeHue(label: string): number {
  const index = (cocoLabels as readonly string[]).indexOf(label);
  return index < 0 ? 0 : (index * 3 + (index >> 3)) % hues;
}

function drawnBox(
  { label, score, box, origin }: Detection,
  hue: number,
  index: number,
  speech: Speech,
): DrawnBox {
  return {
    label,
    name: labelName(label, speech.language),
    percent: speech.percent(score),
    hue,
    index,
    sure: score >= cutOffOf(origin.engine) + sureAbove,
    x: percentage(box.x),
    y: percentage(box.y),
    width: percentage(box.width),
    height: percentage(box.height),
    toLeft: box.x > 0.7,
    inside: box.y < 0.08,
  };
}

function chip({ label, count, score }: LabelSummary, hue: number, index: number, speech: Speech): LabelChip {
  const name = labelName(label, speech.language);
  return {
    label,
    text: countedLabel(label, count, speech.language),
    percent: speech.percent(score),
    hue,
    index,
    href: listPath({ label }),
    everyPhoto: speech.words.navigation.everyPhotoWith(name),
  };
}

const percentage = (fraction: number) => `${Math.round(fraction * 10_000) / 100}%`;
