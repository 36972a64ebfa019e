// A copy of a file without parts of it, as a list of what to send: ranges of the file, and bytes of ours between them. Reads in windows, so
// that a file of any size takes the memory of one window, and never decodes anything.

/** `to` is not part of it. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Ranges stand in the order of the file, and none overlaps another: it is read once, from the first to the last. */
export type Piece = Range | Uint8Array;

export interface Source {
  readonly bytes: number;
  /** What lies at a place: at least `least` bytes, and as many more as are at hand. @throws CutOff when there are fewer */
  ahead(at: number, least: number): Promise<Uint8Array>;
  /** To be called for each part of the file. Others are let in now and then. @throws CutOff after too many, and the signal's reason */
  step(): Promise<void>;
}

/** The file ends early or is not what it says it is: nobody can say what of it is the picture. */
export class CutOff extends Error {
  override readonly name = 'CutOff';
}

/** More than honest files of our sizes have: most programs cut a PNG into parts of 8 KB, which makes 12,800 of 100 MB. */
export const mostParts = 20_000;

/** To be told of parts that are looked at in memory. @throws CutOff when there have been more than honest files have */
export type PartsCounter = (more: number) => void;

export function partsCounter(most = mostParts): PartsCounter {
  let parts = 0;
  return (more) => {
    parts += more;
    if (parts > most) throw new CutOff('too many parts');
  };
}

/** Parts are looked at in memory, so that nobody else would have a turn until the next reading of the file. */
const partsInOneTurn = 500;

const windowBytes = 256 * 1024;

/** @param read the bytes from `start` to `end`, both of them part of it */
export function openSource(
  bytes: number,
  read: (range: { readonly start: number; readonly end: number }) => Promise<Uint8Array>,
  signal?: AbortSignal,
): Source {
  let [window, start]: [Uint8Array, number] = [new Uint8Array(0), 0];
  let parts = 0;
  return {
    bytes,
    async ahead(at, least) {
      if (at < 0 || at + least > bytes) throw new CutOff('the file ends early');
      if (at < start || at + least > start + window.length) {
        signal?.throwIfAborted();
        const end = Math.min(bytes, at + Math.max(least, windowBytes)) - 1;
        [window, start] = [await read({ start: at, end }), at];
        if (window.length < least) throw new CutOff('the file ends early');
      }
      return window.subarray(at - start);
    },
    async step() {
      parts += 1;
      if (parts > mostParts) throw new CutOff('too many parts');
      if (parts % partsInOneTurn !== 0) return;
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    },
  };
}

/** Puts a range behind the others; one that follows the last without a gap becomes part of it. */
export function keep(pieces: Piece[], from: number, to: number): void {
  const last = pieces.at(-1);
  if (last !== undefined && isRange(last) && last.to === from)
    pieces[pieces.length - 1] = { from: last.from, to };
  else pieces.push({ from, to });
}

export const isRange = (piece: Piece): piece is Range => 'from' in piece;

export const lengthOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, piece) => sum + (isRange(piece) ? piece.to - piece.from : piece.length), 0);

/** @param content of the file, from where the first range begins. Throws when it ends before the last one does */
export async function* cut(
  content: AsyncIterable<Uint8Array>,
  pieces: readonly Piece[],
): AsyncGenerator<Uint8Array> {
  let start = pieces.find(isRange)?.from ?? 0;
  let next = 0;
  for await (const chunk of content) {
    const found = piecesIn(chunk, start, pieces, next);
    start += chunk.length;
    next = found.next;
    if (found.parts.length > 0) yield Buffer.concat(found.parts);
  }
  if (next < pieces.length) throw new Error('the file is shorter than it was');
}

/** What of the pieces can be had from one chunk; `next` is the one that is still to come or to be gone on with. */
function piecesIn(chunk: Uint8Array, start: number, pieces: readonly Piece[], first: number) {
  const end = start + chunk.length;
  const parts: Uint8Array[] = [];
  for (let next = first; ; next += 1) {
    const piece = pieces[next];
    if (piece === undefined) return { parts, next };
    if (!isRange(piece)) {
      parts.push(piece);
      continue;
    }
    if (piece.from < end) parts.push(chunk.subarray(Math.max(piece.from - start, 0), piece.to - start));
    if (piece.to > end) return { parts, next };
  }
}

export const ascii = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));

export const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
