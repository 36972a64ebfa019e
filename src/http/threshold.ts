// What a reader wants to be shown, kept in a cookie of their browser: `all=50&dog=70`. Whatever it does not understand it leaves out.
import { defaultThreshold, type Threshold, thresholdSteps } from '../gallery/detection.ts';
import { maxLabelLength } from '../gallery/labels.ts';

export const thresholdCookie = 'sure';

/** More labels than anybody sets by hand. */
const mostLabels = 30;
/** Browsers forget a cookie of more than 4 KB altogether. */
const mostBytes = 3_500;

export function parseThreshold(text: string | undefined): Threshold {
  if (text === undefined) return defaultThreshold;
  const pairs = [...new URLSearchParams(text)];
  // Only the first: a label may be called `all`.
  const all = pairs.findIndex(([name]) => name === 'all');
  const labels = pairs
    .filter(([label], at) => at !== all && label !== '' && [...label].length <= maxLabelLength)
    .flatMap(([label, number]) => {
      const step = stepIn(number);
      return step === undefined ? [] : [[label, step] as const];
    });
  return {
    all: stepIn(pairs[all]?.[1] ?? '') ?? defaultThreshold.all,
    labels: new Map(labels.slice(0, mostLabels)),
  };
}

/** In one order, so that equal thresholds are equal texts; labels that ask for what all ask for are left out. */
export function formatThreshold({ all, labels }: Threshold): string {
  const own = [...labels].filter(([, step]) => step !== all).sort(([a], [b]) => (a < b ? -1 : 1));
  const pairs = own.map(([label, step]): [string, string] => [label, String(step)]);
  return `${new URLSearchParams([['all', String(all)], ...pairs])}`;
}

/** With another number for one label, or without one. Earlier labels go where there are too many for a cookie. */
export function withLabel({ all, labels }: Threshold, label: string, step: number | undefined): Threshold {
  const others = [...labels].filter(([one]) => one !== label);
  const kept = step === undefined ? others : [...others, [label, step] as const];
  const fits = (some: typeof kept) =>
    some.length <= mostLabels &&
    encodeURIComponent(formatThreshold({ all, labels: new Map(some) })).length <= mostBytes;
  while (!fits(kept)) kept.shift();
  return { all, labels: new Map(kept) };
}

/** Undefined for what is not a step of the slider. */
export function stepIn(text: string): number | undefined {
  const step = Number(text);
  return thresholdSteps.includes(step) ? step : undefined;
}
