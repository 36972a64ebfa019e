// Every refusal becomes one status and one sentence, as a page or as problem+json. The table is typed: no code without a status.

import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Request, Response } from 'express';
import { MulterError } from 'multer';
import { type ErrorCode, type ErrorFacts, GalleryError } from '../gallery/errors.ts';
import { askedBy, languageOf } from './asking.ts';
import { closeUnread } from './body-guard.ts';
import { guestContext, isByLink } from './by-link.ts';
import { signInPath } from './links.ts';
import type { HttpParts } from './parts.ts';
import { logOf } from './request-log.ts';
import { errorSentence } from './words.ts';

export const statusOf: Readonly<Record<ErrorCode, number>> = {
  'bad-request': 400,
  'bad-upload': 400,
  'no-file': 400,
  'empty-file': 422,
  'unsupported-type': 415,
  unreadable: 422,
  'too-many-pixels': 422,
  'too-many-frames': 422,
  'too-large': 413,
  'title-too-long': 422,
  'not-found': 404,
  'edited-meanwhile': 409,
  'precondition-failed': 412,
  'precondition-required': 428,
  'wrong-content-type': 415,
  'wrong-host': 421,
  'foreign-origin': 403,
  'no-origin': 403,
  'wrong-token': 401,
  'disk-full': 507,
  busy: 503,
  unavailable: 503,
  'read-only': 503,
  'database-damaged': 503,
  'method-not-allowed': 405,
  'not-acceptable': 406,
  'bad-range': 416,
  'too-slow': 408,
  offline: 409,
  'bad-model': 422,
  'bad-label': 422,
  'bad-box': 422,
  'too-many-labels': 422,
  'no-engine': 409,
  'rerun-over': 409,
  'wrong-digest': 422,
  // tus 1.0, "Checksum Mismatch".
  'wrong-checksum': 460,
  'wrong-offset': 409,
  'wrong-protocol': 412,
  'no-upload': 404,
  'upload-expired': 410,
  'too-many-uploads': 507,
  'quota-used-up': 507,
  'not-allowed': 403,
  'not-in-trash': 409,
  'signed-out': 401,
  'other-user': 409,
  'local-only': 403,
  'bad-user-name': 422,
  'name-taken': 409,
  'last-owner': 409,
  'already-set-up': 409,
  'grant-over': 410,
  'passkey-taken': 409,
  'password-too-short': 422,
  'password-too-long': 422,
  'password-too-common': 422,
  'password-like-name': 422,
  'passwords-differ': 422,
  'not-confirmed': 403,
  'wrong-password': 403,
  'wrong-link-password': 403,
  'wrong-sign-in': 401,
  'too-many-tries': 429,
  'bad-passkey': 422,
  'no-link': 404,
  'link-over': 410,
  'link-full': 409,
  'link-locked': 401,
  internal: 500,
};

/** RFC 9457. `type` says more than the status where a program can do something about it. `code` is ours and stable; `detail` is in the reader's language. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  /** Only for internal errors: what to look for in the log. */
  readonly instance?: string;
  readonly [fact: string]: unknown;
}

/** Logs what is our fault, and says it to the visitor; what nobody expected gets a number that stands in both, and its stack in the log. */
export function problemOf(parts: HttpParts, request: Request, error: GalleryError): Problem {
  const status = statusOf[error.code];
  const reference = error.code === 'internal' ? randomUUID() : undefined;
  parts.metrics.refused(error.code);
  const facts = { code: error.code, method: request.method };
  if (reference !== undefined) {
    logOf(parts, request).error({ ...facts, reference, err: error.cause ?? error }, 'request failed');
  } else if (status >= 500) {
    // Known trouble, as a full disk: what it is says enough, and a stack would tell paths.
    const cause = error.cause instanceof Error && 'code' in error.cause ? error.cause.code : undefined;
    logOf(parts, request).warn({ ...facts, cause }, error.message);
  }
  return {
    ...error.facts,
    type: typeOf[error.code] ?? 'about:blank',
    title: STATUS_CODES[status] ?? (status === 460 ? 'Checksum Mismatch' : 'Error'),
    status,
    detail: errorSentence(languageOf(request), error.code, error.facts),
    code: error.code,
    ...(reference === undefined ? {} : { instance: `urn:uuid:${reference}` }),
  };
}

/** Names, and no addresses (RFC 4151): what they mean stands in docs/api.md. */
const typeOf: Partial<Record<ErrorCode, string>> = { 'not-confirmed': 'tag:sajin,2026:not-confirmed' };

/** The end of the middleware chain: foreign errors are told by code. */
export function answerErrors(parts: HttpParts): ErrorRequestHandler {
  return (thrown: unknown, request, response, _next) => {
    const problem = problemOf(parts, request, toGalleryError(thrown));
    if (response.headersSent) response.destroy();
    else answer(parts, request, response, problem);
  };
}

function answer(parts: HttpParts, request: Request, response: Response, problem: Problem): void {
  const { json, context } = askedBy(parts, request);
  response.status(problem.status).set('Cache-Control', 'no-store').vary('Accept');
  sayWhen(response, problem);
  // That answer has no body to read it in.
  if (request.method === 'HEAD') response.set('Sajin-Problem', problem.code);
  closeUnread(request, response);
  if (json) {
    response.type('application/problem+json').send(JSON.stringify(problem));
    return;
  }
  const { status, detail, instance: reference } = problem;
  // Whoever opens a page is led to where they can sign in, and from there to that page.
  if (problem.code === 'signed-out' && request.method === 'GET') {
    response.redirect(303, signInPath(request.originalUrl));
    return;
  }
  try {
    response.send(
      isUploadForm(request)
        ? parts.views.newPhoto(context, { error: detail })
        : parts.views.error(isByLink(request) ? guestContext(parts, request) : context, {
            status,
            sentence: detail,
            reference,
          }),
    );
  } catch (error) {
    // A page that can't even say what is wrong: the sentence alone, so that nothing of the inside is shown.
    logOf(parts, request).error({ err: error }, 'the error page failed');
    response.type('text/plain').send(detail);
  }
}

/** What these statuses must carry: when to come again, and how one is known here. */
export function sayWhen(response: Response, { status, code, seconds }: Problem): void {
  // What fails with the disk comes back with the next start.
  if (status === 503) response.set('Retry-After', code === 'read-only' ? '20' : '5');
  if (status === 429) response.set('Retry-After', String(seconds));
  // Ours alone: a browser that knew the scheme would open a window of its own.
  if (status === 401 && response.get('WWW-Authenticate') === undefined)
    response.set('WWW-Authenticate', 'Session');
}

const isUploadForm = ({ method, path }: Request) => method === 'POST' && path === '/photos';

/** By code or status, never by text. */
export function toGalleryError(thrown: unknown): GalleryError {
  if (thrown instanceof GalleryError) return thrown;
  const wrap = (code: ErrorCode, facts: ErrorFacts = {}) =>
    new GalleryError(code, code, facts, { cause: thrown });
  if (thrown instanceof MulterError) return wrap('bad-upload');
  switch (statusIn(thrown)) {
    case 400:
      return wrap('bad-request');
    case 404:
      return wrap('not-found');
    case 412:
      return wrap('precondition-failed');
    case 413:
      return wrap('too-large');
    case 415:
      return wrap('wrong-content-type');
    case 416:
      return wrap('bad-range');
    default:
      return wrap('internal');
  }
}

const statusIn = (thrown: unknown) =>
  thrown instanceof Error && 'status' in thrown && typeof thrown.status === 'number'
    ? thrown.status
    : undefined;
