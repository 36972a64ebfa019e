// A Web Worker: reads files piece by piece and answers with their SHA-256. `crypto.subtle` is missing on plain http, and knows no pieces.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

export interface DigestQuestion {
  readonly id: number;
  readonly file: Blob;
}
export interface DigestAnswer {
  readonly id: number;
  /** Undefined when the file can't be read. */
  readonly sha256: string | undefined;
}

// Small enough to stay small in memory, large enough to be quick.
const pieceBytes = 1024 * 1024;

addEventListener('message', ({ data }: MessageEvent<DigestQuestion>) => {
  void digest(data.file)
    .catch(() => undefined)
    .then((digested) => postMessage({ id: data.id, sha256: digested } satisfies DigestAnswer));
});

// By slices rather than `stream()`: Safari loses streams of files that lie in IndexedDB.
async function digest(file: Blob): Promise<string> {
  const hash = sha256.create();
  for (let at = 0; at < file.size; at += pieceBytes)
    hash.update(new Uint8Array(await file.slice(at, at + pieceBytes).arrayBuffer()));
  return bytesToHex(hash.digest());
}
