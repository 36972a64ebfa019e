// What a request says about who asks and how to answer: viewer, language, page or JSON. Changes nothing.
import { parseCookie } from 'cookie';
import type { Request, RequestHandler } from 'express';
import type { Threshold } from '../gallery/detection.ts';
import { GalleryError, noSuchPhoto } from '../gallery/errors.ts';
import { type PhotoId, parsePhotoId } from '../gallery/photo.ts';
import { mayOperate, type Viewer } from '../gallery/viewer.ts';
import { rightsOf } from './access.ts';
import { isReadable } from './client.ts';
import { identityOf } from './identity.ts';
import { type Language, languages } from './languages.ts';
import type { HttpParts } from './parts.ts';
import { parseThreshold, thresholdCookie } from './threshold.ts';
import type { PageContext } from './views.ts';
import { detectionProblem, type Speech } from './words.ts';

export interface Asking {
  readonly viewer: Viewer;
  readonly language: Language;
  readonly speech: Speech;
  /** JSON was asked for; otherwise a page. */
  readonly json: boolean;
  /** What the reader wants to be shown. */
  readonly threshold: Threshold;
  readonly context: PageContext;
}

export function askedBy(parts: HttpParts, request: Request): Asking {
  const language = languageOf(request);
  const threshold = parseThreshold(cookiesOf(request)[thresholdCookie]);
  const problem = parts.darkroom.status().problem;
  const { viewer, user } = identityOf(request);
  return {
    viewer,
    language,
    speech: parts.speeches[language],
    json: request.accepts(['html', 'json']) === 'json',
    threshold,
    context: {
      language,
      threshold,
      path: localPath(request.originalUrl),
      today: new Date(parts.now()),
      maxUploadMb: Math.floor(parts.maxUploadBytes / 1024 / 1024),
      rights: rightsOf(viewer),
      ...(user === undefined ? {} : { user: { id: user.id, name: user.name } }),
      ...(isReadable(request) ? { isReadable: true } : {}),
      ...(problem === undefined || !mayOperate(viewer) ? {} : { problem: detectionProblem(language) }),
    },
  };
}

/** Whoever sees the same of everything else sees the same page: for what is kept of pages. */
export function viewerKey(viewer: Viewer): string {
  switch (viewer.kind) {
    case 'user':
      return `${viewer.id} ${viewer.role}`;
    case 'guest':
      return `${viewer.kind} ${viewer.link}`;
    default:
      return viewer.kind;
  }
}

/** 406 for whoever can read neither. */
export const acceptPageOrJson: RequestHandler = (request, _response, next) => {
  if (request.accepts(['html', 'json']) === false) {
    throw new GalleryError('not-acceptable', 'Ask for HTML or JSON.');
  }
  next();
};

/** The switch's cookie first, then what the browser prefers. */
export function languageOf(request: Request): Language {
  return (
    asLanguage(cookiesOf(request).lang) ??
    asLanguage(request.acceptsLanguages([...languages])) ??
    languages[0]
  );
}

const cookiesOf = (request: Request) => parseCookie(request.headers.cookie ?? '');

export function asLanguage(text: unknown): Language | undefined {
  return languages.find((language) => language === text);
}

/** @throws GalleryError `not-found` for what cannot be an id: as absent as an unknown one. */
export function idIn(request: Request): PhotoId {
  const id = parsePhotoId(String(request.params.id));
  if (id === undefined) throw noSuchPhoto();
  return id;
}

/** One query parameter; undefined when absent. @throws GalleryError `bad-request` when given twice. */
export function queryText(request: Request, name: string): string | undefined {
  const value = request.query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new GalleryError('bad-request', `The parameter ${name} is given more than once; give it once.`);
}

// `//evil.example` would be another site's address to a browser.
export function localPath(url: string): string {
  const local = url.replace(/^[/\\]+/, '/');
  // So would `javascript:` be, or anything else that does not begin here.
  if (!local.startsWith('/') || !URL.canParse(local, 'http://localhost')) return '/';
  const { pathname, search } = new URL(local, 'http://localhost');
  return `${pathname.replace(/^\/+/, '/')}${search}`;
}
