// The order of the middleware and every route, on one screen; those of links in a table beside it (link-routes.ts).
import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { GalleryError } from '../gallery/errors.ts';
import { type Access, guardAccess } from './access.ts';
import { acceptPageOrJson } from './asking.ts';
import { expectType, welcomeBody } from './body-guard.ts';
import { answerErrors } from './errors.ts';
import { identify } from './identity.ts';
import { switchLanguage } from './language-switch.ts';
import { linkRoutes } from './link-routes.ts';
import type { HttpParts } from './parts.ts';
import { correct, undo } from './routes/corrections.ts';
import { showDetection } from './routes/detection.ts';
import { findDigest } from './routes/digests.ts';
import { streamEvents } from './routes/events.ts';
import { retryFailed, showFailed } from './routes/failed.ts';
import { alive, ready } from './routes/health.ts';
import { sendOriginal, sendRendition } from './routes/media.ts';
import {
  cancelModel,
  fetchModel,
  importModel,
  useBestModel,
  useModel,
  verifyModel,
} from './routes/models.ts';
import { showLabels, showUploadForm } from './routes/pages.ts';
import { sendManifest, sendServiceWorker, showOffline, showShooting } from './routes/phone.ts';
import {
  editByForm,
  editByProgram,
  removeByForm,
  removeByProgram,
  retry,
  showList,
  showPhoto,
} from './routes/photos.ts';
import { applyRerun, cancelRerun, pauseRerun, resumeRerun, showRerun, startRerun } from './routes/reruns.ts';
import { resumable } from './routes/resumable.ts';
import { setThreshold } from './routes/threshold.ts';
import { emptyTrash, removeForGood, restore, setPrivate, showTrash } from './routes/trash.ts';
import { upload } from './routes/uploads.ts';
import { guardAsking, guardEmbedding, guardHost, guardOrigin } from './site-guard.ts';
import { expectTus } from './tus.ts';

export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE' | 'OPTIONS';
  readonly path: string;
  /** Whose it is to ask for this at all; whether for this very photo, its query says. */
  readonly access: Access;
  readonly handle: (parts: HttpParts) => RequestHandler;
  readonly before?: readonly RequestHandler[];
}

const welcome: RequestHandler = (request, response, next) => {
  welcomeBody(request, response);
  next();
};
const [formType, jsonType] = ['application/x-www-form-urlencoded', 'application/json'] as const;
const readForm = express.urlencoded({ extended: false, limit: 32_768, parameterLimit: 100 });
const readJson = express.json({ limit: 65_536, strict: true });
const form = [expectType(formType), welcome, readForm];
const json = [expectType(jsonType), welcome, readJson];
const formOrJson = [expectType(formType, jsonType), welcome, readForm, readJson];
const multipart = [expectType('multipart/form-data')];
const piece = [expectTus, expectType('application/offset+octet-stream')];

export const routeTable: readonly Route[] = [
  { method: 'GET', path: '/', access: 'look', before: [acceptPageOrJson], handle: showList },
  { method: 'GET', path: '/photos/new', access: 'add', handle: showUploadForm },
  { method: 'POST', path: '/photos', access: 'add', before: multipart, handle: upload },
  { method: 'POST', path: '/uploads', access: 'add', before: [expectTus], handle: resumable },
  { method: 'OPTIONS', path: '/uploads', access: 'anyone', handle: resumable },
  { method: 'HEAD', path: '/uploads/:id', access: 'add', before: [expectTus], handle: resumable },
  { method: 'PATCH', path: '/uploads/:id', access: 'add', before: piece, handle: resumable },
  { method: 'DELETE', path: '/uploads/:id', access: 'add', before: [expectTus], handle: resumable },
  { method: 'GET', path: '/digests/:sha256', access: 'add', before: [guardAsking], handle: findDigest },
  { method: 'GET', path: '/photos/:id', access: 'look', before: [acceptPageOrJson], handle: showPhoto },
  { method: 'POST', path: '/photos/:id', access: 'add', before: form, handle: editByForm },
  { method: 'PATCH', path: '/photos/:id', access: 'add', before: json, handle: editByProgram },
  { method: 'DELETE', path: '/photos/:id', access: 'add', handle: removeByProgram },
  { method: 'POST', path: '/photos/:id/delete', access: 'add', handle: removeByForm },
  { method: 'POST', path: '/photos/:id/privacy', access: 'add', before: formOrJson, handle: setPrivate },
  { method: 'POST', path: '/photos/:id/restore', access: 'add', handle: restore },
  { method: 'POST', path: '/photos/:id/remove', access: 'add', handle: removeForGood },
  { method: 'GET', path: '/trash', access: 'add', before: [acceptPageOrJson], handle: showTrash },
  { method: 'POST', path: '/trash/empty', access: 'add', handle: emptyTrash },
  { method: 'POST', path: '/photos/:id/retry', access: 'add', handle: retry },
  { method: 'POST', path: '/photos/:id/corrections', access: 'add', before: formOrJson, handle: correct },
  { method: 'POST', path: '/photos/:id/undo', access: 'add', before: formOrJson, handle: undo },
  { method: 'POST', path: '/threshold', access: 'look', before: form, handle: setThreshold },
  { method: 'GET', path: '/labels', access: 'look', before: [acceptPageOrJson], handle: showLabels },
  { method: 'GET', path: '/detection', access: 'operate', before: [acceptPageOrJson], handle: showDetection },
  { method: 'POST', path: '/models', access: 'operate', before: multipart, handle: importModel },
  { method: 'POST', path: '/models/auto', access: 'operate', handle: useBestModel },
  { method: 'POST', path: '/models/:name/fetch', access: 'operate', handle: fetchModel },
  { method: 'POST', path: '/models/:name/cancel', access: 'operate', handle: cancelModel },
  { method: 'POST', path: '/models/:name/verify', access: 'operate', handle: verifyModel },
  { method: 'POST', path: '/models/:name/use', access: 'operate', handle: useModel },
  { method: 'POST', path: '/reruns', access: 'add', before: formOrJson, handle: startRerun },
  { method: 'GET', path: '/reruns/:id', access: 'add', before: [acceptPageOrJson], handle: showRerun },
  { method: 'POST', path: '/reruns/:id/apply', access: 'add', handle: applyRerun },
  { method: 'POST', path: '/reruns/:id/pause', access: 'add', handle: pauseRerun },
  { method: 'POST', path: '/reruns/:id/resume', access: 'add', handle: resumeRerun },
  { method: 'POST', path: '/reruns/:id/cancel', access: 'add', handle: cancelRerun },
  { method: 'GET', path: '/failed', access: 'add', before: [acceptPageOrJson], handle: showFailed },
  { method: 'POST', path: '/failed/retry', access: 'operate', handle: retryFailed },
  {
    method: 'GET',
    path: '/media/:id/original',
    access: 'look',
    before: [guardEmbedding],
    handle: sendOriginal,
  },
  {
    method: 'GET',
    path: '/media/:id/:name',
    access: 'look',
    before: [guardEmbedding],
    handle: sendRendition,
  },
  { method: 'GET', path: '/events', access: 'look', handle: streamEvents },
  { method: 'GET', path: '/shoot', access: 'add', handle: showShooting },
  { method: 'POST', path: '/share', access: 'add', before: multipart, handle: upload },
  ...linkRoutes,
  { method: 'GET', path: '/offline', access: 'anyone', handle: showOffline },
  { method: 'GET', path: '/manifest.webmanifest', access: 'anyone', handle: sendManifest },
  { method: 'GET', path: '/service-worker.js', access: 'anyone', handle: sendServiceWorker },
  { method: 'GET', path: '/healthz', access: 'anyone', handle: alive },
  { method: 'GET', path: '/readyz', access: 'anyone', handle: ready },
];

export function createApp(parts: HttpParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app
    .set('query parser', 'simple')
    .set('strict routing', true)
    .set('etag', 'strong')
    .set('trust proxy', false);
  app.use(guardHost(parts.allowedHosts), securityHeaders(), privacyHeaders, guardOrigin);
  app.use(
    '/static',
    express.static(parts.staticFolder, { index: false, redirect: false, setHeaders: cacheStatic }),
  );
  app.use(identify(parts), switchLanguage);
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
    for (const { method, access, before = [], handle } of routes) {
      if (method === 'OPTIONS') at.options(sayAllowed(routes.map((route) => route.method)));
      at[method.toLowerCase() as 'get'](guardAccess(access), ...before, handlerOf(handle));
    }
    at.all(answerOtherMethods(routes.map(({ method }) => method)));
  }
  app.use(() => {
    throw new GalleryError('not-found', 'There is no such page; begin with the first one.');
  });
  app.use(answerErrors(parts));
  return app;
}

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

// No inline code or style anywhere. `data:` is for the tiny placeholders, `blob:` for previews before an upload.
// HSTS and upgrade-insecure-requests are left to whoever adds TLS: on plain http in a home network they lock people out.
function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        scriptSrcAttr: ["'none'"],
        styleSrc: ["'self'"],
        styleSrcAttr: ["'none'"],
        imgSrc: ["'self'", 'blob:', 'data:'],
        connectSrc: ["'self'"],
        workerSrc: ["'self'"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ['sajin'],
      },
    },
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
}

// helmet knows neither: no page uses a sensor (but the shooting mode, which says so itself), and a private gallery is not for search engines.
const privacyHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    'X-Robots-Tag': 'noindex',
  });
  next();
};

// Pages name static files with a digest of their content, scripts their chunks; without it they are asked for again.
function cacheStatic(
  response: import('node:http').ServerResponse & { req?: import('node:http').IncomingMessage },
): void {
  const named = /\?v=|\/built\/chunk-\w+\.js$/.test(response.req?.url ?? '');
  response.setHeader('Cache-Control', named ? 'public, max-age=31536000, immutable' : 'public, no-cache');
}
