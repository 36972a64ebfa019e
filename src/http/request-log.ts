// What is logged about requests: every line carries the request's id, and once it is over there is a line about the request itself.
// Never a query, a cookie, a title or a body.
import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Log } from '../log.ts';
import { clientAddress, isFromProxy } from './client.ts';
import type { HttpParts } from './parts.ts';

const idHeader = 'X-Request-Id';
const sane = /^[\w.:-]{8,64}$/;

/** Says in the answer how its request is called in the log: as the proxy calls it, if that is one we trust, or by a new id. */
export function nameRequest(request: Request, response: Response): void {
  const given = request.get(idHeader) ?? '';
  response.set(idHeader, sane.test(given) && isFromProxy(request) ? given : randomUUID());
}

/** The log of one request. The id is read from the answer, where it has been since the beginning. */
export function logOf({ log }: Pick<HttpParts, 'log'>, request: Request): Log {
  const about = { request: request.res?.get(idHeader) };
  return {
    debug: (facts, message) => log.debug({ ...about, ...facts }, message),
    info: (facts, message) => log.info({ ...about, ...facts }, message),
    warn: (facts, message) => log.warn({ ...about, ...facts }, message),
    error: (facts, message) => log.error({ ...about, ...facts }, message),
  };
}

const safeMethods = ['GET', 'HEAD', 'OPTIONS'];
const longestText = 200;

/**
 * One line for a request that is over: `info` if it was to change something, `debug` if it only read.
 * @param keyPaths beginnings of addresses whose rest is a key: whoever knows it may do something, so the log must not.
 */
export function logAnswer(
  parts: Pick<HttpParts, 'log'>,
  request: Request,
  response: Response,
  { seconds, keyPaths }: { readonly seconds: number; readonly keyPaths: readonly string[] },
): void {
  const { method } = request;
  const agent = request.get('user-agent');
  const facts = {
    client: clientAddress(request),
    method,
    path: pathOf(request, keyPaths),
    status: response.statusCode,
    ...(response.writableFinished ? {} : { cut: true }),
    ms: Math.round(seconds * 1000),
    ...(agent === undefined ? {} : { agent: agent.slice(0, longestText) }),
  };
  logOf(parts, request)[safeMethods.includes(method) ? 'debug' : 'info'](facts, 'answered');
}

function pathOf({ originalUrl }: Request, keyPaths: readonly string[]): string {
  const [path = ''] = originalUrl.split('?', 1);
  const key = keyPaths.find((beginning) => path.toLowerCase().startsWith(beginning));
  return key === undefined ? path.slice(0, longestText) : `${key}…`;
}
