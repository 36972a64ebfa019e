// Every refusal becomes one status and one sentence, as a page or as problem+json. The table is typed: no code without a status.

import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Request, Response } from 'express';
import { MulterError } from 'multer';
import { type ErrorCode, type ErrorFacts, GalleryError } from '../gallery/errors.ts';
import { askedBy } from './asking.ts';
import { closeUnread } from './body-guard.ts';
import type { Language } from './languages.ts';
import type { HttpParts } from './parts.ts';
import { errorSentence } from './words.ts';

export const statusOf: Readonly<Record<ErrorCode, number>> = {
  'bad-request': 400,
  'bad-upload': 400,
  'no-file': 400,
  'empty-file': 422,
  'unsupported-type': 415,
  heic: 415,
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
  'disk-full': 507,
  busy: 503,
  unavailable: 503,
  'method-not-allowed': 405,
  'not-acceptable': 406,
  'bad-range': 416,
  'too-slow': 408,
  internal: 500,
};

/** RFC 9457. `code` is ours and stable; `detail` is in the reader's language. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  /** Only for internal errors: what to look for in the log. */
  readonly instance?: string;
  readonly [fact: string]: unknown;
}

export function problemOf(error: GalleryError, language: Language, reference?: string): Problem {
  const status = statusOf[error.code];
  return {
    ...error.facts,
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: errorSentence(language, error.code, error.facts),
    code: error.code,
    ...(reference === undefined ? {} : { instance: `urn:uuid:${reference}` }),
  };
}

/** The end of the middleware chain. Foreign errors are told by code; what nobody expected is logged and shown as a number. */
export function answerErrors(parts: HttpParts): ErrorRequestHandler {
  return (thrown: unknown, request, response, _next) => {
    const error = toGalleryError(thrown);
    const reference = error.code === 'internal' ? randomUUID() : undefined;
    const facts = { code: error.code, method: request.method, reference, err: error.cause ?? error };
    if (statusOf[error.code] >= 500) parts.log.error(facts, 'request failed');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    answer(parts, request, response, error, reference);
  };
}

function answer(
  parts: HttpParts,
  request: Request,
  response: Response,
  error: GalleryError,
  reference?: string,
): void {
  const { language, json, context } = askedBy(parts, request);
  const problem = problemOf(error, language, reference);
  response.status(problem.status).set('Cache-Control', 'no-store').vary('Accept');
  if (problem.status === 503) response.set('Retry-After', '5');
  closeUnread(request, response);
  if (json) {
    response.type('application/problem+json').send(JSON.stringify(problem));
    return;
  }
  const { status, detail } = problem;
  try {
    response.send(
      isUploadForm(request)
        ? parts.views.newPhoto(context, { error: detail })
        : parts.views.error(context, { status, sentence: detail, reference }),
    );
  } catch (error) {
    // A page that can't even say what is wrong: the sentence alone, so that nothing of the inside is shown.
    parts.log.error({ err: error }, 'the error page failed');
    response.type('text/plain').send(detail);
  }
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
    case 413:
      return wrap('too-large');
    case 415:
      return wrap('wrong-content-type');
    default:
      return wrap('internal');
  }
}

const statusIn = (thrown: unknown) =>
  thrown instanceof Error && 'status' in thrown && typeof thrown.status === 'number'
    ? thrown.status
    : undefined;
