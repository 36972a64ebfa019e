// What the page offers for correcting: the things that are shown, what people said is not there, and the latest change.
import { shownDetections, type Threshold } from '../../gallery/detection.ts';
import { cocoLabels, labelName } from '../../gallery/labels.ts';
import type { Box, Detection, Photo } from '../../gallery/photo.ts';
import { correctionsPath, undoPath } from '../links.ts';
import type { Speech } from '../words.ts';
import { numberAmong, spokenThings, sureFrom } from './boxes.ts';
import { engineName } from './models.ts';

/** What somebody sent that could not be done: the sentence about it, and what they had typed. */
export interface Refusal {
  readonly sentence: string;
  readonly typed?: { readonly [field in 'label' | keyof Place]?: string | undefined } | undefined;
}

interface Thing {
  readonly id: string;
  readonly index: number;
  readonly label: string;
  readonly name: string;
  readonly hue: number;
  readonly byPerson: boolean;
  readonly sure: boolean;
  /** "1/4" where there are several of the same name. */
  readonly which?: string | undefined;
  /** "YOLOX · 62%", "You · Today". */
  readonly who: string;
  readonly spoken: string;
  /** Percent of the picture, without the sign. */
  readonly place?: Place | undefined;
}

interface Place {
  readonly left: string;
  readonly top: string;
  readonly width: string;
  readonly height: string;
}

export interface CorrectionContext {
  readonly threshold: Threshold;
  readonly today: Date;
  /** The list the reader came from. */
  readonly label?: string | undefined;
  /** Labels that people gave and no engine knows. */
  readonly ownLabels: readonly string[];
  readonly hueOf: (label: string) => number;
  readonly refusal?: Refusal | undefined;
}

/** So long a change is shown with its undo also where nobody is correcting. */
const freshMs = 10 * 60_000;

export function correctionsOf(photo: Photo, context: CorrectionContext, speech: Speech) {
  const { label, ownLabels, refusal } = context;
  return {
    action: correctionsPath(photo.id, label),
    undoAction: undoPath(photo.id, label),
    refusal,
    things: thingsOf(photo, context, speech),
    rejected: rejectedOf(photo, context.today, speech),
    latest: latestOf(photo, context.today, speech),
    names: [...cocoLabels.map((one) => labelName(one, speech.language)), ...ownLabels],
    script: JSON.stringify(speech.words.correct.script),
  };
}

function thingsOf(
  { detections }: Photo,
  { threshold, today, hueOf }: CorrectionContext,
  speech: Speech,
): Thing[] {
  const shown = shownDetections(detections, threshold);
  const spoken = spokenThings(shown, speech);
  return shown.map((one, index) => {
    const { number, all } = numberAmong(shown, one);
    return {
      id: one.id,
      index,
      label: one.label,
      name: labelName(one.label, speech.language),
      hue: hueOf(one.label),
      byPerson: one.origin.by === 'person',
      sure: one.confidence >= sureFrom,
      which: all > 1 ? `${speech.number(number)}/${speech.number(all)}` : undefined,
      who: whoSaid(one, today, speech),
      spoken: spoken(one),
      place: one.box && placeOf(one.box),
    };
  });
}

function rejectedOf({ rejections }: Photo, today: Date, speech: Speech) {
  const t = speech.words.correct;
  return rejections.map(({ label, box, at, change }) => {
    const name = labelName(label, speech.language);
    const where = box === undefined ? [t.anywhere] : [];
    const who = [...where, speech.dayHeading(at, today)].join(' · ');
    return { name, who, change, putBack: t.putBackOf(name) };
  });
}

function latestOf({ lastChange }: Photo, today: Date, speech: Speech) {
  if (lastChange === undefined) return undefined;
  const { id, kind, label, at } = lastChange;
  return {
    id,
    text: speech.words.correct.changes[kind](labelName(label, speech.language)),
    isFresh: today.getTime() - at.getTime() < freshMs,
  };
}

/** Who says so, and how sure an engine is of it or since when a person says it. */
function whoSaid({ origin, confidence }: Detection, today: Date, speech: Speech): string {
  return origin.by === 'person'
    ? `${speech.words.correct.you} · ${speech.dayHeading(origin.at, today)}`
    : `${engineName(origin.engine)} · ${speech.percent(confidence / 100)}`;
}

function placeOf({ x, y, width, height }: Box): Place {
  const text = (fraction: number) => String(Math.round(fraction * 1000) / 10);
  return { left: text(x), top: text(y), width: text(width), height: text(height) };
}
