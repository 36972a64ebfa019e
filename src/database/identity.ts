// Which gallery a database is of, and which originals must be there if the folder is the right one.
import type { MediaType, Sha256 } from '../gallery/photo.ts';
import type { Connection } from './connection.ts';

export interface Identity {
  /** 32 hexadecimal digits; a backup has the same, a database that was made anew another one. */
  readonly gallery: string;
  /** Of the oldest photos, which lie in every copy of the folder. */
  listOldest(limit: number): readonly { readonly sha256: Sha256; readonly type: MediaType }[];
}

export function openIdentity({ handle }: Pick<Connection, 'handle'>): Identity {
  const oldest = handle.prepare<[number], { sha256: Sha256; type: MediaType }>(
    'SELECT sha256, type FROM photos ORDER BY id LIMIT ?',
  );
  return {
    gallery: handle.prepare<[], string>('SELECT id FROM gallery').pluck().get() ?? '',
    listOldest: (limit) => oldest.all(limit),
  };
}
