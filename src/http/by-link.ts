// Whoever comes by a link: found anew for each request, by what stands in the address. That is a key, so it goes nowhere else: into no log,
// no referrer, no index of a search engine and no cache that others use.
import { parseCookie, stringifySetCookie } from 'cookie';
import type { Request, RequestHandler, Response } from 'express';
import { GalleryError } from '../gallery/errors.ts';
import type { OpenedLink } from '../gallery/sharing.ts';
import { neighbourhoodOf } from '../security/sign-in-limit.ts';
import { askedBy } from './asking.ts';
import { clientAddress, isSecure } from './client.ts';
import { guestsPath, sharedPath } from './links.ts';
import type { HttpParts } from './parts.ts';
import type { PageContext } from './views.ts';

/** Before anything else of a route, so that a refusal has these headers as well. */
export const keepSecret: RequestHandler = (_request, response, next) => {
  response.set({
    'Referrer-Policy': 'no-referrer',
    'X-Robots-Tag': 'noindex, nofollow',
    'Cache-Control': 'private, no-cache',
  });
  response.vary('Accept-Language').vary('Cookie');
  next();
};

export const isByLink = ({ path }: Request): boolean => /^\/[su]\//.test(path);

export const tokenIn = (request: Request): string => String(request.params['token']);

/** Rejects `no-link`, `link-over`, `link-locked`. */
export const openedBy = (
  { sharing }: HttpParts,
  request: Request,
  kind: 'shows' | 'takes',
): Promise<OpenedLink> => sharing.open(tokenIn(request), kind, cookieIn(request, passCookie));

/** Nothing of the gallery around what a link shows, also when somebody looks who has signed in. */
export function guestContext(parts: HttpParts, request: Request): PageContext {
  const { user: _none, problem: _neither, ...context } = askedBy(parts, request).context;
  return { ...context, byLink: true, rights: { look: false, add: false, operate: false, signIn: false } };
}

/** Once an hour and browser. That a visit can't be counted, for example on a full disk, is no reason to show nothing. */
export async function countVisit(
  { links, log }: HttpParts,
  request: Request,
  response: Response,
  { link }: Pick<OpenedLink, 'link'>,
): Promise<void> {
  if (request.method !== 'GET' || cookieIn(request, visitCookie) !== undefined) return;
  const path = link.kind === 'upload' ? guestsPath(tokenIn(request)) : sharedPath(tokenIn(request));
  setCookie(response, visitCookie, '1', path, 3600);
  await links.countVisit(link.id).catch((error: unknown) => {
    const code = error instanceof GalleryError ? error.code : 'internal';
    log.warn({ code }, 'a visit could not be counted');
  });
}

/** The link's page, or the form for its password. Everything else is refused as it is. */
export function orLocked(
  parts: HttpParts,
  base: (token: string) => string,
  show: RequestHandler,
): RequestHandler {
  return async (request, response, next) => {
    try {
      await show(request, response, next);
    } catch (error) {
      if (!(error instanceof GalleryError) || error.code !== 'link-locked') throw error;
      response.status(401).set({ 'Cache-Control': 'no-store', 'WWW-Authenticate': 'Session' });
      response.send(parts.views.locked(guestContext(parts, request), { action: base(tokenIn(request)) }));
    }
  };
}

/** @throws GalleryError `too-many-tries` with facts: `seconds` */
export function tryAt({ linkTries }: HttpParts, request: Request, account: string) {
  const attempt = { account, address: neighbourhoodOf(clientAddress(request)) };
  const allowance = linkTries.begin(attempt);
  if (allowance.allowed) return { succeeded: () => linkTries.succeeded(attempt) };
  throw new GalleryError('too-many-tries', 'That was tried too often; wait a moment.', {
    seconds: Math.ceil(allowance.retryAfterMs / 1000),
  });
}

const [passCookie, visitCookie, senderCookie] = ['pass', 'visit', 'sender'];

export const rememberPass = (response: Response, path: string, pass: string) =>
  setCookie(response, passCookie, pass, path);

export const senderOf = (request: Request): string => cookieIn(request, senderCookie) ?? '';

export const rememberSender = (response: Response, token: string, name: string) =>
  setCookie(response, senderCookie, name, guestsPath(token), 30 * 24 * 3600);

const cookieIn = (request: Request, name: string) => parseCookie(request.headers.cookie ?? '')[name];

/** For this link alone, by its path. */
function setCookie(response: Response, name: string, value: string, path: string, maxAge?: number): void {
  const age = maxAge === undefined ? {} : { maxAge };
  response.append(
    'Set-Cookie',
    stringifySetCookie({
      ...{ name, value, path, httpOnly: true, sameSite: 'lax', secure: isSecure(response.req) },
      ...age,
    }),
  );
}
