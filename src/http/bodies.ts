// What stands before a route that takes a body: its type, the word to go on, and the reader with its limits.
import express, { type RequestHandler } from 'express';
import { GalleryError } from '../gallery/errors.ts';
import { expectType, welcomeBody } from './body-guard.ts';

const [formType, jsonType] = ['application/x-www-form-urlencoded', 'application/json'] as const;

const welcome: RequestHandler = (request, response, next) => {
  welcomeBody(request, response);
  next();
};

export interface Bodies {
  readonly form: readonly RequestHandler[];
  readonly json: readonly RequestHandler[];
  readonly formOrJson: readonly RequestHandler[];
}

/** @param parameterLimit how many fields a form may have */
export function readBodies(parameterLimit: number): Bodies {
  const readForm = readUpTo(32_768, formType, (limit) =>
    express.urlencoded({ extended: false, limit, parameterLimit }),
  );
  const readJson = readUpTo(65_536, jsonType, (limit) => express.json({ limit, strict: true }));
  return {
    form: [expectType(formType), welcome, readForm],
    json: [expectType(jsonType), welcome, readJson],
    formOrJson: [expectType(formType, jsonType), welcome, readForm, readJson],
  };
}

/**
 * Express's readers tell of a body that is too large only after they have drained it, so that refusal doesn't go through them. And whoever
 * was answered meanwhile, as too slow, is not served as well.
 */
function readUpTo(
  maxBytes: number,
  type: string,
  make: (maxBytes: number) => RequestHandler,
): RequestHandler {
  const read = make(maxBytes);
  return (request, response, next) => {
    if (request.is(type) === false) return next();
    const goOn = (error?: unknown) => {
      if (!response.headersSent) next(error);
    };
    const tooLarge = () => goOn(new GalleryError('too-large', 'Send less at once.'));
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return tooLarge();
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) tooLarge();
    });
    return read(request, response, goOn);
  };
}

export const multipart = [expectType('multipart/form-data')];
