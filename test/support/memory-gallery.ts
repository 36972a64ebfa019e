// PhotoDatabase and JobQueue in plain maps: the twin that shows the contract says enough, and a fast double for tests.
import { v7 as newUuid } from 'uuid';
import { GalleryError, noSuchPhoto } from '../../src/gallery/errors.ts';
import type { Photo, PhotoCard, PhotoId, Place, Sha256 } from '../../src/gallery/photo.ts';
import type {
  Job,
  JobQueue,
  ListQuery,
  PhotoDatabase,
  PhotoPage,
  RemovedPhoto,
} from '../../src/gallery/ports.ts';

interface Queued {
  readonly id: number;
  readonly photoId: PhotoId;
  readonly attempt: number;
  readonly refunded: number;
  readonly dueAt: number;
  readonly leasedUntil?: number;
}

export function openMemoryGallery(now: () => number): { photos: PhotoDatabase; jobs: JobQueue } {
  const photos = new Map<PhotoId, Photo>();
  const places = new Map<PhotoId, Place>();
  const removed = new Map<Sha256, RemovedPhoto>();
  const jobs = new Map<number, Queued>();
  let revision = 1;
  let lastJob = 0;

  const change = (photo: Photo, changes: Partial<Photo>): Photo => {
    const { failure: _gone, ...rest } = photo;
    const changed = { ...('state' in changes ? rest : photo), ...changes, version: photo.version + 1 };
    photos.set(photo.id, changed);
    revision += 1;
    return changed;
  };
  const get = (id: PhotoId): Photo => {
    const photo = photos.get(id);
    if (photo === undefined) throw noSuchPhoto();
    return photo;
  };
  const enqueue = (photoId: PhotoId) => {
    lastJob += 1;
    jobs.set(lastJob, { id: lastJob, photoId, attempt: 0, refunded: 0, dueAt: now() });
  };
  const held = ({ id, attempt }: Job) => {
    const job = jobs.get(id);
    return job?.attempt === attempt ? job : undefined;
  };
  const newestFirst = (label?: string) =>
    [...photos.values()]
      .filter((photo) => label === undefined || photo.labels.some((shown) => shown.label === label))
      .sort((a, b) => (a.id < b.id ? 1 : -1));
  const list = <T extends PhotoCard>(
    { label, before, limit }: ListQuery,
    map: (photo: Photo) => T,
  ): PhotoPage<T> => {
    const all = newestFirst(label).filter(({ id }) => before === undefined || id < before);
    const shown = all.slice(0, limit).map(map);
    const last = shown.at(-1);
    return { photos: shown, ...(all.length > limit && last ? { next: last.id } : {}) };
  };

  return {
    photos: {
      async recordPhoto(_viewer, photo) {
        const known = [...photos.values()].find(({ sha256 }) => sha256 === photo.sha256);
        if (known !== undefined) {
          const isNamed = known.title !== '' || photo.title === '';
          return { photo: isNamed ? known : change(known, { title: photo.title }), duplicate: true };
        }
        const uploadedAt = photo.uploadedAt ?? new Date(now());
        const id = newUuid({ msecs: uploadedAt.getTime() }) as PhotoId;
        removed.delete(photo.sha256);
        const added: Photo = {
          ...photo,
          id,
          version: 1,
          state: 'waiting',
          uploadedAt,
          renditions: [],
          labels: [],
          detections: [],
        };
        photos.set(id, added);
        enqueue(id);
        revision += 1;
        return { photo: added, duplicate: false };
      },
      findPhoto: async (_viewer, id) => photos.get(id),
      findPlace: async (_viewer, id) => places.get(id),
      listPhotos: async (_viewer, query) => list(query, toCard),
      listWholePhotos: async (_viewer, query) => list(query, (photo) => photo),
      async findNeighbours(_viewer, id, label) {
        const ids = newestFirst(label).map((photo) => photo.id);
        const newer = ids.filter((other) => other > id).at(-1);
        const older = ids.find((other) => other < id);
        return { ...(newer ? { newer } : {}), ...(older ? { older } : {}) };
      },
      async listLabels() {
        const totals = new Map<string, number>();
        for (const { labels } of photos.values()) {
          for (const { label } of labels) totals.set(label, (totals.get(label) ?? 0) + 1);
        }
        return [...totals]
          .map(([label, count]) => ({ label, photos: count }))
          .sort((a, b) => b.photos - a.photos || (a.label < b.label ? -1 : 1));
      },
      async listCovers() {
        const covers = new Map<string, PhotoCard>();
        for (const photo of newestFirst().reverse())
          for (const { label } of photo.labels) covers.set(label, toCard(photo));
        return covers;
      },
      async retitle(_viewer, id, title, seen = {}) {
        const photo = get(id);
        const { version = photo.version, title: was = photo.title } = seen;
        if (version !== photo.version || was !== photo.title) {
          const facts = { title: photo.title, version: photo.version };
          throw new GalleryError('edited-meanwhile', 'Somebody changed this photo meanwhile.', facts);
        }
        return change(photo, { title });
      },
      async removePhoto(_viewer, id) {
        const { sha256, type } = get(id);
        photos.delete(id);
        removed.set(sha256, { sha256, type });
        places.delete(id);
        for (const job of jobs.values()) if (job.photoId === id) jobs.delete(job.id);
        revision += 1;
        return { sha256, type };
      },
      listRemoved: async () => [...removed.values()],
      async forgetRemoved(sha256) {
        removed.delete(sha256);
      },
      async retryPhoto(_viewer, id) {
        if (get(id).state !== 'failed') return get(id);
        enqueue(id);
        return change(get(id), { state: 'waiting' });
      },
      async beginDevelopment(job) {
        const photo = photos.get(job.photoId);
        if (held(job) === undefined || photo === undefined) return undefined;
        return change(photo, { state: 'developing' });
      },
      async saveDevelopment(job, { place, failure, ...development }) {
        if (held(job) === undefined) return false;
        jobs.delete(job.id);
        places.delete(job.photoId);
        if (place !== undefined) places.set(job.photoId, place);
        const ending =
          failure === undefined ? { state: 'done' as const } : { state: 'failed' as const, failure };
        change(get(job.photoId), { ...development, ...ending });
        return true;
      },
      async saveFailure(job, failure) {
        if (held(job) === undefined) return false;
        jobs.delete(job.id);
        change(get(job.photoId), { state: 'failed', failure });
        return true;
      },
      revision: () => revision,
      hasOriginal: async (sha256) => [...photos.values()].some((photo) => photo.sha256 === sha256),
      check: async () => {},
      close: async () => {},
    },
    jobs: {
      async claim(leaseMs) {
        const [job] = [...jobs.values()]
          .filter(({ dueAt, leasedUntil = 0 }) => dueAt <= now() && leasedUntil <= now())
          .sort((a, b) => a.dueAt - b.dueAt || a.id - b.id);
        if (job === undefined) return undefined;
        const claimed = { ...job, attempt: job.attempt + 1, leasedUntil: now() + leaseMs };
        jobs.set(job.id, claimed);
        const { id, photoId, attempt, refunded } = claimed;
        return { id, photoId, attempt, tries: attempt - refunded };
      },
      async renew(job, leaseMs) {
        const present = held(job);
        if (present === undefined) return false;
        jobs.set(job.id, { ...present, leasedUntil: now() + leaseMs });
        return true;
      },
      async complete(job) {
        return held(job) !== undefined && jobs.delete(job.id);
      },
      async release(job, { delayMs, counted }) {
        const present = held(job);
        if (present?.leasedUntil === undefined) return false;
        const { leasedUntil: _ended, ...rest } = present;
        jobs.set(job.id, { ...rest, dueAt: now() + delayMs, refunded: rest.refunded + (counted ? 0 : 1) });
        const photo = photos.get(job.photoId);
        if (photo?.state === 'developing') change(photo, { state: 'waiting' });
        return true;
      },
      async dueIn() {
        const times = [...jobs.values()].map(({ dueAt, leasedUntil = 0 }) => Math.max(dueAt, leasedUntil));
        return times.length === 0 ? undefined : Math.max(0, Math.min(...times) - now());
      },
      count: async () => jobs.size,
    },
  };
}

function toCard(photo: Photo): PhotoCard {
  const { id, title, state, failure, width, height, uploadedAt, placeholder, renditions, labels } = photo;
  return {
    id,
    title,
    state,
    ...(failure === undefined ? {} : { failure }),
    width,
    height,
    uploadedAt,
    ...(placeholder === undefined ? {} : { placeholder }),
    renditions,
    labels,
  };
}
