// Which items of a HEIF are its main picture: that one, the tiles it is put together from, and how transparent it is. Thumbnails, depth,
// gain maps, second views, EXIF and everything else are not.

import { CutOff, partsCounter } from '../pieces.ts';
import type { Box } from './boxes.ts';
import type { Item, Meta } from './meta.ts';
import { bareProperty, isAlpha, unitReaderOf } from './properties.ts';
import { expectUncut, type Size, sizeIn, turnedSizeIn } from './shown.ts';
import type { UnitReader } from './units.ts';

export interface Picture {
  /** The main one first. */
  readonly items: readonly Part[];
  /** Boxes, without what is not about the picture. */
  readonly properties: readonly Uint8Array[];
}

export interface Part extends Item {
  /** What its bytes are made of; undefined when they only say how others are put together. */
  readonly read: UnitReader | undefined;
  readonly size: Size | undefined;
  /** As whoever it is a part of sees it. */
  readonly turnedSize: Size | undefined;
  /** By ids. */
  readonly madeOf: readonly number[];
  /** Whose transparency it is. */
  readonly alphaOf: readonly number[];
  /** What its colours have been multiplied by. */
  readonly multipliedBy: readonly number[];
}

const coded = ['hvc1', 'av01'];
/** Overlays are missing: what lies below was perhaps to be covered. */
const derived = ['grid', 'iden'];

/** A picture turned (`iden`), of tiles (`grid`); one step more than anybody takes. Whoever goes round in circles takes more. */
const mostSteps = 3;

const mostPropertyBytes = 1024 * 1024;
/** Of all properties: some five for each of a thousand tiles. */
const mostSetUpUnits = 5000;

/** @throws CutOff */
export function pictureOf(meta: Meta): Picture {
  const references = referencesOf(meta);
  const main = withParts(meta, references('dimg'), [meta.primary]);
  const alphas = new Set<number>();
  for (const [id, item] of meta.items)
    if (references('auxl')(id).some((of) => main.has(of)) && propertiesOf(meta, item).some(isAlpha))
      alphas.add(id);
  const all = new Set([...main, ...withParts(meta, references('dimg'), [...alphas])]);
  const isKept = (id: number) => all.has(id);
  const items = [...all].map((id) => {
    const item = itemOf(meta, id);
    return {
      ...item,
      read: readerOf(meta, item),
      size: sizeIn(propertiesOf(meta, item)),
      turnedSize: turnedSizeIn(propertiesOf(meta, item)),
      madeOf: references('dimg')(id),
      alphaOf: alphas.has(id) ? references('auxl')(id).filter(isKept) : [],
      multipliedBy: references('prem')(id).filter(isKept),
    };
  });
  return withProperties(meta, items);
}

/** Of the types that make up a picture; the others may be said in any way. */
function referencesOf({ references }: Meta) {
  const byType = new Map<string, Map<number, readonly number[]>>([
    ['dimg', new Map()],
    ['auxl', new Map()],
    ['prem', new Map()],
  ]);
  for (const { type, from, to } of references) {
    const own = byType.get(type);
    if (own?.has(from) === true) throw new CutOff('said in two ways');
    own?.set(from, to);
  }
  return (type: 'dimg' | 'auxl' | 'prem') => (id: number) => byType.get(type)?.get(id) ?? [];
}

function itemOf({ items }: Meta, id: number): Item {
  const item = items.get(id);
  if (item === undefined) throw new CutOff('an item is missing');
  return item;
}

/** Step by step, what pictures are made of. */
function withParts(
  meta: Meta,
  madeOf: (id: number) => readonly number[],
  ids: readonly number[],
): Set<number> {
  const all = new Set(ids);
  let next = all;
  for (let steps = 0; next.size > 0; steps += 1) {
    if (steps > mostSteps) throw new CutOff('pictures in circles');
    const parts = new Set<number>();
    for (const id of next) {
      const isDerived = derived.includes(itemOf(meta, id).type);
      if (isDerived !== madeOf(id).length > 0) throw new CutOff('a picture of nothing');
      for (const part of madeOf(id)) parts.add(part);
    }
    for (const id of parts) all.add(id);
    next = parts;
  }
  return all;
}

const propertiesOf = ({ properties }: Meta, item: Item): Box[] =>
  item.properties.map(({ index }) => {
    const property = properties[index];
    if (property === undefined) throw new CutOff('a property is missing');
    return property;
  });

function readerOf(meta: Meta, item: Item): UnitReader | undefined {
  const { type, ranges } = item;
  const own = propertiesOf(meta, item);
  expectUncut(own);
  // Bytes in several places are written for what comes in layers.
  if (ranges.length !== (type === 'iden' ? 0 : 1)) throw new CutOff('a picture in pieces');
  if (derived.includes(type)) return undefined;
  const [reader, another] = own.flatMap((property) => unitReaderOf(property) ?? []);
  if (!coded.includes(type) || reader === undefined || another !== undefined)
    throw new CutOff('an unknown coding');
  return reader;
}

/** Each that is used is written once, in the order of its first use. */
function withProperties(meta: Meta, items: readonly Part[]): Picture {
  const places = new Map<number, number | undefined>();
  const properties: Uint8Array[] = [];
  let bytes = 0;
  const countUnits = partsCounter(mostSetUpUnits);
  const placeOf = (index: number, property: Box) => {
    if (places.has(index)) return places.get(index);
    const bare = bareProperty(property, countUnits);
    places.set(index, bare === undefined ? undefined : properties.length);
    if (bare !== undefined) properties.push(bare);
    bytes += bare?.length ?? 0;
    // Profiles can be longer than they were.
    if (bytes > mostPropertyBytes) throw new CutOff('properties of too many bytes');
    return places.get(index);
  };
  const parts = items.map((item) => {
    const own = propertiesOf(meta, item);
    const kept = item.properties.flatMap(({ index, isEssential }, nth) => {
      const place = placeOf(index, own[nth] as Box);
      if (place === undefined && isEssential) throw new CutOff('an unknown property');
      return place === undefined ? [] : [{ index: place, isEssential }];
    });
    return { ...item, properties: kept };
  });
  return { items: parts, properties };
}
