// What whoever comes by a link sees: the photos that it shows, one of them, or a form to send some. Plain strings.
import { labelName } from '../../gallery/labels.ts';
import type { Link } from '../../gallery/link.ts';
import type { Photo, PhotoId } from '../../gallery/photo.ts';
import type { PhotoPage } from '../../gallery/photo-database.ts';
import { guestsPath, originalPath, photoPath, sharedListPath, sharedPath } from '../links.ts';
import type { PageContext } from '../views.ts';
import type { Speech } from '../words.ts';
import { cardOf } from './card.ts';
import { frameOf } from './detail.ts';

interface ByLink {
  readonly link: Link;
  readonly token: string;
}

export interface SharedModel extends ByLink {
  readonly page: PhotoPage;
  /** This is the beginning, not a later page. */
  readonly first: boolean;
}

export interface SharedPhotoModel extends ByLink {
  readonly photo: Photo;
  readonly beside: { readonly previous?: PhotoId; readonly following?: PhotoId };
}

export interface LockedModel {
  /** Where the password goes. */
  readonly action: string;
  readonly error?: string | undefined;
}

export interface GuestFormModel extends ByLink {
  /** As they called themselves last time. */
  readonly sender: string;
  /** How many have just arrived. */
  readonly sent?: number | undefined;
}

export interface GuestResultModel extends ByLink {
  readonly taken: number;
  readonly refused: readonly { readonly name: string; readonly error: string }[];
}

export function sharedOf({ link, token, page, first }: SharedModel, speech: Speech, context: PageContext) {
  const base = sharedPath(token);
  return {
    heading: headingOf(link, speech),
    count: link.title === '' ? undefined : speech.words.links.photos(link.photos, speech.number(link.photos)),
    cards: page.photos.map((photo, index) =>
      cardOf(photo, index, speech, { threshold: context.threshold, base }),
    ),
    first: first ? undefined : base,
    next: page.next === undefined ? undefined : sharedListPath(token, page.next),
  };
}

/** What people read first. */
export function headingOf(
  { title, kind, label = '', photos }: Link,
  { words, number, language }: Speech,
): string {
  if (title !== '') return title;
  return kind === 'label' ? labelName(label, language) : words.shared.heading(photos, number(photos));
}

export function sharedPhotoOf(model: SharedPhotoModel, speech: Speech, context: PageContext) {
  const { link, token, photo, beside } = model;
  const base = sharedPath(token);
  const t = speech.words.shared;
  const isOnly = link.kind === 'photos' && link.photos === 1;
  const path = (id: PhotoId | undefined) => (id === undefined ? undefined : photoPath(id, undefined, base));
  return {
    state: photo.state,
    heading: photo.title === '' ? headingOf(link, speech) : photo.title,
    back: isOnly ? undefined : base,
    frame: frameOf(photo, context, speech, base),
    boxes: [],
    newer: path(beside.previous),
    older: path(beside.following),
    download: originalPath(photo.id, base),
    note: t.bareNote,
  };
}

export function guestFormOf(
  { link, token, sender, sent }: GuestFormModel,
  speech: Speech,
  { maxUploadMb }: PageContext,
) {
  const { words, number } = speech;
  return {
    heading: link.title === '' ? words.guests.title : link.title,
    action: `${guestsPath(token)}/photos`,
    lead: words.guests.lead(number(maxUploadMb)),
    isLookedAt: link.needsApproval === true,
    says: JSON.stringify(words.guests.says),
    sender,
    arrived: sent === undefined ? undefined : words.guests.arrived(sent, number(sent)),
  };
}

export function guestResultOf({ token, taken, refused }: GuestResultModel, { words, number }: Speech) {
  const all = taken + refused.length;
  return {
    says: taken === 0 ? words.guests.none : words.guests.some(number(taken), number(all)),
    isThanked: taken > 0,
    refused,
    again: guestsPath(token),
  };
}
