// A re-run as its page shows it: how far it is, what it would change, and each photo with the boxes of that. Plain strings.
import type { PhotoCard } from '../../gallery/photo.ts';
import type { ModelEntry } from '../../gallery/ports.ts';
import type { Rerun, RerunPhoto } from '../../gallery/rerun.ts';
import type { RerunPhotoPage } from '../../gallery/rerun-database.ts';
import { detectionPath, photoPath, renditionPath, rerunPath, sourceSet } from '../links.ts';
import { altText, reasonOf, type Speech } from '../words.ts';
import type { Picture } from './card.ts';
import { hourText } from './detection.ts';
import { differenceBoxes } from './difference-boxes.ts';
import { modelName } from './models.ts';
import { ratioClasses } from './ratio.ts';
import { changesOf, figuresOf, lookOf, rerunHeading } from './rerun-words.ts';

export interface RerunModel {
  readonly rerun: Rerun;
  readonly models: readonly ModelEntry[];
  readonly page: RerunPhotoPage;
  /** Every photo that was seen, not only those that differ. */
  readonly all: boolean;
  /** This is the newest page, not a later one. */
  readonly first: boolean;
  /** The photo it is about, when it is about one that is still there. */
  readonly photo?: PhotoCard | undefined;
  /** Only in these hours may it go on, and now is none of them. */
  readonly waitsFor?: { readonly from: number; readonly to: number } | undefined;
}

export function rerunOf(model: RerunModel, speech: Speech, threshold: Rerun['threshold']) {
  const { rerun, models, page, all, first, photo, waitsFor } = model;
  const { id, state, scope } = rerun;
  const isSingle = scope.kind === 'photo';
  const seen = page.photos.map((one, index) =>
    seenPhoto(one, { index, isLarge: isSingle, speech, threshold }),
  );
  return {
    id,
    heading: rerunHeading(rerun, models, speech),
    look: lookOf(rerun),
    lookWord: speech.words.reruns.states[lookOf(rerun)],
    lookIcon: lookIcons[lookOf(rerun)],
    begun: begunText(rerun, models, speech),
    state,
    isSingle,
    self: rerunPath(id, { all }),
    back: detectionPath,
    progress: progressOf(rerun, speech),
    says: saysOf(model, speech),
    waitsFor:
      waitsFor === undefined || state !== 'looking'
        ? undefined
        : speech.words.reruns.hours(hourText(waitsFor.from), hourText(waitsFor.to)),
    sum: sumOf(rerun, speech),
    actions: actionsOf(rerun),
    outcome: outcomeOf(rerun, speech),
    single: isSingle ? singleOf(seen[0], photo, { speech, threshold }) : undefined,
    photos: seen,
    filter: { differing: rerunPath(id), everything: rerunPath(id, { all: true }), all },
    newest: first ? undefined : rerunPath(id, { all }),
    older: page.next === undefined ? undefined : rerunPath(id, { all, before: page.next }),
  };
}

const lookIcons: Readonly<Record<ReturnType<typeof lookOf>, string>> = {
  same: 'done',
  looking: 'developing',
  paused: 'pause',
  ready: 'eye',
  done: 'done',
  cancelled: 'x',
};

function begunText(rerun: Rerun, models: readonly ModelEntry[], speech: Speech): string {
  const t = speech.words.reruns;
  const name = modelName(models, rerun.model, speech);
  return (rerun.automatic ? t.begunByItself : t.begun)(speech.moment(rerun.startedAt), name);
}

/** Of what is over only that it is: photos that were deleted meanwhile must not look like a remainder. */
function progressOf({ state, seen, total }: Rerun, { words, number }: Speech) {
  if (state !== 'looking' && state !== 'paused') return undefined;
  return {
    value: String(total === 0 ? 0 : Math.min(1, seen / total)),
    text: words.reruns.progress(number(seen), number(total)),
  };
}

/** One sentence: what becomes of the result. */
function saysOf({ rerun }: RerunModel, { words, number }: Speech): string {
  const t = words.reruns;
  const { state, approved, applied, differing, problem } = rerun;
  if (problem !== undefined) return t.problems[problem];
  switch (state) {
    case 'looking':
    case 'paused':
      return approved ? t.approved : t.notApproved;
    case 'ready':
      return differing === 0 ? t.readyNothing : t.readyText;
    case 'done':
      return differing === 0 ? '' : t.doneText;
    case 'cancelled':
      return applied === 0 ? t.cancelledText : t.cancelledSome(applied, number(applied));
    default:
      return state satisfies never;
  }
}

function sumOf(rerun: Rerun, speech: Speech) {
  const { words, number, percent } = speech;
  const t = words.reruns;
  const { all, labels } = rerun.threshold;
  return {
    shown: rerun.differing > 0,
    figures: figuresOf(rerun, speech),
    differ: t.differ(rerun.differing, number(rerun.differing), number(rerun.seen)),
    compared: (labels.size === 0 ? t.compared : t.comparedOwn)(percent(all / 100)),
    notLooked: rerun.failed === 0 ? undefined : t.notLookedMany(rerun.failed, number(rerun.failed)),
  };
}

/** Addresses to post to; absent for what makes no sense now. */
function actionsOf({ id, scope, state, approved }: Rerun) {
  const post = (verb: string) => `${rerunPath(id)}/${verb}`;
  const isOpen = state === 'looking' || state === 'paused';
  return {
    // One photo is looked at before anybody could press these.
    pause: state === 'looking' && scope.kind !== 'photo' ? post('pause') : undefined,
    resume: state === 'paused' ? post('resume') : undefined,
    cancel: isOpen || state === 'ready' ? post('cancel') : undefined,
    apply: (isOpen && !approved && scope.kind !== 'photo') || state === 'ready' ? post('apply') : undefined,
  };
}

/** What stands in place of the photos when there are none to show. */
function outcomeOf({ state, total, seen, failed, differing }: Rerun, { words, number }: Speech) {
  const t = words.reruns;
  if (differing > 0) return undefined;
  if (state === 'looking' || state === 'paused') return { title: t.nothingYet, text: '', isOver: false };
  if (state === 'cancelled') return undefined;
  if (total === 0 && seen === 0) return { title: t.emptyTitle, text: t.emptyText, isOver: true };
  if (seen === failed) return undefined;
  const title = state === 'done' ? t.nothingChanged : t.nothingTitle;
  return { title, text: t.nothingText(seen - failed, number(seen - failed)), isOver: true };
}

interface Looking {
  readonly index: number;
  readonly isLarge: boolean;
  readonly speech: Speech;
  readonly threshold: Rerun['threshold'];
}

function seenPhoto({ photo, differences, applied, failure }: RerunPhoto, looking: Looking) {
  const { speech } = looking;
  return {
    id: `seen-${photo.id}`,
    href: photoPath(photo.id),
    title: photo.title,
    frame: frameOf(photo, looking),
    boxes: differenceBoxes(differences, speech),
    changes: changesOf(differences, speech),
    applied,
    failure: failure === undefined ? undefined : reasonOf(failure, speech.language),
  };
}

/** The large picture of a re-run over one photo, also before anything is known about it. */
function singleOf(
  seen: ReturnType<typeof seenPhoto> | undefined,
  photo: PhotoCard | undefined,
  { speech, threshold }: Pick<Looking, 'speech' | 'threshold'>,
) {
  if (seen !== undefined) return { ...seen, isSeen: true };
  if (photo === undefined) return undefined;
  const looking = { index: 0, isLarge: true, speech, threshold };
  return { ...seenPhoto({ photo, differences: [], applied: false }, looking), isSeen: false };
}

function frameOf(photo: PhotoCard, { index, isLarge, speech, threshold }: Looking) {
  const { width, height, placeholder } = photo;
  return {
    ratio: ratioClasses(width / height),
    width,
    height,
    placeholder,
    alt: altText(photo, threshold, speech),
    picture: pictureOf(photo, isLarge),
    loading: index < eagerPhotos ? 'eager' : 'lazy',
    small: Math.max(width, height) < 800,
  };
}

// As many as a first screen may show.
const eagerPhotos = 3;

// The room that static/css/rerun.css leaves for the picture: a row about 272 px high on a wide screen, else the whole width.
function pictureOf({ id, renditions, width, height }: PhotoCard, isLarge: boolean): Picture | undefined {
  const middle = renditions[1] ?? renditions[0];
  if (middle === undefined) return undefined;
  const ratio = Math.round((width / height) * 1000) / 1000;
  const wide = isLarge ? `min(100vw - 480px, (100vh - 104px) * ${ratio})` : `${Math.round(ratio * 300)}px`;
  return {
    src: renditionPath(id, middle),
    srcset: sourceSet({ id, renditions }),
    sizes: `(min-width: 900px) ${wide}, min(100vw, 70vh * ${ratio})`,
  };
}
