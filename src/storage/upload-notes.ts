// What is written beside each unfinished upload: what the library knows of it, and which photo it became.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Upload } from '@tus/utils';
import { GalleryError } from '../gallery/errors.ts';
import type { Became } from '../gallery/ports.ts';
import { codeOf, translate } from './durable.ts';

/** Beside the library's own facts: which photo it became. */
export type Note = Pick<Upload, 'id' | 'size' | 'metadata' | 'creation_date'> & { readonly became?: Became };

/** Notes that are held: of uploads that a request asked for and that are not over. They may be 16 kB each. */
const mostHeld = 100;

export interface UploadNotes {
  /** As it lies on the disk; undefined for none. */
  read(id: string): Promise<Note | undefined>;
  /** As it is held, or lies on the disk. */
  known(id: string): Promise<Note | undefined>;
  /** It does not change before the upload is over. */
  hold(id: string, note: Note): void;
  release(id: string): void;
  pathOf(id: string): string;
}

/** @param folder where uploads lie; an id is the name of one */
export function openUploadNotes(folder: string): UploadNotes {
  const held = new Map<string, Note>();
  const pathOf = (id: string) => join(folder, `${id}.json`);
  // A note that was cut off while it was written is none.
  const read = async (id: string): Promise<Note | undefined> => {
    try {
      return JSON.parse(await readFile(pathOf(id), 'utf8')) as Note;
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
      throw error instanceof GalleryError ? error : translate(error);
    }
  };
  return {
    read,
    known: async (id) => held.get(id) ?? (await read(id)),
    hold(id, note) {
      held.delete(id);
      held.set(id, note);
      const [oldest] = held.keys();
      if (held.size > mostHeld && oldest !== undefined) held.delete(oldest);
    },
    release: (id) => void held.delete(id),
    pathOf,
  };
}
