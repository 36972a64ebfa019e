// The head of a HEIF, of what is kept (ISO/IEC 14496-12, 23008-12): items are counted anew, and have no names.
import { ascii, bytesOf, CutOff, joined, lengthOf } from '../pieces.ts';
import { box, fullBox, u16, u32 } from './boxes.ts';
import type { Part, Picture } from './picture.ts';

export interface Place {
  readonly at: number;
  readonly bytes: number;
}

export interface Head {
  /** The main one first. */
  readonly brands: readonly string[];
  readonly picture: Picture;
  /** By id, of those that say how others are put together. */
  readonly derived: ReadonlyMap<number, Uint8Array>;
  /** By id, of those that are coded: counted from the end of the head. */
  readonly places: ReadonlyMap<number, Place>;
}

/** Those of pictures (mp4ra.org); of others, and of films, there is nothing in the copy. */
const knownBrands: ReadonlySet<string> = new Set(
  'heic heix heim heis mif1 mif2 miaf 1pic MiHB MiHE MiHA MiPr avif MA1A MA1B'.split(' '),
);
const filmBrands = ['avis', 'msf1', 'hevc', 'hevx', 'hevm', 'hevs'];

/**
 * @param hasFilm a file that is one before all else moves, and a copy that does not would be another picture. One that has a film beside
 * its picture, as phones write it, is that picture. @throws CutOff
 */
export function brandsOf(ftyp: Uint8Array, hasFilm: boolean): string[] {
  const all = Array.from({ length: ftyp.length >> 2 }, (_, at) => ascii(ftyp, 4 * at, 4 * at + 4));
  const [main = ''] = all;
  if (hasFilm && filmBrands.includes(main)) throw new CutOff('a film');
  // Behind the main one stands a version.
  const known = [...new Set(all.filter((brand, at) => at !== 1 && knownBrands.has(brand)))];
  if (known.length === 0) throw new CutOff('an unknown brand');
  return known;
}

/** Ends where the coded bytes begin. @throws CutOff */
export function written(head: Head): Uint8Array {
  const [main = '', ...others] = head.brands;
  const ftyp = box('ftyp', bytesOf(main), u32(0), ...[main, ...others].map(bytesOf));
  const bytes = [...head.places.values()].reduce((sum, place) => sum + place.bytes, 0);
  const start = ftyp.length + metaOf(head, 0).length + 8;
  if (start + bytes >= 2 ** 32) throw new CutOff('too many bytes');
  return joined([ftyp, metaOf(head, start), u32(bytes + 8), bytesOf('mdat')]);
}

/** @param start of the coded bytes, in the file */
function metaOf({ picture, derived, places }: Head, start: number): Uint8Array {
  const { items, properties } = picture;
  const numbers = new Map(items.map(({ id }, at) => [id, at + 1]));
  const numberOf = (id: number) => u16(numbers.get(id) ?? 0);
  const entries = items.map(({ id, type, isHidden }) =>
    fullBox('infe', 2, Number(isHidden), numberOf(id), u16(0), bytesOf(`${type}\0`)),
  );
  const references = items.flatMap(({ id, madeOf, alphaOf, multipliedBy }) =>
    (
      [
        ['dimg', madeOf],
        ['auxl', alphaOf],
        ['prem', multipliedBy],
      ] as const
    ).flatMap(([type, to]) =>
      to.length === 0 ? [] : [box(type, numberOf(id), u16(to.length), ...to.map(numberOf))],
    ),
  );
  const instructions = items.flatMap(({ id }) => derived.get(id) ?? []);
  return fullBox(
    'meta',
    0,
    0,
    fullBox('hdlr', 0, 0, u32(0), bytesOf('pict'), new Uint8Array(13)),
    fullBox('pitm', 0, 0, u16(1)),
    fullBox('iinf', 0, 0, u16(items.length), ...entries),
    ...(references.length === 0 ? [] : [fullBox('iref', 0, 0, ...references)]),
    box('iprp', box('ipco', ...properties), associationsOf(items)),
    // Offsets and lengths of four bytes each.
    fullBox('iloc', 1, 0, u16(0x4400), u16(items.length), ...locationsOf(items, derived, places, start)),
    ...(lengthOf(instructions) === 0 ? [] : [box('idat', ...instructions)]),
  );
}

function associationsOf(items: readonly Part[]): Uint8Array {
  const lines = items.map(({ properties }, at) => {
    const values = properties.map(({ index, isEssential }) => u16((isEssential ? 0x8000 : 0) | (index + 1)));
    return joined([u16(at + 1), Uint8Array.of(values.length), ...values]);
  });
  // Two bytes for each number (flag 1).
  return fullBox('ipma', 0, 1, u32(items.length), ...lines);
}

const [inFile, inIdat] = [0, 1];

function locationsOf(
  items: readonly Part[],
  derived: Head['derived'],
  places: Head['places'],
  start: number,
): Uint8Array[] {
  let inside = 0;
  return items.map(({ id }, nth) => {
    const place = places.get(id);
    const bytes = place?.bytes ?? derived.get(id)?.length ?? 0;
    const at = place === undefined ? inside : start + place.at;
    if (place === undefined) inside += bytes;
    const extent = bytes === 0 ? [] : [u32(at), u32(bytes)];
    const method = place === undefined ? inIdat : inFile;
    return joined([u16(nth + 1), u16(method), u16(0), u16(Number(bytes > 0)), ...extent]);
  });
}
