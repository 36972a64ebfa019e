// A copy of a file without parts of it, as a list of what to send: ranges of the file, and bytes of ours between them. Reads in windows, so
// that a file of any size takes the memory of one window, and never decodes anything.

/** `to` is not part of it. */
export type Piece = { readonly from: number; readonly to: number } | Uint8Array;

export interface Source {
  readonly bytes: number;
  /** What lies at a place: at least `least` bytes, and as many more as are at hand. @throws CutOff when there are fewer */
  ahead(at: number, least: number): Promise<Uint8Array>;
}

/** The file ends early or is not what it says it is: nobody can say what of it is the picture. */
export class CutOff extends Error {
  override readonly name = 'CutOff';
}

/** More parts than any honest file has; each costs a step whenever somebody asks for the copy. */
export const mostParts = 200_000;

const windowBytes = 256 * 1024;

/** @param read the bytes from `start` to `end`, both of them part of it */
export function openSource(
  bytes: number,
  read: (range: { readonly start: number; readonly end: number }) => Promise<Uint8Array>,
): Source {
  let [window, start]: [Uint8Array, number] = [new Uint8Array(0), 0];
  return {
    bytes,
    async ahead(at, least) {
      if (at < 0 || at + least > bytes) throw new CutOff('the file ends early');
      if (at < start || at + least > start + window.length) {
        const end = Math.min(bytes, at + Math.max(least, windowBytes)) - 1;
        [window, start] = [await read({ start: at, end }), at];
        if (window.length < least) throw new CutOff('the file ends early');
      }
      return window.subarray(at - start);
    },
  };
}

/** Puts a range behind the others; one that follows the last without a gap becomes part of it. */
export function keep(pieces: Piece[], from: number, to: number): void {
  const last = pieces.at(-1);
  if (last !== undefined && 'from' in last && last.to === from)
    pieces[pieces.length - 1] = { from: last.from, to };
  else pieces.push({ from, to });
}

export const lengthOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, piece) => sum + ('from' in piece ? piece.to - piece.from : piece.length), 0);

export const ascii = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));

export const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
