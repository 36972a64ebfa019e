// PhotoDatabase on SQLite: each method one transaction, each page one index range.
import { v7 as newUuid } from 'uuid';
import { defaultThreshold } from '../gallery/detection.ts';
import { GalleryError, noSuchPhoto } from '../gallery/errors.ts';
import type { Photo, PhotoCard, PhotoId, Sha256 } from '../gallery/photo.ts';
import type {
  Development,
  ListQuery,
  NewPhoto,
  PhotoDatabase,
  PhotoPage,
} from '../gallery/photo-database.ts';
import type { Job } from '../gallery/ports.ts';
import type { Connection } from './connection.ts';
import type { LabelIndex } from './label-index.ts';
import { preparePhotoStatements } from './photo-statements.ts';
import { type CardRow, type PhotoRow, toCard, toPhoto } from './rows.ts';
import type { SaidRows } from './said.ts';

// Sorts after every hexadecimal digit, so it stands for "newer than all".
const newest = '~' as PhotoId;

export function openPhotos(
  connection: Connection,
  { said, index }: { said: SaidRows; index: LabelIndex },
  now: () => number,
): PhotoDatabase {
  const { read, write, touch } = connection;
  const sql = preparePhotoStatements(connection.handle);

  const whole = (row: PhotoRow): Photo => toPhoto(row, said.view(row.id));
  const find = (id: PhotoId): Photo | undefined => {
    const row = sql.byId.get(id);
    return row === undefined ? undefined : whole(row);
  };
  const get = (id: PhotoId): Photo => {
    const photo = find(id);
    if (photo === undefined) throw noSuchPhoto();
    return photo;
  };

  const record = (photo: NewPhoto) => {
    const { was, ...rest } = photo;
    const at = photo.uploadedAt?.getTime() ?? now();
    const isFree = was !== undefined && sql.cardById.get(was.id) === undefined;
    const id = isFree ? was.id : (newUuid({ msecs: at }) as PhotoId);
    if (sql.insert.run({ frames: 1, ...rest, id, uploadedAt: at }).changes === 0) {
      const known = sql.bySha256.get(photo.sha256);
      if (known === undefined) throw new Error('a photo conflicts with none');
      if (known.title !== '' || photo.title === '') return { photo: whole(known), duplicate: true };
      sql.retitle.run(photo.title, known.id);
      touch();
      return { photo: get(known.id), duplicate: true };
    }
    if (was !== undefined) said.recall(id, was.changes);
    sql.addJob.run(id, now());
    sql.forgetRemoved.run(photo.sha256);
    touch();
    return { photo: get(id), duplicate: false };
  };

  const saveResult = (job: Job, development: Development) => {
    const { photoId } = job;
    sql.develop.run({ ...toParameters(development), id: photoId });
    sql.dropPlace.run(photoId);
    if (development.place !== undefined)
      sql.addPlace.run({ altitude: null, ...development.place, id: photoId });
    said.replace(photoId, development.detections);
  };

  /** Runs `save` and ends the job, unless an attempt that came later holds it. */
  const finish = (job: Job, save: () => void) =>
    write(() => {
      if (sql.endJob.run(job.id, job.attempt).changes === 0) return false;
      save();
      touch();
      return true;
    });

  /** Ids of a range that is not simply everything; undefined for that. */
  const idsOf = ({ label, threshold = defaultThreshold, failed, before = newest, limit }: ListQuery) => {
    if (failed === true) return sql.failed.all(before, limit + 1);
    return label === undefined ? undefined : index.list(label, threshold, before, limit + 1);
  };
  const page = <Row extends CardRow, T>(
    query: ListQuery,
    all: (before: PhotoId, limit: number) => Row[],
    one: (id: PhotoId) => Row | undefined,
    map: (row: Row) => T,
  ): PhotoPage<T> => {
    const { before = newest, limit } = query;
    const rows = idsOf(query)?.flatMap((id) => one(id) ?? []) ?? all(before, limit + 1);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return { photos: shown.map(map), ...(rows.length > limit && last ? { next: last.id } : {}) };
  };
  /** Runs a change of what people say; the photo afterwards, whether or not anything was left to do. */
  const amended = (id: PhotoId, change: () => boolean) =>
    write(() => {
      get(id);
      if (change()) {
        sql.bump.run(id);
        touch();
      }
      return get(id);
    });
  const retry = (id: PhotoId) => {
    sql.setState.run('waiting', id);
    sql.addJob.run(id, now());
  };

  return {
    recordPhoto: (_viewer, photo) => write(() => record(photo)),
    findPhoto: (_viewer, id) => read(() => find(id)),
    findByDigest: (_viewer, sha256) =>
      read(() => {
        const row = sql.bySha256.get(sha256);
        return row === undefined ? undefined : whole(row);
      }),
    findPlace: (_viewer, id) =>
      read(() => {
        const row = sql.place.get(id);
        if (row === undefined) return undefined;
        const { latitude, longitude, altitude } = row;
        return { latitude, longitude, ...(altitude === null ? {} : { altitude }) };
      }),
    listPhotos: (_viewer, query) =>
      read(() =>
        page(
          query,
          (before, limit) => sql.cards.all(before, limit),
          (id) => sql.cardById.get(id),
          toCard,
        ),
      ),
    listWholePhotos: (_viewer, query) =>
      read(() =>
        page(
          query,
          (before, limit) => sql.photos.all(before, limit),
          (id) => sql.byId.get(id),
          whole,
        ),
      ),
    findNeighbours: (_viewer, id, under) =>
      read(() => {
        if (under !== undefined) return index.neighbours(under.label, under.threshold, id);
        const [newer, older] = [sql.newer.get(id), sql.older.get(id)];
        return { ...(newer ? { newer } : {}), ...(older ? { older } : {}) };
      }),
    listLabels: (_viewer, threshold) => read(() => index.totals(threshold)),
    listCovers: (_viewer, threshold) =>
      read(() => {
        const covers = new Map<string, PhotoCard>();
        for (const { label } of index.totals(threshold)) {
          const [id] = index.list(label, threshold, newest, 1);
          const row = id === undefined ? undefined : sql.cardById.get(id);
          if (row !== undefined) covers.set(label, toCard(row));
        }
        return covers;
      }),
    countFailed: () => read(() => sql.countFailed.get() ?? 0),
    listModels: () => read(() => sql.models.all()),
    correct: (_viewer, id, correction) => amended(id, () => said.correct(id, correction, now())),
    undo: (_viewer, id, change) =>
      amended(id, () => {
        said.undo(id, change);
        return true;
      }),
    retitle: (_viewer, id, title, seen = {}) =>
      write(() => {
        const photo = get(id);
        const { version = photo.version, title: was = photo.title } = seen;
        if (version !== photo.version || was !== photo.title) throw editedMeanwhile(photo);
        sql.retitle.run(title, id);
        touch();
        return get(id);
      }),
    removePhoto: (_viewer, id) =>
      write(() => {
        const { sha256, type } = get(id);
        sql.remove.run(id);
        sql.noteRemoved.run(sha256, type);
        touch();
        return { sha256, type };
      }),
    listRemoved: () => read(() => sql.removed.all()),
    forgetRemoved: (sha256) =>
      write(() => {
        sql.forgetRemoved.run(sha256);
      }),
    retryPhoto: (_viewer, id) =>
      write(() => {
        if (get(id).state !== 'failed') return get(id);
        retry(id);
        touch();
        return get(id);
      }),
    retryFailed: (_viewer, limit, before = newest) =>
      write(() => {
        const ids = sql.failed.all(before, limit);
        for (const id of ids) retry(id);
        if (ids.length > 0) touch();
        return ids;
      }),
    beginDevelopment: (job) =>
      write(() => {
        if (sql.heldJob.get(job.id, job.attempt) === undefined) return undefined;
        sql.setState.run('developing', job.photoId);
        touch();
        return find(job.photoId);
      }),
    saveDevelopment: (job, development) => finish(job, () => saveResult(job, development)),
    saveFailure: (job, failure) => finish(job, () => sql.fail.run(JSON.stringify(failure), job.photoId)),
    recalibrate: (limit) =>
      write(() => {
        const photos = said.recalibrate(limit);
        if (photos > 0) touch();
        return photos;
      }),
    revision: () => connection.revision(),
    hasOriginal: (sha256: Sha256) => read(() => sql.bySha256.get(sha256) !== undefined),
    check: () =>
      read(() => {
        sql.check.get();
      }),
    close: async () => connection.close(),
  };
}

function toParameters({
  width,
  height,
  renditions,
  placeholder,
  takenAt,
  camera,
  engine,
  failure,
}: Development) {
  // A picture of which nothing could be read was not looked at, and never will be by looking again.
  const model = renditions.length === 0 ? null : (engine?.model ?? '');
  return {
    width,
    height,
    renditions: JSON.stringify(renditions),
    placeholder: placeholder ?? null,
    takenAt: takenAt ?? null,
    camera: camera ?? null,
    engine: engine === undefined ? null : JSON.stringify(engine),
    model,
    state: failure === undefined ? 'done' : 'failed',
    failure: failure === undefined ? null : JSON.stringify(failure),
  };
}

const editedMeanwhile = ({ title, version }: Photo) =>
  new GalleryError(
    'edited-meanwhile',
    'Somebody changed this photo meanwhile; look at it again and repeat your change.',
    {
      title,
      version,
    },
  );
