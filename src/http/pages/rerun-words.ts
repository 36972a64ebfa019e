// What a re-run is about and what it would change, in words: for its own page and for the list of them.

import { countedLabel, labelName } from '../../gallery/labels.ts';
import type { ModelEntry } from '../../gallery/ports.ts';
import type { Difference, Rerun } from '../../gallery/rerun.ts';
import type { Speech } from '../words.ts';
import { modelName } from './models.ts';

export function rerunHeading(
  { scope }: Pick<Rerun, 'scope'>,
  models: readonly ModelEntry[],
  speech: Speech,
): string {
  const t = speech.words.reruns;
  switch (scope.kind) {
    case 'photo':
      return t.ofPhoto;
    case 'label':
      return t.ofLabel(labelName(scope.label, speech.language));
    case 'model':
      return scope.model === '' ? t.ofNobody : t.ofModel(modelName(models, scope.model, speech));
    case 'older':
      return t.ofOlder;
    default:
      return scope satisfies never;
  }
}

/** Where nothing differs there is nothing to say yes to. */
export const lookOf = ({ state, differing }: Pick<Rerun, 'state' | 'differing'>) =>
  state === 'ready' && differing === 0 ? 'same' : state;

export interface Figure {
  readonly kind: Difference['kind'];
  readonly count: string;
  readonly word: string;
}

/** The three sums, also when they are 0. */
export function figuresOf({ found, lost, changed }: Rerun, { words, number }: Speech): Figure[] {
  const t = words.reruns;
  return [
    { kind: 'found', count: number(found), word: t.found },
    { kind: 'lost', count: number(lost), word: t.lost },
    { kind: 'changed', count: number(changed), word: t.changed },
  ];
}

/** "12 found, 3 no longer seen · in 9 of 214 photos"; '' while nothing differs. */
export function sumText(rerun: Rerun, speech: Speech): string {
  const { words, number } = speech;
  if (rerun.differing === 0) return '';
  const parts = figuresOf(rerun, speech)
    .filter(({ kind }) => rerun[kind] > 0)
    .map(({ count, word }) => words.reruns.sum(count, word));
  // Of one photo there is no "in how many".
  if (rerun.scope.kind === 'photo') return parts.join(', ');
  const { differing, seen } = rerun;
  return `${parts.join(', ')} · ${words.reruns.inPhotos(differing, number(differing), number(seen))}`;
}

export interface Change {
  readonly kind: Difference['kind'];
  /** "2 people", "cat → dog". */
  readonly text: string;
  /** Said before it to whoever does not see the sign. */
  readonly spoken: string;
}

/** Equal differences together: found first, then lost, then changed. */
export function changesOf(differences: readonly Difference[], speech: Speech): Change[] {
  const counts = new Map<string, { difference: Difference; count: number }>();
  for (const difference of differences) {
    const { kind, label } = difference;
    const key = [kind, label, kind === 'changed' ? difference.was : ''].join('\n');
    counts.set(key, { difference, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return kinds.flatMap((kind) =>
    [...counts.values()]
      .filter(({ difference }) => difference.kind === kind)
      .map(({ difference, count }) => changeOf(difference, count, speech)),
  );
}

const kinds: readonly Difference['kind'][] = ['found', 'lost', 'changed'];

function changeOf(difference: Difference, count: number, { language, words }: Speech): Change {
  const t = words.reruns;
  const { kind, label } = difference;
  const text = countedLabel(label, count, language);
  if (kind === 'found') return { kind, text, spoken: `${t.foundWord}: ` };
  if (kind === 'lost') return { kind, text, spoken: `${t.lostWord}: ` };
  const was = countedLabel(difference.was, count, language);
  return { kind, text: `${was} → ${text}`, spoken: `${t.changed}: ` };
}
