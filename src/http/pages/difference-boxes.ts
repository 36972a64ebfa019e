// The boxes of what looking again found, lost or renamed, to be drawn on a photo. Percentages of the picture, never pixels.
import { labelName } from '../../gallery/labels.ts';
import type { Box } from '../../gallery/photo.ts';
import type { Difference } from '../../gallery/rerun.ts';
import type { Speech } from '../words.ts';

export interface DifferenceBox {
  readonly kind: Difference['kind'];
  /** "+ dog", "− cat", "cat → dog"; absent where so many would only hide the picture. */
  readonly tag?: string | undefined;
  readonly x: string;
  readonly y: string;
  readonly width: string;
  readonly height: string;
  /** The tag hangs from the box's right edge when it would leave the picture otherwise. */
  readonly toLeft: boolean;
  /** The tag is inside the box when there is no room above it. */
  readonly inside: boolean;
  /** The tag is at the lower edge of the box, because another one stands where it would be. */
  readonly low: boolean;
}

const mostTags = 6;

export function differenceBoxes(differences: readonly Difference[], speech: Speech): DifferenceBox[] {
  const boxed = differences.filter((one): one is Difference & { box: Box } => one.box !== undefined);
  const isTagged = boxed.length <= mostTags;
  // Large ones first: a small box inside a large one stays on top.
  return boxed
    .sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height)
    .map((one, at, all) => ({
      kind: one.kind,
      tag: isTagged ? tagOf(one, speech) : undefined,
      x: percentage(one.box.x),
      y: percentage(one.box.y),
      width: percentage(one.box.width),
      height: percentage(one.box.height),
      toLeft: one.box.x > 0.6,
      inside: one.box.y < 0.12,
      low: all.slice(0, at).some((other) => isTagBeside(other.box, one.box)),
    }));
}

const isTagBeside = (a: Box, b: Box) => Math.abs(a.x - b.x) < 0.2 && Math.abs(a.y - b.y) < 0.06;

function tagOf(difference: Difference, { language }: Speech): string {
  const name = labelName(difference.label, language);
  switch (difference.kind) {
    case 'found':
      return `+ ${name}`;
    case 'lost':
      return `− ${name}`;
    case 'changed':
      return `${labelName(difference.was, language)} → ${name}`;
    default:
      return difference satisfies never;
  }
}

const percentage = (fraction: number) => `${Math.round(fraction * 10_000) / 100}%`;
