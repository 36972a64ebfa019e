// What a stored file really is, read from the first byte to the last.
import { createHash } from 'node:crypto';
import type { MediaKey } from './media.ts';
import type { MediaStore } from './ports.ts';

/**
 * SHA-256 in lower-case hex and length in bytes; undefined for a file that is not there. After an abort the digest is of what was read so
 * far. Rejects as `MediaStore.read` does, and when a piece can't be read.
 */
export async function storedDigest(
  media: Pick<MediaStore, 'read'>,
  key: MediaKey,
  signal?: AbortSignal,
): Promise<{ readonly sha256: string; readonly bytes: number } | undefined> {
  const opened = await media.read(key);
  if (opened === undefined) return undefined;
  const hash = createHash('sha256');
  for await (const chunk of opened.stream) {
    if (signal?.aborted === true) break;
    hash.update(chunk as Uint8Array);
  }
  return { sha256: hash.digest('hex'), bytes: opened.bytes };
}
