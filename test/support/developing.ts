// A darkroom of real children for a test file, and what came out of it, looked at pixel by pixel.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { type DarkroomOptions, openDarkroom } from '../../src/darkroom/darkroom.ts';
import { type MediaType, renditionSizes } from '../../src/gallery/photo.ts';
import type { Darkroom, Developed, DevelopedFile } from '../../src/gallery/ports.ts';
import { collectingLog, type LogLine } from './collecting-log.ts';
import { type Cleaner, makeFolder } from './folder.ts';
import { typeOf } from './rgb.ts';

export interface Developing {
  readonly darkroom: Darkroom;
  readonly lines: readonly LogLine[];
  /** Develops into a folder of its own. */
  develop(path: string, type?: MediaType): Promise<Developed>;
}

export async function openDeveloping(
  t: Cleaner,
  options: Partial<DarkroomOptions> = {},
): Promise<Developing> {
  const log = collectingLog();
  const folder = await makeFolder(t);
  const darkroom = await openDarkroom({
    children: 2,
    detector: 'off',
    modelsFolder: folder,
    log,
    ...options,
  });
  t.after(() => darkroom.close());
  return {
    darkroom,
    lines: log.lines,
    async develop(path, type = typeOf(path)) {
      return await darkroom.develop(path, type, await mkdtemp(join(folder, 'out-')));
    },
  };
}

export type Whole = Extract<Developed, { kind: 'developed' }>;

export function assertDeveloped(developed: Developed): asserts developed is Whole {
  assert.equal(developed.kind, 'developed', 'detail' in developed ? developed.detail : '');
}

/** Three WebP files of the right sizes, as they say of themselves, with nothing in them but pixels. */
export async function assertRenditions({ width, height, files }: Whole): Promise<void> {
  assert.deepEqual(
    files.map(({ size }) => size),
    [...renditionSizes],
  );
  for (const file of files) {
    const bytes = await readFile(file.path);
    assert.equal(bytes.length, file.bytes);
    assert.equal(createHash('sha256').update(bytes).digest('hex'), file.sha256);
    const inside = await sharp(bytes).metadata();
    assert.deepEqual([inside.format, inside.width, inside.height], ['webp', file.width, file.height]);
    assert.deepEqual(
      [inside.exif, inside.icc, inside.xmp, inside.orientation, inside.pages],
      [undefined, undefined, undefined, undefined, undefined],
    );
    assert.equal(Math.max(file.width, file.height), Math.min(file.size, Math.max(width, height)));
    const ratio = Math.max(width, height) / Math.max(file.width, file.height);
    assert.ok(Math.abs(file.width - width / ratio) <= 1 && Math.abs(file.height - height / ratio) <= 1);
  }
}

/** Mean difference of two pictures, 0..255, both brought to the size of the second; transparency laid on white. */
export async function difference(a: string | Buffer, b: string | Buffer): Promise<number> {
  const flat = (picture: string | Buffer) =>
    sharp(picture).autoOrient().flatten({ background: '#fff' }).toColourspace('srgb');
  const { data: second, info } = await flat(b).raw().toBuffer({ resolveWithObject: true });
  const first = await flat(a).resize(info.width, info.height, { fit: 'fill' }).raw().toBuffer();
  assert.equal(first.length, second.length);
  let sum = 0;
  for (let at = 0; at < first.length; at += 1) sum += Math.abs((first[at] ?? 0) - (second[at] ?? 0));
  return sum / first.length;
}

export function fileOf({ files }: Whole, size: DevelopedFile['size']): DevelopedFile {
  const file = files.find((one) => one.size === size);
  assert.ok(file);
  return file;
}
