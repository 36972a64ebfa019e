// One photo as its page shows it: the picture, what was found, the facts. Plain strings; the template escapes them.
import type { Sender } from '../../gallery/link-database.ts';
import type { Photo, PhotoId, Place } from '../../gallery/photo.ts';
import type { Check } from '../../gallery/verification-database.ts';
import type { PhotoRights } from '../access.ts';
import {
  deletePath,
  downloadPath,
  failedPath,
  listPath,
  moderationPath,
  newLinkPath,
  photoPath,
  privacyPath,
  renditionPath,
  rerunsPath,
  sourceSet,
  trashPath,
} from '../links.ts';
import type { PageContext } from '../views.ts';
import { altText, personName, reasonOf, type Speech, summaryText } from '../words.ts';
import { boxesOf } from './boxes.ts';
import type { Picture } from './card.ts';
import { correctionsOf, type Refusal } from './corrections.ts';
import { engineName } from './models.ts';
import { ratioClasses } from './ratio.ts';
import { sliderFor, surenessOf } from './sureness.ts';
import { trashedOf } from './trash.ts';
import { originalOf } from './verification.ts';

export interface PhotoModel {
  readonly photo: Photo;
  readonly may: PhotoRights;
  readonly neighbours: { readonly newer?: PhotoId | undefined; readonly older?: PhotoId | undefined };
  /** The list the reader came from. */
  readonly label?: string | undefined;
  readonly place?: Place | undefined;
  /** Whose it is and who sent it, by name; only for who has an account. */
  readonly owner?: string | undefined;
  readonly sender?: Sender | undefined;
  /** What was last found about its original. */
  readonly check?: Check | undefined;
  /** Labels that people gave to any photo and no engine knows; for choosing from. */
  readonly ownLabels?: readonly string[] | undefined;
  /** What the reader wanted to call the photo when somebody else was faster. */
  readonly conflict?: { readonly title: string } | undefined;
  /** The correction that could not be taken. */
  readonly refusal?: Refusal | undefined;
}

const nothing: PhotoRights = { change: false, hide: false };

export interface Fact {
  readonly icon: string;
  readonly name: string;
  readonly text: string;
  readonly note?: string;
}

/** Who sent it is told where it is let in. */
const moderationOf = ({ owner }: Photo, { words: { moderation } }: Speech) => ({
  href: moderationPath(),
  waits: owner === undefined ? moderation.waitsUnowned : moderation.waits,
});

export function detailOf(model: PhotoModel, context: PageContext, speech: Speech) {
  const { photo, may, neighbours, label, place, conflict, refusal, ownLabels = [] } = model;
  const { id, title, state, failure, trashedAt } = photo;
  const isTrashed = trashedAt !== undefined;
  const { threshold, today } = context;
  const heading = title === '' ? speech.words.pages.photoOf(speech.day(dayOf(photo))) : title;
  const self = photoPath(id, label);
  const summary = summaryText(photo.labels, threshold, speech);
  // What lies in the trash is only looked at, to see whether it is the one.
  const { boxes, chips, hueOf } = boxesOf(
    isTrashed ? { ...photo, detections: [] } : photo,
    threshold,
    speech,
  );
  return {
    id,
    title,
    heading,
    state,
    self,
    may: isTrashed ? nothing : may,
    isPrivate: photo.isPrivate === true,
    privacyAction: privacyPath(id, label),
    action: photoPath(id),
    deleteAction: deletePath(id, label),
    trashed: isTrashed && may.change ? trashedOf(photo, context, speech) : undefined,
    retryAction: `${photoPath(id)}/retry`,
    rerunsAction: rerunsPath,
    failedHref: failedPath(),
    original: originalOf(model.check, speech),
    download: downloadOf(photo, context, speech),
    share: mayShare(photo, may) && !isTrashed ? newLinkPath({ photo: id }) : undefined,
    moderation: photo.isWaiting === true && !isTrashed ? moderationOf(photo, speech) : undefined,
    back: isTrashed ? trashPath() : `${listPath({ label })}#${id}`,
    backName: isTrashed ? speech.words.trash.back : undefined,
    newer: isTrashed ? undefined : stepTo(neighbours.newer, label),
    older: isTrashed ? undefined : stepTo(neighbours.older, label),
    reason: failure === undefined ? undefined : reasonOf(failure, speech.language),
    /** For the window's title: what is in the picture says more than the day of a photo without title. */
    name: title === '' && summary !== '' ? summary : heading,
    looked: photo.engine !== undefined,
    facts: [...factsOf(photo, place, speech), ...fromOf(model, speech)],
    conflict,
    frame: frameOf(photo, context, speech),
    boxes,
    chips: chips.map((chip, at) => ({
      ...chip,
      slider: sliderFor(chip.label, `sure-${at}`, threshold, speech),
    })),
    nothingShown: !chips.some(({ shown }) => shown),
    sureness: surenessOf(threshold, `${self}#found`, speech),
    correct: correctionsOf(photo, { threshold, today, label, ownLabels, hueOf, refusal }, speech),
  };
}

/** What nobody else sees is handed out only by whose it is, who is also the one that may hide it. */
const mayShare = ({ isPrivate }: Photo, may: PhotoRights) =>
  may.change && (may.hide || isPrivate === undefined);

/** Whoever has not signed in gets a copy (routes/originals.ts). */
const downloadOf = ({ id }: Photo, { rights }: PageContext, { words }: Speech) => ({
  href: downloadPath(id),
  text: rights.signIn ? words.shared.download : words.photo.download,
});

const stepTo = (id: PhotoId | undefined, label: string | undefined) =>
  id === undefined ? undefined : photoPath(id, label);

/** When it was taken, by the camera's own calendar; else when it came. */
function dayOf({ takenAt, uploadedAt }: Photo): Date {
  const taken = takenAt === undefined ? undefined : new Date(takenAt.slice(0, 19));
  return taken === undefined || Number.isNaN(taken.getTime()) ? uploadedAt : taken;
}

/** @param base of the link that shows it; see photoPath */
export function frameOf(
  photo: Photo,
  { threshold }: Pick<PageContext, 'threshold'>,
  speech: Speech,
  base?: string,
) {
  const { width, height } = photo;
  return {
    ratio: ratioClasses(width / height),
    width,
    height,
    placeholder: photo.placeholder,
    alt: altText(photo, threshold, speech),
    picture: pictureOf(photo, base),
    small: Math.max(width, height) < 800,
  };
}

// The room that static/css/photo.css leaves for the picture, so that a phone does not load the size of a desktop.
function pictureOf({ id, renditions, width, height }: Photo, base?: string): Picture | undefined {
  const middle = renditions[1] ?? renditions[0];
  if (middle === undefined) return undefined;
  const ratio = Math.round((width / height) * 1000) / 1000;
  const sizes = `(min-width: 900px) min(100vw - 480px, (100vh - 104px) * ${ratio}), min(100vw, 74vh * ${ratio})`;
  return { src: renditionPath(id, middle, base), srcset: sourceSet({ id, renditions }, base), sizes };
}

function factsOf(photo: Photo, place: Place | undefined, speech: Speech): Fact[] {
  const { words, number } = speech;
  const t = words.photo;
  const { takenAt, camera, engine, width, height, frames } = photo;
  const pixels = `${number(width)} × ${number(height)}`;
  // Of an icon it would be 0.
  const sizeText =
    width * height < 50_000 ? pixels : `${t.megapixels(number((width * height) / 1e6, 1))} · ${pixels}`;
  const facts: (Fact | undefined)[] = [
    takenAt === undefined
      ? undefined
      : { icon: 'calendar', name: t.takenAt, text: speech.cameraTime(takenAt) },
    camera === undefined ? undefined : { icon: 'aperture', name: t.camera, text: camera },
    { icon: 'ruler', name: t.size, text: sizeText },
    { icon: 'file', name: t.file, text: `${typeNames[photo.type]} · ${speech.bytes(photo.bytes)}` },
    frames === undefined
      ? undefined
      : { icon: 'play', name: t.moving, text: t.frames(number(frames)), note: t.movingNote },
    place === undefined
      ? undefined
      : { icon: 'map-pin', name: t.place, text: placeText(place, speech), note: t.placeNote },
    { icon: 'upload', name: t.uploadedAt, text: speech.moment(photo.uploadedAt) },
    engine === undefined
      ? undefined
      : {
          icon: 'cpu',
          name: t.engine,
          text: `${engineName(engine.engine)} · ${t.took(number(engine.tookMs))}`,
        },
  ];
  return facts.filter((fact) => fact !== undefined);
}

/** A guest's photo is whose the link is: who sent it says more. */
function fromOf({ owner, sender }: PhotoModel, speech: Speech): Fact[] {
  const { photo: t, moderation } = speech.words;
  if (sender !== undefined) {
    const { name, link } = sender;
    const text = name === '' ? t.guest : name;
    return [{ icon: 'person', name: t.sentBy, text, ...(link === '' ? {} : { note: moderation.by(link) }) }];
  }
  return owner === undefined ? [] : [{ icon: 'person', name: t.addedBy, text: personName(owner, speech) }];
}

const typeNames: Readonly<Record<Photo['type'], string>> = {
  'image/jpeg': 'JPEG',
  'image/png': 'PNG',
  'image/webp': 'WebP',
  'image/avif': 'AVIF',
  'image/gif': 'GIF',
  'image/heic': 'HEIC',
};

function placeText({ latitude, longitude, altitude }: Place, { number, words }: Speech): string {
  const north = `${number(Math.abs(latitude), 5)}° ${latitude < 0 ? 'S' : 'N'}`;
  const east = `${number(Math.abs(longitude), 5)}° ${longitude < 0 ? 'W' : 'E'}`;
  const height = altitude === undefined ? [] : [words.photo.metres(number(altitude))];
  return [`${north}, ${east}`, ...height].join(' · ');
}
