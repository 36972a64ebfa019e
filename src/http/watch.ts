// Looks on at every request from its head to its end, for whoever watches the program. Changes nothing.
import type { Request, RequestHandler, Response } from 'express';
import type { HttpParts } from './parts.ts';

export function watchRequests({ metrics }: HttpParts): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    response.once('close', () => {
      const seconds = (performance.now() - started) / 1000;
      metrics.answered({
        route: routeOf(request),
        method: methodOf(request),
        status: statusClassOf(response),
        seconds,
      });
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
