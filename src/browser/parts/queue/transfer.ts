// Carries the bytes of one item to the server, resuming where it stopped (tus 1.0). Decides nothing about trying again.
import { DetailedError, type HttpResponse, type HttpStack, Upload } from 'tus-js-client';
import { type AnswerFacts, problemIn, retryAfterMs } from './verdict.ts';

export interface Transfer {
  readonly file: Blob;
  readonly metadata: Readonly<Record<string, string>>;
  /** Whose photo it is to become. */
  readonly user: string | undefined;
  /** The path of an upload that was begun. */
  readonly uploadUrl: string | undefined;
  readonly chunkBytes: number;
  readonly httpStack: HttpStack | undefined;
  readonly signal: AbortSignal;
  begun(uploadUrl: string): void;
  progress(sent: number): void;
}

export interface Arrival {
  readonly photo: string | undefined;
  readonly duplicate: boolean;
}

/** What the server, or the lack of one, said. */
export class TransferError extends Error {
  readonly answer: AnswerFacts;

  constructor(answer: AnswerFacts) {
    super(`the transfer ended with ${answer.status ?? 'no answer'}`);
    this.name = 'TransferError';
    this.answer = answer;
  }
}

// A connection that is gone without a word: no browser ends such a request by itself.
const silenceMs = 60_000;
// All bytes are there, and the server writes them to its disk and looks whether they are a picture.
const checkingMs = 180_000;

/** @throws TransferError; `signal.reason` when it was aborted */
export function transfer(wanted: Transfer): Promise<Arrival> {
  const { file, uploadUrl, httpStack, signal } = wanted;
  const { origin } = globalThis.location;
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(silence);
      signal.removeEventListener('abort', abort);
      settle();
    };
    const stop = (error: unknown) => {
      void upload.abort();
      end(() => reject(error));
    };
    const abort = () => stop(signal.reason);
    const watch = (forMs: number) => {
      clearTimeout(silence);
      // Without XMLHttpRequest nobody tells how far a request is, and a slow one looks like a dead one.
      if (httpStack === undefined)
        silence = setTimeout(() => stop(new TransferError({ status: undefined, resuming: true })), forMs);
    };
    let silence: ReturnType<typeof setTimeout> | undefined;
    const upload: Upload = new Upload(file, {
      // With an endpoint, tus-js-client takes any failed HEAD for "not there" and begins anew.
      ...(uploadUrl === undefined
        ? { endpoint: new URL('/uploads', origin).href }
        : { uploadUrl: new URL(uploadUrl, origin).href }),
      ...(httpStack === undefined ? {} : { httpStack }),
      // Else a refusal comes as a page for people.
      headers: { Accept: 'application/json', ...forWhom(wanted.user) },
      metadata: { ...wanted.metadata },
      chunkSize: wanted.chunkBytes,
      retryDelays: null,
      storeFingerprintForResuming: false,
      onUploadUrlAvailable() {
        // Behind a proxy the server may not know its own name: the path is what counts.
        const path = new URL(upload.url ?? '/', origin).pathname;
        upload.url = new URL(path, origin).href;
        wanted.begun(path);
      },
      onProgress(sent) {
        watch(sent < file.size ? silenceMs : checkingMs);
        wanted.progress(sent);
      },
      onSuccess: ({ lastResponse }) => end(() => resolve(arrivalIn(lastResponse))),
      onError: (error) => end(() => reject(new TransferError(factsOf(error, upload.url !== null)))),
    });
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort);
    watch(silenceMs);
    upload.start();
  });
}

/** Says whose a picture is, so that the server refuses it when somebody else has signed in meanwhile (409 `other-user`). */
export const forWhom = (user: string | undefined): Readonly<Record<string, string>> =>
  user === undefined ? {} : { 'Sajin-For': user };

/** Takes back what was begun; whoever can't be reached forgets it by himself after a day. */
export async function takeBack(uploadUrl: string): Promise<void> {
  // A request that was just cut may still hold it for a moment.
  for (const waitMs of [0, 1_000, 3_000]) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const answer = await fetch(uploadUrl, {
      method: 'DELETE',
      headers: { 'Tus-Resumable': '1.0.0' },
      keepalive: true,
    }).catch(() => undefined);
    if (answer?.ok || answer?.status === 404 || answer?.status === 410) return;
  }
}

const arrivalIn = (response: HttpResponse): Arrival => ({
  photo: photoPath(response.getHeader('Sajin-Photo')),
  duplicate: response.getHeader('Sajin-Duplicate') === '1',
});

/** The path of a photo of this site; undefined for anything else. */
export const photoPath = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\/photos\/[\w-]+$/.test(value) ? value : undefined;

/** What an answer outside of the protocol says. */
export async function factsIn(answer: Response): Promise<AnswerFacts> {
  return {
    status: answer.status,
    ...problemIn(await answer.text().catch(() => '')),
    retryAfterMs: retryAfterMs(answer.headers.get('Retry-After'), Date.now()),
    resuming: false,
  };
}

function factsOf(error: Error | DetailedError, resuming: boolean): AnswerFacts {
  const response = error instanceof DetailedError ? error.originalResponse : null;
  if (response === null) return { status: undefined, resuming };
  // What HEAD is refused for has no body.
  const code = response.getHeader('Sajin-Problem');
  return {
    status: response.getStatus(),
    ...(code ? { code } : {}),
    ...problemIn(response.getBody() ?? ''),
    retryAfterMs: retryAfterMs(response.getHeader('Retry-After'), Date.now()),
    resuming,
  };
}
