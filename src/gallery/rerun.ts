// Looking again at photos that were looked at before: what is wanted, how far it is, and what it would change.
import { iou, shownDetections, type Threshold } from './detection.ts';
import type { Box, Detection, Failure, PhotoCard, PhotoId } from './photo.ts';

declare const brand: unique symbol;
export type RerunId = number & { readonly [brand]: 'RerunId' };

/** Which photos. Only those that were developed; their renditions are looked at. */
export type RerunScope =
  | { readonly kind: 'photo'; readonly photo: PhotoId }
  /** What shows this label at the threshold. */
  | { readonly kind: 'label'; readonly label: string; readonly threshold: Threshold }
  /** What these weights looked at; '' for what none looked at. */
  | { readonly kind: 'model'; readonly model: string }
  /** What other weights than those that look now, or none, looked at. */
  | { readonly kind: 'older' };

/**
 * `looking`: photos are looked at, as far as there is time. `paused`: until somebody goes on. `ready`: all were looked at, and it waits
 * for somebody's yes. `done`: all that was found is in the photos. `cancelled`: what was not in the photos yet never will be.
 */
export type RerunState = 'looking' | 'paused' | 'ready' | 'done' | 'cancelled';

export interface Rerun {
  readonly id: RerunId;
  readonly scope: RerunScope;
  readonly state: RerunState;
  /** Somebody said yes: results go into the photos as they come. */
  readonly approved: boolean;
  /** Nobody asked for it: a better model arrived. */
  readonly automatic: boolean;
  /** Before and after are compared as a reader with this threshold sees them. */
  readonly threshold: Threshold;
  /** SHA-256 of the weights that look. */
  readonly model: string;
  /** Why it was paused by itself: other weights came into use, or none are. Going on takes what is in use then. */
  readonly problem?: 'other-engine' | 'no-engine';
  readonly startedAt: Date;
  /** Photos in the scope when it began; photos that come or go meanwhile may make it more or fewer. */
  readonly total: number;
  readonly seen: number;
  /** Of those: could not be looked at. */
  readonly failed: number;
  /** Of those: something that is shown would be different. */
  readonly differing: number;
  /** Of those: the result is in the photo. */
  readonly applied: number;
  /** Things over all photos. */
  readonly found: number;
  readonly lost: number;
  readonly changed: number;
}

/** Whole hours of a clock: `from` included, `to` not; 22 to 6 goes over midnight. */
export interface Hours {
  readonly from: number;
  readonly to: number;
}

/** By this machine's clock. */
export function isWithin({ from, to }: Hours, at: Date): boolean {
  const hour = at.getHours();
  return from < to ? hour >= from && hour < to : hour >= from || hour < to;
}

/** What looking again changes about one thing that is shown. */
export type Difference =
  | { readonly kind: 'found'; readonly label: string; readonly box?: Box }
  | { readonly kind: 'lost'; readonly label: string; readonly box?: Box }
  /** The same place under another name. `box` is the new one. */
  | { readonly kind: 'changed'; readonly label: string; readonly was: string; readonly box?: Box };

/** Whether both ask for the same photos. */
export const isSameScope = (a: RerunScope, b: RerunScope) => scopeText(a) === scopeText(b);

const scopeText = (scope: RerunScope) =>
  scope.kind === 'label'
    ? JSON.stringify([scope.label, scope.threshold.all, [...scope.threshold.labels].sort()])
    : JSON.stringify(scope);

export interface RerunPhoto {
  readonly photo: PhotoCard;
  readonly differences: readonly Difference[];
  readonly applied: boolean;
  /** Present when it could not be looked at. */
  readonly failure?: Failure;
}

/** Two boxes are about the same thing from here on. */
const samePlace = 0.5;

/** Pairs what is shown before with what is shown after, best overlap first, the same label before another one. */
export function compare(
  before: readonly Detection[],
  after: readonly Detection[],
  threshold: Threshold,
): Difference[] {
  const [old, fresh] = [shownDetections(before, threshold), shownDetections(after, threshold)];
  const pairs = old
    .flatMap((a) => fresh.map((b) => ({ a, b, overlap: overlapOf(a, b), same: a.label === b.label })))
    .filter(({ overlap }) => overlap >= samePlace)
    .sort((one, other) => Number(other.same) - Number(one.same) || other.overlap - one.overlap);
  const paired = new Map<Detection, Detection>();
  const taken = new Set<Detection>();
  for (const { a, b } of pairs) {
    if (paired.has(a) || taken.has(b)) continue;
    paired.set(a, b);
    taken.add(b);
  }
  return [
    ...fresh.filter((one) => !taken.has(one)).map((one) => differenceOf('found', one)),
    ...old.filter((one) => !paired.has(one)).map((one) => differenceOf('lost', one)),
    ...[...paired].flatMap(([a, b]) =>
      a.label === b.label
        ? []
        : [{ kind: 'changed' as const, label: b.label, was: a.label, ...(b.box ? { box: b.box } : {}) }],
    ),
  ];
}

/** Without a box only the very same word is the same. */
function overlapOf(a: Detection, b: Detection): number {
  if (a.id === b.id) return 1;
  return a.box === undefined || b.box === undefined ? 0 : iou(a.box, b.box);
}

const differenceOf = (kind: 'found' | 'lost', { label, box }: Detection): Difference => ({
  kind,
  label,
  ...(box === undefined ? {} : { box }),
});
