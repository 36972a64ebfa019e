// A JPEG without what was written around its picture. What is kept is listed; whatever is not on the list goes, also what nobody knows yet.
import { orientationIn, tiffOf } from './orientation.ts';
import { ascii, bytesOf, CutOff, joined, keep, type Piece, type Source, viewOf } from './pieces.ts';
import { bareProfile } from './profile.ts';

const [startOfImage, endOfImage, startOfScan] = [0xd8, 0xd9, 0xda];
const [app0, app1, app2, app14] = [0xe0, 0xe1, 0xe2, 0xee];

/** Frames, tables, scans and restarts: ITU T.81, table B.1, without application data, comments and what is reserved. */
const isPicture = (marker: number) =>
  (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8) || (marker >= startOfScan && marker <= 0xdf);

/**
 * Behind the end of the picture nothing is kept: second pictures (MPO), gain maps and films have metadata of their own.
 * @throws CutOff
 */
export async function bareJpeg(source: Source): Promise<Piece[]> {
  const start = await source.ahead(0, 2);
  if (start[0] !== 0xff || start[1] !== startOfImage) throw new CutOff('no JPEG');
  const [head, body]: [Piece[], Piece[]] = [[], []];
  const profile: Uint8Array[] = [];
  let isScanned = false;
  let orientation: number | undefined;
  let at = 2;
  for (;;) {
    await source.step();
    const segment = await nextSegment(source, at);
    const { marker, from, to } = segment;
    if (marker === endOfImage) {
      if (body.length === 0) throw new CutOff('no picture');
      const turned = orientation === undefined ? [] : [exifSegment(orientation)];
      return [
        Uint8Array.of(0xff, startOfImage),
        ...head,
        ...turned,
        ...profileSegments(profile),
        ...body,
        Uint8Array.of(0xff, endOfImage),
      ];
    }
    at = to;
    if (marker === startOfScan) {
      isScanned = true;
      at = await nextMarker(source, to);
    }
    if (isPicture(marker)) keep(body, from, at);
    else if (marker >= app0 && marker <= 0xef) {
      const content = (await source.ahead(from + 4, to - from - 4)).subarray(0, to - from - 4);
      if (marker === app0) head.push(...jfifOf(content));
      if (marker === app1) orientation ??= exifOrientation(content);
      // Decoders look no further than to where the picture begins.
      if (marker === app2 && !isScanned && ascii(content, 0, 12) === profileName) {
        if (profile.push(content.slice(12)) > mostProfileParts) throw new CutOff('too many profiles');
      }
      if (marker === app14) body.push(...adobeOf(content));
    }
  }
}

interface Segment {
  readonly marker: number;
  readonly from: number;
  readonly to: number;
}

/** Skips what lies between, as decoders do. */
async function nextSegment(source: Source, at: number): Promise<Segment> {
  const from = await nextMarker(source, at);
  const marker = (await source.ahead(from, 2))[1] ?? 0;
  if (marker === endOfImage || marker === 0x01) return { marker, from, to: from + 2 };
  const length = viewOf(await source.ahead(from, 4)).getUint16(2);
  if (length < 2 || from + 2 + length > source.bytes) throw new CutOff('the file ends early');
  return { marker, from, to: from + 2 + length };
}

/**
 * Where the next 0xFF stands that is neither data (0xFF00), nor a restart, nor filling. Byte by byte: a search from one to the next costs
 * most where they stand close, and how close is up to whoever sends the file.
 */
async function nextMarker(source: Source, start: number): Promise<number> {
  for (let at = start; ; ) {
    const window = await source.ahead(at, 2);
    const last = window.length - 1;
    for (let index = 0; index < last; index += 1) {
      if (window[index] !== 0xff) continue;
      const next = window[index + 1] ?? 0;
      const isRestart = next >= 0xd0 && next <= 0xd7;
      if (next !== 0 && next !== 0xff && !isRestart) return at + index;
    }
    at += last;
  }
}

/** The density, without the small picture that may come with it. */
function jfifOf(content: Uint8Array): Piece[] {
  if (ascii(content, 0, 5) !== 'JFIF\0' || content.length < 14) return [];
  const density = content.subarray(5, 12);
  return [Uint8Array.of(0xff, app0, 0, 16, ...bytesOf('JFIF\0'), ...density, 0, 0)];
}

/** How the colours are meant. */
function adobeOf(content: Uint8Array): Piece[] {
  if (ascii(content, 0, 5) !== 'Adobe' || content.length < 12) return [];
  return [Uint8Array.of(0xff, app14, 0, 14, ...content.subarray(0, 12))];
}

const profileName = 'ICC_PROFILE\0';
const mostProfileParts = 255;
/** What a segment has room for behind the name, the number of the part, and how many there are. */
const profilePartBytes = 65_533 - 14;

/** @param parts the number of each, how many there are, and what they hold; in any order. @throws CutOff */
function profileSegments(parts: readonly Uint8Array[]): Piece[] {
  if (parts.length === 0) return [];
  const inOrder = parts.toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
  const isWhole = inOrder.every((part, index) => part[0] === index + 1 && part[1] === parts.length);
  if (!isWhole) throw new CutOff('a part of the profile is missing');
  const profile = bareProfile(joined(inOrder.map((part) => part.subarray(2))));
  const count = Math.ceil(profile.length / profilePartBytes);
  return Array.from({ length: count }, (_, index) => {
    const content = profile.subarray(index * profilePartBytes, (index + 1) * profilePartBytes);
    const length = content.length + 16;
    const head = [0xff, app2, length >> 8, length & 255, ...bytesOf(profileName), index + 1, count];
    return joined([Uint8Array.from(head), content]);
  });
}

const exifName = 'Exif\0\0';

const exifOrientation = (content: Uint8Array): number | undefined =>
  ascii(content, 0, 6) === exifName ? orientationIn(content.subarray(6)) : undefined;

function exifSegment(orientation: number): Uint8Array {
  const tiff = tiffOf(orientation);
  return Uint8Array.of(0xff, app1, 0, tiff.length + 8, ...bytesOf(exifName), ...tiff);
}
