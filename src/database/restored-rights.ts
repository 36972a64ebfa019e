// What a backup must not give back: ways in that may have been closed since, and photos that were hidden or deleted since, as far as the
// folder still knows.
import type { PhotoId } from '../gallery/photo.ts';
import type { SidecarPhoto } from '../gallery/sidecar.ts';
import { audienceOf, isTrash, onlyFor, waiting } from './audience.ts';
import { openLabelIndex } from './label-index.ts';
import { openDatabase } from './open.ts';
import { openOwners } from './owners.ts';
import { ownerOf, type PhotoRow, photoColumns } from './rows.ts';

export interface RightsTaken {
  /** Links that would have led somewhere again. */
  readonly links: number;
  /** Photos that were hidden, or lay in the trash, as their sidecars tell. */
  readonly hidden: number;
}

/**
 * @param draft a copy of a snapshot, which becomes the database
 * @param told what lies beside the originals in the folder: later than the snapshot. It only ever hides more than the snapshot does.
 */
export function takeRightsBack(draft: string, told: Iterable<SidecarPhoto>, now: () => number): RightsTaken {
  const database = openDatabase(draft, { mayCreate: false });
  try {
    const index = openLabelIndex(database);
    const owners = openOwners(database, now);
    const byId = database.prepare<[PhotoId], PhotoRow>(`SELECT ${photoColumns} FROM photos WHERE id = ?`);
    const move = database.prepare<[string, string, number | null, PhotoId]>(
      'UPDATE photos SET owner = ?, audience = ?, trashed_at = ?, version = version + 1 WHERE id = ?',
    );
    const hide = ({ id, owner: name, isPrivate, trashedAt }: SidecarPhoto): boolean => {
      const row = byId.get(id);
      if (row === undefined) return false;
      const wasHidden = onlyFor(row.audience) !== undefined || row.audience === waiting;
      const hides = isPrivate === true && !wasHidden;
      const trashes = trashedAt !== undefined && !isTrash(row.audience);
      if (!hides && !trashes) return false;
      const owner = ownerOf(row) ?? (hides && name !== undefined ? owners.named(name) : undefined);
      const isTrashed = trashes || isTrash(row.audience);
      const only = hides ? owner : onlyFor(row.audience);
      // What is hidden and nobody's waits to be let in.
      const waits = !isTrashed && (row.audience === waiting || (hides && owner === undefined));
      // From now on, since nobody could have taken it out meanwhile.
      const since = trashes ? now() : row.trashed_at;
      move.run(owner ?? '', waits ? waiting : audienceOf(only, isTrashed), since, id);
      index.replace(id, JSON.parse(row.labels));
      return true;
    };
    return database.transaction(() => {
      database.exec('DELETE FROM sessions; DELETE FROM grants');
      const links = database.prepare('UPDATE links SET revoked_at = ? WHERE revoked_at IS NULL').run(now());
      return { links: links.changes, hidden: [...told].filter(hide).length };
    })();
  } finally {
    database.close();
  }
}
