// PhotoDatabase on SQLite: each method one transaction, each page a few index ranges, each query with what the viewer may see.
import { defaultThreshold } from '../gallery/detection.ts';
import { GalleryError, noSuchPhoto, notInTrash } from '../gallery/errors.ts';
import type { Hearer, Photo, PhotoCard, PhotoId } from '../gallery/photo.ts';
import type { ListQuery, PhotoDatabase, PhotoPage } from '../gallery/photo-database.ts';
import { uncountedMs } from '../gallery/trash.ts';
import type { UserId } from '../gallery/user.ts';
import {
  mayChange,
  mayHide,
  mayKnowPlaces,
  mayLook,
  notAllowed,
  userOf,
  type Viewer,
} from '../gallery/viewer.ts';
import { audienceOf, eyesOf, hearerOf, onlyFor, openShelves, outOf, trashed, waiting } from './audience.ts';
import { openCharges } from './charges.ts';
import type { Connection } from './connection.ts';
import { openDevelopments } from './developments.ts';
import { type LabelIndex, newestOf } from './label-index.ts';
import { openLeftPhotos } from './left-photos.ts';
import { preparePhotoStatements } from './photo-statements.ts';
import { openRecording } from './recording.ts';
import { type CardRow, isListed, ownerOf, type PhotoRow, toCard, toPhoto } from './rows.ts';
import type { SaidRows } from './said.ts';

// Sorts after every hexadecimal digit, so it stands for "newer than all".
const newest = '~' as PhotoId;

/** One closure, since every method shares how a viewer's photo is found. */
export function openPhotos(
  connection: Connection,
  { said, index }: { said: SaidRows; index: LabelIndex },
  now: () => number,
): PhotoDatabase {
  const { read, write, touch } = connection;
  const sql = preparePhotoStatements(connection.handle);
  const shelvesOf = openShelves(connection.handle);

  const whole = (row: PhotoRow): Photo => toPhoto(row, said.view(row.id));
  const any = (id: PhotoId): Photo | undefined => {
    const row = sql.byId.get(id);
    return row === undefined ? undefined : whole(row);
  };
  const rowOf = (viewer: Viewer, id: PhotoId): PhotoRow => {
    const row = sql.seenById.get({ ...eyesOf(viewer), id, now: now() });
    if (row === undefined) throw noSuchPhoto();
    return row;
  };
  const get = (viewer: Viewer, id: PhotoId): Photo => whole(rowOf(viewer, id));
  /** One that the viewer may change. */
  const own = (viewer: Viewer, id: PhotoId): PhotoRow => {
    const row = rowOf(viewer, id);
    if (!mayChange(viewer, ownerOf(row))) throw notAllowed();
    return row;
  };

  /** Somewhere else, with all its labels. */
  const move = (
    { id, labels }: PhotoRow,
    owner: UserId | undefined,
    audience: string,
    trashedAt?: number,
  ) => {
    sql.move.run(owner ?? '', audience, trashedAt ?? null, id);
    index.replace(id, JSON.parse(labels));
    touch();
  };
  const letIn = (row: PhotoRow, isPrivate = false) => {
    if (isPrivate && onlyFor(row.audience) === undefined) sql.leaveLinks.run(row.id);
    move(row, ownerOf(row), audienceOf(isPrivate ? ownerOf(row) : onlyFor(row.audience), false));
  };

  const charges = openCharges(connection.handle);
  const record = openRecording(connection, { sql, said, now, any, get, letIn });

  /** Ids of a range that is not simply everything; undefined for that. */
  const idsOf = (viewer: Viewer, query: ListQuery) => {
    const { label, threshold = defaultThreshold, failed, trash, before = newest, limit } = query;
    const range = { ...eyesOf(viewer), before, limit: limit + 1 };
    if (failed === true) return sql.failed.all(range);
    if (trash === true) return sql.trash.all(range);
    if (query.waiting === true) return sql.waiting.all(range);
    if (label === undefined) return undefined;
    return index.list({ label, threshold, shelves: shelvesOf(viewer) }, before, limit + 1);
  };
  const newestIds = (shelves: readonly string[], before: PhotoId, limit: number) =>
    newestOf(
      shelves.map((audience) => sql.ids.all(audience, before, limit)),
      limit,
    );
  const page = <Row extends CardRow, T>(
    viewer: Viewer,
    query: ListQuery,
    one: (id: PhotoId) => Row | undefined,
    map: (row: Row) => T,
  ): PhotoPage<T> => {
    const { before = newest, limit } = query;
    const ids = idsOf(viewer, query) ?? newestIds(shelvesOf(viewer), before, limit + 1);
    const shown = ids.slice(0, limit);
    const last = shown.at(-1);
    return {
      photos: shown.flatMap((id) => one(id) ?? []).map(map),
      ...(ids.length > limit && last ? { next: last } : {}),
    };
  };
  /** Runs a change of what people say; the photo afterwards, whether or not anything was left to do. */
  const amended = (viewer: Viewer, id: PhotoId, change: () => boolean) =>
    write(() => {
      own(viewer, id);
      if (change()) {
        sql.bump.run(id);
        touch();
      }
      return get(viewer, id);
    });
  const retry = (id: PhotoId) => {
    sql.setState.run('waiting', id);
    sql.addJob.run(id, now());
  };

  return {
    ...openDevelopments(connection, { sql, said, find: any }),
    ...openLeftPhotos(connection, { byId: sql.byId, move }, now),
    recordPhoto: (viewer, photo) => write(() => record(viewer, photo)),
    expectPrivate: (viewer, sha256) =>
      write(() => {
        const user = userOf(viewer);
        if (user !== undefined) sql.expectPrivate.run(sha256, user);
      }),
    findPhoto: (viewer, id) =>
      read(() => {
        const row = sql.seenById.get({ ...eyesOf(viewer), id, now: now() });
        return row === undefined ? undefined : whole(row);
      }),
    findByDigest: (viewer, sha256) =>
      read(() => {
        const row = sql.byDigest.get({ ...eyesOf(viewer), sha256, owner: userOf(viewer) ?? '' });
        return row === undefined || !isListed(row) ? undefined : whole(row);
      }),
    countCharged: (viewer, sha256) => read(() => charges.count(viewer, sha256)),
    findPlace: (viewer, id) =>
      read(() => {
        const row = mayKnowPlaces(viewer) ? sql.place.get({ ...eyesOf(viewer), id }) : undefined;
        if (row === undefined) return undefined;
        const { latitude, longitude, altitude } = row;
        return { latitude, longitude, ...(altitude === null ? {} : { altitude }) };
      }),
    listPhotos: (viewer, query) => read(() => page(viewer, query, (id) => sql.cardById.get(id), toCard)),
    listWholePhotos: (viewer, query) => read(() => page(viewer, query, (id) => sql.byId.get(id), whole)),
    findNeighbours: (viewer, id, under) =>
      read(() => {
        const shelves = shelvesOf(viewer);
        if (under !== undefined) return index.neighbours({ ...under, shelves }, id);
        const [newer] = shelves.flatMap((audience) => sql.newer.get(audience, id) ?? []).sort();
        const [older] = newestIds(shelves, id, 1);
        return { ...(newer ? { newer } : {}), ...(older ? { older } : {}) };
      }),
    listLabels: (viewer, threshold) => read(() => index.totals(threshold, shelvesOf(viewer))),
    listCovers: (viewer, threshold) =>
      read(() => {
        const shelves = shelvesOf(viewer);
        const covers = new Map<string, PhotoCard>();
        for (const { label } of index.totals(threshold, shelves)) {
          const [id] = index.list({ label, threshold, shelves }, newest, 1);
          const row = id === undefined ? undefined : sql.cardById.get(id);
          if (row !== undefined) covers.set(label, toCard(row));
        }
        return covers;
      }),
    countFailed: (viewer) => read(() => sql.countFailed.get(eyesOf(viewer)) ?? 0),
    listModels: (viewer) => read(() => (mayLook(viewer) ? sql.models.all() : [])),
    correct: (viewer, id, correction) => amended(viewer, id, () => said.correct(id, correction, now())),
    undo: (viewer, id, change) =>
      amended(viewer, id, () => {
        said.undo(id, change);
        return true;
      }),
    retitle: (viewer, id, title, seen = {}) =>
      write(() => {
        const photo = own(viewer, id);
        const { version = photo.version, title: was = photo.title } = seen;
        if (version !== photo.version || was !== photo.title) throw editedMeanwhile(photo);
        sql.retitle.run(title, id);
        touch();
        return get(viewer, id);
      }),
    setPrivate: (viewer, id, isPrivate) =>
      write(() => {
        const row = rowOf(viewer, id);
        const owner = ownerOf(row);
        if (!mayHide(viewer, owner)) throw notAllowed();
        const whose = owner ?? userOf(viewer);
        const audience = audienceOf(isPrivate ? whose : undefined, row.trashed_at !== null);
        if (isPrivate) sql.leaveLinks.run(id);
        move(row, whose, audience, row.trashed_at ?? undefined);
        return get(viewer, id);
      }),
    trashPhoto: (viewer, id) =>
      write(() => {
        const row = own(viewer, id);
        if (row.trashed_at === null) move(row, ownerOf(row), trashed(row.audience), now());
        return get(viewer, id);
      }),
    restorePhoto: (viewer, id) =>
      write(() => {
        const row = own(viewer, id);
        if (row.trashed_at !== null) move(row, ownerOf(row), outOf(row.audience));
        return get(viewer, id);
      }),
    approvePhoto: (viewer, id) =>
      write(() => {
        const row = own(viewer, id);
        if (row.audience === waiting) letIn(row);
        return get(viewer, id);
      }),
    countWaiting: (viewer) => read(() => sql.countWaiting.get(eyesOf(viewer)) ?? 0),
    listTrashed: (before, limit) => read(() => sql.trashedBefore.all(before.getTime(), limit)),
    passTime: (now) =>
      write(() => {
        const at = now.getTime();
        const uncounted = uncountedMs(sql.seenAt.get() ?? 0, at);
        sql.noteSeen.run(at);
        const isPutOff = sql.putOff.run({ uncounted, now: at }).changes > 0;
        if (isPutOff) touch();
        return isPutOff;
      }),
    removePhoto: (viewer, id) =>
      write(() => {
        const { sha256, type, trashed_at: trashedAt } = own(viewer, id);
        if (trashedAt === null) throw notInTrash();
        sql.remove.run(id);
        touch();
        if (sql.anyByDigest.get(sha256) !== undefined) return undefined;
        sql.noteRemoved.run(sha256, type);
        return { sha256, type };
      }),
    listRemoved: () => read(() => sql.removed.all()),
    forgetRemoved: (sha256) =>
      write(() => {
        sql.forgetRemoved.run(sha256);
      }),
    retryPhoto: (viewer, id) =>
      write(() => {
        if (own(viewer, id).state !== 'failed') return get(viewer, id);
        retry(id);
        touch();
        return get(viewer, id);
      }),
    retryFailed: (viewer, limit, before = newest) =>
      write(() => {
        const ids = sql.failed.all({ ...eyesOf(viewer), before, limit });
        for (const id of ids) retry(id);
        if (ids.length > 0) touch();
        return ids.map((id) => ({ id, ...privacyOf(sql.byId.get(id)) }));
      }),
    revision: () => connection.revision(),
    hasOriginal: (sha256) => read(() => sql.anyByDigest.get(sha256) !== undefined),
    check: () =>
      read(() => {
        sql.check.get();
      }),
    close: async () => connection.close(),
  };
}

function privacyOf(row: PhotoRow | undefined): { onlyFor?: Hearer } {
  const hearer = row === undefined ? undefined : hearerOf(row.audience);
  return hearer === undefined ? {} : { onlyFor: hearer };
}

const editedMeanwhile = ({ title, version }: PhotoRow) =>
  new GalleryError(
    'edited-meanwhile',
    'Somebody changed this photo meanwhile; look at it again and repeat your change.',
    {
      title,
      version,
    },
  );
