// What comes in is written as it comes, and whoever sends hears what really went wrong.
import assert from 'node:assert/strict';
import type { FileHandle } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { copy } from '../../src/storage/copy.ts';

test('a disk that fails in the middle is what a pipeline hears of, not that nobody reads any more', async () => {
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  const file = { writev: () => Promise.reject(full) } as unknown as FileHandle;
  const source = Readable.from(Array.from({ length: 20 }, () => Buffer.alloc(1024 * 1024)));
  await assert.rejects(
    pipeline(source, new PassThrough(), (stream) => copy(stream as Readable, file, Number.POSITIVE_INFINITY)),
    { code: 'ENOSPC' },
  );
});
