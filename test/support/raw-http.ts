// Sends bytes that no HTTP library would send, and shows what comes back.
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  /** 0 when the connection ended without an answer. */
  readonly status: number;
  readonly head: string;
  readonly body: string;
  /** How many bytes the other side let us write before it answered or closed. */
  readonly sentBytes: number;
}

export interface RawRequest {
  readonly url: string;
  /** Written as they are; a generator may go on until the other side has had enough. */
  readonly chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;
  /** Ends our half of the connection after the last chunk. */
  readonly end?: boolean;
  readonly deadlineMs?: number;
}

/** Resolves when the other side closes, or has answered in full by its Content-Length, or the deadline is over. */
export async function sendRaw({
  url,
  chunks,
  end = false,
  deadlineMs = 10_000,
}: RawRequest): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  const received: Buffer[] = [];
  let sentBytes = 0;
  const over = new Promise<void>((resolve) => {
    socket.setTimeout(deadlineMs, resolve);
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      if (isWhole(Buffer.concat(received).toString('latin1'))) resolve();
    });
    for (const event of ['end', 'close', 'error']) socket.on(event, () => resolve());
  });
  const writing = (async () => {
    for await (const chunk of chunks) {
      if (socket.destroyed || received.length > 0) break;
      sentBytes += Buffer.byteLength(chunk);
      await written(socket, chunk);
    }
    if (end) socket.end();
  })();
  await Promise.race([over, writing.then(() => over)]);
  socket.destroy();
  return { ...split(Buffer.concat(received).toString('utf8')), sentBytes };
}

/** A request as text, with the headers that a browser on the same page would send. */
export function requestText(
  method: string,
  path: string,
  url: string,
  headers: Readonly<Record<string, string | number>> = {},
): string {
  const all = { Host: new URL(url).host, Origin: url, Accept: 'application/json', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

const written = (socket: Socket, chunk: string | Uint8Array) =>
  new Promise<void>((resolve) => {
    socket.once('close', resolve);
    socket.write(chunk, () => {
      socket.off('close', resolve);
      resolve();
    });
  });

function isWhole(text: string): boolean {
  const { head, body } = split(text);
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  return text.includes('\r\n\r\n') && length !== undefined && body.length >= Number(length);
}

function split(text: string): Omit<RawAnswer, 'sentBytes'> {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body: rest.join('\r\n\r\n') };
}
