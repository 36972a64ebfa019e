// The slider "show what is at least so sure": where it stands, for everything and for single labels, and the words around it.
import { type Threshold, thresholdOf, thresholdSteps } from '../../gallery/detection.ts';
import { labelName } from '../../gallery/labels.ts';
import { thresholdPath } from '../links.ts';
import type { Speech } from '../words.ts';
import { sureFrom } from './boxes.ts';

export interface Slider {
  readonly id: string;
  /** Absent for the slider that is for everything. */
  readonly label?: string | undefined;
  readonly title: string;
  readonly value: number;
  readonly shown: string;
}

export interface OwnThreshold {
  readonly label: string;
  readonly text: string;
  readonly clear: string;
}

export interface Sureness {
  readonly action: string;
  /** The page to come back to. */
  readonly back: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly all: Slider;
  /** The labels that the reader asks another number for. */
  readonly own: readonly OwnThreshold[];
  readonly dashed: string;
  /** What the button that opens all this says to whoever hears it, and shows. */
  readonly open: string;
  readonly percent: string;
  /** What the slider says while it is moved, with `{n}` for the whole percent. */
  readonly output: string;
}

// Any step will do: languages differ in where they write the sign, not in how they write these numbers.
const example = 50;

/** @param label the one that the page is about: its own number is the one that counts there */
export function surenessOf(
  threshold: Threshold,
  back: string,
  speech: Speech,
  label?: string | undefined,
): Sureness {
  const t = speech.words.sure;
  const percent = (whole: number) => speech.percent(whole / 100);
  const shown = percent(label === undefined ? threshold.all : thresholdOf(threshold, label));
  return {
    action: thresholdPath,
    back,
    min: thresholdSteps[0] ?? 0,
    max: thresholdSteps.at(-1) ?? 100,
    step: (thresholdSteps[1] ?? 0) - (thresholdSteps[0] ?? 0),
    all: {
      id: 'sure-all',
      title: t.from,
      value: threshold.all,
      shown: t.fromPercent(percent(threshold.all)),
    },
    own: [...threshold.labels].map(([one, value]) => ({
      label: one,
      text: t.ownOf(labelName(one, speech.language), percent(value)),
      clear: t.clearOf(labelName(one, speech.language)),
    })),
    dashed: t.dashed(percent(sureFrom)),
    open: t.open(shown),
    percent: shown,
    output: t.fromPercent(percent(example).replace(String(example), '{n}')),
  };
}

/** A slider for one label; it begins where everything is. */
export function sliderFor(label: string, id: string, threshold: Threshold, speech: Speech): Slider {
  const t = speech.words.sure;
  const value = thresholdOf(threshold, label);
  return {
    id,
    label,
    title: t.onlyFor(labelName(label, speech.language)),
    value,
    shown: t.fromPercent(speech.percent(value / 100)),
  };
}
