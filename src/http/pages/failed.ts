// Photos that ended as failed, each with its reason: what their page shows. Plain strings; the template escapes them.
import type { Threshold } from '../../gallery/detection.ts';
import type { Photo, PhotoCard } from '../../gallery/photo.ts';
import type { PhotoPage } from '../../gallery/photo-database.ts';
import { failedPath, photoPath, renditionPath } from '../links.ts';
import { altText, reasonOf, type Speech } from '../words.ts';
import { nameOf } from './card.ts';

export interface FailedModel {
  readonly page: PhotoPage<Photo>;
  readonly mayRetry: (photo: Photo) => boolean;
  /** All of them, not only those of this page. */
  readonly count: number;
  /** This is the newest page, not a later one. */
  readonly first: boolean;
}

export function failedOf(
  { page, mayRetry, count, first }: FailedModel,
  speech: Speech,
  threshold: Threshold,
) {
  const { words, number } = speech;
  return {
    photos: page.photos.map((photo) => ({
      ...failedPhoto(photo, speech, threshold),
      mayRetry: mayRetry(photo),
    })),
    // One alone has a button of its own.
    retryAll: count > 1 ? words.failed.retryAll(number(count)) : undefined,
    newest: first ? undefined : failedPath(),
    older: page.next === undefined ? undefined : failedPath(page.next),
  };
}

function failedPhoto(photo: PhotoCard, speech: Speech, threshold: Threshold) {
  const { id, title, failure, renditions, placeholder, uploadedAt } = photo;
  const [small] = renditions;
  const { words } = speech;
  const name = nameOf(photo, speech);
  return {
    id,
    name,
    href: photoPath(id),
    alt: altText(photo, threshold, speech),
    picture: small === undefined ? undefined : renditionPath(id, small),
    placeholder,
    reason: failure === undefined ? '' : reasonOf(failure, speech.language),
    // Without a title the day is said already.
    uploaded: title === '' ? undefined : speech.moment(uploadedAt),
    retrySpoken: words.failed.retryOf(name),
  };
}
