// Limits on bodies that no parser enforces: time, pace, and what happens to a body nobody will read.
import type { Request, RequestHandler, Response } from 'express';
import { GalleryError } from '../gallery/errors.ts';

/** A small body that has not come whole after so long is refused. */
const wholeMs = 30_000;
/** So much is read of a body after its answer, for so long, so that the client sees that instead of a reset; then it is hung up. */
const lingerBytes = 512 * 1024;
const lingerMs = 2_000;

const deadlines = new WeakMap<Request, NodeJS.Timeout>();

/**
 * Stands before everything that answers: no body holds its connection for ever, whichever route it is for. What nobody reads is hung up
 * soon after the answer; what has not come whole in time is answered 408, unless its reader keeps the pace instead (`watchPace`).
 */
export function guardBodies(timeMs = wholeMs): RequestHandler {
  return (request, response, next) => {
    if (hasBody(request)) {
      // Touched, and nothing taken: Node drains without end what nobody has touched when it is answered.
      request.read(0);
      const tooLate = () => {
        if (!request.complete)
          next(new GalleryError('too-slow', 'What was sent came too slowly; try again.'));
      };
      const deadline = setTimeout(tooLate, timeMs);
      deadlines.set(request, deadline);
      response.once('prefinish', () => {
        if (request.complete) request.resume();
        else linger(request, response);
      });
      response.once('finish', () => clearTimeout(deadline)).once('close', () => clearTimeout(deadline));
    }
    next();
  };
}

/** Before the last of an answer is written: what then still comes of the body is dropped, and the connection kept if that was the rest. */
function linger(request: Request, response: Response): void {
  const { socket } = request;
  const hangUp = () => socket.destroy();
  // By this Node hangs up after an answer that says so. With something still unread that is a reset, which may overtake the answer.
  socket.destroySoon = () => socket.end();
  response.once('finish', () => {
    const timer = setTimeout(hangUp, lingerMs);
    socket.once('close', () => clearTimeout(timer));
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      // Whoever sends on waits, and has the time to see the answer: hung up now, they would see that their sending failed.
      if (bytes <= lingerBytes) return;
      // Nor does a reader go on that was left behind: multer drains what it has refused.
      request.read = () => null;
      request.pause();
    });
    request.once('end', () => {
      clearTimeout(timer);
      Reflect.deleteProperty(socket, 'destroySoon');
      if (socket.writableEnded) hangUp();
    });
    request.resume();
  });
}

/** Before an early answer: says that the connection ends, so that no more is sent. */
export function closeUnread(request: Request, response: Response): void {
  if (hasBody(request) && !request.complete) response.set('Connection', 'close');
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

/** 415 unless the body is of one of these types, and as it is: packed bytes would be kept for a picture. */
export function expectType(...types: readonly string[]): RequestHandler {
  const expected = types.join(', ');
  return (request, response, next) => {
    const { 'content-encoding': coding = 'identity' } = request.headers;
    if (coding.toLowerCase() !== 'identity') {
      response.set('Accept-Encoding', 'identity');
      throw new GalleryError('wrong-content-type', 'Send this without a Content-Encoding.', { expected });
    }
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

/**
 * For a body that may take as long as it makes progress: calls `tooSlow` once when it stalls for 30 s or crawls below 1 KiB/s over a
 * minute, in place of the time it would have as a whole. Returns its own end.
 */
export function watchPace(request: Request, tooSlow: () => void): () => void {
  clearTimeout(deadlines.get(request));
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
