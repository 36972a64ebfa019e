// The cookie that a session lives in. Only its holder knows the token; here nothing but its digest is kept (account-database.ts).
import { stringifySetCookie } from 'cookie';
import type { Response } from 'express';

/** `__Host-` can be set by a secure origin only, for all of it and nothing beside it. On plain http, as in a home network, it can't. */
const [secureName, plainName] = ['__Host-sid', 'sid'] as const;

export const cookieNames = [secureName, plainName] as const;

export interface SessionCookie {
  readonly token: string;
  readonly expiresAt: Date;
  /** The browser came by https. */
  readonly isSecure: boolean;
}

export function setSessionCookie(response: Response, { token, expiresAt, isSecure }: SessionCookie): void {
  const name = isSecure ? secureName : plainName;
  response.append('Set-Cookie', cookie(name, token, expiresAt, isSecure));
}

/** Ends both kinds: a browser may hold one of each since the gallery moved to https. */
export function clearSessionCookies(response: Response): void {
  response.append('Set-Cookie', cookie(secureName, '', new Date(0), true));
  response.append('Set-Cookie', cookie(plainName, '', new Date(0), false));
}

const cookie = (name: string, value: string, expires: Date, secure: boolean) =>
  stringifySetCookie({ name, value, expires, secure, path: '/', httpOnly: true, sameSite: 'lax' });
