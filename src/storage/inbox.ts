// Where files arrive before they are photos: one folder on the originals' file system. Nothing in it is durable.
import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { GalleryError } from '../gallery/errors.ts';
import { sniffBytes } from '../gallery/file-type.ts';
import type { Sha256 } from '../gallery/photo.ts';
import type { Inbox, ReceivedFile } from '../gallery/ports.ts';
import { syncPath, translate } from './durable.ts';

/** Gathered before each write: fewer, larger writes were a sixth faster than one a chunk. */
const writeBytes = 1024 * 1024;

/** Kept free for the database's log and for renditions, whatever is uploaded. */
const largestReserveBytes = 256 * 1024 * 1024;
const smallestReserveBytes = 8 * 1024 * 1024;
const reserveShare = 0.02;

/** @param folder absolute; made when missing. */
export async function openInbox(folder: string): Promise<Inbox> {
  await mkdir(folder, { recursive: true });
  const discard = (path: string) => rm(path, { force: true });
  return {
    async receive(stream, maxBytes) {
      const path = join(folder, randomUUID());
      try {
        return await receive(stream, path, maxBytes);
      } catch (error) {
        await discard(path);
        throw translate(error);
      }
    },
    async settle(path) {
      await syncPath(path).catch((error: unknown) => {
        throw translate(error);
      });
    },
    discard,
    async openScratch() {
      const path = join(folder, `scratch-${randomUUID()}`);
      await mkdir(path);
      return { path, release: () => rm(path, { recursive: true, force: true }) };
    },
    async sweep(olderThanMs) {
      const paths = (await readdir(folder)).map((name) => join(folder, name));
      const old = await Promise.all(paths.map((path) => isOlder(path, olderThanMs)));
      const doomed = paths.filter((_path, index) => old[index]);
      for (const path of doomed) await rm(path, { recursive: true, force: true });
      return doomed.length;
    },
    async ensureSpace(bytes) {
      const { bavail, blocks, bsize } = await statfs(folder);
      const reserve = Math.min(
        largestReserveBytes,
        Math.max(smallestReserveBytes, blocks * bsize * reserveShare),
      );
      if (bavail * bsize >= bytes + reserve) return;
      throw new GalleryError('disk-full', 'The disk of the gallery is full; free some space and try again.');
    },
  };
}

async function receive(stream: Readable, path: string, maxBytes: number): Promise<ReceivedFile> {
  const file = await open(path, 'wx', 0o600);
  try {
    return { path, ...(await copy(stream, file, maxBytes)) };
  } finally {
    await file.close();
  }
}

// One write is under way while the next megabyte is gathered and hashed: at most two are held.
async function copy(
  stream: Readable,
  file: FileHandle,
  maxBytes: number,
): Promise<Omit<ReceivedFile, 'path'>> {
  const hash = createHash('sha256');
  let head = Buffer.alloc(0);
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  let bytes = 0;
  let writing: Promise<unknown> = Promise.resolve();
  const flush = async () => {
    await writing;
    const chunks = gathered;
    gathered = [];
    gatheredBytes = 0;
    writing = writeAll(file, chunks);
    // Looked at by the next flush; without this a failure in between would count as unhandled.
    writing.catch(() => {});
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    if (head.length < sniffBytes) head = Buffer.concat([head, chunk.subarray(0, sniffBytes - head.length)]);
    hash.update(chunk);
    gathered.push(chunk);
    gatheredBytes += chunk.length;
    if (gatheredBytes >= writeBytes) await flush();
  }
  await flush();
  await writing;
  return { bytes, sha256: hash.digest('hex') as Sha256, head };
}

async function writeAll(file: FileHandle, chunks: Buffer[]): Promise<void> {
  if (chunks.length === 0) return;
  const wanted = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const { bytesWritten } = await file.writev(chunks);
  // A short write means that the disk ran full in the middle; writing the rest says so.
  if (bytesWritten < wanted) await file.appendFile(Buffer.concat(chunks).subarray(bytesWritten));
}

const tooLarge = (maxBytes: number) => {
  const limitMb = Math.floor(maxBytes / 1024 / 1024);
  return new GalleryError('too-large', `The file is larger than ${limitMb} MB; choose a smaller one.`, {
    limitMb,
  });
};

async function isOlder(path: string, olderThanMs: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs >= olderThanMs;
}
