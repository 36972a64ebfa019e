// QR codes are read again by another library, from the pixels that a terminal or a browser would show.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import jsQr from 'jsqr';
import sharp from 'sharp';
import { maxQrBytes, qrSvg, qrText } from '../../src/security/qr.ts';
import { newToken } from '../../src/security/tokens.ts';

const read = jsQr as unknown as typeof jsQr.default;
const texts: readonly (readonly [what: string, text: string])[] = [
  ['an address with a token', `https://sajin.example:3000/pair/${newToken()}`],
  ['digits', '0123456789'],
  ['Korean', '사진 갤러리에 오신 것을 환영해요'],
  ['as much as may be', 'x'.repeat(maxQrBytes)],
];

async function readSvg(svg: string): Promise<string | undefined> {
  const { data, info } = await sharp(Buffer.from(svg), { density: 72 })
    .resize({ width: 800, kernel: 'nearest' })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return textIn(new Uint8ClampedArray(data), info.width, info.height);
}

/** The lines without their colours, black on white, which each of them must have. */
function linesOf(text: string): string[] {
  const [before, after] = ['\u001b[30;107m', '\u001b[0m'];
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      assert.ok(line.startsWith(before) && line.endsWith(after), line);
      return line.slice(before.length, -after.length);
    });
}

/** What a terminal paints: two modules a character, one above the other, four pixels each. */
function readText(text: string): string | undefined {
  const lines = linesOf(text).map((line) => [...line]);
  const rows = lines.flatMap((line) => ['█▀', '█▄'].map((dark) => line.map((char) => dark.includes(char))));
  const scale = 4;
  const [width, height] = [(rows[0]?.length ?? 0) * scale, rows.length * scale];
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      if (rows[Math.floor(y / scale)]?.[Math.floor(x / scale)] === true)
        pixels.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
  return textIn(pixels, width, height);
}

function textIn(pixels: Uint8ClampedArray, width: number, height: number): string | undefined {
  const found = read(pixels, width, height, { inversionAttempts: 'dontInvert' });
  return found === null ? undefined : Buffer.from(found.binaryData).toString('utf8');
}

describe('a QR code', () => {
  for (const [what, text] of texts) {
    test(`in a terminal says ${what}`, () => assert.equal(readText(qrText(text)), text));
    test(`on a page says ${what}`, async () => assert.equal(await readSvg(qrSvg(text, 'x')), text));
  }

  test('fits into a terminal of 80 columns with an address in it', () => {
    const lines = linesOf(qrText(texts[0]?.[1] ?? ''));
    assert.ok(lines.length <= 26, `${lines.length} lines`);
    for (const line of lines) assert.match(line, /^[ █▀▄]{1,60}$/);
  });

  test('has four light modules around it', () => {
    const lines = linesOf(qrText('x'));
    for (const line of lines.slice(0, 2)) assert.match(line, /^ {29}$/);
    for (const line of lines.slice(2, -2)) assert.match(line, /^ {4}[█▀▄].* {4}$/);
  });

  test('is one piece of SVG that obeys a strict policy, whatever it is called', () => {
    const svg = qrSvg('x', '"><script>alert(1)</script>&');
    assert.doesNotMatch(svg, /<script|style|\bid=|href|url\(/);
    assert.match(svg, /^<svg [^>]*aria-label="&quot;>&lt;script>alert\(1\)&lt;\/script>&amp;"/);
  });

  test('is refused for more than a phone could read', () => {
    assert.throws(() => qrText('한'.repeat(201)), RangeError);
    assert.throws(() => qrSvg('x'.repeat(maxQrBytes + 1), ''), RangeError);
  });
});
