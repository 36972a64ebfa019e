// What developing found out, as rows: the part of PhotoDatabase that the darkroom's results come through. Fenced by the job's attempt.
import type { Photo, PhotoId } from '../gallery/photo.ts';
import type { Development, PhotoDatabase } from '../gallery/photo-database.ts';
import type { Job } from '../gallery/ports.ts';
import type { Connection } from './connection.ts';
import type { PhotoStatements } from './photo-statements.ts';
import type { SaidRows } from './said.ts';

interface Parts {
  readonly sql: PhotoStatements;
  readonly said: SaidRows;
  find(id: PhotoId): Photo | undefined;
}

type Names = 'beginDevelopment' | 'saveDevelopment' | 'saveFailure' | 'recalibrate';
type Developments = Pick<PhotoDatabase, Names>;

export function openDevelopments({ write, touch }: Connection, { sql, said, find }: Parts): Developments {
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

  return {
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
