// One file, from an address to a checked part beside its place: tries again, goes on where it stopped, compares size and digest,
// and brings the bytes to the disk. Never touches the place itself.
import { setTimeout as pause } from 'node:timers/promises';
import { isFull, readDigest, sizeOf, syncPath } from './files.ts';
import { discardPart } from './part.ts';
import { diskFault } from './receive.ts';
import { Hiccup, Refusal } from './request.ts';
import { transfer } from './transfer.ts';

export interface Order {
  readonly url: string;
  /** Where the file shall lie in the end. Only named, not touched. */
  readonly target: string;
  readonly bytes?: number;
  readonly sha256?: string;
}

/** How long a download is waited for, and how often it is tried. */
export interface Patience {
  /** Without a byte for so long the connection is cut. */
  readonly stallMs: number;
  /** One after the other that brought nothing new; one that did starts the count again. */
  readonly vainAttempts: number;
  /** Before the second attempt; doubles up to 30 times itself. */
  readonly backoffMs: number;
  readonly maxRedirects: number;
  /** Of a file of unknown size. */
  readonly maxBytes: number;
}

export const usualPatience: Patience = {
  stallMs: 30_000,
  vainAttempts: 5,
  backoffMs: 1_000,
  maxRedirects: 5,
  maxBytes: 256 * 1024 * 1024,
};

/** The message is one sentence with the exact address and the exact path. */
export class DownloadFailed extends Error {
  override readonly name = 'DownloadFailed';
}

export interface DownloadOptions {
  readonly patience: Patience;
  readonly signal?: AbortSignal;
  /** Of this file so far. */
  onBytes?(bytes: number): void;
}

export const partOf = (target: string): string => `${target}.part`;

/**
 * Resolves when the part is whole, right and synced. @throws DownloadFailed, or the signal's reason: then what has come so far
 * stays for the next time.
 */
export async function download(
  order: Order,
  options: DownloadOptions,
): Promise<{ bytes: number; sha256: string }> {
  const { patience, signal } = options;
  const path = partOf(order.target);
  let [furthest, vain] = [0, 0];
  for (;;) {
    try {
      const isPieced = await transfer(wantedOf(order, patience), { ...patience, ...options });
      return await check(order, path, isPieced);
    } catch (error) {
      signal?.throwIfAborted();
      const bytes = (await sizeOf(path)) ?? 0;
      vain = bytes > furthest ? 0 : vain + 1;
      furthest = Math.max(furthest, bytes);
      if (error instanceof Refusal) throw failureOf(order, error);
      if (!(error instanceof Hiccup)) throw error;
      if (vain >= patience.vainAttempts) throw failureOf(order, error, patience.vainAttempts);
    }
    await rest(Math.min(30, 2 ** Math.max(0, vain - 1)) * patience.backoffMs, signal);
  }
}

async function rest(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => signal?.throwIfAborted());
}

function wantedOf({ url, target, bytes, sha256 }: Order, { maxBytes }: Patience) {
  const isChecked = sha256 !== undefined;
  return { url, partPath: partOf(target), isChecked, maxBytes, ...(bytes === undefined ? {} : { bytes }) };
}

/** Reads what is on the disk, not what went by. */
async function check({ bytes: wanted, sha256: right }: Order, path: string, isPieced: boolean) {
  const [bytes, sha256] = [await sizeOf(path), await readDigest(path)];
  if (bytes === undefined || sha256 === undefined) throw new Refusal('the file can not be read again');
  const isRight = (wanted ?? bytes) === bytes && (right ?? sha256) === sha256;
  if (isRight) {
    await syncPath(path).catch((error: unknown) => {
      throw diskFault(error);
    });
    return { bytes, sha256 };
  }
  await discardPart(path);
  // Pieces of two versions, or a disk that lost its last second: the whole may still be right.
  if (isPieced) throw new Hiccup('the pieces do not make the right file');
  if (wanted !== undefined && bytes !== wanted)
    throw new Refusal(`${bytes} bytes came instead of ${wanted}, and were thrown away`);
  throw new Refusal(`what came has the SHA-256 ${sha256} instead of ${right}, and was thrown away`);
}

function failureOf({ url, target }: Order, error: Hiccup | Refusal, attempts = 1): DownloadFailed {
  const why = error.message;
  const often = attempts > 1 ? ` (${attempts} attempts)` : '';
  const advice = isFull(error.cause)
    ? 'free some space and try again'
    : 'try again later, set MODEL_MIRROR to another source, or get the file elsewhere and run `sajin models import FILE`';
  return new DownloadFailed(`Fetching ${url} to ${target} failed: ${why}${often}; ${advice}.`, {
    cause: error,
  });
}
