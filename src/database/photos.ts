// PhotoDatabase on SQLite: each method one transaction, each page one index range.
import { v7 as newUuid } from 'uuid';
import { GalleryError, noSuchPhoto } from '../gallery/errors.ts';
import type { Photo, PhotoId, Sha256 } from '../gallery/photo.ts';
import type { Development, Job, ListQuery, NewPhoto, PhotoDatabase, PhotoPage } from '../gallery/ports.ts';
import type { Connection } from './connection.ts';
import { preparePhotoStatements } from './photo-statements.ts';
import { type CardRow, type PhotoRow, toCard, toPhoto } from './rows.ts';

export function openPhotos(connection: Connection, now: () => number): PhotoDatabase {
  const { read, write, touch } = connection;
  const sql = preparePhotoStatements(connection.handle);

  const whole = (row: PhotoRow): Photo => toPhoto(row, sql.detections.all(row.id));
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
    const at = photo.uploadedAt?.getTime() ?? now();
    const id = newUuid({ msecs: at }) as PhotoId;
    if (sql.insert.run({ ...photo, id, uploadedAt: at }).changes === 0) {
      const known = sql.bySha256.get(photo.sha256);
      if (known === undefined) throw new Error('a photo conflicts with none');
      if (known.title !== '' || photo.title === '') return { photo: whole(known), duplicate: true };
      sql.retitle.run(photo.title, known.id);
      touch();
      return { photo: get(known.id), duplicate: true };
    }
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
    sql.dropDetections.run(photoId);
    development.detections.forEach(({ label, score, box, origin }, position) => {
      sql.addDetection.run({ ...box, ...origin, id: photoId, position, label, score });
    });
    sql.dropLabels.run(photoId);
    for (const { label } of development.labels) sql.addLabel.run(label, photoId);
  };

  /** Runs `save` and ends the job, unless an attempt that came later holds it. */
  const finish = (job: Job, save: () => void) =>
    write(() => {
      if (sql.endJob.run(job.id, job.attempt).changes === 0) return false;
      save();
      touch();
      return true;
    });

  const page = <Row extends CardRow, T>(rows: Row[], limit: number, map: (row: Row) => T): PhotoPage<T> => {
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return { photos: shown.map(map), ...(rows.length > limit && last ? { next: last.id } : {}) };
  };

  return {
    recordPhoto: (_viewer, photo) => write(() => record(photo)),
    findPhoto: (_viewer, id) => read(() => find(id)),
    findPlace: (_viewer, id) =>
      read(() => {
        const row = sql.place.get(id);
        if (row === undefined) return undefined;
        const { latitude, longitude, altitude } = row;
        return { latitude, longitude, ...(altitude === null ? {} : { altitude }) };
      }),
    listPhotos: (_viewer, query) => read(() => page(sql.list.cards(limits(query)), query.limit, toCard)),
    listWholePhotos: (_viewer, query) => read(() => page(sql.list.photos(limits(query)), query.limit, whole)),
    findNeighbours: (_viewer, id, label) =>
      read(() => {
        const { newer, older } = sql.neighbours(id, label);
        return { ...(newer ? { newer: newer.id } : {}), ...(older ? { older: older.id } : {}) };
      }),
    listLabels: () => read(() => sql.labels.all()),
    listCovers: () => read(() => new Map(sql.covers.all().map((row) => [row.shown_label, toCard(row)]))),
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
        sql.setState.run('waiting', id);
        sql.addJob.run(id, now());
        touch();
        return get(id);
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
    revision: () => connection.revision(),
    hasOriginal: (sha256: Sha256) => read(() => sql.bySha256.get(sha256) !== undefined),
    check: () =>
      read(() => {
        sql.check.get();
      }),
    close: async () => connection.close(),
  };
}

const limits = ({ label, before, limit }: ListQuery) => ({ label, before, limit: limit + 1 });

function toParameters({
  width,
  height,
  renditions,
  placeholder,
  takenAt,
  camera,
  engine,
  labels,
  failure,
}: Development) {
  return {
    width,
    height,
    renditions: JSON.stringify(renditions),
    placeholder: placeholder ?? null,
    takenAt: takenAt ?? null,
    camera: camera ?? null,
    engine: engine === undefined ? null : JSON.stringify(engine),
    labels: JSON.stringify(labels),
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
