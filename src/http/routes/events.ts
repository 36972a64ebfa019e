// Server-sent events: what changed, after it was committed. A listener that does not keep up is hung up on; it comes back by itself.
import type { Request, RequestHandler } from 'express';
import { GalleryError } from '../../gallery/errors.ts';
import { sharesOf } from '../../gallery/holders.ts';
import type { Hearer } from '../../gallery/photo.ts';
import type { GalleryEvent } from '../../gallery/ports.ts';
import { mayAdd, mayOperate, userOf, type Viewer } from '../../gallery/viewer.ts';
import { openShares } from '../../security/shares.ts';
import { askedBy } from '../asking.ts';
import { clientAddress } from '../client.ts';
import { identityOf } from '../identity.ts';
import type { HttpParts } from '../parts.ts';

/** Shorter than the idle time after which proxies and our own server hang up. */
const heartbeatMs = 25_000;
const retryMs = 3_000;
const mostListeners = 300;
const mostBufferedBytes = 64 * 1024;

export function streamEvents(parts: HttpParts): RequestHandler {
  const places = openShares(mostListeners);
  return (request, response) => {
    // Nobody would tell it to end.
    if (parts.closing.aborted)
      throw new GalleryError('unavailable', 'Sajin is closing; try again in a moment.');
    const { viewer } = askedBy(parts, request);
    // Each holds a connection, of which the server has a thousand: pages must still be served.
    const free = places.take(sharesOf(viewer, clientAddress(request)));
    if (free === undefined)
      throw new GalleryError('busy', 'Enough pages listen already; this one asks again later.');
    response.set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    if (request.method === 'HEAD') {
      free();
      response.end();
      return;
    }
    response.flushHeaders();
    const write = (text: string) => {
      response.write(text);
      if (response.writableLength > mostBufferedBytes) response.destroy();
    };
    write(`retry: ${retryMs}\n\n`);
    const heartbeat = setInterval(() => {
      write(': still here\n\n');
      isStillIn(parts, request).then((isIn) => {
        if (!isIn) end();
      }, end);
    }, heartbeatMs).unref();
    const unsubscribe = parts.events.subscribe((event) => {
      if (!isFor(viewer, event)) return;
      const { kind, ...facts } = { ...event, onlyFor: undefined, notFor: undefined };
      write(`event: ${kind}\ndata: ${JSON.stringify(facts)}\n\n`);
    });
    const leave = () => {
      free();
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

/** Whoever was signed out, kept out or given another role meanwhile asks again, and is told then what they may hear. */
async function isStillIn({ accounts }: HttpParts, request: Request): Promise<boolean> {
  const { session } = identityOf(request);
  if (session === undefined) return true;
  const { id, role } = session.user;
  const sessions = await accounts.listSessions(id);
  return sessions.some((one) => one.id === session.id && one.user.role === role);
}

/** Of a private photo nobody else hears that it exists. */
function isFor(viewer: Viewer, event: GalleryEvent): boolean {
  switch (event.kind) {
    case 'models-changed':
      return mayOperate(viewer);
    case 'rerun-changed':
      return mayAdd(viewer);
    case 'photo-removed':
      return isToldOf(viewer, event) && (event.notFor === undefined || event.notFor !== userOf(viewer));
    default:
      return isToldOf(viewer, event);
  }
}

const isToldOf = (viewer: Viewer, { onlyFor }: { readonly onlyFor?: Hearer }) => {
  if (onlyFor === undefined || viewer.kind === 'machine') return true;
  return onlyFor === 'operators' ? mayOperate(viewer) : onlyFor === userOf(viewer);
};
