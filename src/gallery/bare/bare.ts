// What leaves a gallery by a link: the original's picture, byte for byte, without anything that was written around it.
import { originalKey } from '../media.ts';
import type { MediaType, Photo } from '../photo.ts';
import type { ByteRange, MediaStore } from '../ports.ts';
import { bareGif } from './gif.ts';
import { bareHeif } from './heif/heif.ts';
import { bareJpeg } from './jpeg.ts';
import { CutOff, cut, isRange, lengthOf, openSource, type Piece, type Source } from './pieces.ts';
import { barePng } from './png.ts';
import { bareWebp } from './webp.ts';

export interface Bare {
  readonly bytes: number;
  readonly pieces: readonly Piece[];
}

const walkers: Readonly<Record<MediaType, (source: Source) => Promise<Piece[]>>> = {
  'image/jpeg': bareJpeg,
  'image/png': barePng,
  'image/webp': bareWebp,
  'image/gif': bareGif,
  'image/avif': bareHeif,
  'image/heic': bareHeif,
};

/**
 * Bytes are walked over, never decoded, so this may run where the web is served. Undefined when there is none: for a file that
 * can't be followed to its end, and for one of too many parts. A rendition never carries any of it.
 * @throws the signal's reason
 */
export async function bareCopy(
  { read }: Pick<MediaStore, 'read'>,
  { sha256, type, bytes }: Pick<Photo, 'sha256' | 'type' | 'bytes'>,
  signal?: AbortSignal,
): Promise<Bare | undefined> {
  const key = originalKey(sha256, type);
  const readRange = async (range: ByteRange) => {
    const opened = await read(key, range);
    const chunks: Uint8Array[] = [];
    for await (const chunk of opened?.stream ?? []) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  };
  try {
    const pieces = await walkers[type](openSource(bytes, readRange, signal));
    return pieces.some(isRange) ? { pieces, bytes: lengthOf(pieces) } : undefined;
  } catch (error) {
    if (error instanceof CutOff) return undefined;
    throw error;
  }
}

/** The copy, as it is sent: from one reading of the file, however many pieces it has. */
export async function* contentOf(
  { read }: Pick<MediaStore, 'read'>,
  { sha256, type }: Pick<Photo, 'sha256' | 'type'>,
  { pieces }: Bare,
): AsyncGenerator<Uint8Array> {
  const [start, end] = [pieces.find(isRange)?.from ?? 0, pieces.findLast(isRange)?.to ?? 0];
  const opened = await read(originalKey(sha256, type), { start, end: end - 1 });
  if (opened === undefined) throw new Error('the original is gone');
  yield* cut(opened.stream as AsyncIterable<Uint8Array>, pieces);
}
