// What lies beside each original as a small JSON file: what people gave a photo and nobody could find out again. So the folder of
// originals is enough to have the gallery back. What engines said and what a camera wrote is not in it: that is found again.
import {
  type Box,
  type Change,
  cleanTitle,
  type MediaType,
  maxTitleLength,
  mediaTypes,
  type PhotoId,
  parsePhotoId,
  parseSha256,
  type Sha256,
} from './photo.ts';

/** Everything about one file, and every photo that has these bytes. */
export interface Sidecar {
  readonly sha256: Sha256;
  readonly bytes: number;
  readonly type: MediaType;
  /** Pixels of the upright photo. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly photos: readonly SidecarPhoto[];
}

export interface SidecarPhoto {
  readonly id: PhotoId;
  readonly title: string;
  readonly uploadedAt: Date;
  /** By name, since ids of people mean nothing to another database. Absent for nobody's. */
  readonly owner?: string;
  /** Only whose it is sees it. */
  readonly isPrivate?: true;
  /** Since when it lies in the trash. */
  readonly trashedAt?: Date;
  /** Every correction that stands, oldest first. */
  readonly changes: readonly KeptChange[];
}

/** A correction with all that it takes to show it, and to take it back. */
export interface KeptChange extends Omit<Change, 'id'> {
  readonly words: readonly KeptWord[];
}

export interface KeptWord {
  /** Is there one, or is there none? Without a box: somewhere, or nowhere. */
  readonly present: boolean;
  readonly label: string;
  readonly box?: Box;
  /** Which of the changes ended it, counted from 0; absent while it stands. */
  readonly endedBy?: number;
}

/** Grows when an older program could not make sense of the file any more; what is merely new is left out by older ones. */
const version = 1;

/** More than 500 words take. A larger file is none of ours. */
export const mostSidecarBytes = 4 * 1024 * 1024;

/** Indented: people look into these files, too. */
export function formatSidecar(sidecar: Sidecar): string {
  return `${JSON.stringify({ format: 'sajin-photo', version, ...sidecar }, undefined, 2)}\n`;
}

/** Undefined for anything that does not hold together: then it is as if there were none. Fields that are not known are ignored. */
export function parseSidecar(text: string): Sidecar | undefined {
  try {
    return sidecarIn(objectIn(JSON.parse(text)));
  } catch {
    return undefined;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function sidecarIn(fields: Fields): Sidecar {
  expect(fields['format'] === 'sajin-photo' && fields['version'] === version);
  const photos = listIn(fields['photos']);
  expect(photos.length > 0);
  return {
    sha256: present(parseSha256(textIn(fields['sha256']))),
    bytes: wholeIn(fields['bytes'], 1),
    type: present(mediaTypes.find((type) => type === fields['type'])),
    width: wholeIn(fields['width'], 1),
    height: wholeIn(fields['height'], 1),
    frames: wholeIn(fields['frames'], 1),
    photos: photos.map((photo) => photoIn(objectIn(photo))),
  };
}

function photoIn(fields: Fields): SidecarPhoto {
  const title = cleanTitle(textIn(fields['title']));
  expect(title.length <= maxTitleLength);
  const changes = listIn(fields['changes']);
  const { owner, isPrivate, trashedAt } = fields;
  return {
    id: present(parsePhotoId(textIn(fields['id']))),
    title,
    uploadedAt: dateIn(fields['uploadedAt']),
    ...(owner === undefined ? {} : { owner: textIn(owner) }),
    // What can't be understood is rather hidden than shown.
    ...(isPrivate === undefined || isPrivate === false ? {} : { isPrivate: true }),
    ...(trashedAt === undefined ? {} : { trashedAt: dateIn(trashedAt) }),
    changes: changes.map((change, at) => changeIn(objectIn(change), at, changes.length)),
  };
}

function changeIn(fields: Fields, at: number, count: number): KeptChange {
  const kinds = ['confirm', 'reject', 'rename', 'move', 'add'] as const;
  return {
    kind: present(kinds.find((kind) => kind === fields['kind'])),
    label: labelIn(fields['label']),
    at: dateIn(fields['at']),
    words: listIn(fields['words']).map((word) => wordIn(objectIn(word), at, count)),
  };
}

function wordIn({ present: isThere, label, box, endedBy }: Fields, at: number, count: number): KeptWord {
  expect(typeof isThere === 'boolean');
  return {
    present: isThere === true,
    label: labelIn(label),
    ...(box === undefined ? {} : { box: boxIn(objectIn(box)) }),
    // Only what comes later can end a word.
    ...(endedBy === undefined ? {} : { endedBy: wholeIn(endedBy, at + 1, count - 1) }),
  };
}

function boxIn({ x, y, width, height }: Fields): Box {
  const [left, top] = [fractionIn(x), fractionIn(y)];
  return { x: left, y: top, width: fractionIn(width), height: fractionIn(height) };
}

function expect(holds: boolean): asserts holds {
  if (!holds) throw new TypeError('not a sidecar');
}

function present<T>(value: T | undefined): T {
  expect(value !== undefined);
  return value as T;
}

function objectIn(value: unknown): Fields {
  expect(typeof value === 'object' && value !== null && !Array.isArray(value));
  return value as Fields;
}

function listIn(value: unknown): readonly unknown[] {
  expect(Array.isArray(value));
  return value as readonly unknown[];
}

function textIn(value: unknown): string {
  expect(typeof value === 'string');
  return value as string;
}

/** Longer than people may type them: a model that somebody brought has names of its own. */
const maxLabelLength = 200;

function labelIn(value: unknown): string {
  const label = cleanTitle(textIn(value));
  expect(label !== '' && label.length <= maxLabelLength);
  return label;
}

function wholeIn(value: unknown, from: number, to = Number.MAX_SAFE_INTEGER): number {
  expect(Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to);
  return value as number;
}

function fractionIn(value: unknown): number {
  expect(typeof value === 'number' && value >= 0 && value <= 1);
  return value as number;
}

function dateIn(value: unknown): Date {
  const date = new Date(textIn(value));
  expect(!Number.isNaN(date.getTime()));
  return date;
}
