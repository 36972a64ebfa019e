// A HEIC or AVIF with nothing but its main picture: whatever stands around the coded bytes is written anew, and of those no bit is changed.
import { CutOff, keep, lengthOf, type Piece, type Range, type Source } from '../pieces.ts';
import { boxHeadOf } from './boxes.ts';
import { type Meta, metaOf } from './meta.ts';
import { type Part, type Picture, pictureOf } from './picture.ts';
import { expectWholeTiles } from './shown.ts';
import { headBytes, type UnitReader } from './units.ts';
import { brandsOf, type Place, written } from './written.ts';

/** What stands around the pixels of a phone has some kilobytes. */
const mostMetaBytes = 1024 * 1024;
const mostBrandBytes = 1024;

/**
 * The items are not sent where they lay: what says where would tell how much was left out, and a film of 50 MB would go along as zeros.
 * What is derived lies in the head of the copy, what is coded behind it, in the order of the file.
 * @throws CutOff
 */
export async function bareHeif(source: Source): Promise<Piece[]> {
  const { brands, meta, media } = await outlineOf(source);
  const told = metaOf(await contentOf(source, meta), meta.from);
  const picture = pictureOf(told);
  expectApart(told, picture, told.idat === undefined ? media : [...media, told.idat]);
  const derived = new Map<number, Uint8Array>();
  const sizes = new Map(picture.items.map(({ id, turnedSize }) => [id, turnedSize]));
  for (const item of picture.items) {
    if (item.read !== undefined) continue;
    const instructions = await instructionsOf(source, item);
    const tiles = item.madeOf.map((id) => sizes.get(id));
    if (item.type === 'grid') expectWholeTiles(instructions, item.size, tiles);
    derived.set(item.id, instructions);
  }
  const { places, ranges } = await codedBytesOf(source, picture);
  return [written({ brands, picture, derived, places }), ...ranges];
}

const contentOf = async (source: Source, { from, to }: Range) =>
  (await source.ahead(from, to - from)).subarray(0, to - from);

interface Outline {
  readonly brands: readonly string[];
  readonly meta: Range;
  /** Where the bytes of items may lie. */
  readonly media: readonly Range[];
}

/** What stands behind the last box, and is none, is nobody's: phones write films and notes there. */
async function outlineOf(source: Source): Promise<Outline> {
  const media: Range[] = [];
  const others = new Map<string, Range>();
  for (let at = 0; at + 8 <= source.bytes; ) {
    await source.step();
    const least = Math.min(16, source.bytes - at);
    const { name, length, headBytes } = boxHeadOf((await source.ahead(at, least)).subarray(0, least));
    const to = length === 0 ? source.bytes : at + length;
    if (to < at + headBytes || to > source.bytes) break;
    const range = { from: at + headBytes, to };
    if (name === 'mdat') media.push(range);
    else if (others.has(name) && (name === 'ftyp' || name === 'meta')) throw new CutOff('said in two ways');
    else others.set(name, range);
    at = to;
  }
  const [ftyp, meta] = [others.get('ftyp'), others.get('meta')];
  if (ftyp?.from !== 8 || lengthOf([ftyp]) > mostBrandBytes) throw new CutOff('no brands');
  if (meta === undefined || lengthOf([meta]) > mostMetaBytes) throw new CutOff('no pictures');
  return { brands: brandsOf(await contentOf(source, ftyp), others.has('moov')), meta, media };
}

/** The bytes of the picture lie where media data lies, and are no other item's. @throws CutOff @param regions apart from one another */
function expectApart({ items }: Meta, picture: Picture, regions: readonly Range[]): void {
  const kept = new Set(picture.items.map(({ id }) => id));
  const all = [...items.values()]
    .flatMap(({ id, ranges }) => ranges.map((range) => ({ ...range, isKept: kept.has(id) })))
    .toSorted((a, b) => a.from - b.from);
  const inOrder = regions.toSorted((a, b) => a.from - b.from);
  let [region, keptTo, othersTo] = [0, 0, 0];
  for (const { from, to, isKept } of all) {
    if (from < keptTo || (isKept && from < othersTo)) throw new CutOff('bytes of two items');
    if (!isKept) {
      othersTo = Math.max(othersTo, to);
      continue;
    }
    keptTo = to;
    while ((inOrder[region]?.to ?? Number.POSITIVE_INFINITY) < to) region += 1;
    if (!(from >= (inOrder[region]?.from ?? Number.NaN))) throw new CutOff('bytes that are no media data');
  }
}

/** How tiles are put together (ISO/IEC 23008-12, 6.6.2.3). An item that is only another one turned says nothing. */
async function instructionsOf(source: Source, { type, ranges: [range] }: Part): Promise<Uint8Array> {
  if (type !== 'grid' || range === undefined) return new Uint8Array(0);
  const [version, flags = 0] = await source.ahead(range.from, 2);
  const length = (flags & 1) === 0 ? 8 : 12;
  if (version !== 0 || lengthOf([range]) !== length) throw new CutOff('an unknown grid');
  return (await source.ahead(range.from, length)).slice(0, length);
}

/** By id where each item lies, counted from the first byte of all; and those bytes, in the file. */
async function codedBytesOf(source: Source, { items }: Picture) {
  const places = new Map<number, Place>();
  const ranges: Piece[] = [];
  let at = 0;
  const coded = items.flatMap(({ id, read, ranges: [range] }) =>
    read === undefined || range === undefined ? [] : [{ id, read, range }],
  );
  for (const { id, read, range } of coded.toSorted((a, b) => a.range.from - b.range.from)) {
    const bytes = await keepUnits(source, range, read, ranges);
    if (bytes === 0) throw new CutOff('no picture');
    places.set(id, { at, bytes });
    at += bytes;
  }
  return { places, ranges };
}

/** @returns how many bytes of it are picture */
async function keepUnits(source: Source, { from, to }: Range, read: UnitReader, pieces: Piece[]) {
  let bytes = 0;
  for (let at = from; at < to; ) {
    await source.step();
    const most = Math.min(headBytes, to - at);
    const { length, isPicture } = read((await source.ahead(at, most)).subarray(0, most), to - at);
    if (isPicture) {
      keep(pieces, at, at + length);
      bytes += length;
    }
    at += length;
  }
  return bytes;
}
