// A gallery at rest that has all that a backup takes: rows, originals, and the small file beside each. Made without the program, which
// would take an hour for what a minute does; nothing is synced one by one, but everything is on the disk before it is handed out.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { originalKey, sidecarKey } from '../../src/gallery/media.ts';
import type { PhotoId, Sha256 } from '../../src/gallery/photo.ts';
import { formatSidecar } from '../../src/gallery/sidecar.ts';
import { type FilledOriginal, fill } from '../fill.ts';
import { anotherOf } from './photograph.ts';

export interface FilledGallery {
  readonly folder: string;
  /** Paths below the folder. */
  readonly originals: readonly string[];
  readonly sidecars: readonly string[];
  /** Of the originals. */
  readonly megabytes: number;
}

export interface Picture {
  readonly jpeg: Buffer;
  readonly width: number;
  readonly height: number;
}

/** `count` photos, each the same picture in another file. */
export function fillWithFiles(folder: string, count: number, picture: Picture): FilledGallery {
  mkdirSync(folder, { recursive: true });
  const [originals, sidecars]: [string[], string[]] = [[], []];
  let bytes = 0;
  const write = (key: string, content: Uint8Array) => {
    mkdirSync(dirname(join(folder, key)), { recursive: true });
    writeFileSync(join(folder, key), content);
    return key;
  };
  fill(folder, count, (index): FilledOriginal => {
    const jpeg = anotherOf(picture.jpeg);
    const sha256 = createHash('sha256').update(jpeg).digest('hex') as Sha256;
    const { width, height } = picture;
    originals.push(write(originalKey(sha256, 'image/jpeg'), jpeg));
    bytes += jpeg.length;
    const uploadedAt = new Date(Date.UTC(2026, 10, 1) - (count - index) * 1000);
    const photo = { id: idOf(index), title: `Photo ${index}`, uploadedAt, changes: [] };
    const file = { sha256, bytes: jpeg.length, type: 'image/jpeg', width, height, frames: 1 } as const;
    const sidecar = Buffer.from(formatSidecar({ ...file, photos: [photo] }));
    sidecars.push(write(sidecarKey(sha256, 'image/jpeg'), sidecar));
    return { sha256, bytes: jpeg.length, width, height };
  });
  execFileSync('sync', ['-f', folder]);
  return { folder, originals, sidecars, megabytes: bytes / 1e6 };
}

// Nobody compares it with the row's: what counts here is how much there is to copy.
const idOf = (index: number) => `01900000-0000-7000-8000-${index.toString(16).padStart(12, '0')}` as PhotoId;
