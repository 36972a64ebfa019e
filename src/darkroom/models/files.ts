// Dealings with files that models need everywhere: digests, and changes that survive a power cut. Knows paths, not models.
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** SHA-256 of these files one after the other, 64 lower-case hex digits; undefined when one of them can't be read. */
export type DigestReader = (...paths: readonly string[]) => Promise<string | undefined>;

export async function readDigest(...paths: readonly string[]): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for (const path of paths) for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}

/** Remembers what it has read for as long as the files look the same from outside: size, times, inode. */
export function openDigests(): DigestReader {
  const known = new Map<string, { readonly looks: string; readonly digest: string | undefined }>();
  return async (...paths) => {
    const key = paths.join('\n');
    const looks = (await Promise.all(paths.map(looksOf))).join('\n');
    const before = known.get(key);
    if (before?.looks === looks) return before.digest;
    const digest = await readDigest(...paths);
    known.set(key, { looks, digest });
    return digest;
  };
}

/** Differs when a file has been exchanged or written to; `-` when there is none. */
export async function looksOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found === undefined) return '-';
  return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ');
}

/** In bytes; undefined when there is no such file. */
export async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true ? found.size : undefined;
}

/** All or nothing, and durably. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncPath(dirname(path));
}

/** Of a file its bytes, of a folder its entries. */
export async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

export const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(error) ?? '');
