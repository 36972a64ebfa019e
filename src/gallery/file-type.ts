// Decides what a file is by its first bytes. Names and declared types are never asked.
import type { MediaType } from './photo.ts';

/** How many bytes `sniffType` wants to see; fewer are fine for small files. */
export const sniffBytes = 64;

/** Signatures: JPEG ITU T.81 B.1.1.3, PNG 3rd ed. 5.2, WebP RFC 9649, GIF89a 17, ISO BMFF `ftyp` brands (AV1 / HEIF registrations). */
export function sniffType(head: Uint8Array): MediaType | undefined {
  const ascii = (from: number, to: number) => String.fromCharCode(...head.subarray(from, to));
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return 'image/jpeg';
  if (ascii(0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png';
  if (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP') return 'image/webp';
  if (ascii(0, 6) === 'GIF87a' || ascii(0, 6) === 'GIF89a') return 'image/gif';
  if (ascii(4, 8) !== 'ftyp') return undefined;
  return fromBrands(brandsOf(head, ascii));
}

function brandsOf(head: Uint8Array, ascii: (from: number, to: number) => string): string[] {
  const boxLength = ((head[0] ?? 0) << 24) | ((head[1] ?? 0) << 16) | ((head[2] ?? 0) << 8) | (head[3] ?? 0);
  const end = Math.min(head.length, Math.max(boxLength, 16));
  const brands = [ascii(8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(ascii(at, at + 4));
  return brands;
}

// `mif1` alone says "HEIF, look further": an AVIF may lead with it, so the compatible brands decide. Where they say no more than
// that it is kept as HEIC, and what its header says of the codec decides who decodes it.
function fromBrands(brands: readonly string[]): MediaType | undefined {
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return 'image/avif';
  const heif = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs', 'mif1', 'msf1', 'miaf'];
  return brands.some((brand) => heif.includes(brand)) ? 'image/heic' : undefined;
}
