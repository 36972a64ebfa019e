// The tus protocol, spoken by tus-node-server, as one function from a request to an answer. Errors leave as GalleryError, so that
// they are told like all others; what the protocol says beyond that is in the headers.
import { createHash, randomBytes } from 'node:crypto';
import { type DataStore, Metadata, Server, TUS_RESUMABLE, TUS_VERSION } from '@tus/server';
import type { Request, RequestHandler } from 'express';
import { type ErrorCode, GalleryError } from '../gallery/errors.ts';
import { hasBody } from './body-guard.ts';
import { openLocker } from './tus-lock.ts';

export interface TusAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The upload that was made or spoken of. */
  readonly id?: string;
}

/** What the library asks of the place where uploads lie until they are whole. */
export type TusStore = DataStore;

export interface TusOptions {
  readonly store: TusStore;
  /** Where it is mounted, without a slash at the end. */
  readonly path: string;
  readonly maxBytes: number;
}

/**
 * @param by whose upload it is: nobody else comes upon it
 */
export type Tus = (request: Request, by: string, hearing?: Hearing) => Promise<TusAnswer>;

export interface Hearing {
  /** The id that a new one gets, of `nameFor`. */
  readonly name?: string;
  /** Called for what has come, before it is written; what it rejects with ends the upload there. */
  readonly came?: (bytes: number) => Promise<void>;
}

/** Rejects `no-upload`, `upload-expired`, `wrong-offset`, `too-large`, `bad-request`, `wrong-protocol`, or what the store rejects with. */
export function openTus({ store, path, maxBytes }: TusOptions): Tus {
  const thrown = new WeakMap<object, unknown>();
  const senders = new WeakMap<object, Hearing & { readonly by: string }>();
  const server = new Server({
    path,
    datastore: store,
    relativeLocation: true,
    maxSize: maxBytes,
    locker: openLocker(),
    namingFunction(asked) {
      const { by = '', name = nameFor(by) } = senders.get(asked) ?? {};
      return name;
    },
    // Whoever is asked to make room has that long to write down what has come.
    lockDrainTimeout: 500,
    onResponseError(request, error) {
      thrown.set(request, error);
      return undefined;
    },
  });
  return async (request, by, hearing = {}) => {
    const name = idIn(request);
    if (name !== undefined && !isNameOf(name, by)) throw toRefusal(404, undefined);
    const asked = toWebRequest(request, path, hearing.came);
    senders.set(asked, { ...hearing, by });
    const answer = await server.handleWeb(asked);
    if (answer.status >= 400) throw toRefusal(answer.status, thrown.get(asked));
    const headers = Object.fromEntries([...answer.headers].filter(([name]) => spoken.test(name)));
    const id = headers['location']?.split('/').at(-1) ?? idIn(request);
    return { status: answer.status, headers, ...(id === undefined ? {} : { id }) };
  };
}

/** Every answer says which protocol it speaks; 412 to whoever speaks another. */
export const expectTus: RequestHandler = (request, response, next) => {
  response.set('Tus-Resumable', TUS_RESUMABLE);
  if (request.get('tus-resumable') !== TUS_RESUMABLE) {
    response.set('Tus-Version', TUS_VERSION.join(','));
    throw new GalleryError('wrong-protocol', `Speak tus ${TUS_RESUMABLE} (Tus-Resumable).`);
  }
  next();
};

/** Only these have a body that means something. */
export const bringsBytes = (request: Request): boolean =>
  (request.method === 'POST' || request.method === 'PATCH') && hasBody(request);

/** What the sender said of its file; nothing where it is not of the protocol's form, which the library then refuses. */
export function metadataIn(request: Request): Readonly<Record<string, string | null>> {
  try {
    return Metadata.parse(request.get('upload-metadata'));
  } catch {
    return {};
  }
}

/** 32 hexadecimal digits: 96 random bits, then whose it is. By the latter the store counts how many somebody has. */
export const nameFor = (by: string) => `${randomBytes(12).toString('hex')}${markOf(by)}`;

const isNameOf = (name: string, by: string) => name.slice(24) === markOf(by);
const markOf = (by: string) => createHash('sha256').update(by).digest('hex').slice(0, 8);

const idIn = ({ params }: Request) => (typeof params.id === 'string' ? params.id : undefined);

/** The protocol's own; what the library says about other sites is not ours to say. */
const spoken = /^(?:tus|upload)-|^(?:location|cache-control|connection)$/;
const understood = [
  'tus-resumable',
  'upload-length',
  'upload-offset',
  'upload-metadata',
  'upload-defer-length',
];

// Only what the protocol asks for reaches the library. The body is touched when it is read, so that a refusal can still be told.
function toWebRequest(request: Request, path: string, came: Hearing['came']): globalThis.Request {
  const { method, headers } = request;
  const id = idIn(request);
  // As it is meant, not as it was written: digits may come percent-encoded.
  const address = id === undefined ? path : `${path}/${encodeURIComponent(id)}`;
  const kept = Object.fromEntries(
    [...understood, 'content-type', 'content-length'].flatMap((name) =>
      typeof headers[name] === 'string' ? [[name, headers[name]]] : [],
    ),
  );
  return new globalThis.Request(new URL(address, 'http://localhost'), {
    method,
    headers: kept,
    ...(bringsBytes(request) ? { body: ReadableStream.from(told(request, came)), duplex: 'half' } : {}),
  } as RequestInit);
}

async function* told(request: Request, came: Hearing['came']) {
  // Not destroyed when it is left in the middle: the refusal is still to be told.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    await came?.(chunk.length);
    yield chunk;
  }
}

function toRefusal(status: number, error: unknown): Error {
  if (error instanceof Error && !('status_code' in error)) return error;
  const options = error === undefined ? undefined : { cause: error };
  const refuse = (code: ErrorCode, message: string) => new GalleryError(code, message, {}, options);
  switch (status) {
    case 404:
      return refuse('no-upload', 'There is no such upload; send the file from its beginning.');
    case 409:
      return refuse('wrong-offset', 'The upload is at another offset; ask for it with HEAD.');
    case 410:
      return refuse('upload-expired', 'The upload is too old; send the file from its beginning.');
    case 413:
      return refuse('too-large', 'The file is larger than was said, or than may be sent.');
    case 500:
      return refuse('internal', 'The upload failed.');
    default:
      // 400, 403 of a header that is missing, 501 of an extension that is not offered.
      return refuse(
        'bad-request',
        'The request is no upload as tus 1.0.0 describes it; correct its headers.',
      );
  }
}
