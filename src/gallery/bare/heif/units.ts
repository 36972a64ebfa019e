// What a coded picture is made of, NAL units of HEVC (ITU-T H.265) or OBUs of AV1, and which of them are picture. Whatever else programs
// put between them (texts of theirs, user data, filling) is none.
import { CutOff, type PartsCounter } from '../pieces.ts';

/** As many bytes of a unit's beginning as it takes to judge it. */
export const headBytes = 64;

export interface Unit {
  /** With all that stands before its content. */
  readonly length: number;
  readonly isPicture: boolean;
}

/** @param head the first bytes of a unit, `headBytes` or all that are left. @param left how many are left. @throws CutOff */
export type UnitReader = (head: Uint8Array, left: number) => Unit;

/** Those that are kept of bytes at hand. @throws CutOff */
export function keptUnits(bytes: Uint8Array, read: UnitReader, countUnits: PartsCounter): Uint8Array[] {
  const kept: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    countUnits(1);
    const { length, isPicture } = read(bytes.subarray(at, at + headBytes), bytes.length - at);
    if (isPicture) kept.push(bytes.subarray(at, at + length));
    at += length;
  }
  return kept;
}

/** Slices, parameter sets, delimiters and ends: table 7-1 without what is filling, reserved or free for all. */
const isNalOfPicture = (type: number) =>
  type <= 9 || (type >= 16 && type <= 21) || (type >= 32 && type <= 37);
const [prefixSei, suffixSei] = [39, 40];
/** How light is meant, and what is transparent: payload types of D.2, and how many bytes each has at most. */
const keptMessages: ReadonlyMap<number, number> = new Map([
  [137, 24],
  [144, 4],
  [165, 5],
]);

/** @param lengthBytes of the length before each NAL unit */
export const nalReader =
  (lengthBytes: number): UnitReader =>
  (head, left) => {
    if (left < lengthBytes + 2) throw new CutOff('a unit ends early');
    const told = head.subarray(0, lengthBytes).reduce((sum, byte) => 256 * sum + byte, 0);
    const length = lengthBytes + told;
    if (told < 2 || length > left) throw new CutOff('a unit ends early');
    const type = ((head[lengthBytes] ?? 0) >> 1) & 63;
    const isMessage = type === prefixSei || type === suffixSei;
    const isKeptMessage =
      isMessage && length <= head.length && isMessageOfPicture(head.subarray(lengthBytes + 2, length));
    return { length, isPicture: isNalOfPicture(type) || isKeptMessage };
  };

/** One message, and nothing behind it but the bit that ends it. */
function isMessageOfPicture(content: Uint8Array): boolean {
  const [type = 0, bytes = 0] = content;
  const most = keptMessages.get(type) ?? -1;
  return bytes <= most && content.length === 3 + bytes && content.at(-1) === 0x80;
}

/** Headers, frames, tiles and delimiters: AV1, 6.2.2. */
const obusOfPicture: ReadonlySet<number> = new Set([1, 2, 3, 4, 6, 7, 8]);
const metadataObu = 5;
/** Of metadata how light is meant (6.7.1): each with its bytes, the type before them and the bit that ends them. */
const keptMetadata: ReadonlyMap<number, number> = new Map([
  [1, 6],
  [2, 26],
]);

export const obuReader: UnitReader = (head, left) => {
  const first = head[0] ?? 0;
  if (first >= 0x80) throw new CutOff('no OBU');
  const type = first >> 3;
  let at = (first & 4) === 0 ? 1 : 2;
  // Without a size it is the last one.
  let length = left - at;
  if ((first & 2) !== 0) {
    const size = leb128At(head, at);
    length = size.value;
    at += size.bytes;
  }
  if (length < 0 || at + length > left) throw new CutOff('an OBU ends early');
  const isKeptMetadata = type === metadataObu && keptMetadata.get(head[at] ?? 0) === length;
  return { length: at + length, isPicture: obusOfPicture.has(type) || isKeptMetadata };
};

function leb128At(bytes: Uint8Array, start: number): { value: number; bytes: number } {
  let value = 0;
  for (let index = 0; index < 8 && start + index < bytes.length; index += 1) {
    const byte = bytes[start + index] ?? 0;
    value += (byte & 127) * 128 ** index;
    if (byte < 128) return { value, bytes: index + 1 };
  }
  throw new CutOff('an endless number');
}
