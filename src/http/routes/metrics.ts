// For Prometheus: what the program counts about itself. Nobody else's business, so others than this machine need a token.
import type { Request, RequestHandler } from 'express';
import { GalleryError } from '../../gallery/errors.ts';
import { isSameSecret } from '../../security/tokens.ts';
import { isForwarded, isFromLoopback } from '../client.ts';
import type { HttpParts } from '../parts.ts';

/** 404 to whoever may not know that there is something, 401 to a wrong token. */
export function sendMetrics({ metrics, metricsToken }: HttpParts): RequestHandler {
  return async (request, response) => {
    if (!isFromHere(request)) expectToken(request, response, metricsToken);
    const { type, text } = await metrics.read();
    response.set({ 'Content-Type': type, 'Cache-Control': 'no-store' }).send(text);
  };
}

const isFromHere = (request: Request): boolean => isFromLoopback(request) && !isForwarded(request);

function expectToken(
  request: Request,
  response: { set(name: string, value: string): unknown },
  token: string | undefined,
): void {
  if (token === undefined) {
    throw new GalleryError('not-found', 'There is no such page; begin with the first one.');
  }
  const given = /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1] ?? '';
  if (isSameSecret(given, token)) return;
  response.set('WWW-Authenticate', 'Bearer');
  throw new GalleryError('wrong-token', 'Send METRICS_TOKEN as a Bearer token.');
}
