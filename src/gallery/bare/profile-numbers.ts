// The values of a colour profile's tags (ICC.1:2022, chapter 10), each exactly as long as its own numbers say. What is text is not known here.
import { ascii, CutOff, joined, viewOf } from './pieces.ts';

/** @throws CutOff when they end before */
export function taken(bytes: Uint8Array, from: number, length: number): Uint8Array {
  const end = from + length;
  // Of sizes that no number can tell the product with zero is none.
  if (Number.isNaN(end) || end > bytes.length) throw new CutOff('the profile ends early');
  return bytes.subarray(from, from + length);
}

/** @param tag from its type to its end, or beyond. @throws CutOff for a type that holds more than numbers */
export function numbersOf(tag: Uint8Array): Uint8Array {
  const type = ascii(taken(tag, 0, 12), 0, 4);
  switch (type) {
    case 'XYZ ':
      return plain(tag, 20);
    case 'sf32':
      return plain(tag, 8 + 9 * 4);
    case 'cicp':
      return plain(tag, 12);
    case 'curv':
    case 'para':
      return curveOf(tag);
    case 'mft1':
      return oldTableOf(tag, { head: 48, width: 1, entries: () => [256, 256] });
    case 'mft2':
      return oldTableOf(tag, {
        head: 52,
        width: 2,
        entries: (view) => [view.getUint16(48), view.getUint16(50)],
      });
    case 'mAB ':
    case 'mBA ':
      return tableOf(tag, type);
    default:
      throw new CutOff('an unknown value');
  }
}

/** Four bytes behind the type mean nothing, and those that are said to be reserved. */
function plain(tag: Uint8Array, length: number, reserved: readonly number[] = []): Uint8Array {
  const value = taken(tag, 0, length).slice();
  for (const at of [4, 5, 6, 7, ...reserved]) value[at] = 0;
  return value;
}

/** How many numbers each kind of formula has. */
const parameters = [1, 3, 4, 5, 7];

function curveOf(tag: Uint8Array): Uint8Array {
  const view = viewOf(taken(tag, 0, 12));
  if (ascii(tag, 0, 4) === 'curv') return plain(tag, 12 + 2 * view.getUint32(8));
  const count = parameters[view.getUint16(8)];
  if (ascii(tag, 0, 4) !== 'para' || count === undefined) throw new CutOff('an unknown curve');
  return plain(tag, 12 + 4 * count, [10, 11]);
}

interface OldTable {
  readonly head: number;
  /** Of one number, in bytes. */
  readonly width: number;
  /** Of each curve before the grid, and behind it. */
  readonly entries: (head: DataView) => readonly [number, number];
}

/** Curves, a grid of colours, curves: lut8Type and lut16Type. */
function oldTableOf(tag: Uint8Array, { head, width, entries }: OldTable): Uint8Array {
  const view = viewOf(taken(tag, 0, head));
  const [inputs, outputs, points] = [view.getUint8(8), view.getUint8(9), view.getUint8(10)];
  const [before, behind] = entries(view);
  const numbers = before * inputs + points ** inputs * outputs + behind * outputs;
  return plain(tag, head + width * numbers, [11]);
}

/** lutAToBType and lutBToAType: up to five parts, each at a place of its own; zero for one that is missing. */
function tableOf(tag: Uint8Array, type: 'mAB ' | 'mBA '): Uint8Array {
  const view = viewOf(taken(tag, 0, 32));
  const [inputs, outputs] = [view.getUint8(8), view.getUint8(9)];
  // The curves named B and M stand where colours are independent of any device.
  const [near, far] = type === 'mAB ' ? [outputs, inputs] : [inputs, outputs];
  const head = plain(tag, 32, [10, 11]);
  const parts = [head];
  let end = head.length;
  for (const [place, read] of [
    [12, (at: number) => curvesAt(tag, at, near)],
    [16, (at: number) => taken(tag, at, 12 * 4)],
    [20, (at: number) => curvesAt(tag, at, near)],
    [24, (at: number) => gridAt(tag, at, inputs, outputs)],
    [28, (at: number) => curvesAt(tag, at, far)],
  ] as const) {
    const at = view.getUint32(place);
    if (at === 0) continue;
    const part = even(read(at));
    parts.push(part);
    viewOf(head).setUint32(place, end);
    end += part.length;
  }
  return joined(parts);
}

function curvesAt(tag: Uint8Array, start: number, count: number): Uint8Array {
  const curves: Uint8Array[] = [];
  let at = start;
  for (let index = 0; index < count; index += 1) {
    const curve = even(curveOf(taken(tag, at, tag.length - at)));
    curves.push(curve);
    at += curve.length;
  }
  return joined(curves);
}

/** How many points on each side (16 bytes, of which as many count as there are sides), the width of a number, and the numbers. */
function gridAt(tag: Uint8Array, at: number, inputs: number, outputs: number): Uint8Array {
  const head = taken(tag, at, 20);
  const sides = head.subarray(0, inputs);
  const width = head[16] ?? 0;
  if (inputs > 16 || width < 1 || width > 2) throw new CutOff('an unknown table');
  const numbers = sides.reduce((product, points) => product * points, outputs);
  const grid = taken(tag, at, 20 + width * numbers).slice();
  grid.fill(0, inputs, 16).fill(0, 17, 20);
  return grid;
}

/** Every part begins at a multiple of four. */
const even = (bytes: Uint8Array): Uint8Array => joined([bytes, new Uint8Array(-bytes.length & 3)]);
