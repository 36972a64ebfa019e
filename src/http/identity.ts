// Who it is that asks, found out once for each request, before anything else is done. Whoever was not looked at is a stranger, who sees
// nothing: forgetting to ask shows less, never more.
import { parseCookie } from 'cookie';
import type { Request, RequestHandler } from 'express';
import type { AccountDatabase } from '../gallery/account-database.ts';
import type { Session, User } from '../gallery/accounts.ts';
import { GalleryError } from '../gallery/errors.ts';
import { asViewer, machine, stranger, type Viewer } from '../gallery/viewer.ts';
import { hashToken, parseToken } from '../security/tokens.ts';
import type { AccessMode } from './access.ts';
import { isForThisMachine, isForwarded, isSecure } from './client.ts';
import { cookieNames } from './session-cookie.ts';

export interface Identity {
  readonly viewer: Viewer;
  /** Whoever has signed in. */
  readonly user?: User;
  readonly session?: Session;
  /** Brought by a proxy to a gallery that is for its own machine. */
  readonly isFromElsewhere?: true;
}

const nobody: Identity = { viewer: stranger };
const known = new WeakMap<Request, Identity>();

export const identityOf = (request: Request): Identity => known.get(request) ?? nobody;

interface IdentifyParts {
  readonly access: AccessMode;
  readonly accounts: Pick<AccountDatabase, 'findSession' | 'findGrant'>;
}

export function identify({ access, accounts }: IdentifyParts): RequestHandler {
  return async (request, _response, next) => {
    if (access === 'local') {
      known.set(
        request,
        isForThisMachine(request) ? { viewer: machine } : { ...nobody, isFromElsewhere: true },
      );
    } else if (await isCommand(accounts, request)) {
      known.set(request, { viewer: machine });
    } else {
      const session = await sessionOf(accounts, request);
      const visitor: Identity = access === 'public' ? { viewer: { kind: 'visitor' } } : nobody;
      known.set(request, session === undefined ? visitor : identityIn(session));
    }
    next();
  };
}

const identityIn = (session: Session): Identity => {
  const { user } = session;
  return { viewer: asViewer(user), user, session };
};

/** `sajin verify` and its like, beside a gallery that runs: who may write to its database is this machine (cli/gallery-client.ts). */
async function isCommand(accounts: IdentifyParts['accounts'], request: Request): Promise<boolean> {
  const [, text] = /^Machine ([\w-]{43})$/.exec(request.headers.authorization ?? '') ?? [];
  const token = text === undefined || isForwarded(request) ? undefined : parseToken(text);
  return token !== undefined && (await accounts.findGrant('machine', hashToken(token))) !== undefined;
}

async function sessionOf(
  accounts: IdentifyParts['accounts'],
  request: Request,
): Promise<Session | undefined> {
  const cookies = parseCookie(request.headers.cookie ?? '');
  // The one that only a secure origin can set counts first; where the browser could have set it, a plain one may be planted.
  for (const name of isSecure(request) ? [cookieNames[0]] : cookieNames) {
    const token = parseToken(cookies[name] ?? '');
    const session = token === undefined ? undefined : await accounts.findSession(hashToken(token));
    if (session !== undefined) return session;
  }
  return undefined;
}

export const localOnly = () =>
  new GalleryError(
    'local-only',
    'This gallery is for its own machine only; whoever runs it sets ACCESS=members to let others in.',
  );
