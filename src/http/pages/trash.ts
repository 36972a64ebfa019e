// What lies in the trash, as its page shows it: each with the days that are left. Plain strings; the template escapes them.
import { trashKeptMs } from '../../gallery/gallery.ts';
import type { Photo, PhotoCard } from '../../gallery/photo.ts';
import type { PhotoPage } from '../../gallery/photo-database.ts';
import { emptyTrashPath, photoPath, removePath, restorePath, trashPath } from '../links.ts';
import type { PageContext } from '../views.ts';
import type { Speech } from '../words.ts';
import { cardOf, nameOf } from './card.ts';

export interface TrashModel {
  readonly page: PhotoPage;
  /** This is the newest page, not a later one. */
  readonly first: boolean;
  /** What the reader has just put back: where it is now, which is true whoever follows such a link. */
  readonly restored?: Photo | undefined;
}

const dayMs = 24 * 60 * 60 * 1000;

export function trashOf({ page, first, restored }: TrashModel, speech: Speech, context: PageContext) {
  return {
    restored: restored === undefined ? undefined : restoredOf(restored, speech),
    photos: page.photos.map((photo, index) => ({
      ...trashedOf(photo, context, speech),
      ...cardOf(photo, index, speech, context),
      restoreAction: restorePath(photo.id, 'trash'),
    })),
    emptyAction: emptyTrashPath,
    newest: first ? undefined : trashPath(),
    older: page.next === undefined ? undefined : trashPath({ before: page.next }),
  };
}

function restoredOf(photo: Photo, speech: Speech) {
  const { restored, restoredWaiting } = speech.words.trash;
  const says = photo.isWaiting === true ? restoredWaiting : restored;
  return { href: photoPath(photo.id), says: says(nameOf(photo, speech)) };
}

/** What is said of a photo in the trash, wherever it is met, and what can be done about it there. */
export function trashedOf(photo: PhotoCard, { today }: PageContext, speech: Speech) {
  const { id, trashedAt = today } = photo;
  const { words, number } = speech;
  const name = nameOf(photo, speech);
  const left = Math.max(0, Math.ceil((trashedAt.getTime() + trashKeptMs - today.getTime()) / dayMs));
  return {
    name,
    since: words.trash.since(speech.moment(trashedAt)),
    left: words.trash.left(left, number(left)),
    restoreAction: restorePath(id),
    removeAction: removePath(id),
    says: words.trash.deleted(name),
    restoreSpoken: words.trash.restoreOf(name),
    removeSpoken: words.trash.removeOf(name),
    removeTitle: words.trash.removeTitle(name),
  };
}
