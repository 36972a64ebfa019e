// What a HEIF says of how an item is to be decoded and shown (ISO/IEC 23008-12, 6.5; AV1-ISOBMFF). What is kept is listed; names, texts,
// times and whatever nobody knows are not.

import { ascii, bytesOf, CutOff, joined, type PartsCounter } from '../pieces.ts';
import { bareProfile } from '../profile.ts';
import { type Box, box, fullBox, openReader, u16 } from './boxes.ts';
import { keptUnits, nalReader, obuReader, type UnitReader } from './units.ts';

/** What is numbers only, and exactly as many bytes as those take. */
const kept: ReadonlyMap<string, number> = new Map([
  ['ispe', 12],
  ['irot', 1],
  ['imir', 1],
  ['clap', 32],
  ['iscl', 12],
  ['pasp', 8],
  ['clli', 4],
  ['mdcv', 24],
  ['amve', 8],
  ['a1op', 1],
  ['lsel', 2],
]);

/** What sets up a decoder is below 1 KB. */
const mostSetUpBytes = 16 * 1024;

/**
 * The property without anything that is not about its picture; undefined when it is not about it.
 * @param countUnits of all that decoders are set up by. @throws CutOff
 */
export function bareProperty({ name, content }: Box, countUnits: PartsCounter): Uint8Array | undefined {
  if (['hvcC', 'av1C', 'auxC'].includes(name) && content.length > mostSetUpBytes)
    throw new CutOff('a property of too many bytes');
  switch (name) {
    case 'hvcC':
      return box(name, bareHvcC(content, countUnits));
    case 'av1C':
      return box(name, openReader(content).take(4), ...keptUnits(content.subarray(4), obuReader, countUnits));
    case 'colr':
      return bareColour(content);
    case 'auxC':
      return bareAuxiliary(content, countUnits);
    case 'pixi':
      return isDepth(content) ? box(name, content) : undefined;
    default:
      return kept.get(name) === content.length ? box(name, content) : undefined;
  }
}

const [mostChannels, mostBits] = [4, 16];

/** How many bits each channel has, behind how many channels there are. */
const isDepth = (pixi: Uint8Array): boolean =>
  pixi.length === 5 + (pixi[4] ?? 0) &&
  pixi.length <= 5 + mostChannels &&
  pixi.subarray(5).every((bits) => bits <= mostBits);

/** What reads the bytes of items that are decoded by this property; undefined when it is none of that kind. */
export function unitReaderOf({ name, content }: Box): UnitReader | undefined {
  if (name === 'av1C') return obuReader;
  return name === 'hvcC' ? nalReader(1 + ((content[21] ?? 3) & 3)) : undefined;
}

/** ISO/IEC 14496-15, 8.3.3.1: 22 bytes of numbers, then arrays of NAL units, each array of one type. */
function bareHvcC(content: Uint8Array, countUnits: PartsCounter): Uint8Array {
  const reader = openReader(content);
  const head = reader.take(22);
  const arrays: Uint8Array[] = [];
  for (let left = reader.number(1); left > 0; left -= 1) {
    // With a bit that says whether there may be more of it between the slices.
    const type = reader.take(1);
    const units = Array.from({ length: reader.number(2) }, () => {
      countUnits(1);
      const length = reader.number(2);
      return joined([u16(length), reader.take(length)]);
    });
    const isOfType = (unit: Uint8Array) => (((unit[2] ?? 0) >> 1) & 63) === ((type[0] ?? 0) & 63);
    const own = units.filter(isOfType).flatMap((unit) => keptUnits(unit, nalReader(2), countUnits));
    if (own.length > 0) arrays.push(joined([type, u16(own.length), ...own]));
  }
  return joined([head, Uint8Array.of(arrays.length), ...arrays]);
}

function bareColour(content: Uint8Array): Uint8Array | undefined {
  const type = ascii(content, 0, 4);
  if (type === 'nclx' && content.length === 11) return box('colr', content);
  if (type !== 'prof' && type !== 'rICC') return undefined;
  return box('colr', bytesOf(type), bareProfile(content.subarray(4)));
}

const alphaNames = ['urn:mpeg:mpegB:cicp:systems:auxiliary:alpha', 'urn:mpeg:hevc:2015:auxid:1'];

/** Whether an item is how transparent another one is, and not how far away, or how bright on better screens. */
export const isAlpha = ({ name, content }: Box): boolean =>
  name === 'auxC' && alphaNames.includes(auxiliaryNameOf(content));

function auxiliaryNameOf(content: Uint8Array): string {
  const end = content.subarray(0, 100).indexOf(0, 4);
  return end < 0 ? '' : ascii(content, 4, end);
}

/** Behind the name there may be messages about transparency, as they stand in HEVC. */
function bareAuxiliary(content: Uint8Array, countUnits: PartsCounter): Uint8Array | undefined {
  const name = auxiliaryNameOf(content);
  if (!alphaNames.includes(name)) return undefined;
  const messages = keptUnits(content.subarray(4 + name.length + 1), nalReader(4), countUnits);
  return fullBox('auxC', 0, 0, bytesOf(`${name}\0`), ...messages);
}
