// Who comes in at the door, from what the request says, and the cookie that they leave with.
import type { Request, RequestHandler, Response } from 'express';
import { sessionAbsoluteMs } from '../gallery/accounts.ts';
import type { Admission, Visit } from '../gallery/front-door.ts';
import type { Actor } from '../gallery/people.ts';
import { parseToken, type Token } from '../security/tokens.ts';
import { localPath, queryText } from './asking.ts';
import { clientAddress, isSecure } from './client.ts';
import { identityOf, localOnly } from './identity.ts';
import type { HttpParts } from './parts.ts';
import { setSessionCookie } from './session-cookie.ts';

export function visitOf(request: Request): Visit {
  const { session } = identityOf(request);
  return {
    agent: request.get('user-agent') ?? '',
    address: clientAddress(request),
    ...(session === undefined ? {} : { session }),
  };
}

export function actorOf(request: Request): Actor {
  const { viewer, user } = identityOf(request);
  return { viewer, name: user?.name ?? '', address: clientAddress(request) };
}

/** The cookie lives as long as a session can; when nobody uses it the session ends earlier, and then it opens nothing. */
export function letIn(request: Request, response: Response, { session, token }: Admission): void {
  const expiresAt = new Date(session.createdAt.getTime() + sessionAbsoluteMs);
  setSessionCookie(response, { token, expiresAt, isSecure: isSecure(request) });
  response.set('Cache-Control', 'no-store');
}

/** From a link or from the form that it led to; undefined for what can be none. */
export const tokenIn = (request: Request): Token | undefined =>
  parseToken(queryText(request, 'token') ?? textIn(request.body, 'token'));

/** Where to go afterwards: an address of this gallery, else its first page. */
export function nextIn(text: string | undefined): string {
  if (text === undefined || !/^\/(?![/\\])/.test(text)) return '/';
  const path = localPath(text);
  return path.startsWith('/sign-in') ? '/' : path;
}

/** A gallery for its own machine has no door: nothing of it depends on who has signed in. @throws GalleryError `local-only` */
export function expectDoor({ access }: Pick<HttpParts, 'access'>): void {
  if (access === 'local') throw localOnly();
}

/**
 * What stands on these pages is for one person, and some of it only once. Their addresses may hold a token, which no other site is told:
 * see the referrer policy of all pages. A stricter one would make the origin of their forms `null`.
 */
export const keepNothing: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

function textIn(body: unknown, name: string): string {
  const value = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  return typeof value === 'string' ? value : '';
}
