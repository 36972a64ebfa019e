// PhotoDatabase, RerunDatabase and JobQueue in plain maps: the twin that shows the contracts say enough, and a fast double for tests.
import { v7 as newUuid } from 'uuid';
import { defaultThreshold, shownLabels, type Threshold } from '../../src/gallery/detection.ts';
import { GalleryError, noSuchPhoto, notInTrash } from '../../src/gallery/errors.ts';
import type { LinkDatabase } from '../../src/gallery/link-database.ts';
import {
  type Photo,
  type PhotoCard,
  type PhotoId,
  type Place,
  type Sha256,
  toldOf,
} from '../../src/gallery/photo.ts';
import {
  type ListQuery,
  type ModelTotal,
  type NewPhoto,
  noHeir,
  type PhotoDatabase,
  type PhotoPage,
  type PrivateTotal,
  type RemovedPhoto,
} from '../../src/gallery/photo-database.ts';
import type { Job, JobQueue } from '../../src/gallery/ports.ts';
import type { RerunDatabase } from '../../src/gallery/rerun-database.ts';
import type { SidecarDatabase } from '../../src/gallery/sidecar-database.ts';
import { uncountedMs } from '../../src/gallery/trash.ts';
import type { UserId } from '../../src/gallery/user.ts';
import type { VerificationDatabase } from '../../src/gallery/verification-database.ts';
import {
  type Guest,
  mayChange,
  mayHide,
  mayKnowPlaces,
  mayLook,
  mayOperate,
  notAllowed,
  userOf,
  type Viewer,
} from '../../src/gallery/viewer.ts';
import { openMemoryLinks } from './memory-links.ts';
import { openMemoryOpinions } from './memory-opinions.ts';
import { openMemoryQueue } from './memory-queue.ts';
import { openMemoryReruns } from './memory-reruns.ts';
import { openMemorySidecars } from './memory-sidecars.ts';
import { openMemoryVerification } from './memory-verification.ts';

export interface MemoryGallery {
  readonly photos: PhotoDatabase;
  readonly reruns: RerunDatabase;
  readonly sidecars: SidecarDatabase;
  readonly verification: VerificationDatabase;
  readonly jobs: JobQueue;
  readonly links: LinkDatabase;
}

/** A photo as it is kept: what follows from what was said is added when it is given out. */
export type KeptPhoto = Omit<Photo, 'labels' | 'detections' | 'rejections' | 'lastChange'>;

export function openMemoryGallery(now: () => number): MemoryGallery {
  const kept = new Map<PhotoId, KeptPhoto>();
  const places = new Map<PhotoId, Place>();
  const removed = new Map<Sha256, RemovedPhoto>();
  const arriving = new Map<Sha256, UserId>();
  const opinions = openMemoryOpinions();
  const sidecars = openMemorySidecars(
    (sha256) => [...kept.values()].filter((photo) => photo.sha256 === sha256),
    ({ id }) => opinions.changesOf(id),
  );
  let revision = 1;
  let seenAt = 0;

  const whole = (photo: KeptPhoto): Photo => ({ ...photo, ...opinions.view(photo.id) });
  const change = (photo: KeptPhoto, changes: Partial<KeptPhoto>): Photo => {
    const { failure: _gone, ...rest } = photo;
    const changed = { ...('state' in changes ? rest : photo), ...changes, version: photo.version + 1 };
    kept.set(photo.id, changed);
    if ('title' in changes) sidecars.note(photo.sha256);
    revision += 1;
    return whole(changed);
  };
  const get = (id: PhotoId): KeptPhoto => {
    const photo = kept.get(id);
    if (photo === undefined) throw noSuchPhoto();
    return photo;
  };
  const newestFirst = () => [...kept.values()].map(whole).sort((a, b) => (a.id < b.id ? 1 : -1));
  const shows = (photo: Photo, label: string, threshold: Threshold) =>
    shownLabels(photo.labels, threshold).some((shown) => shown.label === label);
  const sees = (viewer: Viewer, photo: KeptPhoto): boolean => {
    if (viewer.kind === 'machine') return true;
    if (!mayLook(viewer)) return false;
    if (photo.isPrivate === true && photo.owner !== userOf(viewer)) return false;
    return (photo.trashedAt === undefined && photo.isWaiting !== true) || mayChange(viewer, photo.owner);
  };
  /** Also what a link shows. */
  const isGiven = (viewer: Viewer, photo: KeptPhoto): boolean =>
    sees(viewer, photo) || (viewer.kind === 'guest' && links.given(viewer, whole(photo)));
  const see = (viewer: Viewer, id: PhotoId): KeptPhoto => {
    const photo = get(id);
    if (!isGiven(viewer, photo)) throw noSuchPhoto();
    return photo;
  };
  const own = (viewer: Viewer, id: PhotoId): KeptPhoto => {
    const photo = see(viewer, id);
    if (!mayChange(viewer, photo.owner)) throw notAllowed();
    return photo;
  };
  /** The viewer's own first, then what is nobody's; what another has is no duplicate but to the machine. */
  const byDigest = (viewer: Viewer, sha256: Sha256) => {
    const mine = userOf(viewer);
    const rank = (photo: KeptPhoto) => (photo.owner === mine ? 0 : 2) + (isListed(photo) ? 0 : 1);
    const counts = ({ owner }: KeptPhoto) =>
      viewer.kind === 'machine' || owner === undefined || owner === mine;
    return [...kept.values()]
      .filter((photo) => photo.sha256 === sha256 && sees(viewer, photo) && counts(photo))
      .sort((a, b) => rank(a) - rank(b))[0];
  };
  const matching = (
    viewer: Viewer,
    { label, threshold = defaultThreshold, failed, trash = false, waiting = false }: Partial<ListQuery>,
  ) =>
    newestFirst().filter(
      (photo) =>
        sees(viewer, photo) &&
        (photo.trashedAt !== undefined) === trash &&
        (photo.isWaiting === true && !trash) === waiting &&
        (label === undefined || shows(photo, label, threshold)) &&
        (failed !== true || photo.state === 'failed'),
    );
  const list = <T extends PhotoCard>(
    viewer: Viewer,
    query: ListQuery,
    map: (photo: Photo) => T,
  ): PhotoPage<T> => {
    const { before, limit } = query;
    const all = matching(viewer, query).filter(({ id }) => before === undefined || id < before);
    const shown = all.slice(0, limit).map(map);
    const last = shown.at(-1);
    return { photos: shown, ...(all.length > limit && last ? { next: last.id } : {}) };
  };
  const totals = (viewer: Viewer, threshold: Threshold) => {
    const byLabel = new Map<string, number>();
    for (const photo of matching(viewer, {})) {
      for (const { label } of shownLabels(photo.labels, threshold))
        byLabel.set(label, (byLabel.get(label) ?? 0) + 1);
    }
    return [...byLabel]
      .map(([label, photos]) => ({ label, photos }))
      .sort((a, b) => b.photos - a.photos || (a.label < b.label ? -1 : 1));
  };
  const retry = (id: PhotoId): Photo => {
    queue.add(id);
    return change(get(id), { state: 'waiting' });
  };

  const seesId = (viewer: Viewer, id: PhotoId) => {
    const photo = kept.get(id);
    return photo !== undefined && sees(viewer, photo);
  };
  const verification = openMemoryVerification({
    now,
    photos: newestFirst,
    sees: seesId,
    redevelop: (id) => {
      retry(id);
    },
    touch: () => {
      revision += 1;
    },
  });
  const links = openMemoryLinks({ now, newestFirst, toCard, sees: seesId });
  const recordFrom = (guest: Guest, { isPrivate: _none, ...photo }: NewPhoto) => {
    const { owner, isWaiting } = links.expect(guest);
    const known = [...kept.values()].find((one) => one.sha256 === photo.sha256 && one.owner === owner);
    if (known !== undefined) {
      const isResent = links.cameBy(guest, known.id);
      links.note(guest, known.id, true);
      return { photo: whole(known), duplicate: true, ...(isResent ? { isResent } : {}) };
    }
    const id = add(photo, { ...(owner === undefined ? {} : { owner }), ...(isWaiting ? { isWaiting } : {}) });
    links.note(guest, id, false);
    return { photo: whole(get(id)), duplicate: false };
  };
  const add = (
    photo: Omit<NewPhoto, 'isPrivate'>,
    more: Pick<KeptPhoto, 'owner' | 'isPrivate' | 'isWaiting'>,
  ): PhotoId => {
    const uploadedAt = photo.uploadedAt ?? new Date(now());
    const { frames = 1, was, isAdopted: _adopted, ...rest } = photo;
    const isFree = was !== undefined && !kept.has(was.id);
    const id = isFree ? was.id : (newUuid({ msecs: uploadedAt.getTime() }) as PhotoId);
    removed.delete(photo.sha256);
    const moving = frames > 1 ? { frames } : {};
    kept.set(id, {
      ...rest,
      ...moving,
      ...more,
      ...{ id, version: 1, state: 'waiting', uploadedAt, renditions: [] },
    });
    if (was !== undefined) opinions.recall(id, was.changes);
    sidecars.note(photo.sha256);
    verification.add(get(id));
    queue.add(id);
    revision += 1;
    return id;
  };
  const reruns = openMemoryReruns({
    now,
    opinions,
    find: (id) => {
      const photo = kept.get(id);
      return photo === undefined ? undefined : whole(photo);
    },
    sees: seesId,
    newestFirst,
    shows,
    looked: (id, engine) => {
      change(get(id), { engine });
    },
    heldJob: (job) => queue.held(job),
    endJob: (job) => queue.end(job),
    dropJobs: (rerun) => queue.drop((job) => job.rerun === rerun),
    enqueue: (id, rerun) => queue.add(id, rerun),
    hasJobs: (rerun) => queue.has((job) => job.rerun === rerun),
  });
  const queue = openMemoryQueue({
    now,
    lookingReruns: (background) => reruns.lookingNow(background),
    ended: (rerun) => reruns.settle(rerun),
    wait: (id) => {
      const photo = kept.get(id);
      if (photo?.state === 'developing') change(photo, { state: 'waiting' });
    },
  });
  const finish = (job: Job, save: () => void): boolean => {
    if (!queue.held(job)) return false;
    queue.end(job);
    save();
    return true;
  };

  const photos: PhotoDatabase = {
    async recordPhoto(viewer, { isPrivate = false, ...photo }) {
      const expected = arriving.get(photo.sha256);
      arriving.delete(photo.sha256);
      if (viewer.kind === 'guest') return recordFrom(viewer, photo);
      if (photo.isAdopted === true && expected !== undefined)
        return { photo: whole(get(add(photo, { owner: expected, isPrivate: true }))), duplicate: false };
      const known = byDigest(viewer, photo.sha256);
      if (known !== undefined && (!isPrivate || known.owner === userOf(viewer))) {
        const hidden = isPrivate ? { isPrivate } : {};
        if (isPrivate && known.isPrivate !== true) links.leave(known.id);
        const isAsWanted = isListed(known) && (!isPrivate || known.isPrivate === true);
        const back = isAsWanted ? known : change(bare(known, 'trashedAt', 'isWaiting'), hidden);
        const isNamed = known.title !== '' || photo.title === '' || !mayChange(viewer, known.owner);
        return {
          photo: isNamed ? whole(back) : change(back, { title: photo.title }),
          duplicate: true,
          before: whole(known),
        };
      }
      const owner = userOf(viewer);
      const isOwn = owner === undefined ? {} : { owner, ...(isPrivate ? { isPrivate } : {}) };
      const id = add(photo, isOwn);
      return { photo: whole(get(id)), duplicate: false };
    },
    async expectPrivate(viewer, sha256) {
      const user = userOf(viewer);
      if (user !== undefined) arriving.set(sha256, user);
    },
    async findPhoto(viewer, id) {
      const photo = kept.get(id);
      return photo !== undefined && isGiven(viewer, photo) ? whole(photo) : undefined;
    },
    async findByDigest(viewer, sha256) {
      const photo = byDigest(viewer, sha256);
      return photo === undefined || !isListed(photo) ? undefined : whole(photo);
    },
    async findPlace(viewer, id) {
      const photo = kept.get(id);
      return mayKnowPlaces(viewer) && photo !== undefined && sees(viewer, photo) ? places.get(id) : undefined;
    },
    listPhotos: async (viewer, query) => list(viewer, query, toCard),
    listWholePhotos: async (viewer, query) => list(viewer, query, (photo) => photo),
    async findNeighbours(viewer, id, under) {
      const ids = matching(viewer, under ?? {}).map((photo) => photo.id);
      const newer = ids.filter((other) => other > id).at(-1);
      const older = ids.find((other) => other < id);
      return { ...(newer ? { newer } : {}), ...(older ? { older } : {}) };
    },
    listLabels: async (viewer, threshold) => totals(viewer, threshold),
    async listCovers(viewer, threshold) {
      const covers = new Map<string, PhotoCard>();
      for (const photo of matching(viewer, {}).reverse())
        for (const { label } of shownLabels(photo.labels, threshold)) covers.set(label, toCard(photo));
      return covers;
    },
    countFailed: async (viewer) => matching(viewer, { failed: true }).length,
    async listModels(viewer) {
      if (!mayLook(viewer)) return [];
      const byModel = new Map<string, ModelTotal>();
      for (const { engine, renditions } of kept.values()) {
        if (renditions.length === 0) continue;
        const [name, model] = [engine?.engine ?? '', engine?.model ?? ''];
        byModel.set(model, { engine: name, model, photos: (byModel.get(model)?.photos ?? 0) + 1 });
      }
      return [...byModel.values()].sort((a, b) => b.photos - a.photos || (a.model < b.model ? -1 : 1));
    },
    async correct(viewer, id, correction) {
      const photo = own(viewer, id);
      if (!opinions.correct(id, correction, now())) return whole(photo);
      sidecars.note(photo.sha256);
      return change(photo, {});
    },
    async undo(viewer, id, changeId) {
      const photo = own(viewer, id);
      opinions.undo(id, changeId);
      sidecars.note(photo.sha256);
      return change(photo, {});
    },
    async retitle(viewer, id, title, seen = {}) {
      const photo = own(viewer, id);
      const { version = photo.version, title: was = photo.title } = seen;
      if (version !== photo.version || was !== photo.title) {
        const facts = { title: photo.title, version: photo.version };
        throw new GalleryError('edited-meanwhile', 'Somebody changed this photo meanwhile.', facts);
      }
      return change(photo, { title });
    },
    async setPrivate(viewer, id, isPrivate) {
      const photo = see(viewer, id);
      if (!mayHide(viewer, photo.owner)) throw notAllowed();
      const owner = photo.owner ?? userOf(viewer);
      if (isPrivate) links.leave(id);
      return change(bare(photo, 'isPrivate', 'isWaiting'), {
        ...(owner === undefined ? {} : { owner }),
        ...(isPrivate ? { isPrivate: true } : {}),
      });
    },
    async trashPhoto(viewer, id) {
      const photo = own(viewer, id);
      if (photo.trashedAt !== undefined) return whole(photo);
      return change(photo, { trashedAt: new Date(now()) });
    },
    async restorePhoto(viewer, id) {
      const photo = own(viewer, id);
      return photo.trashedAt === undefined ? whole(photo) : change(bare(photo, 'trashedAt'), {});
    },
    async approvePhoto(viewer, id) {
      const photo = own(viewer, id);
      const waits = photo.isWaiting === true && photo.trashedAt === undefined;
      return waits ? change(bare(photo, 'isWaiting'), {}) : whole(photo);
    },
    countWaiting: async (viewer) => matching(viewer, { waiting: true }).length,
    async countCharged(viewer, sha256) {
      const owner =
        viewer.kind === 'guest'
          ? links.expect(viewer).owner
          : mayOperate(viewer)
            ? undefined
            : userOf(viewer);
      const theirs = [...kept.values()].filter((one) => one.owner === owner);
      if (owner === undefined || theirs.some((one) => one.sha256 === sha256)) return undefined;
      return { owner, bytes: theirs.reduce((sum, { bytes }) => sum + bytes, 0) };
    },
    async countPrivate(viewer) {
      const byOwner = new Map<UserId, PrivateTotal>();
      if (!mayOperate(viewer)) return byOwner;
      for (const { owner, isPrivate, trashedAt } of kept.values()) {
        if (owner === undefined || isPrivate !== true) continue;
        const { hidden, trashed } = byOwner.get(owner) ?? { hidden: 0, trashed: 0 };
        const isOut = trashedAt === undefined;
        byOwner.set(owner, { hidden: hidden + (isOut ? 1 : 0), trashed: trashed + (isOut ? 0 : 1) });
      }
      return byOwner;
    },
    async handOver(viewer, from, to, limit) {
      if (!mayOperate(viewer)) throw notAllowed('owner');
      const heir = userOf(viewer);
      if (to === 'mine' && (heir === undefined || heir === from)) throw noHeir();
      const isTwin = ({ sha256 }: KeptPhoto) =>
        [...kept.values()].some((one) => one.sha256 === sha256 && one.owner === heir);
      const theirs = [...kept.values()]
        .filter(({ owner, isPrivate }) => owner === from && isPrivate === true)
        .filter((photo) => photo.trashedAt === undefined || (to === 'mine' && !isTwin(photo)))
        .sort((a, b) => Number(a.trashedAt ?? 0) - Number(b.trashedAt ?? 0) || (a.id < b.id ? -1 : 1))
        .slice(0, limit);
      for (const photo of theirs) {
        const isTaken = to === 'mine' && heir !== undefined && !isTwin(photo);
        change(photo, isTaken ? { owner: heir } : { trashedAt: new Date(now()) });
        sidecars.note(photo.sha256);
      }
      return theirs.map(({ id }) => id);
    },
    async passTime(now) {
      const at = now.getTime();
      const uncounted = uncountedMs(seenAt, at);
      seenAt = at;
      const late = [...kept.values()].filter(
        ({ trashedAt }) => trashedAt !== undefined && (uncounted > 0 || trashedAt.getTime() > at),
      );
      for (const photo of late) {
        const since = Math.min((photo.trashedAt?.getTime() ?? 0) + uncounted, at);
        kept.set(photo.id, { ...photo, trashedAt: new Date(since) });
        sidecars.note(photo.sha256);
      }
      if (late.length > 0) revision += 1;
      return late.length > 0;
    },
    async listTrashed(before, limit) {
      const since = ({ trashedAt }: KeptPhoto) => trashedAt?.getTime() ?? Number.POSITIVE_INFINITY;
      return [...kept.values()]
        .filter((photo) => since(photo) < before.getTime())
        .sort((a, b) => since(a) - since(b))
        .slice(0, limit)
        .map(({ id }) => id);
    },
    async removePhoto(viewer, id) {
      const { sha256, type, trashedAt } = own(viewer, id);
      if (trashedAt === undefined) throw notInTrash();
      kept.delete(id);
      sidecars.note(sha256);
      const isShared = [...kept.values()].some((photo) => photo.sha256 === sha256);
      if (!isShared) removed.set(sha256, { sha256, type });
      places.delete(id);
      opinions.forget(id);
      queue.drop((job) => job.photoId === id);
      revision += 1;
      return isShared ? undefined : { sha256, type };
    },
    listRemoved: async () => [...removed.values()],
    async forgetRemoved(sha256) {
      removed.delete(sha256);
    },
    async retryPhoto(viewer, id) {
      const photo = own(viewer, id);
      return photo.state === 'failed' ? retry(id) : whole(photo);
    },
    async retryFailed(viewer, limit, before) {
      const failed = matching(viewer, { failed: true })
        .filter(({ id }) => before === undefined || id < before)
        .slice(0, limit);
      for (const { id } of failed) retry(id);
      return failed.map(toldOf);
    },
    async beginDevelopment(job) {
      const photo = kept.get(job.photoId);
      return queue.held(job) && photo !== undefined ? change(photo, { state: 'developing' }) : undefined;
    },
    saveDevelopment: async (job, { place, failure, detections, ...development }) =>
      finish(job, () => {
        places.delete(job.photoId);
        if (place !== undefined) places.set(job.photoId, place);
        opinions.replace(job.photoId, detections);
        const state =
          failure === undefined ? { state: 'done' as const } : { state: 'failed' as const, failure };
        change(get(job.photoId), { ...development, ...state });
      }),
    saveFailure: async (job, failure) =>
      finish(job, () => {
        change(get(job.photoId), { state: 'failed', failure });
      }),
    // Nothing here is older than the program.
    recalibrate: async () => 0,
    revision: () => revision,
    hasOriginal: async (sha256) => [...kept.values()].some((photo) => photo.sha256 === sha256),
    check: async () => {},
    close: async () => {},
  };
  return {
    photos,
    reruns: reruns.database,
    sidecars: sidecars.database,
    verification: verification.database,
    jobs: queue.jobs,
    links: links.database,
  };
}

const isListed = ({ trashedAt, isWaiting }: KeptPhoto) => trashedAt === undefined && isWaiting !== true;

/** Without some of its fields. */
function bare(photo: KeptPhoto, ...fields: readonly ('trashedAt' | 'isPrivate' | 'isWaiting')[]): KeptPhoto {
  return Object.fromEntries(
    Object.entries(photo).filter(([name]) => !fields.some((field) => field === name)),
  ) as unknown as KeptPhoto;
}

export function toCard(photo: Photo): PhotoCard {
  const { isPrivate, isWaiting, trashedAt } = photo;
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
    ...(isPrivate === undefined ? {} : { isPrivate }),
    ...(isWaiting === undefined ? {} : { isWaiting }),
    ...(trashedAt === undefined ? {} : { trashedAt }),
  };
}
