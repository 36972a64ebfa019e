// What a file is by its first bytes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sniffType } from '../../src/gallery/file-type.ts';

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const ftyp = (...brands: string[]) => {
  const size = 16 + 4 * (brands.length - 1);
  return ascii(`\0\0\0${String.fromCharCode(size)}ftyp${brands[0]}\0\0\0\0${brands.slice(1).join('')}meta`);
};

const cases: readonly (readonly [string, Uint8Array, string | undefined])[] = [
  ['a JPEG', ascii('\xff\xd8\xff\xe0'), 'image/jpeg'],
  ['a PNG', ascii('\x89PNG\r\n\x1a\n'), 'image/png'],
  ['a WebP', ascii('RIFF\x10\0\0\0WEBPVP8 '), 'image/webp'],
  ['a GIF', ascii('GIF89a'), 'image/gif'],
  ['an AVIF', ftyp('avif', 'mif1'), 'image/avif'],
  ['an AVIF sequence', ftyp('avis', 'msf1'), 'image/avif'],
  ['an AVIF that calls itself HEIF first', ftyp('mif1', 'avif', 'miaf'), 'image/avif'],
  ['a HEIC', ftyp('heic', 'mif1'), 'image/heic'],
  ['a HEIC that calls itself HEIF first', ftyp('mif1', 'heic'), 'image/heic'],
  ['a HEIF that says no more', ftyp('mif1', 'miaf'), 'image/heic'],
  ['an MP4', ftyp('isom', 'mp41'), undefined],
  ['a sound in RIFF', ascii('RIFF\x10\0\0\0WAVEfmt '), undefined],
  ['an SVG', ascii('<svg xmlns="http://www.w3.org/2000/svg">'), undefined],
  ['a TIFF', ascii('II*\0\x08\0\0\0'), undefined],
  ['HTML', ascii('<!doctype html>'), undefined],
  ['two bytes of a JPEG', ascii('\xff\xd8'), undefined],
  ['nothing', new Uint8Array(), undefined],
];

for (const [what, bytes, expected] of cases) {
  test(`takes ${what} for ${expected ?? 'no picture'}`, () => assert.equal(sniffType(bytes), expected));
}

test('does not read brands behind the end of their box', () => {
  const box = ftyp('isom', 'mp41');
  assert.equal(sniffType(Uint8Array.from([...box.subarray(0, 20), ...ascii('avif')])), undefined);
});
