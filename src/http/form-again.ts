// A form that was refused comes again with the reason, so that nothing but the secret is typed twice. Programs are told as ever.
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { ErrorCode } from '../gallery/errors.ts';
import { askedBy } from './asking.ts';
import { problemOf, sayWhen, toGalleryError } from './errors.ts';
import type { HttpParts } from './parts.ts';

/** What whoever fills the form in can do something about. */
const correctable: readonly ErrorCode[] = [
  'wrong-sign-in',
  'not-confirmed',
  'wrong-password',
  'passwords-differ',
  'too-many-tries',
  'bad-user-name',
  'name-taken',
  'password-too-short',
  'password-too-long',
  'password-too-common',
  'password-like-name',
  'last-owner',
  'busy',
];

/** @param page the whole page once more, with the sentence */
export function orAgain(
  parts: HttpParts,
  work: (request: Request, response: Response, next: NextFunction) => Promise<void>,
  page: (request: Request, refusal: string, code: ErrorCode) => string | Promise<string>,
): RequestHandler {
  return async (request, response, next) => {
    try {
      await work(request, response, next);
    } catch (thrown) {
      const error = toGalleryError(thrown);
      if (askedBy(parts, request).json || !correctable.includes(error.code)) throw thrown;
      const problem = problemOf(parts, request, error);
      response.status(problem.status).vary('Accept').vary('Cookie');
      sayWhen(response, problem);
      response.send(await page(request, problem.detail, error.code));
    }
  };
}
