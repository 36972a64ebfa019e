// A download that has not ended: the bytes so far in `NAME.part`, and beside them what they are a part of. Survives a kill at any
// moment: the note is written after the file was emptied and before the first byte of what it describes.
import { open, readFile, rm } from 'node:fs/promises';
import { z } from 'zod';
import { replaceFile, sizeOf } from './files.ts';

/** What the bytes so far are the beginning of. */
export interface PartNote {
  readonly url: string;
  /** An ETag (a strong one) or Last-Modified, to be sent as If-Range. */
  readonly validator?: string;
  /** Of the whole file, as the server announced it. */
  readonly length?: number;
}

export interface Part {
  /** 0 when there is none. */
  readonly bytes: number;
  readonly note?: PartNote;
}

/** Nothing of it can be used without its note. */
export async function readPart(path: string): Promise<Part> {
  const bytes = await sizeOf(path);
  if (bytes === undefined || bytes === 0) return { bytes: 0 };
  const note = noteOf(await readFile(noteName(path), 'utf8').catch(() => ''));
  return note === undefined ? { bytes: 0 } : { bytes, note };
}

/** An empty one. */
export async function beginPart(path: string, note: PartNote): Promise<void> {
  await (await open(path, 'w')).close();
  await replaceFile(noteName(path), JSON.stringify(note));
}

/** Fine when there is none. */
export async function discardPart(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(noteName(path), { force: true });
}

export const noteName = (path: string): string => `${path}.json`;

const shape = z.object({
  url: z.string(),
  validator: z.string().max(1000).exactOptional(),
  length: z.int().min(0).exactOptional(),
});

function noteOf(text: string): PartNote | undefined {
  try {
    const parsed = shape.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
