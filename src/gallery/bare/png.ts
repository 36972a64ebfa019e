// A PNG, also one that moves, without texts, times and EXIF. What is kept is listed; whatever is not on the list goes.
import { orientationIn, tiffOf } from './orientation.ts';
import { ascii, bytesOf, CutOff, keep, type Piece, type Source, viewOf } from './pieces.ts';

const signature = '\x89PNG\r\n\x1a\n';

/** The picture, its colours and its movement: PNG, third edition, without everything that is text or time. */
const kept: ReadonlySet<string> = new Set(
  'IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT'.split(
    ' ',
  ),
);

/** Behind IEND nothing is kept. @throws CutOff */
export async function barePng(source: Source): Promise<Piece[]> {
  if (ascii(await source.ahead(0, 8), 0, 8) !== signature) throw new CutOff('no PNG');
  const pieces: Piece[] = [];
  keep(pieces, 0, 8);
  let orientation: number | undefined;
  // Before the picture, where whoever reads as it comes expects it.
  let afterHeader = 1;
  for (let at = 8; ; ) {
    await source.step();
    const head = await source.ahead(at, 8);
    const [length, type] = [viewOf(head).getUint32(0), ascii(head, 4, 8)];
    const end = at + 12 + length;
    if (end > source.bytes) throw new CutOff('the file ends early');
    if (kept.has(type)) keep(pieces, at, end);
    if (type === 'IHDR') afterHeader = end;
    if (type === 'eXIf' && length <= 65_536)
      orientation ??= orientationIn((await source.ahead(at + 8, length)).subarray(0, length));
    if (type === 'IEND')
      return orientation === undefined ? pieces : insert(pieces, afterHeader, exifChunk(orientation));
    at = end;
  }
}

/** At a place inside the first range, which begins with the signature. */
function insert([first, ...rest]: readonly Piece[], at: number, piece: Piece): Piece[] {
  if (first === undefined || !('from' in first)) return [piece, ...rest];
  return [
    { from: first.from, to: at },
    piece,
    ...(at < first.to ? [{ from: at, to: first.to }] : []),
    ...rest,
  ];
}

function exifChunk(orientation: number): Uint8Array {
  const tiff = tiffOf(orientation);
  const body = Uint8Array.of(...bytesOf('eXIf'), ...tiff);
  const chunk = new Uint8Array(body.length + 8);
  viewOf(chunk).setUint32(0, tiff.length);
  chunk.set(body, 4);
  viewOf(chunk).setUint32(body.length + 4, crc32(body));
  return chunk;
}

/** ISO 3309, bit by bit: thirty bytes need no table. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
