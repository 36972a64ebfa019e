// What a HEIF says of what is in it (ISO/IEC 14496-12, 8.11, and 23008-12): items, where their bytes lie, what they refer to, how they are
// to be decoded. Takes it as it is told; anything that can be said in two ways, or that no camera says, is given up.

import { ascii, CutOff, type PartsCounter, partsCounter, type Range } from '../pieces.ts';
import { type Box, boxesIn, openReader, type Reader } from './boxes.ts';

export interface Item {
  readonly id: number;
  readonly type: string;
  readonly isHidden: boolean;
  /** Parts of the file; those that follow one another are one. */
  readonly ranges: readonly Range[];
  readonly properties: readonly Association[];
}

export interface Association {
  /** Into the list of properties. */
  readonly index: number;
  /** Whoever does not know the property must not show the item. */
  readonly isEssential: boolean;
}

export interface Reference {
  readonly type: string;
  readonly from: number;
  readonly to: readonly number[];
}

export interface Meta {
  readonly primary: number;
  /** By their ids, in the order of the file. */
  readonly items: ReadonlyMap<number, Item>;
  readonly references: readonly Reference[];
  readonly properties: readonly Box[];
  /** Where pictures may lie beside the media data. */
  readonly idat: Range | undefined;
}

/** @param at where the content lies in the file. @throws CutOff */
export function metaOf(content: Uint8Array, at: number): Meta {
  const { version, reader } = opened(content);
  // One for all: what is many boxes can't be as many references.
  const countParts = partsCounter();
  const boxes = boxesIn(reader.rest(), countParts);
  const only = (name: string, of = boxes) => onlyOf(of, name);
  if (version !== 0 || handlerOf(only('hdlr')) !== 'pict') throw new CutOff('no pictures');
  const iprp = boxesIn(expected(only('iprp')), countParts);
  const idat = only('idat');
  const idatAt = idat === undefined ? 0 : at + idat.byteOffset - content.byteOffset;
  const ranges = rangesIn(expected(only('iloc')), idatAt, idat?.length ?? 0, countParts);
  const properties = associationsIn(
    iprp.filter(({ name }) => name === 'ipma'),
    countParts,
  );
  const items = new Map<number, Item>();
  for (const { id, type, isHidden } of entriesIn(expected(only('iinf')), countParts)) {
    if (items.has(id)) throw new CutOff('two items of one number');
    const own = { ranges: ranges.get(id) ?? [], properties: properties.get(id) ?? [] };
    items.set(id, { id, type, isHidden, ...own });
  }
  return {
    primary: primaryIn(expected(only('pitm'))),
    items,
    references: referencesIn(only('iref'), countParts),
    properties: boxesIn(expected(only('ipco', iprp)), countParts),
    idat: idat === undefined ? undefined : { from: idatAt, to: idatAt + idat.length },
  };
}

function onlyOf(boxes: readonly Box[], wanted: string): Uint8Array | undefined {
  const [first, second] = boxes.filter(({ name }) => name === wanted);
  if (second !== undefined) throw new CutOff('said in two ways');
  return first?.content;
}

function expected(content: Uint8Array | undefined): Uint8Array {
  if (content === undefined) throw new CutOff('a box is missing');
  return content;
}

function opened(content: Uint8Array): { version: number; flags: number; reader: Reader } {
  const reader = openReader(content);
  return { version: reader.number(1), flags: reader.number(3), reader };
}

const handlerOf = (hdlr: Uint8Array | undefined) => ascii(expected(hdlr), 8, 12);

function primaryIn(pitm: Uint8Array): number {
  const { version, reader } = opened(pitm);
  return reader.number(version === 0 ? 2 : 4);
}

function entriesIn(iinf: Uint8Array, countParts: PartsCounter): Pick<Item, 'id' | 'type' | 'isHidden'>[] {
  const { version, reader } = opened(iinf);
  const count = reader.number(version === 0 ? 2 : 4);
  const boxes = boxesIn(reader.rest(), countParts);
  if (boxes.length !== count) throw new CutOff('an entry is missing');
  return boxes.map(({ name, content }) => {
    const { version, flags, reader } = opened(content);
    if (name !== 'infe' || version < 2 || version > 3) throw new CutOff('an unknown entry');
    const id = reader.number(version === 2 ? 2 : 4);
    if (reader.number(2) !== 0) throw new CutOff('a protected item');
    return { id, type: ascii(reader.take(4), 0, 4), isHidden: (flags & 1) === 1 };
  });
}

const [inFile, inIdat] = [0, 1];

/** By item. Those whose bytes are made of other items', or lie in another file, are written by nobody. */
function rangesIn(
  iloc: Uint8Array,
  idatAt: number,
  idatBytes: number,
  countParts: PartsCounter,
): Map<number, Range[]> {
  const { version, reader } = opened(iloc);
  if (version > 2) throw new CutOff('unknown places');
  const [sizes, more] = [reader.number(1), reader.number(1)];
  const widths = {
    offset: sizes >> 4,
    length: sizes & 15,
    base: more >> 4,
    index: version > 0 ? more & 15 : 0,
  };
  if (!Object.values(widths).every((width) => [0, 4, 8].includes(width))) throw new CutOff('unknown places');
  const all = new Map<number, Range[]>();
  const count = reader.number(version < 2 ? 2 : 4);
  for (let nth = 0; nth < count; nth += 1) {
    const id = reader.number(version < 2 ? 2 : 4);
    const method = version === 0 ? inFile : reader.number(2) & 15;
    const isElsewhere = reader.number(2) !== 0;
    if (all.has(id) || isElsewhere || method > inIdat) throw new CutOff('unknown places');
    const base = reader.number(widths.base);
    const ranges: Range[] = [];
    const extents = reader.number(2);
    // Their numbers may take no bytes at all, so that the length of the box is no bound.
    countParts(1 + extents);
    for (let extent = 0; extent < extents; extent += 1) {
      reader.number(widths.index);
      const [offset, length] = [base + reader.number(widths.offset), reader.number(widths.length)];
      // None would mean everything.
      if (length === 0 || (method === inIdat && offset + length > idatBytes))
        throw new CutOff('unknown places');
      const from = method === inIdat ? idatAt + offset : offset;
      const last = ranges.at(-1);
      if (last?.to === from) ranges[ranges.length - 1] = { from: last.from, to: from + length };
      else ranges.push({ from, to: from + length });
    }
    all.set(id, ranges);
  }
  return all;
}

function referencesIn(iref: Uint8Array | undefined, countParts: PartsCounter): Reference[] {
  if (iref === undefined) return [];
  const { version, reader } = opened(iref);
  const width = version === 0 ? 2 : 4;
  return boxesIn(reader.rest(), countParts).map(({ name: type, content }) => {
    const entry = openReader(content);
    const [from, count] = [entry.number(width), entry.number(2)];
    countParts(count);
    return { type, from, to: Array.from({ length: count }, () => entry.number(width)) };
  });
}

function associationsIn(boxes: readonly Box[], countParts: PartsCounter): Map<number, Association[]> {
  const all = new Map<number, Association[]>();
  for (const { content } of boxes) {
    const { version, flags, reader } = opened(content);
    const [width, top] = (flags & 1) === 1 ? [2, 0x8000] : [1, 0x80];
    const count = reader.number(4);
    for (let nth = 0; nth < count; nth += 1) {
      const id = reader.number(version < 1 ? 2 : 4);
      if (all.has(id)) throw new CutOff('said in two ways');
      const values = Array.from({ length: reader.number(1) }, () => reader.number(width));
      countParts(1 + values.length);
      const own = values.map((value) => ({ index: (value % top) - 1, isEssential: value >= top }));
      // Number 0 stands for no property.
      all.set(
        id,
        own.filter(({ index }) => index >= 0),
      );
    }
  }
  return all;
}
