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

/** Audiences that are nobody's alone, and of which somebody sees what they added. */
const put = [trash, waiting, trashed(waiting)].map((audience) => `'${audience}'`);
const sees = ['@everybody', '@own', '@ownTrash', '@trash', '@waiting', '@waitingTrash'];

/** A condition on `photos`, with the parameters of `eyesOf`: the trash, and what waits, is seen by those who may take out of it. */
export const seen = `(@all = 1 OR photos.audience IN (${sees.join()}) OR (photos.audience IN (${put.join()}) AND photos.owner = @mine))`;

/**
 * Of a parameter that is compared with an index. With the bare one SQLite, which counts what is in an index, plans anew whenever another
 * value is bound, and that takes many times as long as the search.
 */
const unplanned = (text: string) => `(${text} || '')`;

const id = unplanned('@id');

/** Each the row of one photo, or none. One search for each audience: with a list of them SQLite may walk over what lies between. */
const seenRows = [
  ...sees.map((audience) => `INDEXED BY photos_by_audience WHERE audience = ${unplanned(audience)}`),
  ...put.map(
    (audience) =>
      `INDEXED BY photos_by_owner WHERE owner = ${unplanned('@mine')} AND audience = ${unplanned(audience)}`,
  ),
  'WHERE @all = 1',
].map((where) => `(SELECT rowid FROM photos ${where} AND id = ${id})`);

/**
 * A condition on `photos`: the one with `@id`, if it is seen. It is looked for among what the viewer sees, so that a photo of anybody else is
 * not found, rather than found and left out: else, asked for often enough, the time of an answer tells that there is one.
 */
export const seenById = `photos.rowid = coalesce(${seenRows.join(', ')})`;

/** As `seenById`: those with `@sha256`, of `@owner` and of nobody. */
export const seenByDigest = `photos.rowid IN (
    SELECT rowid FROM photos INDEXED BY photos_by_digest WHERE sha256 = ${unplanned('@sha256')} AND owner = ${unplanned('@owner')}
    UNION ALL SELECT rowid FROM photos INDEXED BY photos_by_digest WHERE sha256 = ${unplanned('@sha256')} AND owner = ''
    UNION ALL SELECT rowid FROM photos WHERE @all = 1 AND sha256 = ${unplanned('@sha256')}) AND ${seen}`;

const given = (kind: 'photos' | 'label', table: string, condition: string) => `(SELECT photos.rowid
    FROM links CROSS JOIN ${table} CROSS JOIN photos
    WHERE links.id = ${unplanned('@link')} AND links.kind = '${kind}' AND ${linkIsGood}
      AND ${table}.photo_id = ${id} AND photos.id = ${table}.photo_id AND ${condition})`;

/** Each the row of one photo that a guest is given, or none. */
const givenRows = [
  given(
    'photos',
    'link_photos',
    `link_photos.link_id = links.id AND photos.audience IN ('${everybody}', links.owner) AND ${photoIsBacked('links.owner')}`,
  ),
  given(
    'label',
    'photo_labels',
    `photo_labels.audience = '${everybody}' AND photo_labels.label = links.label AND photo_labels.step >= links.step
      AND photos.audience = '${everybody}'`,
  ),
];

/**
 * As `seenById`, or what a guest is given, with `@link` of `eyesOf` and `@now`. Private photos are shown only by a link of whose they are,
 * made when they were private already: making one private takes it out of every link (photos.ts). What waits or lies in the trash has an
 * audience that is neither.
 */
export const seenOrGivenById = `photos.rowid = coalesce(${[...seenRows, ...givenRows].join(', ')})`;

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
  /** Audiences that are seen; `nobody` for one that is not. */
  readonly everybody: string;
  readonly own: string;
  readonly ownTrash: string;
  readonly trash: string;
  readonly waiting: string;
  readonly waitingTrash: string;
  /** Whose trash; no user is called so where there is none. */
  readonly mine: string;
  /** By which link somebody came, '' for none. */
  readonly link: string;
}

/** No audience, and no user, is called so. */
const nobody = 'nobody';

export function eyesOf(viewer: Viewer): Eyes {
  const user = userOf(viewer);
  const adds = user !== undefined && mayAdd(viewer);
  const operates = mayOperate(viewer);
  return {
    all: viewer.kind === 'machine' ? 1 : 0,
    everybody: mayLook(viewer) ? everybody : nobody,
    own: user ?? nobody,
    ownTrash: adds ? trashed(user) : nobody,
    trash: operates ? trash : nobody,
    waiting: operates ? waiting : nobody,
    waitingTrash: operates ? trashed(waiting) : nobody,
    mine: adds ? user : nobody,
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
