// The order of the middleware; the routes stand in route-table.ts.
import express, { type Express, type RequestHandler } from 'express';
import { GalleryError } from '../gallery/errors.ts';
import { guardAccess } from './access.ts';
import { guardBodies } from './body-guard.ts';
import { guardConfirmed } from './confirmation.ts';
import { answerErrors } from './errors.ts';
import { guardForWhom } from './for-whom.ts';
import { identify } from './identity.ts';
import { switchLanguage } from './language-switch.ts';
import type { HttpParts } from './parts.ts';
import { type Route, routeTable } from './route-table.ts';
import { privacyHeaders, securityHeaders } from './security-headers.ts';
import { guardHost, guardOrigin, guardWrites } from './site-guard.ts';
import { watchRequests } from './watch.ts';
import { formAbove, leadBack } from './way-back.ts';

export function createApp(parts: HttpParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app
    .set('query parser', 'simple')
    .set('strict routing', true)
    // As a proxy in front reads addresses: what it lets nobody have too much of has one name.
    .set('case sensitive routing', true)
    .set('etag', 'strong')
    // Of our own choice only: what it decides is who a visitor is, and whether over TLS.
    .set('trust proxy', parts.trustedProxies.length > 0 && [...parts.trustedProxies]);
  app.use(watchRequests(parts, keyPaths()), guardBodies(parts.bodyMs));
  app.use(guardHost(parts.allowedHosts), securityHeaders(), privacyHeaders, guardOrigin);
  app.use(
    '/static',
    express.static(parts.staticFolder, { index: false, redirect: false, setHeaders: cacheStatic }),
  );
  app.use(identify(parts), guardForWhom, switchLanguage, guardWrites(parts.readOnly));
  // Made once, however many methods it answers: what it keeps, such as who writes to an upload, is one.
  const made = new Map<Route['handle'], RequestHandler>();
  const handlerOf = (handle: Route['handle']) => {
    const handler = made.get(handle) ?? handle(parts);
    made.set(handle, handler);
    return handler;
  };
  for (const path of new Set(routeTable.map((route) => route.path))) {
    const routes = routeTable.filter((route) => route.path === path);
    const at = app.route(path);
    for (const { method, access, before = [], confirmed, handle } of routes) {
      if (method === 'OPTIONS') at.options(sayAllowed(methodsOf(routes)));
      at[method.toLowerCase() as 'get'](
        guardAccess(access),
        ...before,
        ...(confirmed ? [guardConfirmed(parts)] : []),
        handlerOf(handle),
      );
    }
    if (methodsOf(routes).every((method) => method === 'POST')) at.get(leadBack(formAbove(path, isPage)));
    at.all(answerOtherMethods(methodsOf(routes)));
  }
  app.use(() => {
    throw new GalleryError('not-found', 'There is no such page; begin with the first one.');
  });
  app.use(answerErrors(parts));
  return app;
}

/** `/uploads/` for `/uploads/:id`. */
const keyPaths = () =>
  routeTable
    .filter(({ isKey, path }) => isKey || path.includes(':token'))
    .map(({ path }) => path.slice(0, path.indexOf(':')));

const isPage = (path: string) => routeTable.some((route) => route.method === 'GET' && route.path === path);

const methodsOf = (routes: readonly Route[]) => routes.map(({ method }) => method);

/** OPTIONS says what is possible; anything else on a known path is 405 with the same list. */
function answerOtherMethods(methods: readonly Route['method'][]): RequestHandler {
  const allow = allowOf(methods);
  return (request, response) => {
    response.set('Allow', allow);
    if (request.method !== 'OPTIONS') {
      throw new GalleryError('method-not-allowed', `This address knows ${allow} only.`, { allow });
    }
    response.status(204).end();
  };
}

/** For a route that answers OPTIONS itself. */
function sayAllowed(methods: readonly Route['method'][]): RequestHandler {
  const allow = allowOf(methods);
  return (_request, response, next) => {
    response.set('Allow', allow);
    next();
  };
}

const allowOf = (methods: readonly Route['method'][]) =>
  [...new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])].join(', ');

// Pages name static files with a digest of their content, scripts their chunks; without it they are asked for again.
function cacheStatic(
  response: import('node:http').ServerResponse & { req?: import('node:http').IncomingMessage },
): void {
  const named = /\?v=|\/built\/chunk-\w+\.js$/.test(response.req?.url ?? '');
  response.setHeader('Cache-Control', named ? 'public, max-age=31536000, immutable' : 'public, no-cache');
}
