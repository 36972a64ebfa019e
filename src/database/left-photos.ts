// What somebody keeps for themselves alone, given to somebody else or put into the trash: the part of PhotoDatabase for who is removed.
import type { PhotoId } from '../gallery/photo.ts';
import { noHeir, type PhotoDatabase, type PrivateTotal } from '../gallery/photo-database.ts';
import type { UserId } from '../gallery/user.ts';
import { mayOperate, notAllowed, userOf } from '../gallery/viewer.ts';
import { audienceOf, isTrash, onlyFor } from './audience.ts';
import type { Connection } from './connection.ts';
import type { PhotoRow } from './rows.ts';

interface LeftParts {
  readonly byId: { get(id: PhotoId): PhotoRow | undefined };
  /** Somewhere else, with all its labels. Call inside `write`. */
  readonly move: (row: PhotoRow, owner: UserId, audience: string, trashedAt?: number) => void;
}

export function openLeftPhotos(
  { handle, read, write }: Connection,
  { byId, move }: LeftParts,
  now: () => number,
): Pick<PhotoDatabase, 'countPrivate' | 'handOver'> {
  const totals = handle.prepare<[], { audience: string; photos: number }>(
    'SELECT audience, photos FROM audience_totals WHERE photos > 0',
  );
  const hidden = handle
    .prepare<[string, number], PhotoId>('SELECT id FROM photos WHERE audience = ? ORDER BY id LIMIT ?')
    .pluck();
  // Two people may own the same bytes, and nobody owns them twice.
  const trashed = handle
    .prepare<[string, UserId, number], PhotoId>(
      `SELECT id FROM photos WHERE audience = ? AND NOT EXISTS
         (SELECT 1 FROM photos AS own WHERE own.sha256 = photos.sha256 AND own.owner = ?) ORDER BY id LIMIT ?`,
    )
    .pluck();
  const owns = handle.prepare<[string, UserId], 1>('SELECT 1 FROM photos WHERE sha256 = ? AND owner = ?');
  const get = (id: PhotoId): PhotoRow => {
    const row = byId.get(id);
    if (row === undefined) throw new Error('a photo is gone that was just found');
    return row;
  };

  return {
    countPrivate: (viewer) =>
      read(() => {
        const byOwner = new Map<UserId, PrivateTotal>();
        for (const { audience, photos } of mayOperate(viewer) ? totals.all() : []) {
          const owner = onlyFor(audience);
          if (owner === undefined) continue;
          const total = byOwner.get(owner) ?? { hidden: 0, trashed: 0 };
          byOwner.set(owner, { ...total, [isTrash(audience) ? 'trashed' : 'hidden']: photos });
        }
        return byOwner;
      }),
    handOver: (viewer, from, fate, limit) =>
      write(() => {
        if (!mayOperate(viewer)) throw notAllowed('owner');
        const heir = userOf(viewer);
        const ids = hidden.all(audienceOf(from, false), limit);
        if (fate === 'trash') {
          for (const id of ids) move(get(id), from, audienceOf(from, true), now());
          return ids;
        }
        if (heir === undefined || heir === from) throw noHeir();
        const old = trashed.all(audienceOf(from, true), heir, limit - ids.length);
        for (const row of [...ids, ...old].map(get)) {
          const isTwin = owns.get(row.sha256, heir) !== undefined;
          if (isTwin) move(row, from, audienceOf(from, true), now());
          else move(row, heir, audienceOf(heir, row.trashed_at !== null), row.trashed_at ?? undefined);
        }
        return [...ids, ...old];
      }),
  };
}
