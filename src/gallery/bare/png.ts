// A PNG, also one that moves, without texts, times and EXIF. What is kept is listed; whatever is not on the list goes.
import { promisify } from 'node:util';
import { crc32, deflate, inflate } from 'node:zlib';
import { orientationIn, tiffOf } from './orientation.ts';
import { ascii, bytesOf, CutOff, joined, keep, type Piece, type Source, viewOf } from './pieces.ts';
import { bareProfile, mostProfileBytes } from './profile.ts';

const signature = '\x89PNG\r\n\x1a\n';
/** The signature, and the header, which stands first and is always as long. */
const headBytes = 8 + 12 + 13;

/** The picture and its movement: PNG, third edition, without everything that is text or time. */
const kept: ReadonlySet<string> = new Set(['PLTE', 'IDAT', 'IEND', 'fdAT']);
/** What says something about its colours, and no more bytes than that takes. Suggested palettes have names, so they are missing. */
const keptUpTo: ReadonlyMap<string, number> = new Map([
  ...([
    ['tRNS', 256],
    ['cHRM', 32],
    ['gAMA', 4],
    ['sBIT', 4],
    ['sRGB', 1],
    ['cICP', 4],
    ['mDCV', 24],
  ] as const),
  ...([
    ['cLLI', 8],
    ['bKGD', 6],
    ['hIST', 512],
    ['pHYs', 9],
    ['acTL', 8],
    ['fcTL', 26],
  ] as const),
]);

/** Behind IEND nothing is kept. @throws CutOff */
export async function barePng(source: Source): Promise<Piece[]> {
  const start = await source.ahead(0, headBytes);
  if (ascii(start, 0, 16) !== `${signature}\0\0\0\x0dIHDR`) throw new CutOff('no PNG');
  // Before the picture, where whoever reads as it comes expects it.
  const [head, body]: [Piece[], Piece[]] = [[{ from: 0, to: headBytes }], []];
  let orientation: number | undefined;
  let hasProfile = false;
  for (let at = headBytes; ; ) {
    await source.step();
    const begin = await source.ahead(at, 8);
    const [length, type] = [viewOf(begin).getUint32(0), ascii(begin, 4, 8)];
    const end = at + 12 + length;
    if (end > source.bytes) throw new CutOff('the file ends early');
    if (kept.has(type) || length <= (keptUpTo.get(type) ?? -1)) keep(body, at, end);
    if (type === 'iCCP' && !hasProfile) {
      hasProfile = true;
      body.push(await profileChunk(source, at + 8, length));
    }
    if (type === 'eXIf' && length <= 65_536)
      orientation ??= orientationIn((await source.ahead(at + 8, length)).subarray(0, length));
    if (type === 'IEND') {
      if (orientation !== undefined) head.push(chunkOf('eXIf', tiffOf(orientation)));
      return [...head, ...body];
    }
    at = end;
  }
}

const [packed, unpacked] = [promisify(deflate), promisify(inflate)];

/** A name of 1 to 79 letters, how it is packed (0 is the only way), and the profile. It is named anew. @throws CutOff */
async function profileChunk(source: Source, at: number, length: number): Promise<Uint8Array> {
  if (length > mostProfileBytes) throw new CutOff('a profile of too many bytes');
  const content = (await source.ahead(at, length)).subarray(0, length);
  const name = content.subarray(0, 80).indexOf(0);
  if (name < 1 || content[name + 1] !== 0) throw new CutOff('an unknown profile');
  const profile = await unpacked(content.subarray(name + 2), { maxOutputLength: mostProfileBytes }).catch(
    () => {
      throw new CutOff('a profile that cannot be unpacked');
    },
  );
  return chunkOf('iCCP', joined([bytesOf('profile\0\0'), await packed(bareProfile(profile))]));
}

function chunkOf(type: string, content: Uint8Array): Uint8Array {
  const body = joined([bytesOf(type), content]);
  const [length, checksum] = [new Uint8Array(4), new Uint8Array(4)];
  viewOf(length).setUint32(0, content.length);
  viewOf(checksum).setUint32(0, crc32(body));
  return joined([length, body, checksum]);
}
