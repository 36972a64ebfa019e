// Who may come in: users, their sessions, and the rules for names. Knows no password, and no token but its digest.
import type { TokenHash } from '../security/tokens.ts';
import { cutTitle } from './cut-title.ts';
import { GalleryError } from './errors.ts';
import { cleanTitle } from './photo.ts';
import { type Role, roles, type UserId } from './user.ts';

declare const brand: unique symbol;

/** A UUIDv7. May be shown to the session's user: it opens nothing. */
export type SessionId = string & { readonly [brand]: 'SessionId' };

export type GrantId = string & { readonly [brand]: 'GrantId' };

export interface User {
  readonly id: UserId;
  /** As it was written when the account was made. */
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Date;
  /** Can't come in; what belongs to them stays. */
  readonly disabled: boolean;
}

export interface Session {
  readonly id: SessionId;
  /** As the user is now, not as they were when the session began. */
  readonly user: User;
  readonly createdAt: Date;
  /** To some minutes: not every look is written down. */
  readonly lastSeenAt: Date;
  /** Whatever comes first: too long unseen, or too old. */
  readonly expiresAt: Date;
  /** When they last showed in it who they are, by password or passkey; absent for a phone that a code let in. */
  readonly confirmedAt?: Date;
  /** What the browser calls itself, cut and cleaned; '' if it says nothing. */
  readonly agent: string;
  readonly address?: string;
}

/** A key of a device in place of a password. */
export interface Passkey {
  /** base64url, as browsers send it. */
  readonly credentialId: string;
  readonly user: UserId;
  /** COSE. */
  readonly publicKey: Uint8Array;
  /** Grows with every use; stays 0 with keys that live on several devices. */
  readonly counter: number;
  /** How the device can be reached (`internal`, `hybrid`, `usb` ...): a hint for the browser. */
  readonly transports: readonly string[];
  /** What the user calls it. */
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt?: Date;
}

/** What may be done once by whoever holds the token. */
/** `machine`: for a command at the gallery's own machine, by who may write to its folder. */
export const grantPurposes = ['set-up', 'invite', 'pair', 'passkey-challenge', 'machine'] as const;
export type GrantPurpose = (typeof grantPurposes)[number];

export interface Grant {
  readonly id: GrantId;
  readonly purpose: GrantPurpose;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** Whatever the purpose needs, as its maker wrote it. */
  readonly payload: string;
}

/** One thing that somebody did. Names of people instead of ids, so that it can be read when they are gone; of photos and links ids alone. */
export interface AuditEntry {
  /** Grows from entry to entry. */
  readonly id: number;
  readonly at: Date;
  /** The user's name; of what was typed on this machine, `command line`; '' for nobody in particular. */
  readonly actor: string;
  /** In kebab-case, a verb in the past: `signed-in`, `user-removed`. */
  readonly action: string;
  /** Whom or what it was about, '' for the actor. */
  readonly subject: string;
  readonly address?: string;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

export const sessionIdleMs = 14 * dayMs;
export const sessionAbsoluteMs = 60 * dayMs;
/** A visit is noted no more often than this: reading pages shall not write. */
export const sessionNoteMs = 5 * minuteMs;
export const mostSessions = 20;
/** So long after showing who they are, people may do what whoever finds a device unlocked must not. */
export const confirmedForMs = 15 * minuteMs;
export const auditKeptMs = 365 * dayMs;
export const auditRepeatedMs = 10 * minuteMs;
export const auditLimitMs = 60 * minuteMs;
export const mostPhotoAuditPerHour = 1_000;

/**
 * What can be done to one photo and undone without end: of the same actor and photo the last one within `auditRepeatedMs` is kept. A member
 * could bury everything else under them, in a database that no quota limits. Each of a pair for itself: that a private photo was shown for
 * a minute stays to be read.
 */
export const repeatedInAudit: readonly string[] = [
  'photo-hidden',
  'photo-shown',
  'photo-trashed',
  'photo-restored',
  'guest-photo-approved',
  'guest-photo-refused',
];

/** What any member may do: limited to `mostPhotoAuditPerHour`. About people, their roles and ways in every entry is kept. */
export const limitedInAudit: readonly string[] = [
  ...repeatedInAudit,
  'photo-removed',
  'trash-emptied',
  'guest-photos-approved',
  'share-link-made',
  'share-link-revoked',
  'upload-link-made',
  'upload-link-revoked',
];

/** In place of what is above the limit, once an hour and actor. */
export const moreDone = 'more-done';

/** All in milliseconds since 1970. */
export const sessionEnd = (createdAt: number, lastSeenAt: number): number =>
  Math.min(lastSeenAt + sessionIdleMs, createdAt + sessionAbsoluteMs);

/** Also not when the clock has jumped back by more than that. @param now milliseconds since 1970 */
export const isConfirmed = ({ confirmedAt }: Pick<Session, 'confirmedAt'>, now: number): boolean =>
  confirmedAt !== undefined && Math.abs(now - confirmedAt.getTime()) < confirmedForMs;

export const maxUserNameLength = 40;

/** A name as it is kept. @throws GalleryError `bad-user-name` when nothing or too much is left of it */
export function cleanUserName(text: string): string {
  const name = cleanTitle(text);
  const length = [...name].length;
  if (length <= maxUserNameLength && userNameKey(name) !== '') return name;
  throw new GalleryError(
    'bad-user-name',
    `A name has 1 to ${maxUserNameLength} characters; choose another one.`,
    { limit: maxUserNameLength },
  );
}

/**
 * Equal for names that are one: whatever their case, however they are composed, whatever invisible characters are in them. Upper case
 * first, so that `Straße` is `STRASSE`: JavaScript has no case folding of its own.
 */
export const userNameKey = (name: string): string =>
  name
    .normalize('NFC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFC')
    .trim();

/** For lists of sessions: of a whole line of versions its beginning is enough. */
export const shortAgent = (userAgent: string | undefined): string => cutTitle(userAgent ?? '', 200);

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Undefined for anything that is not one of our ids. */
export const parseUserId = (text: string) => (uuid.test(text) ? (text as UserId) : undefined);
export const parseSessionId = (text: string) => (uuid.test(text) ? (text as SessionId) : undefined);
export const parseGrantId = (text: string) => (uuid.test(text) ? (text as GrantId) : undefined);
export const parseRole = (text: string) => roles.find((role) => role === text);

/** What an invitation's grant says: what the invited will be, and who invited them, unless this machine did. No role for what is none. */
export function invitationIn(payload: string): { readonly role?: Role; readonly by?: UserId } {
  const [text = '', maker] = payload.split(' ');
  const [role, by] = [parseRole(text), maker === undefined ? undefined : parseUserId(maker)];
  if (role === undefined || (maker !== undefined && by === undefined)) return {};
  return { role, ...(by === undefined ? {} : { by }) };
}

export const noSuchUser = () =>
  new GalleryError('not-found', 'There is no such user; look at the list of users.');

export const nameTaken = () =>
  new GalleryError('name-taken', 'Somebody has this name already; choose another one.');

export const lastOwner = () =>
  new GalleryError('last-owner', 'This is the last owner; make somebody else an owner first.');

export const alreadySetUp = () =>
  new GalleryError('already-set-up', 'This gallery has an owner already; ask for an invitation.');

export const grantOver = () =>
  new GalleryError('grant-over', 'This has expired or was used already; ask for a new one.');

export const notConfirmed = () =>
  new GalleryError('not-confirmed', 'Show once more who you are, by password or passkey; then do it again.', {
    confirm: '/account/confirm',
  });

export const passkeyTaken = () =>
  new GalleryError('passkey-taken', 'This passkey is known already; choose another one.');

/** What a session is begun with. */
export interface NewSession {
  readonly user: UserId;
  readonly tokenHash: TokenHash;
  /** Whoever begins it has just shown who they are. */
  readonly isConfirmed?: boolean;
  /** See shortAgent. */
  readonly agent: string;
  readonly address?: string;
}
