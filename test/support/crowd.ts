// Clients that behave badly, many at once: they leave in the middle, or send a byte a second. By the form and by pieces.
import { connect, type Socket } from 'node:net';
import { requestText } from './raw-http.ts';
import { createTusClient } from './tus-client.ts';

const contentType = 'multipart/form-data; boundary=x';
const head = '--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n';

/** How a request for this many bytes begins: a form, or a piece of an upload that was made before. */
async function beginningOf(url: string, way: 'form' | 'pieces', bytes: number): Promise<string> {
  if (way === 'form') {
    const headers = { 'Content-Type': contentType, 'Content-Length': bytes + head.length };
    return `${requestText('POST', '/photos', url, headers)}${head}`;
  }
  const path = await createTusClient(url).made({ bytes });
  return requestText('PATCH', path, url, {
    'Tus-Resumable': '1.0.0',
    'Content-Type': 'application/offset+octet-stream',
    'Upload-Offset': 0,
    'Content-Length': bytes,
  });
}

const open = (url: string): Socket => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  return socket;
};

/** Sends `sent` of `bytes` and is gone. */
export async function abortUpload(
  url: string,
  way: 'form' | 'pieces',
  { bytes, sent }: { readonly bytes: number; readonly sent: number },
): Promise<void> {
  const text = await beginningOf(url, way, bytes);
  const socket = open(url);
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.write(Buffer.concat([Buffer.from(text), Buffer.alloc(sent, 1)]), () => resolve());
  });
  socket.destroy();
}

export interface SlowClient {
  /** Resolves when the server has hung up. */
  readonly cut: Promise<void>;
  leave(): void;
}

/** Sends a byte a second of a megabyte until it is cut or leaves. */
export async function beginSlowUpload(url: string, way: 'form' | 'pieces'): Promise<SlowClient> {
  const text = await beginningOf(url, way, 1024 * 1024);
  const socket = open(url);
  socket.write(text);
  const timer = setInterval(() => socket.write('x'), 1000);
  const cut = new Promise<void>((resolve) =>
    socket.once('close', () => {
      clearInterval(timer);
      resolve();
    }),
  );
  return { cut, leave: () => socket.destroy() };
}
