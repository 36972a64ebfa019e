// Looks on at every request from its head to its end: gives it a name, counts it, logs it. Refuses nothing.
import type { Request, RequestHandler, Response } from 'express';
import type { HttpParts } from './parts.ts';
import { logAnswer, nameRequest } from './request-log.ts';

/** @param keyPaths beginnings of addresses whose rest is a key and not for the log. */
export function watchRequests(parts: HttpParts, keyPaths: readonly string[]): RequestHandler {
  return (request, response, next) => {
    nameRequest(request, response);
    const started = performance.now();
    response.once('close', () => {
      const seconds = (performance.now() - started) / 1000;
      parts.metrics.answered({
        // A method that an address does not know is no route: every visitor could make up many.
        route: response.statusCode === 405 ? 'none' : routeOf(request),
        method: methodOf(request),
        status: statusClassOf(response),
        seconds,
      });
      logAnswer(parts, request, response, { seconds, keyPaths });
    });
    next();
  };
}

/** The pattern as the route table has it: never the path, which holds ids and whatever a visitor may think of. */
export function routeOf({ route, originalUrl }: Request): string {
  const pattern: unknown = route?.path;
  if (typeof pattern === 'string') return pattern;
  return originalUrl.startsWith('/static/') ? '/static' : 'none';
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const methodOf = ({ method }: Request) => (methods.includes(method) ? method : 'other');

const statusClassOf = ({ statusCode, writableFinished }: Response) =>
  writableFinished ? `${Math.floor(statusCode / 100)}xx` : 'cut';
