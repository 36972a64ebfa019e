// What a route asks of whoever comes. Every route of the table says it, and it is looked at before a byte of a body is read.
import type { Request, RequestHandler } from 'express';
import { GalleryError } from '../gallery/errors.ts';
import type { UserId } from '../gallery/user.ts';
import {
  mayAdd,
  mayChange,
  mayHide,
  mayLook,
  mayOperate,
  notAllowed,
  type Viewer,
} from '../gallery/viewer.ts';
import { identityOf, localOnly } from './identity.ts';

/** Who gets in at all: this machine; who has signed in; everybody, to look. */
export const accessModes = ['local', 'members', 'public'] as const;
export type AccessMode = (typeof accessModes)[number];

/**
 * `anyone` also who has not signed in; `look` who may look at this gallery; `add` who adds photos (whether one may be changed is decided by
 * whose it is, in its query); `operate` who runs it; `self` who has an account, about that account.
 */
export type Access = 'anyone' | 'look' | 'add' | 'operate' | 'self';

const isAllowed: Readonly<Record<Access, (viewer: Viewer) => boolean>> = {
  anyone: () => true,
  look: mayLook,
  add: mayAdd,
  operate: mayOperate,
  self: ({ kind }) => kind === 'user',
};

/** What a page may offer; whatever it offers is looked at again when it is asked for. */
export interface Rights {
  readonly look: boolean;
  readonly add: boolean;
  readonly operate: boolean;
  /** Nobody has signed in, and somebody may. */
  readonly signIn: boolean;
}

export const rightsOf = (viewer: Viewer): Rights => ({
  look: mayLook(viewer),
  add: mayAdd(viewer),
  operate: mayOperate(viewer),
  signIn: viewer.kind === 'stranger' || viewer.kind === 'visitor',
});

/** What the page of one photo may offer. */
export interface PhotoRights {
  readonly change: boolean;
  /** To say who sees it. */
  readonly hide: boolean;
}

/** @param owner of a photo that this viewer sees */
export const photoRightsOf = (viewer: Viewer, owner: UserId | undefined): PhotoRights => ({
  change: mayChange(viewer, owner),
  hide: mayHide(viewer, owner),
});

/** @throws GalleryError `local-only`, `signed-out` for who might get in by signing in, else `not-allowed` */
export function guardAccess(access: Access): RequestHandler {
  return (request, _response, next) => {
    expectAccess(request, access);
    next();
  };
}

export function expectAccess(request: Request, access: Access): void {
  const { viewer, isFromElsewhere } = identityOf(request);
  if (isAllowed[access](viewer)) return;
  if (isFromElsewhere) throw localOnly();
  if (viewer.kind === 'stranger' || viewer.kind === 'visitor') throw signedOut();
  switch (access) {
    case 'operate':
      throw notAllowed('owner');
    case 'add':
      throw notAllowed('member');
    case 'self':
      // Nobody has an account where this machine alone gets in.
      throw localOnly();
    default:
      throw notAllowed();
  }
}

const signedOut = () => new GalleryError('signed-out', 'Sign in first.');
