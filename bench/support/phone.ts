// A phone that uploads at the pace of its network, through the addresses that resume, and goes on where it was cut off.
import { Agent, type ClientRequest, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface Phone {
  /** Resolves when the photo is acknowledged: milliseconds from the last byte to the end of the answer, and how often it tried. */
  send(bytes: Buffer, title: string): Promise<{ ackMs: number; photo: string; tries: number }>;
  close(): void;
}

const tickMs = 50;

/** @param bytesPerSecond of its network; Infinity for as fast as it goes */
export function openPhone(url: string, bytesPerSecond: number): Phone {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (method: string, path: string, headers: Record<string, string | number>, write: Write = end) =>
    new Promise<Reply>((resolve, reject) => {
      const all = { 'Tus-Resumable': '1.0.0', Origin: url, Accept: 'application/json', ...headers };
      const sent = request(new URL(path, url), { method, agent, headers: all });
      let lastByteAt = performance.now();
      sent.on('error', reject);
      sent.on('response', (response) => {
        response.resume();
        response.on('end', () => {
          const { statusCode: status = 0, headers: said } = response;
          resolve({ status, headers: said, ackMs: performance.now() - lastByteAt });
        });
      });
      void write(sent).then(() => (lastByteAt = performance.now()), reject);
    });

  const attempt = async (state: { path?: string }, bytes: Buffer, title: string): Promise<Reply> => {
    let offset = 0;
    if (state.path === undefined) {
      const metadata = `title ${Buffer.from(title).toString('base64')}`;
      const made = await ask('POST', '/uploads', {
        'Upload-Length': bytes.length,
        'Upload-Metadata': metadata,
      });
      if (made.status !== 201) return made;
      state.path = String(made.headers.location);
    } else {
      const head = await ask('HEAD', state.path, {});
      if (head.headers['sajin-photo'] !== undefined) return head;
      offset = Number(head.headers['upload-offset']);
    }
    const headers = {
      'Content-Type': 'application/offset+octet-stream',
      'Upload-Offset': offset,
      'Content-Length': bytes.length - offset,
    };
    return ask('PATCH', state.path, headers, (sent) => trickle(sent, bytes.subarray(offset), bytesPerSecond));
  };

  return {
    async send(bytes, title) {
      const state: { path?: string } = {};
      for (let tries = 1; tries <= 50; tries += 1) {
        const reply = await attempt(state, bytes, title).catch(() => undefined);
        const photo = reply?.headers['sajin-photo'];
        if (reply !== undefined && typeof photo === 'string') return { ackMs: reply.ackMs, photo, tries };
        await pause(200 + Math.random() * 800);
      }
      throw new Error('a photo was not taken in fifty tries');
    },
    close: () => agent.destroy(),
  };
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly ackMs: number;
}

type Write = (sent: ClientRequest) => Promise<void>;

const end: Write = async (sent) => {
  sent.end();
};

async function trickle(sent: ClientRequest, bytes: Buffer, bytesPerSecond: number): Promise<void> {
  const step = Math.min(bytes.length, Math.max(1, Math.floor((bytesPerSecond * tickMs) / 1000)));
  for (let at = 0; at < bytes.length; at += step) {
    if (at > 0) await pause(tickMs);
    await written(sent, bytes.subarray(at, at + step));
  }
  sent.end();
}

const written = (sent: ClientRequest, bytes: Buffer) =>
  new Promise<void>((resolve, reject) => {
    sent.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
