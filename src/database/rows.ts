// Between rows and photos: the only place that knows how a photo lies in its table.

import type {
  EngineRun,
  Failure,
  MediaType,
  Photo,
  PhotoCard,
  PhotoId,
  PhotoLabel,
  PhotoState,
  Rendition,
  Sha256,
} from '../gallery/photo.ts';
import type { UserId } from '../gallery/user.ts';
import { isUnseen, onlyFor } from './audience.ts';

export interface CardRow {
  readonly id: PhotoId;
  readonly title: string;
  readonly state: PhotoState;
  readonly failure: string | null;
  readonly width: number;
  readonly height: number;
  readonly uploaded_at: number;
  readonly placeholder: string | null;
  readonly renditions: string;
  readonly labels: string;
  readonly audience: string;
  readonly trashed_at: number | null;
}

export interface PhotoRow extends CardRow {
  readonly version: number;
  readonly owner: UserId | '';
  readonly sha256: Sha256;
  readonly bytes: number;
  readonly type: MediaType;
  readonly frames: number;
  readonly taken_at: string | null;
  readonly camera: string | null;
  readonly engine: string | null;
}

export const cardColumns =
  'id, title, state, failure, width, height, uploaded_at, placeholder, renditions, labels, audience, trashed_at';
export const photoColumns = `${cardColumns}, version, owner, sha256, bytes, type, frames, taken_at, camera, engine`;

export function toCard(row: CardRow): PhotoCard {
  return {
    id: row.id,
    title: row.title,
    state: row.state,
    ...(row.failure === null ? {} : { failure: JSON.parse(row.failure) as Failure }),
    width: row.width,
    height: row.height,
    uploadedAt: new Date(row.uploaded_at),
    ...(row.placeholder === null ? {} : { placeholder: row.placeholder }),
    renditions: JSON.parse(row.renditions) as Rendition[],
    labels: JSON.parse(row.labels) as PhotoLabel[],
    ...(onlyFor(row.audience) === undefined ? {} : { isPrivate: true }),
    ...(isUnseen(row.audience) ? { isWaiting: true } : {}),
    ...(row.trashed_at === null ? {} : { trashedAt: new Date(row.trashed_at) }),
  };
}

/** What was said about a photo is read apart from its row. */
export function toPhoto(row: PhotoRow, view: Pick<Photo, 'detections' | 'rejections' | 'lastChange'>): Photo {
  return {
    ...toCard(row),
    version: row.version,
    ...(row.owner === '' ? {} : { owner: row.owner }),
    bytes: row.bytes,
    type: row.type,
    ...(row.frames > 1 ? { frames: row.frames } : {}),
    sha256: row.sha256,
    ...(row.taken_at === null ? {} : { takenAt: row.taken_at }),
    ...(row.camera === null ? {} : { camera: row.camera }),
    ...(row.engine === null ? {} : { engine: JSON.parse(row.engine) as EngineRun }),
    ...view,
  };
}

/** Neither in the trash nor waiting. */
export const isListed = ({ trashed_at: trashedAt, audience }: CardRow) =>
  trashedAt === null && !isUnseen(audience);

/** Undefined for what was here before there were accounts. */
export const ownerOf = ({ owner }: PhotoRow) => (owner === '' ? undefined : owner);
