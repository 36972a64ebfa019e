// What guests sent and nobody has let in yet, as its page shows it. Plain strings; the template escapes them.
import type { Sender } from '../../gallery/link-database.ts';
import type { PhotoCard, PhotoId } from '../../gallery/photo.ts';
import type { PhotoPage } from '../../gallery/photo-database.ts';
import { moderationPath, photoPath, renditionPath } from '../links.ts';
import type { PageContext } from '../views.ts';
import { altText, type Speech } from '../words.ts';

export interface ModerationModel {
  readonly page: PhotoPage;
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

function waitingPhoto(
  photo: PhotoCard,
  sender: Sender | undefined,
  speech: Speech,
  { threshold }: PageContext,
) {
  const { id, title, renditions, placeholder, uploadedAt, state } = photo;
  const [small] = renditions;
  const t = speech.words.moderation;
  const { name = '', link = '' } = sender ?? {};
  const from = name === '' ? t.nameless : t.from(name);
  const called = title === '' ? from : title;
  return {
    id,
    name: called,
    href: photoPath(id),
    alt: altText(photo, threshold, speech),
    picture: small === undefined ? undefined : renditionPath(id, small),
    placeholder,
    state,
    facts: [
      ...(title === '' ? [] : [from]),
      speech.moment(uploadedAt),
      ...(link === '' ? [] : [t.by(link)]),
    ].join(' · '),
    approve: `${photoPath(id)}/approve`,
    discard: `${photoPath(id)}/delete?then=moderation`,
    approveSpoken: t.approveOf(called),
    discardSpoken: t.discardOf(called),
  };
}
