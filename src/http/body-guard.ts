// Limits on bodies that no parser enforces: declared length, pace, and what happens to a body nobody will read.
import type { Request, RequestHandler, Response } from 'express';
import { GalleryError } from '../gallery/errors.ts';

/** Read this much of a refused body, so that the client sees the answer instead of a reset, then hang up. */
const lingerBytes = 512 * 1024;
const lingerMs = 2_000;

/** Before an early answer: says that the connection ends, and ends it without draining the body. */
export function closeUnread(request: Request, response: Response): void {
  if (!hasBody(request) || request.complete || request.readableEnded) return;
  response.set('Connection', 'close');
  response.once('finish', () => {
    const { socket } = request;
    const from = socket.bytesRead;
    const hangUp = () => socket.destroy();
    const timer = setTimeout(hangUp, lingerMs).unref();
    request.on('data', () => {
      if (socket.bytesRead - from > lingerBytes) hangUp();
    });
    request.once('close', () => clearTimeout(timer));
    request.resume();
  });
}

/** RFC 9112, 6: a body is announced by its length or by its coding. */
export function hasBody({ headers }: Pick<Request, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** For a route that can do without a body. */
export const ifAny =
  (read: RequestHandler): RequestHandler =>
  (request, response, next) =>
    hasBody(request) ? read(request, response, next) : next();

/** Tells whoever asked first that the body may come: after every check that does not need it. */
export function welcomeBody(request: Request, response: Response): void {
  if (request.headers.expect !== undefined) response.writeContinue();
}

/** 415 unless the body is of one of these types. */
export function expectType(...types: readonly string[]): RequestHandler {
  const expected = types.join(', ');
  return (request, response, next) => {
    if (types.some((type) => request.is(type) === type)) {
      next();
      return;
    }
    response.set('Accept-Post', expected);
    throw new GalleryError('wrong-content-type', `Send this as ${types.join(' or ')}.`, { expected });
  };
}

const graceMs = 30_000;
const windowMs = 60_000;
const leastBytesPerSecond = 1024;
const checkMs = 5_000;

/** Calls `tooSlow` once for a body that stalls for 30 s or crawls below 1 KiB/s over a minute. Returns its own end. */
export function watchPace(request: Request, tooSlow: () => void): () => void {
  const { socket } = request;
  const isTooSlow = openPaceMeter(performance.now(), socket.bytesRead);
  const timer = setInterval(() => {
    if (!isTooSlow(performance.now(), socket.bytesRead)) return;
    clearInterval(timer);
    tooSlow();
  }, checkMs);
  return () => clearInterval(timer);
}

/**
 * Fed with a time in milliseconds and the bytes read so far, every few seconds: true once nothing has come for 30 s, or
 * less than 1 KiB/s over the last minute.
 */
export function openPaceMeter(
  startedAt: number,
  bytesAtStart: number,
): (at: number, bytes: number) => boolean {
  const samples = [{ at: startedAt, bytes: bytesAtStart }];
  let lastByteAt = startedAt;
  return (at, bytes) => {
    if (bytes !== samples.at(-1)?.bytes) lastByteAt = at;
    samples.push({ at, bytes });
    while (samples.length > 2 && at - (samples[1]?.at ?? at) >= windowMs) samples.shift();
    const first = samples[0] ?? { at, bytes };
    const seconds = (at - first.at) / 1000;
    const crawls = at - first.at >= windowMs && (bytes - first.bytes) / seconds < leastBytesPerSecond;
    return crawls || at - lastByteAt >= graceMs;
  };
}
