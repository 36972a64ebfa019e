// A colour profile (ICC.1:2022) with the numbers that its colours need, and nothing of who measured them, on which screen and when. It is
// written anew: a tag that is kept may have bytes behind its end, and there may be others between tags.
import { ascii, bytesOf, CutOff, joined, viewOf } from './pieces.ts';
import { numbersOf, taken } from './profile-numbers.ts';

/** The largest that are in use, for printing, have 3 MB. */
export const mostProfileBytes = 4 * 1024 * 1024;

const headerBytes = 128;
/** Three times as many as any profile in use has. */
const mostTags = 100;

/** White, black, matrices, curves, tables. What screens are told by, names, views and measurements are missing. */
const kept =
  'wtpt bkpt chad rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC A2B0 A2B1 A2B2 B2A0 B2A1 B2A2 gamt cicp'.split(' ');
/** Tables of floating numbers, taken before all of these by who knows them. Without them colours would be others. */
const isOverruling = (signature: string) => /^(D2B|B2D)\d$/.test(signature);

const classes = ['scnr', 'mntr', 'prtr', 'spac'];
const spaces = ['RGB ', 'GRAY', 'CMYK'];
const connections = ['XYZ ', 'Lab '];

/** The same for the same colours, and of itself it is itself. @throws CutOff for what can't be understood to its end */
export function bareProfile(profile: Uint8Array): Uint8Array {
  if (profile.length > mostProfileBytes) throw new CutOff('a profile of too many bytes');
  const header = headerOf(profile);
  const tags = tagsIn(profile);
  if ([...tags.keys()].some(isOverruling)) throw new CutOff('an unknown tag');
  const isOld = (profile[8] ?? 0) < 4;
  const values: Tag[] = [
    ['desc', isOld ? descriptionOf('Colour profile') : localisedOf('Colour profile')],
    // It has to be there.
    ['cprt', isOld ? bytesOf('text\0\0\0\0Not stated\0') : localisedOf('Not stated')],
  ];
  let bytes = 0;
  for (const signature of kept) {
    const tag = tags.get(signature);
    if (tag === undefined) continue;
    const value = numbersOf(tag);
    bytes += value.length;
    // Tags may lie upon one another, so that few bytes become many.
    if (bytes > mostProfileBytes) throw new CutOff('a profile of too many bytes');
    values.push([signature, value]);
  }
  return written(header, values);
}

type Tag = readonly [signature: string, value: Uint8Array];

/** What says how colours are meant; no time, no maker and no digest of the whole. */
function headerOf(profile: Uint8Array): Uint8Array {
  const [given, out] = [taken(profile, 0, headerBytes), new Uint8Array(headerBytes)];
  const at = (from: number) => ascii(given, from, from + 4);
  const isKnown =
    (given[8] ?? 0) <= 4 &&
    classes.includes(at(12)) &&
    spaces.includes(at(16)) &&
    connections.includes(at(20)) &&
    at(36) === 'acsp';
  if (!isKnown) throw new CutOff('no profile for pictures');
  // The version, then class, colours and what they lead to.
  for (const [from, to] of [
    [8, 10],
    [12, 24],
    [36, 40],
  ] as const)
    out.set(given.subarray(from, to), from);
  const view = viewOf(out);
  for (const [index, part] of [2000, 1, 1].entries()) view.setUint16(24 + 2 * index, part);
  const intent = viewOf(given).getUint32(64);
  view.setUint32(64, intent <= 3 ? intent : 0);
  // D50, the only white that a profile's header may name.
  for (const [index, part] of [0xf6d6, 0x10000, 0xd32d].entries()) view.setUint32(68 + 4 * index, part);
  return out;
}

/** The first of each name, as decoders take it. */
function tagsIn(profile: Uint8Array): Map<string, Uint8Array> {
  const count = viewOf(taken(profile, headerBytes, 4)).getUint32(0);
  if (count > mostTags) throw new CutOff('too many tags');
  const view = viewOf(taken(profile, headerBytes + 4, 12 * count));
  const tags = new Map<string, Uint8Array>();
  for (let at = 0; at < 12 * count; at += 12) {
    const signature = ascii(profile, headerBytes + 4 + at, headerBytes + 8 + at);
    if (tags.has(signature) || !(kept.includes(signature) || isOverruling(signature))) continue;
    tags.set(signature, taken(profile, view.getUint32(at + 4), view.getUint32(at + 8)));
  }
  return tags;
}

/** Values that are the same lie at one place, as the three curves of most profiles do. */
function written(header: Uint8Array, tags: readonly Tag[]): Uint8Array {
  const table = new Uint8Array(4 + 12 * tags.length);
  const view = viewOf(table);
  view.setUint32(0, tags.length);
  const places = new Map<string, number>();
  const values: Uint8Array[] = [];
  let end = headerBytes + table.length;
  for (const [index, [signature, value]] of tags.entries()) {
    const content = Buffer.from(value).toString('latin1');
    const place = places.get(content) ?? end;
    if (place === end) {
      const filling = new Uint8Array(-value.length & 3);
      values.push(value, filling);
      end += value.length + filling.length;
    }
    places.set(content, place);
    table.set(bytesOf(signature), 4 + 12 * index);
    view.setUint32(8 + 12 * index, place);
    view.setUint32(12 + 12 * index, value.length);
  }
  viewOf(header).setUint32(0, end);
  return joined([header, table, ...values]);
}

/** Of version 4 (multiLocalizedUnicodeType), in one language. */
function localisedOf(text: string): Uint8Array {
  const head = bytesOf('mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS\0\0\0\0\0\0\0\x1c');
  viewOf(head).setUint32(20, 2 * text.length);
  return joined([head, bytesOf([...text].map((char) => `\0${char}`).join(''))]);
}

/** Of version 2 (textDescriptionType): in ASCII, and in neither of its other two ways. */
function descriptionOf(text: string): Uint8Array {
  const length = String.fromCharCode(text.length + 1);
  return bytesOf(`desc\0\0\0\0\0\0\0${length}${text}\0${'\0'.repeat(8 + 3 + 67)}`);
}
