// The page of labels: each with its newest photo, and from how sure on it is shown where that differs from everything else.
import type { PhotoCard } from '../../gallery/photo.ts';
import type { LabelTotal } from '../../gallery/photo-database.ts';
import type { PageContext } from '../views.ts';
import type { Speech } from '../words.ts';
import { coverOf } from './card.ts';
import { chipOf } from './list.ts';
import { surenessOf } from './sureness.ts';

export interface LabelsModel {
  readonly labels: readonly LabelTotal[];
  readonly covers: ReadonlyMap<string, PhotoCard>;
}

export function labelsPageOf({ labels, covers }: LabelsModel, context: PageContext, speech: Speech) {
  const { words, number, percent } = speech;
  const { threshold, path, rights } = context;
  return {
    // To shoot, as long as there is nothing.
    inviting: rights.add,
    sureness: surenessOf(threshold, path, speech),
    labels: labels.map((total) => {
      const own = threshold.labels.get(total.label);
      return {
        ...chipOf(total, speech),
        label: total.label,
        photos: words.labels.photos(total.photos, number(total.photos)),
        own: own === undefined ? undefined : words.sure.own(percent(own / 100)),
        cover: coverOf(covers.get(total.label)),
      };
    }),
  };
}
