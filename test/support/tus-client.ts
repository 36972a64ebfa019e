// The tus protocol by hand, request by request, so that a test decides what is sent and what is cut.
import { type ClientRequest, request as httpRequest } from 'node:http';

export interface TusReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface NewUpload {
  readonly bytes: number;
  readonly title?: string;
  readonly sha256?: string;
  readonly name?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent with the creation. */
  readonly body?: Uint8Array;
}

export type TusClient = ReturnType<typeof createTusClient>;

const version = { 'Tus-Resumable': '1.0.0' };
const piece = { 'Content-Type': 'application/offset+octet-stream' };

/** @param cookie of whoever it asks for */
export function createTusClient(url: string, cookie?: string) {
  const begin = (
    method: string,
    path: string,
    headers: Readonly<Record<string, string | number>>,
  ): { sent: ClientRequest; reply: Promise<TusReply> } => {
    const signedIn = cookie === undefined ? {} : { Cookie: cookie };
    const all = { Accept: 'application/json', Origin: url, ...version, ...signedIn, ...headers };
    const sent = httpRequest(new URL(path, url), { method, headers: all, agent: false });
    const reply = new Promise<TusReply>((resolve, reject) => {
      sent.on('error', reject);
      sent.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      });
    });
    reply.catch(() => {});
    return { sent, reply };
  };
  const ask = (
    method: string,
    path: string,
    headers: Readonly<Record<string, string | number>> = {},
    body?: Uint8Array,
  ) => {
    const { sent, reply } = begin(method, path, {
      ...(body === undefined ? {} : { 'Content-Length': body.length }),
      ...headers,
    });
    sent.end(body);
    return reply;
  };
  const client = {
    ask,
    /** Headers are out; the body is the test's to write and to cut. */
    begin: (path: string, offset: number, headers: Readonly<Record<string, string | number>> = {}) =>
      begin('PATCH', path, { ...piece, 'Upload-Offset': offset, ...headers }),
    /** The same for a creation that brings bytes. */
    beginMaking: (headers: Readonly<Record<string, string | number>>) =>
      begin('POST', '/uploads', { ...piece, ...headers }),
    make({ bytes, title, sha256, name, headers = {}, body }: NewUpload) {
      const metadata = Object.entries({ filename: name, title, sha256 })
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => `${key} ${Buffer.from(value ?? '').toString('base64')}`);
      return ask(
        'POST',
        '/uploads',
        {
          'Upload-Length': bytes,
          ...(metadata.length === 0 ? {} : { 'Upload-Metadata': metadata.join(',') }),
          ...(body === undefined ? {} : piece),
          ...headers,
        },
        body,
      );
    },
    /** The address of a new upload that must be made. */
    async made(upload: NewUpload): Promise<string> {
      const reply = await client.make(upload);
      if (reply.status !== 201) throw new Error(`${reply.status} ${reply.text}`);
      return String(reply.headers.location);
    },
    patch: (
      path: string,
      offset: number,
      body: Uint8Array,
      headers: Readonly<Record<string, string | number>> = {},
    ) => ask('PATCH', path, { ...piece, 'Upload-Offset': offset, ...headers }, body),
    head: (path: string) => ask('HEAD', path),
    remove: (path: string) => ask('DELETE', path),
    /** Whole, in one piece after the creation. */
    async send(body: Uint8Array, upload: Omit<NewUpload, 'bytes' | 'body'> = {}): Promise<TusReply> {
      const path = await client.made({ ...upload, bytes: body.length });
      return client.patch(path, 0, body);
    },
  };
  return client;
}
