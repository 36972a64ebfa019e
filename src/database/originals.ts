// What the rows want of the folder of originals, read beside whoever writes to them. Changes nothing, and knows no file.
import type { Original } from '../gallery/copy-originals.ts';
import type { PhotoId, Sha256 } from '../gallery/photo.ts';
import { reading } from './snapshot.ts';

/** Each once, however many photos have it, those in the trash included. @throws StartRefused when the database can't be read */
export const listOriginals = (path: string): readonly Original[] =>
  reading(path, (database) =>
    database.prepare<[], Original>('SELECT DISTINCT sha256, bytes, type FROM photos ORDER BY sha256').all(),
  );

/** Those of which the last check found that they are damaged. For a database of the present schema. */
export const listNoted = (path: string): ReadonlySet<Sha256> =>
  reading(
    path,
    (database) =>
      new Set(
        database
          .prepare<[], Sha256>('SELECT sha256 FROM original_checks WHERE fault IS NOT NULL')
          .pluck()
          .all(),
      ),
  );

export interface NamedPhoto {
  readonly id: PhotoId;
  readonly title: string;
}

/** Every photo that has these bytes. */
export const photosOf = (path: string, sha256: Sha256): readonly NamedPhoto[] =>
  reading(path, (database) =>
    database
      .prepare<[Sha256], NamedPhoto>('SELECT id, title FROM photos WHERE sha256 = ? ORDER BY id')
      .all(sha256),
  );
