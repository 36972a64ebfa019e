// A WebP, also one that moves, without EXIF, XMP and what nobody knows. What is kept is listed.
import { orientationIn, tiffOf } from './orientation.ts';
import { ascii, bytesOf, CutOff, joined, keep, lengthOf, type Piece, type Source, viewOf } from './pieces.ts';
import { bareProfile, mostProfileBytes } from './profile.ts';

const kept: ReadonlySet<string> = new Set(['ANIM', 'ANMF', 'ALPH', 'VP8 ', 'VP8L']);
/** Of the flags of VP8X. */
const [hasExif, hasXmp] = [0x08, 0x04];

interface Chunk {
  readonly type: string;
  readonly from: number;
  /** Of its content. */
  readonly length: number;
  /** With the byte that makes it even. */
  readonly to: number;
}

/** Behind the end that the header tells nothing is kept. @throws CutOff */
export async function bareWebp(source: Source): Promise<Piece[]> {
  const head = await source.ahead(0, 12);
  if (ascii(head, 0, 4) !== 'RIFF' || ascii(head, 8, 12) !== 'WEBP') throw new CutOff('no WebP');
  const end = 8 + viewOf(head).getUint32(4, true);
  const pieces: Piece[] = [];
  let flags: Uint8Array | undefined;
  let orientation: number | undefined;
  let hasProfile = false;
  for (const chunk of await chunksIn(source, 12, end)) {
    const { type, from, length, to } = chunk;
    if (type === 'VP8X' && length >= 10) flags = (await source.ahead(from, 18)).slice(0, 18);
    if (type === 'ICCP' && !hasProfile) {
      hasProfile = true;
      pieces.push(await profileChunk(source, chunk));
    }
    if (type === 'ANMF') await expectFrame(source, chunk);
    if (kept.has(type)) keep(pieces, from, to);
    if (type === 'EXIF' && length <= 65_536)
      orientation ??= orientationOf((await source.ahead(from + 8, length)).subarray(0, length));
  }
  const body = [...(flags === undefined ? [] : [extended(flags, orientation)]), ...pieces];
  if (flags !== undefined && orientation !== undefined) body.push(exifChunk(orientation));
  return [riff(lengthOf(body)), ...body];
}

async function chunksIn(source: Source, start: number, end: number): Promise<Chunk[]> {
  if (end > source.bytes) throw new CutOff('the file ends early');
  const chunks: Chunk[] = [];
  for (let at = start; at + 8 <= end; ) {
    await source.step();
    const head = await source.ahead(at, 8);
    const length = viewOf(head).getUint32(4, true);
    const to = at + 8 + length + (length % 2);
    // The last byte of filling is missing in files that some programs write.
    if (at + 8 + length > end) throw new CutOff('the file ends early');
    chunks.push({ type: ascii(head, 0, 4), from: at, length, to: Math.min(to, end) });
    at = to;
  }
  return chunks;
}

/** A frame may hold chunks that nobody knows; then nobody knows what is in them either. */
async function expectFrame(source: Source, { from, length }: Chunk): Promise<void> {
  const inside = await chunksIn(source, from + 8 + 16, from + 8 + length);
  if (!inside.every(({ type }) => ['ALPH', 'VP8 ', 'VP8L'].includes(type)))
    throw new CutOff('an unknown part');
}

const exifName = 'Exif\0\0';

const orientationOf = (content: Uint8Array) =>
  orientationIn(ascii(content, 0, 6) === exifName ? content.subarray(6) : content);

function extended(chunk: Uint8Array, orientation: number | undefined): Uint8Array {
  const flags = (chunk[8] ?? 0) & ~(hasExif | hasXmp);
  const out = chunk.slice();
  viewOf(out).setUint32(4, 10, true);
  out[8] = orientation === undefined ? flags : flags | hasExif;
  return out;
}

function exifChunk(orientation: number): Uint8Array {
  const tiff = tiffOf(orientation);
  return Uint8Array.of(...bytesOf('EXIF'), tiff.length, 0, 0, 0, ...tiff);
}

async function profileChunk(source: Source, { from, length }: Chunk): Promise<Uint8Array> {
  if (length > mostProfileBytes) throw new CutOff('a profile of too many bytes');
  const profile = bareProfile((await source.ahead(from + 8, length)).subarray(0, length));
  const head = bytesOf('ICCP\0\0\0\0');
  viewOf(head).setUint32(4, profile.length, true);
  return joined([head, profile, new Uint8Array(profile.length & 1)]);
}

function riff(length: number): Uint8Array {
  const head = bytesOf('RIFF\0\0\0\0WEBP');
  viewOf(head).setUint32(4, length + 4, true);
  return head;
}
