// Server-sent events: what changed, after it was committed. A listener that does not keep up is hung up on; it comes back by itself.
import type { RequestHandler } from 'express';
import type { HttpParts } from '../parts.ts';

/** Shorter than the idle time after which proxies and our own server hang up. */
const heartbeatMs = 25_000;
const retryMs = 3_000;
const mostBufferedBytes = 64 * 1024;

export function streamEvents(parts: HttpParts): RequestHandler {
  return (request, response) => {
    response.set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    response.flushHeaders();
    const write = (text: string) => {
      response.write(text);
      if (response.writableLength > mostBufferedBytes) response.destroy();
    };
    write(`retry: ${retryMs}\n\n`);
    const heartbeat = setInterval(() => write(': still here\n\n'), heartbeatMs).unref();
    const unsubscribe = parts.events.subscribe(({ kind, ...facts }) => {
      write(`event: ${kind}\ndata: ${JSON.stringify(facts)}\n\n`);
    });
    const leave = () => {
      clearInterval(heartbeat);
      unsubscribe();
      parts.closing.removeEventListener('abort', end);
    };
    // Leaves first: what is told while the last uploads end must not be written to a stream that has ended.
    const end = () => {
      leave();
      response.end();
    };
    parts.closing.addEventListener('abort', end);
    response.once('close', leave);
    response.on('error', leave);
  };
}
