// Boxes, of which a file of HEIF's family is made (ISO/IEC 14496-12): reading them out of bytes at hand, and writing them. Knows no files.
import { ascii, bytesOf, CutOff, joined, type PartsCounter, viewOf } from '../pieces.ts';

export interface BoxHead {
  readonly name: string;
  /** With the head; 0 for one that reaches to the end of whatever it lies in. */
  readonly length: number;
  readonly headBytes: 8 | 16;
}

/** @param bytes the first 16 of the box, or as many as there are, at least 8. @throws CutOff */
export function boxHeadOf(bytes: Uint8Array): BoxHead {
  const [view, name] = [viewOf(bytes), ascii(bytes, 4, 8)];
  const short = view.getUint32(0);
  // 1 stands for a length of 64 bits behind the name (4.2.2).
  if (short !== 1) return { name, length: short, headBytes: 8 };
  if (bytes.length < 16) throw new CutOff('a box ends early');
  return { name, length: Number(view.getBigUint64(8)), headBytes: 16 };
}

export interface Box {
  readonly name: string;
  readonly content: Uint8Array;
}

/** One behind the other, to the end. @throws CutOff for what is not that */
export function boxesIn(bytes: Uint8Array, countParts: PartsCounter): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at < bytes.length; ) {
    countParts(1);
    if (bytes.length - at < 8) throw new CutOff('a box ends early');
    const { name, length: told, headBytes } = boxHeadOf(bytes.subarray(at));
    const length = told === 0 ? bytes.length - at : told;
    if (length < headBytes || at + length > bytes.length) throw new CutOff('a box ends early');
    boxes.push({ name, content: bytes.subarray(at + headBytes, at + length) });
    at += length;
  }
  return boxes;
}

export interface Reader {
  /** Most significant byte first; 0 bytes are the number 0. @throws CutOff */
  number(bytes: number): number;
  /** @throws CutOff */
  take(bytes: number): Uint8Array;
  rest(): Uint8Array;
}

export function openReader(bytes: Uint8Array): Reader {
  let at = 0;
  const take = (length: number) => {
    if (at + length > bytes.length) throw new CutOff('a box ends early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  return {
    take,
    number(length) {
      const value = take(length).reduce((sum, byte) => 256 * sum + byte, 0);
      if (!Number.isSafeInteger(value)) throw new CutOff('an impossible number');
      return value;
    },
    rest: () => take(bytes.length - at),
  };
}

export function box(name: string, ...content: readonly Uint8Array[]): Uint8Array {
  const body = joined(content);
  return joined([u32(body.length + 8), bytesOf(name), body]);
}

/** With version and flags. */
export const fullBox = (name: string, version: number, flags: number, ...content: readonly Uint8Array[]) =>
  box(name, Uint8Array.of(version, 0, 0, flags), ...content);

export const u16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 255);
export const u32 = (value: number): Uint8Array => joined([u16(value >>> 16), u16(value & 0xffff)]);
