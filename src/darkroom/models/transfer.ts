// One exchange that brings a part further: asks for what is missing, believes nothing of the answer, and writes what comes.
// Knows neither digests nor a second attempt.
import { type Body, readAhead } from './body.ts';
import { beginPart, discardPart, type Part, readPart } from './part.ts';
import { diskFault, receive } from './receive.ts';
import { Hiccup, Refusal, request } from './request.ts';

export interface Wanted {
  readonly url: string;
  /** Where the bytes gather. */
  readonly partPath: string;
  /** Of the whole file, where that is known beforehand. */
  readonly bytes?: number;
  /** Somebody will compare a digest, so that a piece may be added although the server names no version. */
  readonly isChecked: boolean;
  /** Never more than this, whatever is announced. */
  readonly maxBytes: number;
}

export interface TransferOptions {
  readonly signal?: AbortSignal | undefined;
  /** Without a single byte for so long the connection is cut. */
  readonly stallMs: number;
  readonly maxRedirects: number;
  /** Bytes of the part so far. */
  onBytes?(bytes: number): void;
}

/**
 * Resolves when the part is whole, as far as anybody has said how long that is; true when something that lay there before is in it.
 * @throws Hiccup, Refusal, or the signal's reason
 */
export async function transfer(wanted: Wanted, options: TransferOptions): Promise<boolean> {
  const part = await usablePart(wanted);
  if (part.bytes > 0 && part.bytes === (wanted.bytes ?? part.note?.length)) return true;
  const guard = watchStall(options);
  let body: Body | undefined;
  try {
    const { signal } = guard;
    const { maxRedirects } = options;
    const response = await request(wanted.url, { headers: headersFor(part), signal, maxRedirects });
    body = readAhead(response, guard.touch);
    const start = await accept(response, part, wanted);
    if (start === 'whole') return true;
    await fill(body, start, wanted, (bytes) => {
      guard.touch();
      options.onBytes?.(bytes);
    });
    return start.offset > 0;
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    guard.stop();
    await body?.cancel();
  }
}

/** What can be continued: of this very address, not too long, and of a version that can be told, or will be. */
async function usablePart({ url, partPath, bytes, isChecked }: Wanted): Promise<Part> {
  const part = await readPart(partPath);
  const fits =
    part.note?.url === url &&
    (bytes === undefined || part.bytes <= bytes) &&
    (part.note.validator !== undefined || isChecked);
  return fits ? part : { bytes: 0 };
}

function headersFor({ bytes, note }: Part): Record<string, string> {
  // A file that is packed on the way has another length, and its pieces are no pieces of ours.
  const headers = { 'Accept-Encoding': 'identity', 'User-Agent': 'Sajin' };
  if (bytes === 0) return headers;
  const range = { ...headers, Range: `bytes=${bytes}-` };
  return note?.validator === undefined ? range : { ...range, 'If-Range': note.validator };
}

interface Start {
  readonly offset: number;
  /** Of the whole file, where the server says. */
  readonly length?: number;
}

async function accept(response: Response, part: Part, wanted: Wanted): Promise<Start | 'whole'> {
  const { status } = response;
  if (status === 200) return await acceptWhole(response, wanted);
  if (status === 206) return await acceptPiece(response, part, wanted);
  if (status === 416) return await acceptNothing(response, part, wanted);
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    throw new Hiccup(`the server answered ${status}`);
  throw new Refusal(`the server answered ${status}`);
}

/** From the beginning: nothing was there, or the server does not continue, or the file is another one by now. */
async function acceptWhole(
  { headers }: Response,
  { url, partPath, bytes, maxBytes }: Wanted,
): Promise<Start> {
  const isPacked = !['', 'identity'].includes(headers.get('content-encoding') ?? '');
  const announced = isPacked ? undefined : numberOf(headers.get('content-length'));
  if (announced !== undefined && bytes !== undefined && announced !== bytes)
    throw new Refusal(`the server announces ${announced} bytes instead of ${bytes}`);
  if ((announced ?? 0) > maxBytes)
    throw new Refusal(`the server announces ${announced} bytes, more than any model has`);
  const validator = isPacked ? undefined : validatorOf(headers);
  const length = announced === undefined ? {} : { length: announced };
  const note = { url, ...(validator === undefined ? {} : { validator }), ...length };
  await beginPart(partPath, note).catch((error: unknown) => {
    throw diskFault(error);
  });
  return { offset: 0, ...length };
}

/** Exactly the rest of exactly this file, or it is not used. */
async function acceptPiece({ headers }: Response, part: Part, wanted: Wanted): Promise<Start> {
  const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  const length = numberOf(total) ?? part.note?.length;
  const known = wanted.bytes ?? part.note?.length;
  const fits = part.bytes > 0 && numberOf(from) === part.bytes && (numberOf(to) ?? -1) >= part.bytes;
  if (fits && isVersion(headers, part.note?.validator) && (known === undefined || length === known))
    return { offset: part.bytes, ...(length === undefined ? {} : { length }) };
  await discardPart(wanted.partPath);
  throw new Hiccup('the server sent another piece than the one that was missing');
}

/** Beyond the end: either all is here already, or it is another file by now. */
async function acceptNothing({ headers }: Response, part: Part, wanted: Wanted): Promise<'whole'> {
  const total = numberOf(/^bytes \*\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1]);
  if (part.bytes > 0 && total === part.bytes && (wanted.bytes ?? total) === total) return 'whole';
  await discardPart(wanted.partPath);
  throw new Hiccup('the server has less than what is here already');
}

async function fill(
  body: Body,
  { offset, length }: Start,
  { partPath: path, bytes: wanted, maxBytes }: Wanted,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const total = wanted ?? length;
  const limit = total ?? maxBytes;
  const bytes = await receive(body, { path, offset, limit, onBytes }).catch(async (error: unknown) => {
    // More than there should be is not the beginning of the right file, and a full disk has better uses for its room.
    if (error instanceof Refusal) await discardPart(path);
    throw error;
  });
  if (total !== undefined && bytes < total)
    throw new Hiccup(`the connection ended after ${bytes} of ${total} bytes`);
}

/** If-Range compares byte for byte, so a weak ETag is none. */
function validatorOf(headers: Headers): string | undefined {
  const tag = headers.get('etag');
  if (tag !== null && /^"[^"]*"$/.test(tag)) return tag;
  return headers.get('last-modified') ?? undefined;
}

/** A server that sends a piece of another version although it was asked not to. What it does not say can't be compared. */
function isVersion(headers: Headers, validator: string | undefined): boolean {
  const said = validator?.startsWith('"') === true ? headers.get('etag') : headers.get('last-modified');
  return validator === undefined || said === null || said === validator;
}

function numberOf(text: string | null | undefined): number | undefined {
  return /^\d{1,15}$/.test(text ?? '') ? Number(text) : undefined;
}

/** One clock from the first packet to the last: whoever is silent for too long is cut off. */
function watchStall({ signal, stallMs }: TransferOptions) {
  const silence = new AbortController();
  const timer = setTimeout(() => {
    silence.abort(new Hiccup(`not a byte came for ${Math.ceil(stallMs / 1000)} s`));
  }, stallMs);
  return {
    signal: signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]),
    touch: () => void timer.refresh(),
    stop: () => clearTimeout(timer),
  };
}
