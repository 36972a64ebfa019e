// A text as a QR code, for handing a secret to a phone without typing: as characters for a terminal, as SVG for a page. What is in it is
// as secret as the text.
import { encode } from 'uqr';

/** Light modules around the code on each side: ISO/IEC 18004 asks for four, and cameras do need them on a dark ground. */
const quietZone = 4;

/** A seventh of the code may be hidden, by a reflection or a finger. */
const correction = 'M';

/** The most bytes (UTF-8) that are taken: more makes modules that a phone can't tell apart on a screen. */
export const maxQrBytes = 600;

/**
 * Two rows of modules a line, in half blocks. Its own colours, since some cameras can't read light modules on a dark ground, and nobody
 * knows a terminal's.
 * @throws RangeError for more than maxQrBytes
 */
export function qrText(text: string): string {
  const rows = modulesOf(text);
  const lines: string[] = [];
  for (let at = 0; at < rows.length; at += 2) {
    const below = rows[at + 1] ?? [];
    lines.push((rows[at] ?? []).map((isDark, x) => halves(isDark, below[x] === true)).join(''));
  }
  return lines.map((line) => `${blackOnWhite}${line}${plain}\n`).join('');
}

const blackOnWhite = '\u001b[30;107m';
const plain = '\u001b[0m';

function halves(isUpperDark: boolean, isLowerDark: boolean): string {
  if (isUpperDark) return isLowerDark ? '█' : '▀';
  return isLowerDark ? '▄' : ' ';
}

/**
 * An `<svg>` for putting into a page: black on white in any theme, without scripts, styles or ids; it takes the size that the page gives it.
 * @param label what a screen reader says in its place
 * @throws RangeError for more than maxQrBytes
 */
export function qrSvg(text: string, label: string): string {
  const rows = modulesOf(text);
  const size = rows.length;
  const path = rows.flatMap((row, y) =>
    runsOf(row).map(({ x, width }) => `M${x} ${y}h${width}v1h-${width}z`),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" role="img" aria-label="${attributeOf(label)}" shape-rendering="crispEdges">`,
    `<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${path.join('')}"/></svg>`,
  ].join('');
}

/** True is dark. */
function modulesOf(text: string): readonly (readonly boolean[])[] {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > maxQrBytes) throw new RangeError(`${bytes.length} bytes are too many for a QR code`);
  // As bytes, which every camera takes for UTF-8.
  return encode([...bytes], { ecc: correction, border: quietZone }).data;
}

function runsOf(row: readonly boolean[]): { readonly x: number; readonly width: number }[] {
  const runs: { x: number; width: number }[] = [];
  row.forEach((isDark, x) => {
    const last = runs.at(-1);
    if (isDark && last !== undefined && last.x + last.width === x) last.width += 1;
    else if (isDark) runs.push({ x, width: 1 });
  });
  return runs;
}

const attributeOf = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
