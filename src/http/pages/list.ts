// The list as its page shows it: photos under the day they were uploaded, the label chips, the way to older ones.
import { type Threshold, thresholdOf } from '../../gallery/detection.ts';
import { labelName } from '../../gallery/labels.ts';
import type { Photo } from '../../gallery/photo.ts';
import type { LabelTotal, PhotoPage } from '../../gallery/photo-database.ts';
import { listPath, newLinkPath, rerunsPath } from '../links.ts';
import type { PageContext } from '../views.ts';
import type { Speech } from '../words.ts';
import { type Card, cardOf } from './card.ts';
import { sliderFor, surenessOf } from './sureness.ts';
import { trashedOf } from './trash.ts';

export interface ListModel {
  readonly page: PhotoPage;
  readonly labels: readonly LabelTotal[];
  readonly label?: string | undefined;
  /** This is the newest page, not a later one. */
  readonly first: boolean;
  /** What the reader has just put into the trash. */
  readonly deleted?: Photo | undefined;
}

export interface Chip {
  readonly text: string;
  readonly count: string;
  readonly href: string;
}

interface Day {
  readonly heading: string;
  readonly date: string;
  readonly cards: Card[];
}

// Enough to swipe through; the labels page has them all.
const mostChips = 12;

export function listOf(
  { page, labels, label, first, deleted }: ListModel,
  context: PageContext,
  speech: Speech,
) {
  const { threshold, today } = context;
  const name = label === undefined ? undefined : labelName(label, speech.language);
  return {
    first,
    name,
    label,
    rerunsAction: rerunsPath,
    share:
      label !== undefined && context.rights.operate
        ? newLinkPath({ label, from: String(thresholdOf(threshold, label)) })
        : undefined,
    sureness: surenessOf(threshold, context.path, speech, label),
    slider: label === undefined ? undefined : sliderFor(label, 'sure-label', threshold, speech),
    empty: page.photos.length === 0,
    nothing: nothingOf({ name, first, mayAdd: context.rights.add }, speech),
    deleted: deleted === undefined ? undefined : trashedOf(deleted, context, speech),
    newest: listPath({ label }),
    older: page.next === undefined ? undefined : listPath({ label, before: page.next }),
    chips: labels
      .filter((total) => total.label !== label)
      .slice(0, mostChips)
      .map((total) => chipOf(total, speech)),
    days: daysOf(page, speech, today, { label, threshold }),
  };
}

/** What a list without photos says, and whether it invites to take the first one. */
function nothingOf(
  {
    name,
    first,
    mayAdd,
  }: { readonly name: string | undefined; readonly first: boolean; readonly mayAdd: boolean },
  { words }: Speech,
) {
  const t = words.list;
  if (!first) return { title: t.endTitle, text: t.endText, inviting: false };
  if (name !== undefined) return { title: t.emptyLabelTitle(name), text: t.emptyLabelText, inviting: false };
  return mayAdd
    ? { title: t.emptyTitle, text: t.emptyText, inviting: true }
    : { title: t.nothingTitle, text: t.nothingText, inviting: false };
}

export function chipOf({ label, photos }: LabelTotal, speech: Speech): Chip {
  return {
    text: labelName(label, speech.language),
    count: speech.number(photos),
    href: listPath({ label }),
  };
}

function daysOf(
  { photos }: PhotoPage,
  speech: Speech,
  today: Date,
  view: { readonly label: string | undefined; readonly threshold: Threshold },
): Day[] {
  const days: Day[] = [];
  for (const [index, photo] of photos.entries()) {
    const date = isoDay(photo.uploadedAt);
    let day = days.at(-1);
    if (day?.date !== date) {
      day = { heading: speech.dayHeading(photo.uploadedAt, today), date, cards: [] };
      days.push(day);
    }
    day.cards.push(cardOf(photo, index, speech, view));
  }
  return days;
}

// The day of this machine's clock, as the heading says it; not UTC's.
function isoDay(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
