// The listening server: time limits for connections, and an end that lets running uploads finish.
import { createServer } from 'node:http';
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
  const server = createServer(
    {
      // Node's five minutes cut a phone's upload that makes steady progress; slow bodies have a guard of their own.
      requestTimeout: 3_600_000,
      headersTimeout: 20_000,
      connectionsCheckingInterval: 5_000,
      keepAliveTimeout: 5_000,
      maxHeaderSize: 16_384,
    },
    app,
  );
  server.timeout = patienceMs;
  server.maxRequestsPerSocket = 1_000;
  server.maxConnections = 1_000;
  // Whoever asks first whether to send the body is told by the route, after its checks.
  server.on('checkContinue', app);
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

function nameFor(host: string, { address, family }: AddressInfo): string {
  if (['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost'].includes(host)) return 'localhost';
  return family === 'IPv6' ? `[${address}]` : address;
}
