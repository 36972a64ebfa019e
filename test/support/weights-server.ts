// A real server on the loopback that holds weights and behaves as badly as it is told to: answer by answer, in the order of the list.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cleaner } from './folder.ts';

export interface ServedFile {
  bytes: Buffer;
  /** Without one the server names no version. */
  etag?: string;
  lastModified?: string;
}

/** One answer. */
export type Mood = (request: IncomingMessage, response: ServerResponse, file: ServedFile) => void;

export interface WeightsServer {
  readonly url: string;
  readonly files: Map<string, ServedFile>;
  /** What was asked, and from which byte on. */
  readonly asked: readonly { readonly path: string; readonly range?: string; readonly ifRange?: string }[];
  /** The next answers for this path; after them it is fine, or like the last one with `forever`. */
  behave(path: string, moods: readonly Mood[], forever?: 'forever'): void;
  close(): void;
}

export async function openWeightsServer(t: Cleaner): Promise<WeightsServer> {
  const files = new Map<string, ServedFile>();
  const scripts = new Map<string, { moods: Mood[]; last?: Mood | undefined }>();
  const asked: { path: string; range?: string; ifRange?: string }[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const { range, 'if-range': ifRange } = request.headers;
    asked.push({ path, ...(range && { range }), ...(typeof ifRange === 'string' && { ifRange }) });
    const script = scripts.get(path);
    const file = files.get(path);
    const mood = script?.moods.shift() ?? script?.last ?? (file === undefined ? status(404) : fine);
    mood(request, response, file ?? { bytes: Buffer.alloc(0) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  t.after(close);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files,
    asked,
    behave(path, moods, forever) {
      scripts.set(path, { moods: [...moods], last: forever && moods.at(-1) });
    },
    close,
  };
}

/** As a good server does: ranges, versions, lengths. */
export const fine: Mood = (request, response, file) => {
  begin(request, response, file);
  response.end(restOf(request, file));
};

/** The whole, whatever was asked for. */
export const ignoringRanges: Mood = (_request, response, file) => {
  response.writeHead(200, { 'Content-Length': file.bytes.length, ...versionOf(file) });
  response.end(file.bytes);
};

/** The connection breaks after so many bytes of this answer. */
export const cutAfter =
  (bytes: number, start: Mood = begin): Mood =>
  (request, response, file) => {
    start(request, response, file);
    response.write(restOf(request, file).subarray(0, bytes), () => response.destroy());
  };

/** Nothing more comes after so many bytes, and the connection stays. */
export const stallAfter =
  (bytes: number): Mood =>
  (request, response, file) => {
    begin(request, response, file);
    response.write(restOf(request, file).subarray(0, bytes));
  };

export const status =
  (code: number, headers: Record<string, string> = {}): Mood =>
  (_request, response) => {
    response.writeHead(code, headers);
    response.end('no weights here');
  };

export const redirectTo = (location: string): Mood => status(302, { Location: location });

/** Says that it is so long, sends what it has, and hangs up. */
export const announcing =
  (length: number): Mood =>
  (_request, response, file) => {
    response.writeHead(200, { 'Content-Length': length, ...versionOf(file) });
    response.write(file.bytes, () => response.destroy());
  };

/** Never says how long it is. */
export const withoutLength: Mood = (_request, response, file) => {
  response.writeHead(200, versionOf(file));
  response.write(file.bytes.subarray(0, file.bytes.length >> 1));
  response.end(file.bytes.subarray(file.bytes.length >> 1));
};

/** With other bytes of the same length. */
export const wrongBytes: Mood = (request, response, file) =>
  fine(request, response, { ...file, bytes: Buffer.alloc(file.bytes.length, 'wrong') });

/** Headers of the right answer, and nothing else. */
export function begin(request: IncomingMessage, response: ServerResponse, file: ServedFile): void {
  const from = startOf(request, file);
  const { length } = file.bytes;
  if (from === undefined) {
    response.writeHead(200, { 'Content-Length': length, ...versionOf(file) });
  } else if (from >= length) {
    response.writeHead(416, { 'Content-Range': `bytes */${length}` });
  } else {
    const range = `bytes ${from}-${length - 1}/${length}`;
    response.writeHead(206, {
      'Content-Length': length - from,
      'Content-Range': range,
      ...versionOf(file),
    });
  }
  response.flushHeaders();
}

export const versionOf = ({ etag, lastModified }: ServedFile): Record<string, string> => ({
  ...(etag === undefined ? {} : { ETag: etag }),
  ...(lastModified === undefined ? {} : { 'Last-Modified': lastModified }),
});

function restOf(request: IncomingMessage, file: ServedFile): Buffer {
  return file.bytes.subarray(startOf(request, file) ?? 0);
}

/** Undefined when the whole file is to be sent. */
function startOf(request: IncomingMessage, file: ServedFile): number | undefined {
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const version = request.headers['if-range'];
  const isSame = version === undefined || version === file.etag || version === file.lastModified;
  return asked === undefined || !isSame ? undefined : Number(asked);
}
