// What somebody hands out: a link that shows some photos, or one that takes photos in. Knows no token but its digest.
import type { PasswordHash } from '../security/passwords.ts';
import type { TokenHash } from '../security/tokens.ts';
import { GalleryError } from './errors.ts';
import type { PhotoId } from './photo.ts';
import type { UserId } from './user.ts';

declare const brand: unique symbol;

/** A UUIDv7. Opens nothing: that is the token's business. */
export type LinkId = string & { readonly [brand]: 'LinkId' };

/** What a link is for. */
export type LinkSubject =
  /** One photo, or several in this order. */
  | { readonly kind: 'photos'; readonly photos: readonly PhotoId[] }
  /** Whatever shows this label at least so surely (whole percent), also what comes later; of what is for everybody only. */
  | { readonly kind: 'label'; readonly label: string; readonly from: number }
  /** Takes photos in, at most so many. */
  | { readonly kind: 'upload'; readonly needsApproval: boolean; readonly most: number };

export interface NewLink {
  readonly subject: LinkSubject;
  /** What whoever opens it reads first, '' for nothing. */
  readonly title: string;
  readonly tokenHash: TokenHash;
  readonly passwordHash?: PasswordHash;
  /** Absent: never. */
  readonly expiresAt?: Date;
}

/** A link as a list shows it: of its photos only their number. */
export interface Link {
  readonly id: LinkId;
  readonly kind: LinkSubject['kind'];
  readonly title: string;
  /** Absent: the machine. */
  readonly owner?: UserId;
  /** Of a `label` link. */
  readonly label?: string;
  readonly from?: number;
  /** Of an `upload` link. */
  readonly needsApproval?: boolean;
  readonly most?: number;
  /** Photos that it shows now, or that came in by it so far. */
  readonly photos: number;
  readonly hasPassword: boolean;
  readonly createdAt: Date;
  readonly expiresAt?: Date;
  readonly revokedAt?: Date;
  /** Visits, not pictures. */
  readonly views: number;
  readonly lastSeenAt?: Date;
}

const dayMs = 24 * 60 * 60 * 1000;

/** How long a link may be good for, in days. */
export const linkDays = [1, 7, 30] as const;
export const mostLinkPhotos = 200;
/** Of an upload link. */
export const mostGuestPhotos = 1000;
export const maxLinkPasswordLength = 128;
/** So long one that is over says that it is, instead of being unknown. */
export const linksKeptMs = 90 * dayMs;

/** @param days undefined for never */
export const linkEnd = (now: number, days: number | undefined): Date | undefined =>
  days === undefined ? undefined : new Date(now + days * dayMs);

export const isOver = ({ expiresAt, revokedAt }: Link, now: number): boolean =>
  revokedAt !== undefined || (expiresAt !== undefined && expiresAt.getTime() <= now);

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Undefined for anything that is not one of our ids. */
export const parseLinkId = (text: string) => (uuid.test(text) ? (text as LinkId) : undefined);

export const noSuchLink = () =>
  new GalleryError('no-link', 'There is no such link; ask whoever gave it to you for another one.');

export const linkOver = () =>
  new GalleryError('link-over', 'This link has expired or was taken back; ask for a new one.');

export const linkFull = () =>
  new GalleryError('link-full', 'This link has taken as many photos as it may; ask for a new one.');
