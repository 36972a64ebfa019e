// A photo as JSON, as docs/api.md describes it. Adding a member is fine; renaming or removing one is not.
import { shownLabels } from '../gallery/detection.ts';
import { labelName } from '../gallery/labels.ts';
import type { Photo } from '../gallery/photo.ts';
import type { PhotoPage } from '../gallery/photo-database.ts';
import type { Asking } from './asking.ts';
import { listPath, originalPath, photoPath, renditionPath } from './links.ts';
import { altText, reasonOf } from './words.ts';

type Reader = Pick<Asking, 'speech' | 'threshold'>;

export function photoJson(photo: Photo, { speech, threshold }: Reader) {
  const { language } = speech;
  const { id, title, state, failure, width, height, bytes, type, sha256 } = photo;
  return {
    id,
    title,
    state,
    ...(failure === undefined ? {} : { reason: reasonOf(failure, language) }),
    width,
    height,
    bytes,
    type,
    ...(photo.frames === undefined ? {} : { frames: photo.frames }),
    sha256,
    ...(photo.takenAt === undefined ? {} : { takenAt: photo.takenAt }),
    uploadedAt: photo.uploadedAt.toISOString(),
    ...(photo.camera === undefined ? {} : { camera: photo.camera }),
    ...(photo.engine === undefined ? {} : { engine: photo.engine.engine }),
    ...(photo.isPrivate === undefined ? {} : { private: true }),
    ...(photo.isWaiting === undefined ? {} : { waiting: true }),
    ...(photo.trashedAt === undefined ? {} : { trashedAt: photo.trashedAt.toISOString() }),
    version: photo.version,
    alt: altText(photo, threshold, speech),
    ...(photo.placeholder === undefined ? {} : { placeholder: photo.placeholder }),
    labels: shownLabels(photo.labels, threshold).map(({ label, count, confidence }) => ({
      label,
      name: labelName(label, language),
      count,
      confidence,
      // From before there were confidences.
      score: confidence / 100,
    })),
    detections: photo.detections,
    rejections: photo.rejections,
    ...(photo.lastChange === undefined ? {} : { lastChange: photo.lastChange }),
    links: {
      self: photoPath(id),
      original: originalPath(id),
      renditions: photo.renditions.map((rendition) => ({
        width: rendition.width,
        height: rendition.height,
        url: renditionPath(id, rendition),
      })),
    },
  };
}

export function listJson(page: PhotoPage<Photo>, reader: Reader, query: { label?: string; limit: number }) {
  const next =
    page.next === undefined
      ? {}
      : { next: withLimit(listPath({ label: query.label, before: page.next }), query.limit) };
  return { photos: page.photos.map((photo) => photoJson(photo, reader)), ...next };
}

const withLimit = (path: string, limit: number) => `${path}&limit=${limit}`;
