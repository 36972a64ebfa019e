// Every address that a page, an answer or a script may point to. The route table in app.ts is its other half.
import type { LinkId } from '../gallery/link.ts';
import type { PhotoCard, PhotoId, Rendition } from '../gallery/photo.ts';
import type { RerunId } from '../gallery/rerun.ts';
import type { Token } from '../security/tokens.ts';

/** @param base '' for the gallery itself, else the address of a link: what follows is the same */
export const photoPath = (id: PhotoId, label?: string, base = '') =>
  `${base}/photos/${id}${labelQuery(label)}`;

/** Where uploads that resume begin. */
export const uploadsPath = '/uploads';

/** With the label of the list that the reader came from, so that its neighbours stay the same. */
export const correctionsPath = (id: PhotoId, label?: string) =>
  `/photos/${id}/corrections${labelQuery(label)}`;

export const undoPath = (id: PhotoId, label?: string) => `/photos/${id}/undo${labelQuery(label)}`;

export const privacyPath = (id: PhotoId, label?: string) => `/photos/${id}/privacy${labelQuery(label)}`;

export const thresholdPath = '/threshold';

export const rerunsPath = '/reruns';

export const originalPath = (id: PhotoId, base = '') => `${base}/media/${id}/original`;

/** The same, saved under the photo's title. */
export const downloadPath = (id: PhotoId) => `${originalPath(id)}?download`;

/** Carries the first digits of the rendition's digest: another picture is another address, so it may be cached for ever. */
export const renditionPath = (id: PhotoId, { size, sha256 }: Rendition, base = '') =>
  `${base}/media/${id}/${size}-${sha256.slice(0, 12)}.webp`;

/** The list from the newest, or what follows `before`, under a label or not. @param deleted may be put back from there */
export function listPath({
  label,
  before,
  deleted,
}: {
  label?: string | undefined;
  before?: PhotoId | undefined;
  deleted?: PhotoId | undefined;
}): string {
  const query = new URLSearchParams();
  if (label !== undefined) query.set('label', label);
  if (before !== undefined) query.set('before', before);
  if (deleted !== undefined) query.set('deleted', deleted);
  return query.size === 0 ? '/' : `/?${query}`;
}

/** Which models there are, which one looks, and who looked at what. */
export const detectionPath = '/detection';

export const modelPath = (name: string) => `/models/${encodeURIComponent(name)}`;

/** Photos that were looked at again; with `all` those without a difference, too. */
export function rerunPath(id: RerunId, { all, before }: { all?: boolean; before?: PhotoId } = {}): string {
  const query = new URLSearchParams();
  if (all === true) query.set('all', '1');
  if (before !== undefined) query.set('before', before);
  return query.size === 0 ? `/reruns/${id}` : `/reruns/${id}?${query}`;
}

export const failedPath = (before?: PhotoId) =>
  before === undefined ? '/failed' : `/failed?${new URLSearchParams({ before })}`;

/** Whether originals are as they came. */
export const verificationPath = (before?: PhotoId) =>
  before === undefined ? '/verification' : `/verification?${new URLSearchParams({ before })}`;

/** Where photos are chosen and wait for being sent. */
export const newPhotoPath = '/photos/new';

/** What other apps share with Sajin comes here. */
export const sharePath = '/share';

export const offlinePath = '/offline';

export const shootPath = '/shoot';

/** Where the shooting mode sends a photo when no script does; it comes back for the next. */
export const sendShotPath = '/photos?then=shoot';

/** With what the form of the next shot begins with: as the last one was. */
export function nextShotPath({
  id,
  title,
  isPrivate,
}: Pick<PhotoCard, 'id' | 'title' | 'isPrivate'>): string {
  const query = new URLSearchParams();
  if (title !== '') query.set('title', title);
  if (isPrivate === true) query.set('private', '1');
  query.set('last', id);
  return `${shootPath}?${query}`;
}

/** @param restored what was just taken out of it, which the page then says */
export function trashPath({ before, restored }: { before?: PhotoId; restored?: PhotoId } = {}): string {
  const query = new URLSearchParams();
  if (before !== undefined) query.set('before', before);
  if (restored !== undefined) query.set('restored', restored);
  return query.size === 0 ? '/trash' : `/trash?${query}`;
}

/** Into the trash. */
export const deletePath = (id: PhotoId, label?: string) => `/photos/${id}/delete${labelQuery(label)}`;

/** Out of the trash; to the photo afterwards, or on with what else lies there. */
export const restorePath = (id: PhotoId, then: 'photo' | 'trash' = 'photo') =>
  `/photos/${id}/restore${then === 'trash' ? '?then=trash' : ''}`;

/** For good. */
export const removePath = (id: PhotoId) => `/photos/${id}/remove`;

export const emptyTrashPath = '/trash/empty';
export const linksPath = (before?: LinkId) =>
  before === undefined ? '/links' : `/links?${new URLSearchParams({ before })}`;

/** Where a link is made, to what the query says. */
export const newLinkPath = (query: Readonly<Record<string, string>>) =>
  `/links/new?${new URLSearchParams(query)}`;

export const revokePath = (id: LinkId) => `/links/${id}/revoke`;

/** The address that is handed out: whoever has it is let in. */
export const sharedPath = (token: Token | string) => `/s/${token}`;

export const sharedListPath = (token: string, before?: PhotoId) =>
  before === undefined ? sharedPath(token) : `${sharedPath(token)}?${new URLSearchParams({ before })}`;

/** The same for a link that takes photos in. */
export const guestsPath = (token: Token | string) => `/u/${token}`;

export const moderationPath = (before?: PhotoId) =>
  before === undefined ? '/moderation' : `/moderation?${new URLSearchParams({ before })}`;

/** @param next where to go afterwards, an address of this gallery */
export const signInPath = (next?: string) =>
  next === undefined || next === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ next })}`;

/** What opens a door once. The token is the secret. */
export const setUpPath = (token: Token) => `/set-up?${new URLSearchParams({ token })}`;
export const invitePath = (token: Token) => `/invite?${new URLSearchParams({ token })}`;
export const pairPath = (token: Token) => `/pair?${new URLSearchParams({ token })}`;

/** One's own. */
export const accountPath = '/account';

/** Where one shows once more who one is. @param next where to go afterwards, an address of this gallery */
export const confirmPath = (next?: string) =>
  next === undefined ? '/account/confirm' : `/account/confirm?${new URLSearchParams({ next })}`;

/** All of them. */
export const peoplePath = '/people';

export const auditPath = (before?: number) =>
  before === undefined ? '/audit' : `/audit?${new URLSearchParams({ before: String(before) })}`;

/** For `srcset`: each rendition once, although a small photo has the same width in several sizes. */
export function sourceSet({ id, renditions }: Pick<PhotoCard, 'id' | 'renditions'>, base = ''): string {
  const byWidth = new Map(renditions.map((rendition) => [rendition.width, rendition]));
  return [...byWidth]
    .map(([width, rendition]) => `${renditionPath(id, rendition, base)} ${width}w`)
    .join(', ');
}

const labelQuery = (label?: string) => (label === undefined ? '' : `?${new URLSearchParams({ label })}`);
