// How much of a coded picture is shown (ISO/IEC 14496-12, 12.1.4, and 23008-12, 6.5 and 6.6.2.3). What is only hidden would leave with the rest.
import { CutOff } from '../pieces.ts';
import { type Box, openReader } from './boxes.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** As many rows and columns as are cut off to make up for blocks of coding; what people cut off is more. */
const mostCutOff = 64;
/** As many as the last tiles of a grid may have too many, if they are that large: phones have tiles of 512 x 512. */
const mostFilled = 512;

/** Of an item; undefined for one that does not say it. @throws CutOff */
export function sizeIn(of: readonly Box[]): Size | undefined {
  const ispe = onlyOf(of, 'ispe');
  if (ispe === undefined) return undefined;
  const reader = openReader(ispe.content);
  const [, width, height] = [reader.number(4), reader.number(4), reader.number(4)];
  return { width, height };
}

function onlyOf(of: readonly Box[], wanted: string): Box | undefined {
  const [first, second] = of.filter(({ name }) => name === wanted);
  if (second !== undefined) throw new CutOff('said in two ways');
  return first;
}

/** As whoever it is a part of sees it. @throws CutOff */
export function turnedSizeIn(of: readonly Box[]): Size | undefined {
  const size = sizeIn(of);
  return size === undefined ? undefined : turned(size, of);
}

/** What is done to a picture is done in the order in which it is said. */
function turned(size: Size, of: readonly Box[]): Size {
  const quarters = of.reduce((sum, { name, content }) => sum + (name === 'irot' ? (content[0] ?? 0) : 0), 0);
  return quarters % 2 === 0 ? size : { width: size.height, height: size.width };
}

/** @throws CutOff when the picture that is shown is part of a larger one. @param of one item */
export function expectUncut(of: readonly Box[]): void {
  const clap = onlyOf(of, 'clap');
  const size = sizeIn(of);
  if (clap === undefined) return;
  if (size === undefined) throw new CutOff('a picture without a size');
  const { width, height } = turned(size, of.slice(0, of.indexOf(clap)));
  const reader = openReader(clap.content);
  const fraction = () => (reader.number(4) | 0) / reader.number(4);
  const [across, down, fromMiddle, fromCentre] = [fraction(), fraction(), fraction(), fraction()];
  expectSide(width, across, fromMiddle);
  expectSide(height, down, fromCentre);
}

/** @param off how far the middle of what is shown is from the middle of all */
function expectSide(all: number, shown: number, off: number): void {
  const hidden = all - shown;
  // Written so that no number at all is refused, too. What lies beside the picture is moved into it by some, which hides as much of it.
  if (!(hidden >= 0 && hidden < mostCutOff && 2 * Math.abs(off) <= hidden))
    throw new CutOff('a part of a picture');
}

/** @throws CutOff when a grid hides more than what fills up its last tiles. @param instructions as they lie in the file */
export function expectWholeTiles(
  instructions: Uint8Array,
  own: Size | undefined,
  tiles: readonly (Size | undefined)[],
): void {
  const reader = openReader(instructions);
  const [, flags, rows, columns] = Array.from({ length: 4 }, () => reader.number(1));
  const bytes = ((flags ?? 0) & 1) === 0 ? 2 : 4;
  const [width, height] = [reader.number(bytes), reader.number(bytes)];
  if (own !== undefined && (own.width !== width || own.height !== height))
    throw new CutOff('said in two ways');
  for (const tile of tiles) {
    expectFilled(width, tile?.width, (columns ?? 0) + 1);
    expectFilled(height, tile?.height, (rows ?? 0) + 1);
  }
}

/** @param tile undefined when nobody knows */
function expectFilled(shown: number, tile: number | undefined, count: number): void {
  const hidden = count * (tile ?? Number.NaN) - shown;
  if (!(hidden >= 0 && hidden < Math.min(tile ?? 0, mostFilled))) throw new CutOff('a part of a picture');
}
