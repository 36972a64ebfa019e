// What a photo is, as every room sees it. Holds no behaviour that touches a disk, a database or a network.
import type { UserId } from './user.ts';

declare const brand: unique symbol;

/** Opaque and sortable: a UUIDv7, so that ids order photos by the moment they were uploaded. */
export type PhotoId = string & { readonly [brand]: 'PhotoId' };

/** 64 lower-case hex digits. */
export type Sha256 = string & { readonly [brand]: 'Sha256' };

export const isSha256 = (value: unknown): value is Sha256 =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/** The picture formats that are accepted, decided by a file's first bytes and never by its name. */
export const mediaTypes = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/avif',
  'image/gif',
  'image/heic',
] as const;
export type MediaType = (typeof mediaTypes)[number];

export type PhotoState = 'waiting' | 'developing' | 'done' | 'failed';

/** Why developing a photo ended without success. `detail` is for the curious: plain English, no paths. */
export interface Failure {
  readonly code: 'damaged' | 'crashed' | 'timed-out' | 'out-of-memory' | 'missing-original' | 'not-looked';
  readonly detail?: string;
}

/** The longest edge, in pixels, of each size that is kept beside an original. */
export const renditionSizes = [320, 800, 1600] as const;
export type RenditionSize = (typeof renditionSizes)[number];

/** A smaller, upright, metadata-free copy. A photo smaller than `size` keeps its own dimensions. */
export interface Rendition {
  readonly size: RenditionSize;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly sha256: Sha256;
}

/** Fractions 0..1 of the upright photo; x and y are the top left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Who said that something is there: an engine with its weights (their SHA-256), or a person, and when. */
export type Origin = EngineOrigin | { readonly by: 'person'; readonly at: Date };

export interface EngineOrigin {
  readonly by: 'engine';
  readonly engine: string;
  readonly model: string;
}

/** What an engine said, as it said it. */
export interface EngineDetection {
  /** A COCO class name such as `person`; see labels.ts for the 80 of them. */
  readonly label: string;
  /** 0..1. Scores of different engines do not mean the same; see calibration.ts. */
  readonly score: number;
  readonly box: Box;
  readonly origin: EngineOrigin;
}

/** Names a detection or a rejection to whoever wants to correct it. Never given twice; gone when an engine looks again. */
export type DetectionId = string & { readonly [brand]: 'DetectionId' };

/** Something that is in the photo, because an engine said so and nobody rejected it, or because a person did. */
export interface Detection {
  readonly id: DetectionId;
  readonly label: string;
  /** Absent when a person named something without showing where it is. */
  readonly box?: Box;
  /** Whole percent: of a hundred detections like this one, so many are right. 100 for what a person said. */
  readonly confidence: number;
  /** What the engine said, 0..1; absent for a person. */
  readonly score?: number;
  readonly origin: Origin;
}

/** What a person said is not in the photo: here, or, without a box, nowhere. */
export interface Rejection {
  readonly id: DetectionId;
  readonly label: string;
  readonly box?: Box;
  readonly at: Date;
  /** Undo this to put it back. */
  readonly change: ChangeId;
}

/** One correction somebody made, and can undo. */
export type ChangeId = number & { readonly [brand]: 'ChangeId' };

export interface Change {
  readonly id: ChangeId;
  readonly kind: 'confirm' | 'reject' | 'rename' | 'move' | 'add';
  /** What it was about; for a rename the new name. */
  readonly label: string;
  readonly at: Date;
}

/** One label of a photo and how sure each of its things is, best first, whole percents. Everything that is stored. */
export interface PhotoLabel {
  readonly label: string;
  readonly confidences: readonly number[];
}

/** One label of a photo as a reader sees it: how many, and how sure the best of them is (whole percent). */
export interface LabelSummary {
  readonly label: string;
  readonly count: number;
  readonly confidence: number;
}

/** Which engine looked, with which weights, and how long that took. */
export interface EngineRun {
  readonly engine: string;
  readonly model: string;
  readonly tookMs: number;
}

/** What a list needs to draw a photo. */
export interface PhotoCard {
  readonly id: PhotoId;
  /** '' when nobody gave one. */
  readonly title: string;
  readonly state: PhotoState;
  readonly failure?: Failure;
  /** Pixels of the upright photo. */
  readonly width: number;
  readonly height: number;
  readonly uploadedAt: Date;
  /** A WebP of a few pixels, base64, to be stretched behind the picture while it loads. */
  readonly placeholder?: string;
  /** Smallest first; empty until developed. */
  readonly renditions: readonly Rendition[];
  /** Everything that is stored; what of it is shown is the reader's threshold's business (detection.ts). */
  readonly labels: readonly PhotoLabel[];
  /** Only whose it is sees it. */
  readonly isPrivate?: true;
  /** A guest sent it, or it was found, and nobody has let it in yet: whose it is and who runs the gallery see it, in a list of its own. */
  readonly isWaiting?: true;
  /** Since when it lies in the trash. */
  readonly trashedAt?: Date;
}

export interface Photo extends PhotoCard {
  /** Grows by one with every change of any field; the base of edit conflicts and ETags. */
  readonly version: number;
  /** Who added it; absent for what was here before there were accounts. */
  readonly owner?: UserId;
  readonly bytes: number;
  readonly type: MediaType;
  /** More than 1, of a moving picture, of which only the first is shown; absent for a still. */
  readonly frames?: number;
  readonly sha256: Sha256;
  /** Local time of the camera, ISO 8601 without zone (`2026-11-20T10:12:00`), with an offset only if the camera wrote one. */
  readonly takenAt?: string;
  readonly camera?: string;
  readonly engine?: EngineRun;
  /** Everything that is there as far as anybody said, best first. */
  readonly detections: readonly Detection[];
  /** What people said is not there, latest first. */
  readonly rejections: readonly Rejection[];
  /** The latest correction: the one that can be undone. */
  readonly lastChange?: Change;
}

/** Which photo an event is about, and who alone may hear of it. */
export interface Told {
  readonly id: PhotoId;
  readonly onlyFor?: Hearer;
}

export function toldOf({ id, isPrivate, isWaiting, owner }: Photo): Told {
  if (isWaiting === true) return { id, onlyFor: owner ?? 'operators' };
  return isPrivate === true && owner !== undefined ? { id, onlyFor: owner } : { id };
}

/** Who alone may hear of a photo: one user, or who runs the gallery. */
export type Hearer = UserId | 'operators';

/** Where a photo was taken, WGS 84 degrees and metres. Kept apart from the photo so that nothing shares it by accident. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
  readonly altitude?: number;
}

export const maxTitleLength = 200;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Undefined for anything that is not one of our ids, so that a visitor's string never reaches a query or a path. */
export function parsePhotoId(text: string): PhotoId | undefined {
  return uuid.test(text) ? (text as PhotoId) : undefined;
}

/** In lower case, however it was written; undefined for anything that is no digest, as for an id. */
export function parseSha256(text: string): Sha256 | undefined {
  return /^[0-9a-f]{64}$/i.test(text) ? (text.toLowerCase() as Sha256) : undefined;
}

/** One line, trimmed, Unicode NFC, without control or text-direction characters. */
export function cleanTitle(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
}
