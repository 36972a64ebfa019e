// The raw limit of keeping a file: write, fsync, rename, fsync of the folder, with nothing in between.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function writeDurably(bytes: Uint8Array, temporary: string, final: string): void {
  const file = openSync(temporary, 'wx', 0o600);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  fsyncSync(file);
  closeSync(file);
  renameSync(temporary, final);
  syncPath(dirname(final));
}

/** The raw limit of a backup. @param files paths below `from`, which are the same below `to` */
export function copyDurably(from: string, files: readonly string[], to: string): void {
  for (const file of files) {
    const target = join(to, file);
    mkdirSync(dirname(target), { recursive: true });
    writeDurably(readFileSync(join(from, file)), `${target}.tmp`, target);
  }
}

/** For a file that somebody else has written, and perhaps not synced. */
export function syncedRename(temporary: string, final: string, folder: string): void {
  syncPath(temporary);
  renameSync(temporary, final);
  syncPath(folder);
}

function syncPath(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}
