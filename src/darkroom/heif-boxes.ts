// Looks at the outermost boxes of an AVIF or HEIC: what its decoders stumble over is taken out of their way, and what its pictures are
// coded with is told by the boxes that say so, since brands do not always. Reads no pixels.
import { type FileHandle, open as openFile, readFile } from 'node:fs/promises';

export interface HeifFile {
  /** What a decoder is to be given: the file itself where nothing is in the way. */
  readonly input: string | Buffer;
  /** A picture in HEVC can't do without the box that sets its decoder up. */
  readonly isHevc: boolean;
}

/**
 * Two things are changed, in a copy: libvips knows AVIF by its major brand only and turns sequences (`avis`) away although their first
 * picture reads fine; and libheif refuses a picture whose film (`moov`) it can't make sense of, which nobody asked it for. Of a file that
 * calls itself a sequence (`msf1`) it wants the film, so there it stays.
 */
export async function openHeifFile(path: string): Promise<HeifFile> {
  const { brands, isHevc, filmAt } = await readBoxes(path);
  const isSequence = brands.startsWith('avis');
  const isFilmInTheWay = filmAt !== undefined && !/avis|msf1/.test(brands.slice(8));
  if (!isSequence && !isFilmInTheWay) return { input: path, isHevc };
  const input = await readFile(path);
  if (isSequence) input.write('avif', 8, 'latin1');
  if (isFilmInTheWay) input.write('free', (filmAt ?? 0) + 4, 'latin1');
  return { input, isHevc };
}

interface Boxes {
  /** The main one, four bytes of no use, then the compatible ones. */
  readonly brands: string;
  readonly isHevc: boolean;
  readonly filmAt: number | undefined;
}

// A file has four or five; more are somebody's trouble making.
const mostBoxes = 100;

async function readBoxes(path: string): Promise<Boxes> {
  const file = await openFile(path);
  try {
    let [brands, isHevc, at] = ['', false, 0];
    let filmAt: number | undefined;
    for (let boxes = 0; boxes < mostBoxes; boxes += 1) {
      const { name, length } = await boxAt(file, at);
      if (name === 'ftyp') brands = (await read(file, at + 8, length - 8)).toString('latin1');
      if (name === 'meta') isHevc = (await read(file, at, length)).includes('hvcC', 0, 'latin1');
      if (name === 'moov') filmAt = at;
      if (length < 8) break;
      at += length;
    }
    return { brands, isHevc, filmAt };
  } finally {
    await file.close();
  }
}

/** Its length is 0 where the file ends, or the box says that it is the last one. */
async function boxAt(file: FileHandle, at: number) {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, at);
  const short = buffer.readUInt32BE(0);
  // 1 stands for a length of 64 bits behind the name (ISO 14496-12, 4.2.2).
  const length = short === 1 ? Number(buffer.readBigUInt64BE(8)) : short;
  return {
    name: buffer.toString('latin1', 4, 8),
    length: bytesRead < 8 ? 0 : length,
  };
}

async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const wanted = Math.min(Math.max(length, 0), mostBytes);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, at);
  return buffer.subarray(0, bytesRead);
}

// What stands around the pixels of a phone has some kilobytes.
const mostBytes = 1024 * 1024;
