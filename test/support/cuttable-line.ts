// A line between a browser and a program that can be cut, with everything that is on its way, and mended. Knows nothing of HTTP.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';

export interface Line {
  readonly url: string;
  /** Every connection ends at once, and no new one comes about. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** @param bytesPerSecond what passes towards the program, of all connections together; as fast as it goes if absent */
export async function openLine(target: string, bytesPerSecond = Number.POSITIVE_INFINITY): Promise<Line> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isCut = false;
  let freeAt = 0;
  const slowly = () =>
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        const now = performance.now();
        freeAt = Math.max(freeAt, now) + (chunk.length / bytesPerSecond) * 1000;
        setTimeout(() => done(null, chunk), freeAt - now);
      },
    });
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    track(near);
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    track(far);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    if (bytesPerSecond === Number.POSITIVE_INFINITY) near.pipe(far);
    else near.pipe(slowly()).pipe(far);
    far.pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true;
      drop();
    },
    mend() {
      isCut = false;
    },
    async close() {
      drop();
      server.close();
      await once(server, 'close');
    },
  };
}
