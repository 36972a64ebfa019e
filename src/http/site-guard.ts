// Keeps other web sites out: names that are not ours (DNS rebinding) and requests that another site's page made.
import { isIP } from 'node:net';
import type { Request, RequestHandler } from 'express';
import { readOnly } from '../gallery/disk-trust.ts';
import { GalleryError } from '../gallery/errors.ts';
import { sharePath } from './links.ts';

/** 421 for a Host that is neither an address, nor localhost, nor allowed: an address can't be rebound by a name server. */
export function guardHost(allowedHosts: readonly string[]): RequestHandler {
  const allowed = new Set(['localhost', ...allowedHosts]);
  return (request, _response, next) => {
    const host = nameIn(request.headers.host);
    if (host !== undefined && (allowed.has(host) || host.endsWith('.localhost') || isIP(host) !== 0)) {
      next();
      return;
    }
    throw new GalleryError('wrong-host', 'This gallery does not answer to that name; use its own address.');
  };
}

function nameIn(header: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * 403 for a changing request that a page of another site made, before anything of its body is read.
 * `Sec-Fetch-Site` decides where a browser sends it (trustworthy addresses only); else `Origin` must name this host.
 * Neither header: a program, which can say where it belongs, or a very old browser, which may be on anybody's page. Also without a cookie
 * there is something to borrow: the right of whoever sits at this machine, and of who is in a network that reaches it.
 */
export const guardOrigin: RequestHandler = (request, _response, next) => {
  if (
    safeMethods.has(request.method) ||
    isOurs(request.headers) ||
    isShared(request) ||
    isFormOfLink(request)
  ) {
    next();
    return;
  }
  const { 'sec-fetch-site': site, origin, host = '' } = request.headers;
  if (site === undefined && origin === undefined) throw noOrigin(`${request.protocol}://${host}`);
  throw new GalleryError(
    'foreign-origin',
    'This request came from another site; use the pages of this gallery.',
  );
};

function isOurs(headers: Record<string, string | string[] | undefined>): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = headers;
  return hostOf(origin) !== undefined && hostOf(origin) === hostOf(`http://${host}`);
}

const noOrigin = (origin: string) =>
  new GalleryError('no-origin', `Say where this comes from: send the header Origin: ${origin}`, { origin });

// What another app shares comes from no page at all, and no page can make a browser say `none`. Only where sharing leads.
const isShared = ({ path, headers }: Request) => path === sharePath && headers['sec-fetch-site'] === 'none';

// Pages that a link leads to send no referrer, and browsers then call the origin of a form `null`; where they send `Sec-Fetch-Site`, that
// has decided already. Nothing is borrowed here: whoever knows the address may do this from anywhere.
const isFormOfLink = ({ path, headers }: Request) =>
  /^\/[su]\/./.test(path) && headers['sec-fetch-site'] === undefined && headers.origin === 'null';

// By what a URL makes of both: case, default port and the ways to write an address do not matter.
const hostOf = (url: unknown) =>
  typeof url === 'string' && URL.canParse(url) ? new URL(url).host : undefined;

/**
 * 403 for whatever a page of another site could ask for and learn from: an embedded picture, a window, a fetch without an answer all
 * tell something from outside. A header of one's own takes a preflight, which is never granted; browsers say where they ask from on
 * secure origins only.
 */
export const guardAsking: RequestHandler = (request, _response, next) => {
  const { 'sec-fetch-site': site = 'same-origin' } = request.headers;
  if (site !== 'same-origin' || request.get('x-requested-with') === undefined) {
    throw new GalleryError('foreign-origin', 'Ask from a page of this gallery, or send X-Requested-With.');
  }
  next();
};

/** 403 for a picture that another site's page embeds; opening it by a link is fine. */
export const guardEmbedding: RequestHandler = (request, _response, next) => {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode } = request.headers;
  if (site === 'cross-site' && mode !== 'navigate') {
    throw new GalleryError('foreign-origin', 'Pictures of this gallery are not for other sites to embed.');
  }
  next();
};

/** 503 for whatever would change something, while one may only look: whoever is to hear so is told before a byte is read. */
export const guardWrites =
  (whileReadOnly: AbortSignal): RequestHandler =>
  ({ method }, _response, next) => {
    if (whileReadOnly.aborted && !['GET', 'HEAD', 'OPTIONS'].includes(method)) {
      throw readOnly(whileReadOnly.reason);
    }
    next();
  };
