// Whom a row is for. It leads every index that a list is read from, so that a page is a few index ranges whoever asks, and a check that is
// forgotten shows nothing: '' is everybody who may look at this gallery, a user's id is that user alone, '+' is what nobody has let in yet,
// from guests or found in the folder; and what is in the trash is '-' and what it was before. No list of photos asks for '+' or '-'.
import type { Database } from 'better-sqlite3';
import type { Hearer } from '../gallery/photo.ts';
import type { UserId } from '../gallery/user.ts';
import { mayAdd, mayLook, mayOperate, userOf, type Viewer } from '../gallery/viewer.ts';
import { linkIsGood, photoIsBacked } from './link-schema.ts';

export const everybody = '';
const trash = '-';
export const waiting = '+';

export const audienceOf = (user: UserId | undefined, isTrashed: boolean): string =>
  isTrashed ? trashed(user ?? everybody) : (user ?? everybody);

export const isTrash = (audience: string): boolean => audience.startsWith(trash);

/** The same in the trash. */
export const trashed = (audience: string): string => `${trash}${audience}`;

/** Where it was before it was thrown away, or is. */
export const outOf = (audience: string): string => (isTrash(audience) ? audience.slice(1) : audience);

/** Nobody has let it in, wherever it lies. */
export const isUnseen = (audience: string): boolean => outOf(audience) === waiting;

/** The user who alone may see it. */
export function onlyFor(audience: string): UserId | undefined {
  const user = outOf(audience);
  return user === everybody || user === waiting ? undefined : (user as UserId);
}

/** Who alone may hear of it. */
export const hearerOf = (audience: string): Hearer | undefined =>
  isUnseen(audience) ? 'operators' : onlyFor(audience);

/**
 * A condition on `photos`, with the parameters of `eyesOf`: the trash, and what waits, is seen by those who may take out of it. Looking
 * at the row of a photo that is not seen must cost next to nothing, or the time of an answer tells that there is one.
 */
export const seen = `(@all = 1 OR instr(@sees, '<' || photos.audience || '>') > 0 OR (photos.audience IN ('${trash}', '${waiting}', '${trashed(waiting)}') AND photos.owner = @mine))`;

/**
 * A condition on `photos` for a guest, with `@link` of `eyesOf` and `@now`. Private photos are shown only by a link of whose they are, made
 * when they were private already: making one private takes it out of every link (photos.ts). What waits or lies in the trash has an
 * audience that is neither.
 */
export const given = `(@link <> '' AND EXISTS (SELECT 1 FROM links WHERE links.id = @link AND ${linkIsGood} AND (
    (links.kind = 'photos' AND photos.audience IN ('${everybody}', links.owner)
      AND ${photoIsBacked('links.owner')} AND EXISTS (SELECT 1 FROM link_photos WHERE link_id = links.id AND photo_id = photos.id))
    OR (links.kind = 'label' AND photos.audience = '${everybody}'
      AND EXISTS (SELECT 1 FROM photo_labels
        WHERE photo_id = photos.id AND photo_labels.label = links.label AND photo_labels.step >= links.step)))))`;

/**
 * A condition on `photos`: what somebody may give others by a link, with `@mine` of `eyesOf`, and `@any` for whoever may change what is
 * everybody's, whosever it is. What is private only whose it is gives.
 */
export const givable = `((photos.audience = '${everybody}' AND (@any = 1 OR photos.owner = @mine))
  OR (photos.audience = @mine AND photos.owner = @mine))`;

/** Characters of a user's id sort behind this one, and '+' and '-' before it. */
export const inTrash = `audience >= '${trash}' AND audience < '.'`;
export const outOfTrash = `(audience = '${everybody}' OR audience >= '.')`;

export interface Eyes {
  readonly all: 0 | 1;
  /** Audiences, each in angle brackets, which none of them holds. */
  readonly sees: string;
  /** Whose trash; no user is called so where there is none. */
  readonly mine: string;
  /** By which link somebody came, '' for none. */
  readonly link: string;
}

export function eyesOf(viewer: Viewer): Eyes {
  const user = userOf(viewer);
  const own = user === undefined ? [] : [user, ...(mayAdd(viewer) ? [audienceOf(user, true)] : [])];
  return {
    all: viewer.kind === 'machine' ? 1 : 0,
    sees: [
      ...(mayLook(viewer) ? [everybody] : []),
      ...own,
      ...(mayOperate(viewer) ? [trash, waiting, trashed(waiting)] : []),
    ]
      .map((audience) => `<${audience}>`)
      .join(''),
    mine: mayAdd(viewer) && user !== undefined ? user : 'nobody',
    link: viewer.kind === 'guest' ? viewer.link : '',
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
