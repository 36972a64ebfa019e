// The contracts between what a gallery is and what it stands on. The comment on a method is the promise that
// test/contracts/ holds every implementation to. Everything may reject with GalleryError('busy' | 'disk-full' | 'unavailable').
import type { Readable } from 'node:stream';
import type { MediaKey } from './media.ts';
import type {
  Detection,
  EngineRun,
  Failure,
  LabelSummary,
  MediaType,
  Photo,
  PhotoCard,
  PhotoId,
  Place,
  Rendition,
  Sha256,
} from './photo.ts';

/** Who asks. Until there are accounts, whoever reaches this gallery is its owner. */
export type Viewer = { readonly kind: 'owner' };

// ---------------------------------------------------------------- rows

export interface NewPhoto {
  readonly title: string;
  readonly sha256: Sha256;
  readonly bytes: number;
  readonly type: MediaType;
  /** Pixels of the upright photo. */
  readonly width: number;
  readonly height: number;
  /** Now, unless the file has been here for longer. */
  readonly uploadedAt?: Date;
}

export interface RemovedPhoto {
  readonly sha256: Sha256;
  readonly type: MediaType;
}

export interface PhotoPage<T = PhotoCard> {
  /** Newest first. */
  readonly photos: readonly T[];
  /** Give this as `before` to get the following page; absent on the last one. */
  readonly next?: PhotoId;
}

export interface ListQuery {
  /** Only photos that show this label. */
  readonly label?: string;
  /** Only photos older than this one, which itself need not exist any more. */
  readonly before?: PhotoId;
  /** 1..200. */
  readonly limit: number;
}

/** What somebody had before their eyes who now wants a change; what is absent is not compared. */
export interface Seen {
  readonly version?: number | undefined;
  readonly title?: string | undefined;
}

export interface LabelTotal {
  readonly label: string;
  /** Number of photos, not of boxes. */
  readonly photos: number;
}

/** What developing found out, saved in one transaction with the end of its job. */
export interface Development {
  readonly width: number;
  readonly height: number;
  readonly renditions: readonly Rendition[];
  readonly placeholder?: string;
  readonly takenAt?: string;
  readonly camera?: string;
  readonly place?: Place;
  /** Absent when no engine looked. */
  readonly engine?: EngineRun;
  readonly detections: readonly Detection[];
  readonly labels: readonly LabelSummary[];
  /** Present for a damaged picture: the photo ends as `failed`, with whatever renditions could be saved. */
  readonly failure?: Failure;
}

export interface PhotoDatabase {
  /**
   * Stores the photo (state `waiting`) together with its job, durably: once this resolves, a power cut loses neither.
   * A photo with the same sha256 wins: it is returned with `duplicate: true`, also when many calls race. It takes the title
   * only if it had none.
   */
  recordPhoto(viewer: Viewer, photo: NewPhoto): Promise<{ photo: Photo; duplicate: boolean }>;
  findPhoto(viewer: Viewer, id: PhotoId): Promise<Photo | undefined>;
  /** Where it was taken, if the camera said so. */
  findPlace(viewer: Viewer, id: PhotoId): Promise<Place | undefined>;
  /** Newest upload first, by keyset: the cost of a page does not depend on how deep or how large the gallery is. */
  listPhotos(viewer: Viewer, query: ListQuery): Promise<PhotoPage>;
  /** Like `listPhotos` with everything about each photo; for programs. */
  listWholePhotos(viewer: Viewer, query: ListQuery): Promise<PhotoPage<Photo>>;
  /** The photos beside this one in the order of `listPhotos`, under the same label if one is given. */
  findNeighbours(viewer: Viewer, id: PhotoId, label?: string): Promise<{ newer?: PhotoId; older?: PhotoId }>;
  /** Most photos first, then by name. Costs the number of labels, not of photos. */
  listLabels(viewer: Viewer): Promise<readonly LabelTotal[]>;
  /** The newest photo that shows each label; costs the number of labels, not of photos. */
  listCovers(viewer: Viewer): Promise<ReadonlyMap<string, PhotoCard>>;
  /**
   * Sets the title and bumps the version.
   * Rejects `not-found`; `edited-meanwhile` (facts: `title` as it is now) when what was seen is not so any more.
   */
  retitle(viewer: Viewer, id: PhotoId, title: string, seen?: Seen): Promise<Photo>;
  /**
   * Removes the row, its detections and its job, and notes that its files may go. Rejects `not-found`. The caller removes
   * the files afterwards and then says `forgetRemoved`.
   */
  removePhoto(viewer: Viewer, id: PhotoId): Promise<RemovedPhoto>;
  /** Photos that somebody removed and whose files may still be there: only these originals may ever be deleted. */
  listRemoved(): Promise<readonly RemovedPhoto[]>;
  /** The files are gone. A photo with the same bytes that was recorded meanwhile has ended the note, too. */
  forgetRemoved(sha256: Sha256): Promise<void>;
  /** Puts a failed photo back to `waiting` with a fresh job; any other state stays as it is. Rejects `not-found`. */
  retryPhoto(viewer: Viewer, id: PhotoId): Promise<Photo>;
  /** Sets the state `developing` for a job that is still held; undefined if the lease was lost or the photo is gone. */
  beginDevelopment(job: Job): Promise<Photo | undefined>;
  /** Saves the result and ends the job. False, and nothing changes, when the job is no longer held at this attempt. */
  saveDevelopment(job: Job, development: Development): Promise<boolean>;
  /** Ends the job with the photo `failed`; what was saved before stays. False as above. */
  saveFailure(job: Job, failure: Failure): Promise<boolean>;
  /** A number that grows with every change anybody could see; equal numbers mean equal pages. */
  revision(): number;
  /** Does a row point to this original? For reconciling with the files. */
  hasOriginal(sha256: Sha256): Promise<boolean>;
  /** Rejects `unavailable` when the database can't be read. */
  check(): Promise<void>;
  close(): Promise<void>;
}

// ---------------------------------------------------------------- jobs

export interface Job {
  readonly id: number;
  readonly photoId: PhotoId;
  /** Grows with every claim. Fences: whatever an older attempt still wants to say is dropped. */
  readonly attempt: number;
  /** How many of the claims count against the photo, this one included: 1 for the first. */
  readonly tries: number;
}

export interface JobQueue {
  /**
   * Leases the oldest job that is due and counts the attempt, before any work is done: a job that kills its worker has
   * still used up a try. Undefined when nothing is due. At least once: a lease that runs out is given to somebody else.
   */
  claim(leaseMs: number): Promise<Job | undefined>;
  /** Extends the lease; false when it was lost. */
  renew(job: Job, leaseMs: number): Promise<boolean>;
  /** Ends the job without saying anything about the photo; false when it was lost. */
  complete(job: Job): Promise<boolean>;
  /** Gives the job back, due after `delayMs`, the photo `waiting` again; a try that is not `counted` was not its fault. False when it was lost. */
  release(job: Job, next: { readonly delayMs: number; readonly counted: boolean }): Promise<boolean>;
  /** Milliseconds until the next job may be claimed, 0 for at once, undefined when none is queued. */
  dueIn(): Promise<number | undefined>;
  /** Jobs waiting or leased. */
  count(): Promise<number>;
}

// ---------------------------------------------------------------- files

/** Inclusive, as in HTTP: `{ start: 0, end: 0 }` is the first byte. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface MediaStore {
  /**
   * Moves the file at `sourcePath` (on the same file system as the inbox) to `key`, all or nothing, and durably: file and
   * folders are synced before it resolves. Repeatable: what lies at the key is replaced, which heals it; the source is gone.
   */
  put(key: MediaKey, sourcePath: string): Promise<void>;
  /** Undefined when there is no such file. */
  stat(key: MediaKey): Promise<{ bytes: number } | undefined>;
  /** The caller consumes or destroys the stream. Undefined when there is no such file. `bytes` is the whole file's size. */
  read(key: MediaKey, range?: ByteRange): Promise<{ stream: Readable; bytes: number } | undefined>;
  /** A local file with these bytes, readable until `release`; it must not be changed. Undefined when there is none. */
  lease(key: MediaKey): Promise<{ path: string; release(): Promise<void> } | undefined>;
  /** Removing what is not there is fine. */
  remove(key: MediaKey): Promise<void>;
  /** Every stored key below a prefix, in no order; files that are not ours are left out. */
  list(kind: 'originals' | 'renditions'): AsyncIterable<{ key: MediaKey; modifiedAt: Date }>;
}

/** A file that came in and is not a photo yet. */
export interface ReceivedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: Sha256;
  /** The first `sniffBytes` bytes, fewer for a smaller file. */
  readonly head: Uint8Array;
}

export interface Inbox {
  /**
   * Streams to a new file, hashing as it comes; never holds more than about 2 MiB in memory. Not durable until `MediaStore.put`.
   * Rejects `too-large` after `maxBytes`, `disk-full`, or what the stream failed with; the partial file is gone by then.
   */
  receive(stream: Readable, maxBytes: number): Promise<ReceivedFile>;
  /** Brings a received file to the disk, so that `MediaStore.put` has less to wait for; use the time for something else. */
  settle(path: string): Promise<void>;
  /** Forgets a received file; fine when it is gone. */
  discard(path: string): Promise<void>;
  /** An empty folder on the same file system; `release` removes it with whatever is inside. */
  openScratch(): Promise<{ path: string; release(): Promise<void> }>;
  /** Removes files and folders older than this; returns how many. */
  sweep(olderThanMs: number): Promise<number>;
  /** Rejects `disk-full` when fewer than `bytes` plus a reserve are free. */
  ensureSpace(bytes: number): Promise<void>;
}

// ---------------------------------------------------------------- pixels

export type Probe =
  | { readonly kind: 'picture'; readonly width: number; readonly height: number; readonly frames: number }
  | { readonly kind: 'unreadable'; readonly detail: string };

export interface Facts {
  readonly takenAt?: string;
  readonly camera?: string;
  readonly place?: Place;
}

/** What became of looking for objects. `unavailable`: the engine could not be loaded; everything else still works. */
export type Sighting =
  | ({ readonly kind: 'seen'; readonly detections: readonly Detection[] } & EngineRun)
  | { readonly kind: 'off' }
  | { readonly kind: 'unavailable'; readonly detail: string };

export interface DevelopedFile extends Rendition {
  /** A file inside `outputFolder`. */
  readonly path: string;
}

export type Developed =
  | {
      readonly kind: 'developed';
      /** Pixels of the upright photo. */
      readonly width: number;
      readonly height: number;
      readonly files: readonly DevelopedFile[];
      readonly placeholder: string;
      readonly facts: Facts;
      readonly sighting: Sighting;
      /** Present when only a tolerant second decode worked: what is wrong with the file. */
      readonly damage?: string;
    }
  | { readonly kind: 'damaged'; readonly detail: string; readonly facts: Facts };

export interface DarkroomStatus {
  /** The engine that is used, undefined when detection is off or none could be found. */
  readonly engine?: { readonly name: string; readonly model: string };
  /** One English sentence: why detection does not work although it should. */
  readonly problem?: string;
}

export interface Darkroom {
  /** Reads the header only: upright size in pixels. Answers while others develop; rejects with DarkroomError only. */
  probe(path: string, type: MediaType): Promise<Probe>;
  /**
   * One decode -> renditions, placeholder, facts and detections; files are written below `outputFolder`.
   * A bad picture is an answer, not an error. Rejects with DarkroomError, or with GalleryError `disk-full` or
   * `unavailable` when the renditions can't be written; aborting rejects `closed`.
   */
  develop(path: string, type: MediaType, outputFolder: string, signal?: AbortSignal): Promise<Developed>;
  /** How many photos it develops at once. */
  readonly capacity: number;
  status(): DarkroomStatus;
  /** Ends every child; twice is fine. */
  close(): Promise<void>;
}

// ---------------------------------------------------------------- news

export type GalleryEvent =
  | { readonly kind: 'photo-added'; readonly id: PhotoId }
  | { readonly kind: 'photo-changed'; readonly id: PhotoId; readonly state: Photo['state'] }
  | { readonly kind: 'photo-removed'; readonly id: PhotoId };

export interface EventHub {
  /** Called after the commit. Never throws, never waits. */
  publish(event: GalleryEvent): void;
  /** The listener must not block; one that throws is dropped. Returns its own end. */
  subscribe(listener: (event: GalleryEvent) => void): () => void;
}
