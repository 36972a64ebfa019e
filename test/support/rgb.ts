// What a detector is given of a file, by the way that the darkroom itself goes.
import { readFileSync } from 'node:fs';
import type { RgbImage } from '../../src/darkroom/engines/detector.ts';
import { decode, flatten, prepareSharp, shrink } from '../../src/darkroom/pixels.ts';
import { sniffType } from '../../src/gallery/file-type.ts';
import type { MediaType } from '../../src/gallery/photo.ts';

export async function readRgb(path: string): Promise<RgbImage> {
  prepareSharp();
  return flatten(await shrink(await decode(path, typeOf(path), 1600, 'tolerant'), 800));
}

/** By the first bytes; throws for what is no picture. */
export function typeOf(path: string): MediaType {
  const type = sniffType(readFileSync(path).subarray(0, 64));
  if (type === undefined) throw new Error(`${path} is no picture`);
  return type;
}

export function plainRgb(
  width: number,
  height: number,
  [red, green, blue]: readonly [number, number, number],
): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let at = 0; at < data.length; at += 3) data.set([red, green, blue], at);
  return { data, width, height };
}
