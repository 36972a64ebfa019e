// Every address that a page, an answer or a script may point to. The route table in app.ts is its other half.
import type { PhotoCard, PhotoId, Rendition } from '../gallery/photo.ts';

export const photoPath = (id: PhotoId, label?: string) => `/photos/${id}${labelQuery(label)}`;

export const originalPath = (id: PhotoId) => `/media/${id}/original`;

/** The same, saved under the photo's title. */
export const downloadPath = (id: PhotoId) => `${originalPath(id)}?download`;

/** Carries the first digits of the rendition's digest: another picture is another address, so it may be cached for ever. */
export const renditionPath = (id: PhotoId, { size, sha256 }: Rendition) =>
  `/media/${id}/${size}-${sha256.slice(0, 12)}.webp`;

/** The list from the newest, or what follows `before`, under a label or not. */
export function listPath({
  label,
  before,
}: {
  label?: string | undefined;
  before?: PhotoId | undefined;
}): string {
  const query = new URLSearchParams();
  if (label !== undefined) query.set('label', label);
  if (before !== undefined) query.set('before', before);
  return query.size === 0 ? '/' : `/?${query}`;
}

/** For `srcset`: each rendition once, although a small photo has the same width in several sizes. */
export function sourceSet({ id, renditions }: Pick<PhotoCard, 'id' | 'renditions'>): string {
  const byWidth = new Map(renditions.map((rendition) => [rendition.width, rendition]));
  return [...byWidth].map(([width, rendition]) => `${renditionPath(id, rendition)} ${width}w`).join(', ');
}

const labelQuery = (label?: string) => (label === undefined ? '' : `?${new URLSearchParams({ label })}`);
