// The order of the middleware and every route, on one screen.
import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { GalleryError } from '../gallery/errors.ts';
import { acceptPageOrJson } from './asking.ts';
import { expectType, welcomeBody } from './body-guard.ts';
import { answerErrors } from './errors.ts';
import { switchLanguage } from './language-switch.ts';
import type { HttpParts } from './parts.ts';
import { correct, undo } from './routes/corrections.ts';
import { showDetection } from './routes/detection.ts';
import { findDigest } from './routes/digests.ts';
import { streamEvents } from './routes/events.ts';
import { retryFailed, showFailed } from './routes/failed.ts';
import { alive, ready } from './routes/health.ts';
import { sendOriginal, sendRendition } from './routes/media.ts';
import { sendMetrics } from './routes/metrics.ts';
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
import { upload } from './routes/uploads.ts';
import { showVerification, startVerification } from './routes/verification.ts';
import { guardAsking, guardEmbedding, guardHost, guardOrigin } from './site-guard.ts';
import { expectTus } from './tus.ts';
import { watchRequests } from './watch.ts';

interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE' | 'OPTIONS';
  readonly path: string;
  readonly handle: (parts: HttpParts) => RequestHandler;
  readonly before?: readonly RequestHandler[];
  /** Whoever knows such an address may do what it is for: it is not for the log. */
  readonly isKey?: true;
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
  { method: 'GET', path: '/', before: [acceptPageOrJson], handle: showList },
  { method: 'GET', path: '/photos/new', handle: showUploadForm },
  { method: 'POST', path: '/photos', before: multipart, handle: upload },
  { method: 'POST', path: '/uploads', before: [expectTus], handle: resumable },
  { method: 'OPTIONS', path: '/uploads', handle: resumable },
  { method: 'HEAD', path: '/uploads/:id', before: [expectTus], handle: resumable, isKey: true },
  { method: 'PATCH', path: '/uploads/:id', before: piece, handle: resumable },
  { method: 'DELETE', path: '/uploads/:id', before: [expectTus], handle: resumable },
  { method: 'GET', path: '/digests/:sha256', before: [guardAsking], handle: findDigest },
  { method: 'GET', path: '/photos/:id', before: [acceptPageOrJson], handle: showPhoto },
  { method: 'POST', path: '/photos/:id', before: form, handle: editByForm },
  { method: 'PATCH', path: '/photos/:id', before: json, handle: editByProgram },
  { method: 'DELETE', path: '/photos/:id', handle: removeByProgram },
  { method: 'POST', path: '/photos/:id/delete', handle: removeByForm },
  { method: 'POST', path: '/photos/:id/retry', handle: retry },
  { method: 'POST', path: '/photos/:id/corrections', before: formOrJson, handle: correct },
  { method: 'POST', path: '/photos/:id/undo', before: formOrJson, handle: undo },
  { method: 'POST', path: '/threshold', before: form, handle: setThreshold },
  { method: 'GET', path: '/labels', before: [acceptPageOrJson], handle: showLabels },
  { method: 'GET', path: '/detection', before: [acceptPageOrJson], handle: showDetection },
  { method: 'POST', path: '/models', before: multipart, handle: importModel },
  { method: 'POST', path: '/models/auto', handle: useBestModel },
  { method: 'POST', path: '/models/:name/fetch', handle: fetchModel },
  { method: 'POST', path: '/models/:name/cancel', handle: cancelModel },
  { method: 'POST', path: '/models/:name/verify', handle: verifyModel },
  { method: 'POST', path: '/models/:name/use', handle: useModel },
  { method: 'POST', path: '/reruns', before: formOrJson, handle: startRerun },
  { method: 'GET', path: '/reruns/:id', before: [acceptPageOrJson], handle: showRerun },
  { method: 'POST', path: '/reruns/:id/apply', handle: applyRerun },
  { method: 'POST', path: '/reruns/:id/pause', handle: pauseRerun },
  { method: 'POST', path: '/reruns/:id/resume', handle: resumeRerun },
  { method: 'POST', path: '/reruns/:id/cancel', handle: cancelRerun },
  { method: 'GET', path: '/failed', before: [acceptPageOrJson], handle: showFailed },
  { method: 'POST', path: '/failed/retry', handle: retryFailed },
  { method: 'GET', path: '/verification', before: [acceptPageOrJson], handle: showVerification },
  { method: 'POST', path: '/verification', handle: startVerification },
  { method: 'GET', path: '/media/:id/original', before: [guardEmbedding], handle: sendOriginal },
  { method: 'GET', path: '/media/:id/:name', before: [guardEmbedding], handle: sendRendition },
  { method: 'GET', path: '/events', handle: streamEvents },
  { method: 'GET', path: '/shoot', handle: showShooting },
  { method: 'POST', path: '/share', before: multipart, handle: upload },
  { method: 'GET', path: '/offline', handle: showOffline },
  { method: 'GET', path: '/manifest.webmanifest', handle: sendManifest },
  { method: 'GET', path: '/service-worker.js', handle: sendServiceWorker },
  { method: 'GET', path: '/healthz', handle: alive },
  { method: 'GET', path: '/readyz', handle: ready },
  { method: 'GET', path: '/metrics', handle: sendMetrics },
];

export function createApp(parts: HttpParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app
    .set('query parser', 'simple')
    .set('strict routing', true)
    .set('etag', 'strong')
    // Of our own choice only: what it decides is who a visitor is, and whether over TLS.
    .set('trust proxy', parts.trustedProxies.length > 0 && [...parts.trustedProxies]);
  app.use(watchRequests(parts, keyPaths()));
  app.use(guardHost(parts.allowedHosts), securityHeaders(), privacyHeaders, guardOrigin, switchLanguage);
  app.use(
    '/static',
    express.static(parts.staticFolder, { index: false, redirect: false, setHeaders: cacheStatic }),
  );
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
    for (const { method, before = [], handle } of routes) {
      if (method === 'OPTIONS') at.options(sayAllowed(routes.map((route) => route.method)));
      at[method.toLowerCase() as 'get'](...before, handlerOf(handle));
    }
    at.all(answerOtherMethods(routes.map(({ method }) => method)));
  }
  app.use(() => {
    throw new GalleryError('not-found', 'There is no such page; begin with the first one.');
  });
  app.use(answerErrors(parts));
  return app;
}

/** `/uploads/` for `/uploads/:id`. */
const keyPaths = () =>
  routeTable.filter(({ isKey }) => isKey).map(({ path }) => path.slice(0, path.indexOf(':')));

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
