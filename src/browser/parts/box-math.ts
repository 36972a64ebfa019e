// Boxes that follow a finger, a mouse or arrow keys. Fractions 0..1 of the picture; knows no element of the page.

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Pixels of the picture on the screen. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What of a key press matters here. */
export interface Key {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** Where a box is held: inside, at an edge, or at a corner. */
export type Grip = 'body' | 'n' | 'ne' | 'e' | 'se' | 's' | 'sw' | 'w' | 'nw';

/** Half of what a fingertip covers, in pixels. */
const reach = 22;
/** Smaller than this is a slip of the finger. */
export const leastSide = 0.01;
const step = 0.01;
const fineStep = 0.002;

/** Undefined when the point is out of reach. Edges and corners reach outside by a fingertip, and inside by a third at most. */
export function gripAt(point: Point, box: Box, size: Size): Grip | undefined {
  const across = edgeAt(point.x * size.width, box.x * size.width, box.width * size.width);
  const down = edgeAt(point.y * size.height, box.y * size.height, box.height * size.height);
  if (across === undefined || down === undefined) return undefined;
  const name = `${['n', '', 's'][down + 1]}${['w', '', 'e'][across + 1]}`;
  return name === '' ? 'body' : (name as Grip);
}

/** -1 at the beginning, 1 at the end, 0 between them. */
function edgeAt(at: number, start: number, length: number): -1 | 0 | 1 | undefined {
  if (at < start - reach || at > start + length + reach) return undefined;
  const inside = Math.min(reach, length / 3);
  if (at <= start + inside) return -1;
  return at >= start + length - inside ? 1 : 0;
}

/** The box after its grip was pulled so far. Stays inside the picture and never turns over. */
export function pulled(box: Box, grip: Grip, by: Point): Box {
  if (grip === 'body') {
    return {
      ...box,
      x: clamp(box.x + by.x, 0, 1 - box.width),
      y: clamp(box.y + by.y, 0, 1 - box.height),
    };
  }
  const [left, right] = pulledSide(box.x, box.width, by.x, grip.includes('w'), grip.includes('e'));
  const [top, bottom] = pulledSide(box.y, box.height, by.y, grip.includes('n'), grip.includes('s'));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function pulledSide(start: number, length: number, by: number, atStart: boolean, atEnd: boolean) {
  const end = start + length;
  const least = Math.min(leastSide, length);
  return [
    atStart ? clamp(start + by, 0, end - least) : start,
    atEnd ? clamp(end + by, start + least, 1) : end,
  ] as const;
}

/** The box between two points, clipped to the picture. */
export function boxBetween(a: Point, b: Point): Box {
  const [left, right] = [clamp(Math.min(a.x, b.x), 0, 1), clamp(Math.max(a.x, b.x), 0, 1)];
  const [top, bottom] = [clamp(Math.min(a.y, b.y), 0, 1), clamp(Math.max(a.y, b.y), 0, 1)];
  return { x: left, y: top, width: right - left, height: bottom - top };
}

export const isLargeEnough = ({ width, height }: Box) => width >= leastSide && height >= leastSide;

/** Arrow keys move the box by 1 %, with Shift its right or lower edge; fine steps are a fifth. Undefined for any other key. */
export function nudged(box: Box, { key, shiftKey, altKey }: Key): Box | undefined {
  const direction = directions[key];
  if (direction === undefined) return undefined;
  const far = altKey ? fineStep : step;
  return pulled(box, shiftKey ? 'se' : 'body', { x: direction.x * far, y: direction.y * far });
}

const directions: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** Where a box begins that was not drawn with a pointer. */
export const middle: Box = { x: 0.35, y: 0.35, width: 0.3, height: 0.3 };

/** The smallest box under the point, since it may lie in a larger one; boxes are as large as a fingertip at least. */
export function boxAt<T extends { readonly box: Box }>(
  point: Point,
  all: readonly T[],
  size: Size,
): T | undefined {
  return all
    .filter(
      ({ box }) =>
        isWithin(point.x * size.width, box.x * size.width, box.width * size.width) &&
        isWithin(point.y * size.height, box.y * size.height, box.height * size.height),
    )
    .sort((a, b) => a.box.width * a.box.height - b.box.width * b.box.height)[0];
}

function isWithin(at: number, start: number, length: number): boolean {
  const more = Math.max(0, reach - length / 2);
  return at >= start - more && at <= start + length + more;
}

/** How far apart the middles are, for finding what took a box's place. */
export function distance(a: Box, b: Box): number {
  return Math.hypot(a.x + a.width / 2 - b.x - b.width / 2, a.y + a.height / 2 - b.y - b.height / 2);
}

const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));
