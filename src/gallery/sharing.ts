// Handing out links and taking them back, and who it is that comes by one. Knows a token only while it is asked about.
import { createHash } from 'node:crypto';
import type { PasswordHash, Passwords } from '../security/passwords.ts';
import { hashToken, newToken, parseToken, type Token } from '../security/tokens.ts';
import { cleanUserName } from './accounts.ts';
import { thresholdSteps } from './detection.ts';
import { GalleryError } from './errors.ts';
import { sharesOf } from './holders.ts';
import { checkedTitle } from './ingest.ts';
import { labelFrom } from './labels.ts';
import {
  isOver,
  type Link,
  type LinkId,
  type LinkSubject,
  linkEnd,
  linkOver,
  maxLinkPasswordLength,
  mostGuestPhotos,
  mostLinkPhotos,
  noSuchLink,
} from './link.ts';
import type { FoundLink, LinkDatabase } from './link-database.ts';
import { busyOrSo } from './password-choice.ts';
import { type Guest, stranger, type Viewer } from './viewer.ts';

export interface SharingParts {
  readonly links: LinkDatabase;
  readonly passwords: Passwords;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Wish {
  readonly subject: LinkSubject;
  readonly title: string;
  /** Absent or '': none. */
  readonly password?: string | undefined;
  /** Absent: never ends. */
  readonly days?: number | undefined;
}

/** Shown by whoever has typed a link's password, until that password changes. */
export type LinkPass = string & { readonly [brand]: 'LinkPass' };
declare const brand: unique symbol;

export interface OpenedLink {
  readonly link: Link;
  readonly guest: Guest;
}

export interface Sharing {
  /**
   * The token is told this once. Rejects as `LinkDatabase.createLink`, and `title-too-long`, `bad-label`, `password-too-long`,
   * `bad-request` for what no form of ours would ask.
   */
  create(viewer: Viewer, wish: Wish): Promise<{ link: Link; token: Token }>;
  /** Rejects `no-link`. */
  revoke(viewer: Viewer, id: LinkId): Promise<Link>;
  /**
   * Who comes by this token. Rejects `no-link` for an unknown one, and for one of another kind than is asked for; `link-over`;
   * `link-locked` without the pass.
   */
  open(token: string, kind: 'shows' | 'takes', pass?: string): Promise<OpenedLink>;
  /** Which link this is, locked or not; for counting tries at its password. Rejects `no-link`, `link-over`. */
  find(token: string): Promise<Link>;
  /** Rejects `wrong-password`, and as `find`; `busy`. Undefined when it has no password. */
  unlock(token: string, password: string, address: string): Promise<LinkPass | undefined>;
}

export function createSharing({ links, passwords, now }: SharingParts): Sharing {
  const find = async (text: string): Promise<FoundLink> => {
    const token = parseToken(text);
    const found = token === undefined ? undefined : await links.findLink(hashToken(token));
    if (found === undefined) throw noSuchLink();
    if (isOver(found.link, now())) throw linkOver();
    return found;
  };
  return {
    async create(viewer, { subject, title, password = '', days }) {
      const token = newToken();
      const wish = {
        subject: checkedSubject(subject),
        title: checkedTitle(title),
        tokenHash: hashToken(token),
        ...(password === ''
          ? {}
          : { passwordHash: await hashed(passwords.sharedBy(sharesOf(viewer)), password) }),
      };
      const expiresAt = linkEnd(now(), days);
      const link = await links.createLink(viewer, { ...wish, ...(expiresAt ? { expiresAt } : {}) });
      return { link, token };
    },
    revoke: (viewer, id) => links.revokeLink(viewer, id),
    async open(text, kind, pass) {
      const { link, passwordHash } = await find(text);
      if ((link.kind === 'upload') !== (kind === 'takes')) throw noSuchLink();
      if (passwordHash !== undefined && pass !== passOf(passwordHash)) throw locked();
      return { link, guest: { kind: 'guest', link: link.id } };
    },
    find: async (token) => (await find(token)).link,
    async unlock(token, password, address) {
      const { passwordHash } = await find(token);
      if (passwordHash === undefined) return undefined;
      const { isRight } = await inTurn(
        passwords.sharedBy(sharesOf(stranger, address)).verify(password, passwordHash),
      );
      if (!isRight) throw wrongPassword();
      return passOf(passwordHash);
    },
  };
}

/** As they call themselves, '' for nobody in particular. @throws GalleryError `bad-user-name` when it is too long */
export const guestName = (text: string): string => (text.trim() === '' ? '' : cleanUserName(text));

// Of a hash with a salt of its own, so nobody can make it who does not have the database; and whoever has that has no token yet.
const passOf = (hash: PasswordHash) =>
  createHash('sha256').update(`pass ${hash}`).digest('base64url') as LinkPass;

async function hashed(passwords: Passwords, password: string): Promise<PasswordHash> {
  if ([...password].length <= maxLinkPasswordLength) return await inTurn(passwords.hash(password));
  throw new GalleryError('password-too-long', 'A password has at most 128 characters; choose a shorter one.');
}

async function inTurn<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw busyOrSo(error);
  }
}

function checkedSubject(subject: LinkSubject): LinkSubject {
  switch (subject.kind) {
    case 'photos': {
      const photos = [...new Set(subject.photos)];
      if (photos.length >= 1 && photos.length <= mostLinkPhotos) return { ...subject, photos };
      throw outOfRange(`a link shows 1 to ${mostLinkPhotos} photos`);
    }
    case 'label':
      if (thresholdSteps.includes(subject.from)) return { ...subject, label: labelFrom(subject.label) };
      throw outOfRange('how sure a label is goes in steps of 5 %');
    case 'upload':
      if (subject.most >= 1 && subject.most <= mostGuestPhotos) return subject;
      throw outOfRange(`a link takes 1 to ${mostGuestPhotos} photos`);
    default:
      return subject satisfies never;
  }
}

const outOfRange = (what: string) => new GalleryError('bad-request', `Look at the numbers again: ${what}.`);

const locked = () =>
  new GalleryError('link-locked', 'These photos have a password; open the link and type it.');

const wrongPassword = () =>
  new GalleryError('wrong-link-password', 'That was not the password; look at it and type it again.');
