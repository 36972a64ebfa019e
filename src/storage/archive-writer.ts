// Writes an archive of Sajin beside its place, and puts it there when it is whole. What comes in is written once: at the end of the draft, and
// gets its header, which names it, when it is known to be right; else it is cut off again. Believes nothing that it wrote: see its reader.
import { type FileHandle, open, rename, rm, truncate } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { CopyPlaces } from '../gallery/copy-originals.ts';
import { GalleryError } from '../gallery/errors.ts';
import { readMember } from './backup-archive.ts';
import { type Copied, copy } from './copy.ts';
import { codeOf, syncPath, translate } from './durable.ts';
import type { OtherFile } from './manifest.ts';
import { blockBytes, encodeHeader, endMark, type Member, paddingOf } from './tar.ts';

export interface ArchiveWriter extends Pick<CopyPlaces, 'to' | 'inbox'> {
  /** Of the archive, until it is whole. */
  readonly draft: string;
  /** So far. */
  members(): readonly OtherFile[];
  add(name: string, content: Readable | string): Promise<void>;
  /** No member comes any more. Resolves when what was written survives a power cut; it can be read then. */
  finish(): Promise<void>;
  /** Durably in its place, over whatever lay there. */
  publish(): Promise<void>;
  /** Removes what was not published; fine twice. */
  release(): Promise<void>;
}

/**
 * One caller at a time, who puts or discards what came before more comes.
 * @param owner a word for the name of the draft: one that was left by a kill is replaced by the next of the same owner
 */
export async function openArchiveWriter(
  path: string,
  { owner, modifiedAt }: { owner: string; modifiedAt: Date },
): Promise<ArchiveWriter> {
  const draft = join(dirname(path), `.${basename(path)}.${owner}.part`);
  await rm(draft, { force: true });
  // Appends, wherever the end is after something was cut off. Headers are written by the other one, which can go back.
  const file = await open(draft, 'ax', 0o600);
  const headers = await open(draft, 'r+');
  const written = new Map<string, Member & OtherFile>();
  let end = 0;
  let came: Copied | undefined;
  const cut = async () => {
    came = undefined;
    await truncate(draft, end);
  };
  const receive = async (stream: Readable, maxBytes: number) => {
    try {
      await file.appendFile(Buffer.alloc(blockBytes));
      came = await copy(stream, file, maxBytes);
      return { path: draft, ...came };
    } catch (error) {
      await cut();
      throw tooLong(error) ?? translate(error);
    }
  };
  const put = async (name: string) => {
    if (came === undefined || written.has(name)) throw new Error(`nothing came to be put at ${name}`);
    const { bytes, sha256 } = came;
    await writeAround(file, headers, { name, bytes, end, modifiedAt });
    written.set(name, { name, start: end + blockBytes, bytes, sha256 });
    end += blockBytes + bytes + paddingOf(bytes).length;
    came = undefined;
  };
  const close = async () => {
    for (const handle of [file, headers]) await handle.close().catch(() => undefined);
  };
  return {
    draft,
    to: {
      put: async (key) => await put(key),
      stat: async (key) => written.get(key),
      async read(key) {
        const member = written.get(key);
        return member && { stream: readMember(draft, member), bytes: member.bytes };
      },
    },
    inbox: { receive, discard: cut },
    members: () => [...written.values()].map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
    async add(name, content) {
      await receive(typeof content === 'string' ? Readable.from([Buffer.from(content)]) : content, maxBytes);
      await put(name);
    },
    async finish() {
      await file.appendFile(endMark).catch(rethrow);
      await close();
      await syncPath(draft);
    },
    async publish() {
      await rename(draft, path);
      await syncPath(dirname(path));
    },
    async release() {
      await close();
      await rm(draft, { force: true });
    },
  };
}

const maxBytes = Number.POSITIVE_INFINITY;

async function writeAround(
  file: FileHandle,
  headers: FileHandle,
  { name, bytes, end, modifiedAt }: { name: string; bytes: number; end: number; modifiedAt: Date },
): Promise<void> {
  await file.appendFile(paddingOf(bytes)).catch(rethrow);
  await headers.write(encodeHeader(name, bytes, modifiedAt), 0, blockBytes, end).catch(rethrow);
}

function rethrow(error: unknown): never {
  throw tooLong(error) ?? translate(error);
}

/** As on FAT, which has no file of 4 GB. */
const tooLong = (error: unknown) =>
  codeOf(error) === 'EFBIG'
    ? new GalleryError(
        'disk-full',
        'The disk has no room for so long a file. Give a folder instead, or a disk with another file system.',
      )
    : undefined;
