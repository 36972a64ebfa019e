// Where files arrive before they are photos: one folder on the originals' file system. Nothing in it is durable.
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type DiskTrust, openDiskTrust } from '../gallery/disk-trust.ts';
import type { Inbox, ReceivedFile } from '../gallery/ports.ts';
import { copy } from './copy.ts';
import { syncFile, translate } from './durable.ts';
import { openSpace } from './space.ts';

/**
 * @param folder absolute; made when missing.
 * @param trust shared with whoever else writes to that disk
 */
export async function openInbox(folder: string, trust: DiskTrust = openDiskTrust()): Promise<Inbox> {
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
    async write(text) {
      const path = join(folder, randomUUID());
      try {
        await writeFile(path, text, { flag: 'wx', mode: 0o600 });
        return { path };
      } catch (error) {
        await discard(path);
        throw translate(error);
      }
    },
    settle: (path) => syncFile(path, trust),
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
    ...openSpace(folder),
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

async function isOlder(path: string, olderThanMs: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs >= olderThanMs;
}
