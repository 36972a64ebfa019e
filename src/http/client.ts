// Who is at the other end of a request, also behind a proxy. What a proxy says is believed only if it connects from TRUSTED_PROXY.
import { isIP } from 'node:net';
import type { Request } from 'express';

/** `192.0.2.7` or `2001:db8::7`: the visitor's, or that of the last machine before it that nobody trusts. Never a name, never ''. */
export function clientAddress(request: Request): string {
  // Behind a proxy that appends instead of overwriting, the header may hold whatever the visitor wrote.
  const { ip = '' } = request;
  return isIP(ip) === 0 ? peerAddress(request) : plain(ip);
}

/** The visitor's own connection is encrypted, as far as anybody can tell: to us, or to the proxy that we trust. */
export const isSecure = (request: Request): boolean => request.secure;

/** Others in the visitor's network can read along: it is not encrypted, and leaves this machine. */
export const isReadable = (request: Request): boolean =>
  !isSecure(request) && !isLoopback(clientAddress(request));

/** Whoever is connected to us is a proxy that we trust. */
export function isFromProxy(request: Request): boolean {
  const trusts = request.app.get('trust proxy fn') as (address: string, hop: number) => boolean;
  return trusts(peerAddress(request), 0);
}

/** Of this machine itself; says nothing about on whose behalf it asks. */
export const isFromLoopback = (request: Request): boolean => isLoopback(peerAddress(request));

/**
 * Asks for itself or for somebody on this machine. A proxy is believed that only if it is trusted and says for whom. Of HTTP/1.0, which no
 * browser has spoken for decades, it is not believed at all: nginx speaks it when it was told nothing but where to pass requests to.
 */
export function isForThisMachine(request: Request): boolean {
  if (!isForwarded(request)) return isFromLoopback(request) && request.httpVersion !== '1.0';
  const isNamed = request.headers['x-forwarded-for'] !== undefined;
  return isNamed && isFromProxy(request) && isLoopback(clientAddress(request));
}

/** Somebody stands between: a proxy on this machine connects from here, too, and says on whose behalf. */
export const isForwarded = ({ headers }: Request): boolean =>
  ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'].some(
    (name) => headers[name] !== undefined,
  );

const isLoopback = (address: string) => /^127\.|^::1$/.test(address);

// A socket that is closed already has none.
const peerAddress = ({ socket }: Request) => plain(socket.remoteAddress ?? '0.0.0.0');

// IPv4 on a socket that takes both is written as IPv6.
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '');
