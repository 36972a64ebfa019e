// Puts a snapshot in the place of a lost database: brought to the present schema, and told what it can't know of its new folder.
import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { PhotoId, Rendition, Sha256 } from '../gallery/photo.ts';
import { setDamagedAside } from './aside.ts';
import { openDatabase, syncPath } from './open.ts';

interface Row {
  readonly id: PhotoId;
  readonly sha256: Sha256;
  readonly renditions: string;
}

/**
 * @param draft a copy of a snapshot, which becomes the database
 * @param hasRendition whether a picture that was made of an original lies in the folder; where not, it is made again
 * @returns how many photos are developed again
 */
export function prepareRestored(
  draft: string,
  hasRendition: (sha256: Sha256, rendition: Rendition) => boolean,
  now: () => number,
): number {
  const database = openDatabase(draft, { mayCreate: false });
  try {
    const rows = database
      .prepare<[], Row>(`SELECT id, sha256, renditions FROM photos WHERE renditions <> '[]'`)
      .all();
    const bare = rows.filter(({ sha256, renditions }) =>
      (JSON.parse(renditions) as Rendition[]).some((rendition) => !hasRendition(sha256, rendition)),
    );
    const wait = database.prepare<[PhotoId]>(
      `UPDATE photos SET state = 'waiting', failure = NULL, renditions = '[]', version = version + 1 WHERE id = ?`,
    );
    const addJob = database.prepare<[PhotoId, number]>(
      'INSERT INTO jobs (photo_id, due_at) VALUES (?, ?) ON CONFLICT (photo_id, rerun_id) DO NOTHING',
    );
    database.transaction(() => {
      for (const { id } of bare) {
        wait.run(id);
        addJob.run(id, now());
      }
      // The days in the trash begin anew: whoever restores looks for what was deleted, too.
      database
        .prepare('UPDATE photos SET trashed_at = @now WHERE trashed_at IS NOT NULL')
        .run({ now: now() });
      database.prepare('UPDATE gallery SET seen_at = @now').run({ now: now() });
      // Whatever was to be deleted then may have come again since: its original must not go with an old note.
      database.exec('DELETE FROM removed');
      database.exec(
        'DELETE FROM sidecars_due; INSERT INTO sidecars_due (sha256) SELECT DISTINCT sha256 FROM photos ORDER BY id',
      );
    })();
    // Into the file itself: a log would not move along.
    database.pragma('journal_mode = DELETE');
    return bare.length;
  } finally {
    database.close();
    for (const end of ['-wal', '-shm']) rmSync(draft + end, { force: true });
    syncPath(draft);
  }
}

/** Call when this process alone holds the folder. @returns where what lay there is now @throws StartRefused when that is in order */
export function putInPlace(draft: string, path: string, now: () => number): string | undefined {
  const aside = setDamagedAside(path, now);
  renameSync(draft, path);
  syncPath(dirname(path));
  return aside;
}
