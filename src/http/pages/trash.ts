// What lies in the trash, as its page shows it: each with the days that are left. Plain strings; the template escapes them.
import { trashKeptMs } from '../../gallery/gallery.ts';
import type { PhotoCard } from '../../gallery/photo.ts';
import type { PhotoPage } from '../../gallery/photo-database.ts';
import { photoPath, renditionPath, trashPath } from '../links.ts';
import type { PageContext } from '../views.ts';
import { altText, type Speech } from '../words.ts';

export interface TrashModel {
  readonly page: PhotoPage;
  /** This is the newest page, not a later one. */
  readonly first: boolean;
}

const dayMs = 24 * 60 * 60 * 1000;

export function trashOf({ page, first }: TrashModel, speech: Speech, context: PageContext) {
  return {
    photos: page.photos.map((photo) => trashedPhoto(photo, speech, context)),
    newest: first ? undefined : trashPath(),
    older: page.next === undefined ? undefined : trashPath(page.next),
  };
}

function trashedPhoto(photo: PhotoCard, speech: Speech, { threshold, today }: PageContext) {
  const { id, title, renditions, placeholder, uploadedAt, trashedAt = today, isPrivate } = photo;
  const [small] = renditions;
  const { words, number } = speech;
  const name = title === '' ? words.pages.photoOf(speech.day(uploadedAt)) : title;
  const left = Math.max(0, Math.ceil((trashedAt.getTime() + trashKeptMs - today.getTime()) / dayMs));
  return {
    id,
    name,
    href: photoPath(id),
    alt: altText(photo, threshold, speech),
    picture: small === undefined ? undefined : renditionPath(id, small),
    placeholder,
    isPrivate: isPrivate === true,
    left: words.trash.left(left, number(left)),
    restoreSpoken: words.trash.restoreOf(name),
    removeSpoken: words.trash.removeOf(name),
  };
}
