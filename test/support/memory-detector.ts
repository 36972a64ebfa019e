// The smallest real detector: every patch of saturated red is a stop sign. No model, no library, the same promises.
import { clippedBox, suppress } from '../../src/darkroom/engines/boxes.ts';
import {
  type Detector,
  maxDetections,
  type RawDetection,
  type RgbImage,
} from '../../src/darkroom/engines/detector.ts';
import { storedFrom } from '../../src/gallery/detection.ts';

export function openMemoryDetector(): Detector {
  let closed = false;
  return {
    engine: 'memory',
    model: '5'.repeat(64),
    async detect(image, signal) {
      if (closed) throw new Error('the detector is closed');
      signal?.throwIfAborted();
      await Promise.resolve();
      signal?.throwIfAborted();
      const found = patchesOf(image).flatMap((patch) => detectionOf(patch, image));
      return suppress(found, 0.5, maxDetections);
    },
    async close() {
      closed = true;
    },
  };
}

interface Patch {
  left: number;
  top: number;
  right: number;
  bottom: number;
  pixels: number;
}

/** Connected red pixels, by flood fill. */
function patchesOf({ data, width, height }: RgbImage): Patch[] {
  const seen = new Uint8Array(width * height);
  const isRed = (at: number) =>
    (data[3 * at] ?? 0) > 150 && (data[3 * at + 1] ?? 255) < 70 && (data[3 * at + 2] ?? 255) < 70;
  const patches: Patch[] = [];
  for (let start = 0; start < seen.length; start += 1) {
    if (seen[start] === 1 || !isRed(start)) continue;
    const patch = { left: width, top: height, right: 0, bottom: 0, pixels: 0 };
    const open = [start];
    seen[start] = 1;
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const [x, y] = [at % width, Math.floor(at / width)];
      grow(patch, x, y);
      for (const [next, inside] of [
        [at - 1, x > 0],
        [at + 1, x < width - 1],
        [at - width, y > 0],
        [at + width, y < height - 1],
      ] as const) {
        if (!inside || seen[next] === 1 || !isRed(next)) continue;
        seen[next] = 1;
        open.push(next);
      }
    }
    patches.push(patch);
  }
  return patches;
}

function grow(patch: Patch, x: number, y: number): void {
  patch.left = Math.min(patch.left, x);
  patch.top = Math.min(patch.top, y);
  patch.right = Math.max(patch.right, x + 1);
  patch.bottom = Math.max(patch.bottom, y + 1);
  patch.pixels += 1;
}

/** As sure as the box is full; specks are nothing. */
function detectionOf(
  { left, top, right, bottom, pixels }: Patch,
  { width, height }: RgbImage,
): RawDetection[] {
  const box = clippedBox(left / width, top / height, right / width, bottom / height);
  const score = pixels / ((right - left) * (bottom - top));
  const large = pixels >= 0.005 * width * height;
  return box !== undefined && large && score >= storedFrom ? [{ label: 'stop sign', score, box }] : [];
}
