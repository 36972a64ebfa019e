// Limits on bodies that no parser enforces: declared length, pace, and what happens to a body nobody will read.
import type { Request, RequestHandler, Response } from 'express';
import { GalleryError } from '../gallery/errors.ts';

/** Read this much of a refused body, so that the client sees the answer instead of a reset, then hang up. */
const lingerBytes = 1024 * 1024;
const lingerMs = 2_000;

/** Before an early answer: says that the connection ends, and ends it without draining the body. */
export function closeUnread(request: Request, response: Response): void {
  if (request.complete || request.readableEnded) return;
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

/** 415 unless the body is of this type. Answers `Expect: 100-continue` only after that. */
export function expectType(type: string): RequestHandler {
  return (request, response, next) => {
    if (request.is(type) === type) {
      if (request.headers.expect !== undefined) response.writeContinue();
      next();
      return;
    }
    response.set('Accept-Post', type);
    throw new GalleryError('wrong-content-type', `Send this as ${type}.`, { expected: type });
  };
}

const graceMs = 30_000;
const windowMs = 60_000;
const leastBytesPerSecond = 1024;
const checkMs = 5_000;

/** Calls `tooSlow` once for a body that stalls for 30 s or crawls below 1 KiB/s over a minute. Returns its own end. */
export function watchPace(request: Request, tooSlow: () => void): () => void {
  const { socket } = request;
  const samples = [{ at: performance.now(), bytes: socket.bytesRead }];
  const timer = setInterval(() => {
    const now = { at: performance.now(), bytes: socket.bytesRead };
    samples.push(now);
    while (samples.length > 2 && now.at - (samples[1]?.at ?? 0) >= windowMs) samples.shift();
    if (!isTooSlow(samples, now)) return;
    clearInterval(timer);
    tooSlow();
  }, checkMs);
  return () => clearInterval(timer);
}

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

function isTooSlow(samples: readonly Sample[], now: Sample): boolean {
  const first = samples[0] ?? now;
  if (now.at - first.at < graceMs) return false;
  const stalled = samples.every(({ at, bytes }) => now.at - at > graceMs || bytes === now.bytes);
  const pace = ((now.bytes - first.bytes) / (now.at - first.at)) * 1000;
  return stalled || (now.at - first.at >= windowMs && pace < leastBytesPerSecond);
}
