// Tar as an archive of Sajin uses it: files that follow each other, each behind a header of 512 bytes. Finds members without reading what is
// in them, and refuses whatever `sajin backup` does not write: links, devices, folders, extensions, a name twice, a byte behind the end.
import { type FileHandle, open } from 'node:fs/promises';
import { Header } from 'tar/header';
import { GalleryError } from '../gallery/errors.ts';

/** Of a file in an archive. */
export interface Member {
  /** Where its first byte is. */
  readonly start: number;
  readonly bytes: number;
}

export const blockBytes = 512;
/** Two blocks of zeros. */
export const endMark = Buffer.alloc(2 * blockBytes);

/** What follows a file, up to a whole block. */
export const paddingOf = (bytes: number) => Buffer.alloc((blockBytes - (bytes % blockBytes)) % blockBytes);

/** More than 8 GB are written as GNU tar does, which all of today read. */
export function encodeHeader(name: string, bytes: number, modifiedAt: Date): Buffer {
  const block = Buffer.alloc(blockBytes);
  // Of whoever makes the backup: root, who unpacks it, would give it to somebody without a number else.
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const mtime = new Date(Math.floor(modifiedAt.getTime() / 1000) * 1000);
  new Header({ path: name, size: bytes, mode: 0o600, mtime, type: 'File', ...owner }).encode(block);
  return block;
}

/**
 * @param isOurs is it a name that a member may have?
 * Rejects GalleryError `bad-request` for what is no such archive from its first byte on, `unavailable` for one that is cut off or damaged
 */
export async function indexTar(
  path: string,
  isOurs: (name: string) => boolean,
): Promise<ReadonlyMap<string, Member>> {
  const file = await open(path, 'r');
  try {
    const found = await file.stat();
    if (!found.isFile()) throw noArchive(path);
    return await index(file, { path, bytes: found.size, isOurs });
  } finally {
    await file.close();
  }
}

interface Archive {
  readonly path: string;
  readonly bytes: number;
  readonly isOurs: (name: string) => boolean;
}

async function index(file: FileHandle, archive: Archive): Promise<ReadonlyMap<string, Member>> {
  const members = new Map<string, Member>();
  let [at, last] = [0, ''];
  for (;;) {
    const block = await readBlock(file, at);
    if (block === undefined && at > 0) throw cutOff(archive.path, `behind ${last}`);
    if (block?.every((byte) => byte === 0) === true && at > 0) break;
    const { name, bytes } = readHeader(block, at, archive);
    if (members.has(name)) throw refused(archive.path, `holds ${name} twice`);
    members.set(name, { start: at + blockBytes, bytes });
    at += blockBytes + bytes + paddingOf(bytes).length;
    if (at > archive.bytes) throw cutOff(archive.path, `in the middle of ${name}`);
    last = name;
  }
  const second = await readBlock(file, at + blockBytes);
  if (second === undefined) throw cutOff(archive.path, `behind ${last}`);
  if (second.some((byte) => byte !== 0) || archive.bytes !== at + endMark.length)
    throw refused(archive.path, 'goes on behind its end');
  return members;
}

/** Undefined when the file ends before. */
async function readBlock(file: FileHandle, at: number): Promise<Buffer | undefined> {
  const block = Buffer.alloc(blockBytes);
  const { bytesRead } = await file.read(block, 0, blockBytes, at);
  return bytesRead === blockBytes ? block : undefined;
}

function readHeader(block: Buffer | undefined, at: number, { path, isOurs }: Archive) {
  const header = block && decode(block);
  if (header?.cksumValid !== true)
    throw at === 0 ? noArchive(path) : refused(path, `is damaged at byte ${at}`);
  const { path: name = '', size } = header;
  if (header.typeKey !== '0') throw refused(path, `holds ${quoted(name)}, which is no plain file`);
  if (!isOurs(name))
    throw at === 0 ? noArchive(path) : refused(path, `holds ${quoted(name)}, which no backup does`);
  if (size === undefined || !Number.isSafeInteger(size))
    throw refused(path, `does not say how long ${name} is`);
  return { name, bytes: size };
}

/** Whoever wrote it may have thought of terminals: what is not seen, or turns the line around, is written as its number. */
const quoted = (name: string) =>
  JSON.stringify(name).replace(
    /[\p{Cc}\p{Cf}]/gu,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

function decode(block: Buffer): Header | undefined {
  try {
    return new Header(block);
  } catch {
    // A number beyond what fits.
    return undefined;
  }
}

const noArchive = (path: string) =>
  new GalleryError('bad-request', `${path} is no archive of Sajin. Give the one that "sajin backup" wrote.`);

const cutOff = (path: string, where: string) =>
  new GalleryError(
    'unavailable',
    `${path} is not whole: it ends ${where}. Nothing was changed. What is in it comes out with "tar xf".`,
  );

/** Of an archive that nobody should believe. */
export const refused = (path: string, what: string) =>
  new GalleryError(
    'unavailable',
    `${path} ${what}. Nothing was changed; use another backup, or one that "sajin backup" wrote itself.`,
  );
