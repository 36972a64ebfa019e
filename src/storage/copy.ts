// From a stream to an open file, hashing as it comes. Knows neither names nor folders; what stays after a failure is the caller's.
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { fileTooLarge } from '../gallery/errors.ts';
import { sniffBytes } from '../gallery/file-type.ts';
import type { Sha256 } from '../gallery/photo.ts';
import type { ReceivedFile } from '../gallery/ports.ts';

/** Gathered before each write: fewer, larger writes were a sixth faster than one a chunk. */
const writeBytes = 256 * 1024;
/** But what comes slowly is not held back for long: it would be lost with the process. */
const writeEveryMs = 1000;

export type Copied = Omit<ReceivedFile, 'path'>;

/**
 * Writes at the file's position; what came before a broken stream is written, too, before the error is passed on.
 * One write is under way while the next is gathered and hashed: at most two are held.
 * Rejects `too-large` after `maxBytes`.
 */
export async function copy(stream: Readable, file: FileHandle, maxBytes: number): Promise<Copied> {
  const digest = openDigest();
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  let flushedAt = performance.now();
  let writing: Promise<unknown> = Promise.resolve();
  const flush = async () => {
    flushedAt = performance.now();
    await writing;
    const chunks = gathered;
    gathered = [];
    gatheredBytes = 0;
    writing = writeAll(file, chunks);
    // Looked at by the next flush; without this a failure in between would count as unhandled.
    writing.catch(() => {});
  };
  try {
    // Left in the middle, a stream is not destroyed: whoever piped it would hear of that first, and not of the disk that is full.
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      if (digest.add(chunk) > maxBytes) throw fileTooLarge(maxBytes);
      gathered.push(chunk);
      gatheredBytes += chunk.length;
      if (gatheredBytes >= writeBytes || performance.now() - flushedAt >= writeEveryMs) await flush();
    }
  } finally {
    await flush();
    await writing;
  }
  return digest.end();
}

/** Counts, hashes and keeps the beginning of what is added. */
export function openDigest() {
  const hash = createHash('sha256');
  let head = Buffer.alloc(0);
  let bytes = 0;
  return {
    /** The bytes so far. */
    add(chunk: Buffer): number {
      if (head.length < sniffBytes) head = Buffer.concat([head, chunk.subarray(0, sniffBytes - head.length)]);
      hash.update(chunk);
      bytes += chunk.length;
      return bytes;
    },
    end: (): Copied => ({ bytes, sha256: hash.digest('hex') as Sha256, head }),
  };
}

async function writeAll(file: FileHandle, chunks: Buffer[]): Promise<void> {
  if (chunks.length === 0) return;
  const wanted = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const { bytesWritten } = await file.writev(chunks);
  // A short write means that the disk ran full in the middle; writing the rest says so.
  if (bytesWritten < wanted) await file.appendFile(Buffer.concat(chunks).subarray(bytesWritten));
}
