// The listening server: time limits for connections, and an end that lets running uploads finish.
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';

/** A connection on which nothing moves for so long is closed; one whose reader has stopped in the middle after twice that, as Node counts. */
export const idleMs = 60_000;

export interface ListeningServer {
  /** As a visitor on this machine would type it. */
  readonly url: string;
  readonly port: number;
  /** Takes no new connections, waits up to `drainMs` for running requests, then cuts the rest. */
  close(drainMs: number): Promise<void>;
}

export async function listen(
  app: Express,
  { host, port, patienceMs = idleMs }: { host: string; port: number; patienceMs?: number },
): Promise<ListeningServer> {
  const answer = refuseManyHeaders(app);
  const server = createServer(
    {
      // Node's five minutes cut a phone's upload that makes steady progress; slow bodies have a guard of their own.
      requestTimeout: 3_600_000,
      headersTimeout: 20_000,
      connectionsCheckingInterval: 5_000,
      keepAliveTimeout: 5_000,
      maxHeaderSize: 16_384,
    },
    answer,
  );
  server.timeout = patienceMs;
  server.maxRequestsPerSocket = 1_000;
  server.maxConnections = 1_000;
  // Whoever asks first whether to send the body is told by the route, after its checks.
  server.on('checkContinue', answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    url: `http://${nameFor(host, address)}:${address.port}`,
    close: (drainMs) =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), drainMs);
        // Node closes those that are idle now. One that ends its request later would stay for its idle time, and so would we.
        const hangUp = setInterval(() => server.closeIdleConnections(), 100);
        server.close(() => {
          clearTimeout(cut);
          clearInterval(hangUp);
          resolve();
        });
      }),
  };
}

/** A browser sends about twenty. */
const mostHeaders = 100;

/**
 * 431, bare as Node answers a head that is too long, before anything is looked at. `server.maxHeadersCount` would instead leave out what
 * comes after: a request that a proxy in front has read otherwise. At Node's own 2000, of which 16 KB can hold more, the count is over, too.
 */
function refuseManyHeaders(next: RequestListener): RequestListener {
  return (request, response) => {
    if (request.rawHeaders.length <= 2 * mostHeaders) next(request, response);
    else response.writeHead(431, { Connection: 'close' }).end();
  };
}

function nameFor(host: string, { address, family }: AddressInfo): string {
  if (['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost'].includes(host)) return 'localhost';
  return family === 'IPv6' ? `[${address}]` : address;
}
