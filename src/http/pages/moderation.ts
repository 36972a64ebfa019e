// What guests sent, or was found in the folder, and nobody has let in yet, as its page shows it. Plain strings; the template escapes them.
import type { Sender } from '../../gallery/link-database.ts';
import type { Photo, PhotoId } from '../../gallery/photo.ts';
import type { PhotoPage } from '../../gallery/photo-database.ts';
import { moderationPath, photoPath, renditionPath } from '../links.ts';
import type { PageContext } from '../views.ts';
import { altText, type Speech } from '../words.ts';

export interface ModerationModel {
  readonly page: PhotoPage<Photo>;
  readonly senders: ReadonlyMap<PhotoId, Sender>;
  /** This is the newest page, not a later one. */
  readonly first: boolean;
}

export function moderationOf(
  { page, senders, first }: ModerationModel,
  speech: Speech,
  context: PageContext,
) {
  return {
    photos: page.photos.map((photo) => waitingPhoto(photo, senders.get(photo.id), speech, context)),
    newest: first ? undefined : moderationPath(),
    older: page.next === undefined ? undefined : moderationPath(page.next),
  };
}

function waitingPhoto(photo: Photo, sender: Sender | undefined, speech: Speech, { threshold }: PageContext) {
  const { id, title, renditions, placeholder, uploadedAt, state } = photo;
  const [small] = renditions;
  const t = speech.words.moderation;
  const { name = '', link = '' } = sender ?? {};
  // A guest's is whose the link is, also when that link was forgotten long ago.
  const isFound = sender === undefined && photo.owner === undefined;
  const from = isFound ? t.found : name === '' ? t.nameless : t.from(name);
  const untitled = isFound ? t.foundAs : from;
  const called = title === '' ? untitled : title;
  return {
    id,
    name: called,
    href: photoPath(id),
    alt: altText(photo, threshold, speech),
    picture: small === undefined ? undefined : renditionPath(id, small),
    placeholder,
    state,
    facts: [
      ...(called === from ? [] : [from]),
      speech.moment(uploadedAt),
      ...(link === '' ? [] : [t.by(link)]),
    ].join(' · '),
    approve: `${photoPath(id)}/approve`,
    discard: `${photoPath(id)}/delete?then=moderation`,
    approveSpoken: t.approveOf(called),
    discardSpoken: t.discardOf(called),
  };
}
