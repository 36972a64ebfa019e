// Links as their maker sees them: the list, the form, and the one moment in which the address is known. Plain strings.
import { labelName } from '../../gallery/labels.ts';
import { isOver, type Link, linkDays } from '../../gallery/link.ts';
import type { LinkPage } from '../../gallery/link-database.ts';
import type { PhotoCard, PhotoId } from '../../gallery/photo.ts';
import type { PhotoPage } from '../../gallery/photo-database.ts';
import { qrSvg } from '../../security/qr.ts';
import { linksPath, newLinkPath, renditionPath, revokePath } from '../links.ts';
import type { PageContext } from '../views.ts';
import { altText, type Speech } from '../words.ts';

export interface LinksModel {
  readonly page: LinkPage;
  /** This is the newest page, not a later one. */
  readonly first: boolean;
}

export type NewLinkModel =
  | { readonly kind: 'photos'; readonly photos: readonly PhotoCard[] }
  | { readonly kind: 'label'; readonly label: string; readonly from: number }
  | { readonly kind: 'upload' };

export interface ChooseModel {
  readonly chosen: readonly PhotoCard[];
  readonly page: PhotoPage;
  /** Somebody wanted to go on with nothing. */
  readonly isEmpty: boolean;
}

export interface MadeModel {
  readonly link: Link;
  /** With scheme and host, as it is handed out. */
  readonly address: string;
  /** No other device gets there. */
  readonly isLoopback: boolean;
}

export function linksOf({ page, first }: LinksModel, speech: Speech, { today }: PageContext) {
  return {
    links: page.links.map((link) => linkOf(link, speech, today)),
    choose: newLinkPath({ choose: '1' }),
    invite: newLinkPath({ upload: '1' }),
    newest: first ? undefined : linksPath(),
    older: page.next === undefined ? undefined : linksPath(page.next),
  };
}

function linkOf(link: Link, speech: Speech, today: Date) {
  const { words, number, day, moment } = speech;
  const t = words.links;
  const name = link.title === '' ? whatOf(link, speech) : link.title;
  const isEnded = isOver(link, today.getTime());
  return {
    id: link.id,
    name,
    icon: link.kind === 'upload' ? 'image-plus' : link.kind === 'label' ? 'tags' : 'images',
    what: link.title === '' ? undefined : whatOf(link, speech),
    isEnded,
    facts: [
      [endOf(link, speech, today), ...(link.hasPassword ? [t.withPassword] : [])].join(', '),
      [
        t.views(link.views, number(link.views)),
        ...(link.lastSeenAt === undefined ? [] : [t.lastSeen(moment(link.lastSeenAt))]),
        t.made(day(link.createdAt)),
      ].join(', '),
    ],
    revoke: isEnded ? undefined : revokePath(link.id),
    revokeSpoken: t.revokeOf(name),
  };
}

function endOf({ revokedAt, expiresAt }: Link, { words, moment }: Speech, today: Date): string {
  const t = words.links;
  if (revokedAt !== undefined) return t.revokedAt(moment(revokedAt));
  if (expiresAt === undefined) return t.never;
  return expiresAt <= today ? t.ended(moment(expiresAt)) : t.ends(moment(expiresAt));
}

/** What it is for, in a few words. */
function whatOf({ kind, label = '', from = 0, photos, most = 0 }: Link, speech: Speech): string {
  const { words, number, percent, language } = speech;
  switch (kind) {
    case 'photos':
      return words.links.photos(photos, number(photos));
    case 'label':
      return words.links.label(labelName(label, language), percent(from / 100));
    case 'upload':
      return words.links.upload(number(photos), number(most));
    default:
      return kind satisfies never;
  }
}

export function newLinkOf(model: NewLinkModel, speech: Speech, context: PageContext) {
  const { words, language, percent } = speech;
  const t = words.links;
  return {
    action: linksPath(),
    kind: model.kind,
    heading: model.kind === 'upload' ? t.newUploadTitle : t.newTitle,
    what:
      model.kind === 'label'
        ? t.label(labelName(model.label, language), percent(model.from / 100))
        : undefined,
    label: model.kind === 'label' ? { label: model.label, from: model.from } : undefined,
    photos: model.kind === 'photos' ? model.photos.map((photo) => thumbOf(photo, speech, context)) : [],
    showsPrivate: model.kind === 'photos' && model.photos.some(({ isPrivate }) => isPrivate === true),
    days: linkDays.map((days) => ({ value: days, text: t.days(days), isUsual: days === usualDays })),
    most: usualMost,
  };
}

const usualDays = 7;
const usualMost = 200;

export function chooseOf({ chosen, page, isEmpty }: ChooseModel, speech: Speech, context: PageContext) {
  const known = new Set<PhotoId>(chosen.map(({ id }) => id));
  return {
    action: '/links/new',
    isEmpty,
    chosen: chosen.map((photo) => thumbOf(photo, speech, context)),
    photos: page.photos.filter(({ id }) => !known.has(id)).map((photo) => thumbOf(photo, speech, context)),
    older: page.next,
  };
}

function thumbOf(photo: PhotoCard, speech: Speech, { threshold }: PageContext) {
  const { id, renditions, placeholder, isPrivate } = photo;
  const [small] = renditions;
  return {
    id,
    alt: altText(photo, threshold, speech),
    placeholder,
    picture: small === undefined ? undefined : renditionPath(id, small),
    lock: isPrivate === true ? speech.words.privacy.onlyYou : undefined,
  };
}

export function madeOf({ link, address, isLoopback }: MadeModel, speech: Speech) {
  const { newTitle, code } = speech.words.links;
  const name = link.title === '' ? newTitle : link.title;
  return {
    address,
    isLoopback,
    name,
    what: whatOf(link, speech),
    code: qrSvg(address, code),
    all: linksPath(),
  };
}

/** What JSON says of a link. */
export function linkJson(link: Link) {
  const { id, kind, title, label, from, most, needsApproval, photos, hasPassword, views } = link;
  const time = (name: string, date: Date | undefined) =>
    date === undefined ? {} : { [name]: date.toISOString() };
  return {
    ...{ id, kind, title, photos, hasPassword, views },
    ...(label === undefined ? {} : { label, from }),
    ...(most === undefined ? {} : { most, needsApproval }),
    createdAt: link.createdAt.toISOString(),
    ...time('expiresAt', link.expiresAt),
    ...time('revokedAt', link.revokedAt),
    ...time('lastSeenAt', link.lastSeenAt),
  };
}
