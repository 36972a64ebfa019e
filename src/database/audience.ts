// Whom a row is for. It leads every index that a list is read from, so that a page is a few index ranges whoever asks, and a check that is
// forgotten shows nothing: '' is everybody who may look at this gallery, a user's id is that user alone, and what is in the trash is
// '-' or '-' and that id, which no list asks for.
import type { Database } from 'better-sqlite3';
import type { UserId } from '../gallery/user.ts';
import { mayAdd, mayLook, mayOperate, userOf, type Viewer } from '../gallery/viewer.ts';

export const everybody = '';
const trash = '-';

export const audienceOf = (user: UserId | undefined, isTrashed: boolean): string =>
  `${isTrashed ? trash : ''}${user ?? everybody}`;

export const isTrash = (audience: string): boolean => audience.startsWith(trash);

/** The user who alone may see it. */
export function onlyFor(audience: string): UserId | undefined {
  const user = isTrash(audience) ? audience.slice(1) : audience;
  return user === everybody ? undefined : (user as UserId);
}

/** A condition on `photos`, with the parameters of `eyesOf`: the trash is seen by those who may take out of it. */
export const seen = `(@all = 1 OR audience IN (SELECT value FROM json_each(@sees)) OR (audience = '${trash}' AND owner = @mine))`;

/** Characters of a user's id sort behind this one and '-' before it. */
export const inTrash = `audience >= '${trash}' AND audience < '.'`;
export const outOfTrash = `(audience = '${everybody}' OR audience >= '.')`;

export interface Eyes {
  readonly all: 0 | 1;
  /** JSON array of audiences. */
  readonly sees: string;
  /** Whose trash; no user is called so where there is none. */
  readonly mine: string;
}

export function eyesOf(viewer: Viewer): Eyes {
  const user = userOf(viewer);
  const own = user === undefined ? [] : [user, ...(mayAdd(viewer) ? [audienceOf(user, true)] : [])];
  return {
    all: viewer.kind === 'machine' ? 1 : 0,
    sees: JSON.stringify([
      ...(mayLook(viewer) ? [everybody] : []),
      ...own,
      ...(mayOperate(viewer) ? [trash] : []),
    ]),
    mine: mayAdd(viewer) && user !== undefined ? user : 'nobody',
  };
}

/** The audiences that a viewer's lists are read from. */
export type Shelves = (viewer: Viewer) => readonly string[];

export function openShelves(database: Database): Shelves {
  const all = database
    .prepare<[], string>(`SELECT audience FROM audience_totals WHERE photos > 0 AND ${outOfTrash}`)
    .pluck();
  return (viewer) => {
    if (viewer.kind === 'machine') return all.all();
    if (!mayLook(viewer)) return [];
    const user = userOf(viewer);
    return user === undefined ? [everybody] : [everybody, user];
  };
}
