// MediaStore and its inbox's other half in a map: the twin of the disk.

import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { digestOf, kindOf, type MediaKey } from '../../src/gallery/media.ts';
import type { MediaStore } from '../../src/gallery/ports.ts';

export function openMemoryMedia(): MediaStore {
  const files = new Map<MediaKey, { bytes: Buffer; modifiedAt: Date }>();
  return {
    async put(key, sourcePath) {
      const bytes = await readFile(sourcePath);
      files.set(key, { bytes, modifiedAt: new Date() });
      await rm(sourcePath);
    },
    async stat(key) {
      const file = files.get(key);
      return file === undefined ? undefined : { bytes: file.bytes.length };
    },
    async read(key, range) {
      const bytes = files.get(key)?.bytes;
      if (bytes === undefined) return undefined;
      const part = range === undefined ? bytes : bytes.subarray(range.start, range.end + 1);
      return { stream: Readable.from(part.length === 0 ? [] : [part]), bytes: bytes.length };
    },
    async lease(key) {
      const bytes = files.get(key)?.bytes;
      if (bytes === undefined) return undefined;
      const path = join(tmpdir(), `sajin-lease-${randomUUID()}`);
      await writeFile(path, bytes);
      return { path, release: () => rm(path, { force: true }) };
    },
    async remove(key) {
      files.delete(key);
    },
    async *list(kind) {
      for (const [key, { modifiedAt }] of files) {
        if (kindOf(key) === kind && digestOf(key) !== undefined) yield { key, modifiedAt };
      }
    },
    check: async () => {},
  };
}
