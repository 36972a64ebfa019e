// From the body of an answer into a file on the disk. Writes at a place, never beyond a limit, and says in words what the disk says in codes.
import { type FileHandle, open } from 'node:fs/promises';
import type { Body } from './body.ts';
import { codeOf, isFull } from './files.ts';
import { Refusal } from './request.ts';

export interface Receiving {
  readonly path: string;
  /** Where the first byte goes. */
  readonly offset: number;
  /** The file may not grow beyond. */
  readonly limit: number;
  /** The file so far. */
  onBytes(bytes: number): void;
}

/** Resolves with the size of the file when the body has ended. @throws Refusal, or what the body broke off with */
export async function receive(body: Body, { path, offset, limit, onBytes }: Receiving): Promise<number> {
  const file = await open(path, 'r+').catch((error: unknown) => {
    throw diskFault(error);
  });
  let at = offset;
  try {
    for await (const chunk of body.chunks) {
      if (at + chunk.length > limit) throw new Refusal(`the server sends more than ${limit} bytes`);
      await writeAll(file, chunk, at);
      at += chunk.length;
      onBytes(at);
    }
  } finally {
    await file.close();
  }
  return at;
}

export function diskFault(error: unknown): Refusal {
  if (isFull(error)) return new Refusal('the disk is full', { cause: error });
  return new Refusal(`the file can not be written (${codeOf(error) ?? 'unknown'})`, { cause: error });
}

/** One write may take less than it was given, at the end of a disk. */
async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  try {
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await file.write(chunk, done, chunk.length - done, position + done);
      done += bytesWritten;
    }
  } catch (error) {
    throw diskFault(error);
  }
}
