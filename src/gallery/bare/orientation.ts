// The one thing of EXIF that a picture can't do without: which way is up.
import { ascii, bytesOf, viewOf } from './pieces.ts';

const orientationTag = 0x0112;
const shortType = 3;
/** More entries than any camera writes into the first directory. */
const mostEntries = 1000;

/** 2..8 for a picture that has to be turned; undefined for one that has not, and for what can't be read. @param tiff what EXIF is inside */
export function orientationIn(tiff: Uint8Array): number | undefined {
  const view = viewOf(tiff);
  if (tiff.length < 14) return undefined;
  const order = ascii(tiff, 0, 2);
  if (order !== 'II' && order !== 'MM') return undefined;
  const isLittle = order === 'II';
  const directory = view.getUint32(4, isLittle);
  if (directory + 2 > tiff.length) return undefined;
  const count = Math.min(view.getUint16(directory, isLittle), mostEntries);
  for (let at = directory + 2; at < directory + 2 + 12 * count && at + 12 <= tiff.length; at += 12) {
    if (view.getUint16(at, isLittle) !== orientationTag) continue;
    const value = view.getUint16(at + 8, isLittle);
    const isOne = view.getUint16(at + 2, isLittle) === shortType;
    return isOne && value >= 2 && value <= 8 ? value : undefined;
  }
  return undefined;
}

/** A whole TIFF that says nothing else. */
export function tiffOf(orientation: number): Uint8Array {
  return bytesOf(
    `MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0${String.fromCharCode(orientation)}\0\0\0\0\0\0`,
  );
}
