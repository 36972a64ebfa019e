// The contracts between what a gallery is and what it stands on. The comment on a method is the promise that
// test/contracts/ holds every implementation to. Everything may reject with GalleryError('busy' | 'disk-full' | 'unavailable').

import type { Readable } from 'node:stream';
import type { AnnouncedUploads } from './announced-uploads.ts';
import type { MediaKey, MediaKind } from './media.ts';
import type {
  EngineDetection,
  EngineRun,
  Hearer,
  MediaType,
  Photo,
  PhotoId,
  Place,
  Rendition,
  Sha256,
} from './photo.ts';
import type { RerunId } from './rerun.ts';
import type { UserId } from './user.ts';

// ---------------------------------------------------------------- jobs

export interface Job {
  readonly id: number;
  readonly photoId: PhotoId;
  /** Grows with every claim. Fences: whatever an older attempt still wants to say is dropped. */
  readonly attempt: number;
  /** How many of the claims count against the photo, this one included: 1 for the first. */
  readonly tries: number;
  /** Present when the photo is looked at again for this re-run; absent when it is developed. */
  readonly rerun?: RerunId;
}

/** Whose photos may be looked at again: nobody's; a single photo's, for which somebody waits; those of every re-run. */
export type Background = 'none' | 'single' | 'all';

export interface JobQueue {
  /**
   * Leases the oldest job that is due and counts the attempt, before any work is done: a job that kills its worker has
   * still used up a try. Undefined when nothing is due. At least once: a lease that runs out is given to somebody else.
   * Photos that wait to be developed always come first; then photos of re-runs that are `looking`, the narrower re-run first, as
   * far as `background` lets them (`none` if absent).
   */
  claim(leaseMs: number, background?: Background): Promise<Job | undefined>;
  /** Extends the lease; false when it was lost. */
  renew(job: Job, leaseMs: number): Promise<boolean>;
  /** Ends the job without saying anything about the photo; false when it was lost. */
  complete(job: Job): Promise<boolean>;
  /** Gives the job back, due after `delayMs`, the photo `waiting` again; a try that is not `counted` was not its fault. False when it was lost. */
  release(job: Job, next: { readonly delayMs: number; readonly counted: boolean }): Promise<boolean>;
  /** Milliseconds until the next job may be claimed, 0 for at once, undefined when none is queued. */
  dueIn(background?: Background): Promise<number | undefined>;
  /** Photos waiting to be developed, or being developed. */
  count(): Promise<number>;
  /** For how long the oldest photo that waits to be developed has been due; undefined when none is due. */
  oldestMs(): Promise<number | undefined>;
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
  /** Durably: no power cut brings it back. Removing what is not there is fine. */
  remove(key: MediaKey): Promise<void>;
  /** Every stored key of a kind, in no order; files that are not ours are left out. */
  list(kind: MediaKind): AsyncIterable<{ key: MediaKey; modifiedAt: Date }>;
  /** Rejects `unavailable` while originals are not where they were: that one is missing then says nothing. `put` and `remove` look, too. */
  check(): Promise<void>;
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
  /** A new file with this text, to be put where it belongs. Rejects `disk-full`; nothing is left then. */
  write(text: string): Promise<{ readonly path: string }>;
  /** Brings a received file to the disk, so that `MediaStore.put` has less to wait for; use the time for something else. */
  settle(path: string): Promise<void>;
  /** Forgets a received file; fine when it is gone. */
  discard(path: string): Promise<void>;
  /** An empty folder on the same file system; `release` removes it with whatever is inside. */
  openScratch(): Promise<{ path: string; release(): Promise<void> }>;
  /** Removes files and folders older than this; returns how many. */
  sweep(olderThanMs: number): Promise<number>;
  /** Rejects `disk-full` when fewer than `bytes` plus a reserve are free, beside what is kept for others. */
  ensureSpace(bytes: number): Promise<void>;
  /** Keeps so much for what is about to come in: what was promised to one is promised to nobody else. Rejects as `ensureSpace`. */
  reserve(bytes: number): Promise<Room>;
}

/** On the disk, for one body that comes in. */
export interface Room {
  /** So many bytes more have come. Where that is more than was kept, the disk is looked at again: rejects `disk-full`. */
  came(bytes: number): Promise<void>;
  /** Nothing more comes; fine twice. */
  release(): void;
}

/** What became of an upload that came in pieces. */
export interface Became {
  readonly photo: PhotoId;
  readonly duplicate: boolean;
}

/** Uploads that come in pieces, over hours if need be. Whoever speaks their protocol makes and fills them; here is what follows. */
export interface UnfinishedUploads extends AnnouncedUploads {
  /** Undefined for one that is not known, or not any more. One that became a photo has as many `bytes` as its `size`. */
  find(id: string): Promise<
    | {
        readonly bytes: number;
        readonly size: number;
        /** As the sender gave it. */
        readonly metadata: Readonly<Record<string, string | null>>;
        readonly became?: Became;
      }
    | undefined
  >;
  /**
   * A whole one, as the inbox would give it, to be moved or discarded: the upload keeps its bytes for another try, where the disk can do
   * that (not on FAT). Never twice at once. Rejects `no-upload`.
   */
  received(id: string): Promise<ReceivedFile>;
  /** It became a photo: its bytes go, whatever happens; remembered for whoever did not hear the answer. Rejects `no-upload`. */
  conclude(id: string, became: Became): Promise<void>;
  /** Removes what there is of it; fine when there is nothing. */
  forget(id: string): Promise<void>;
  /** Removes those that began more than a day ago; returns how many files. */
  deleteExpired(): Promise<number>;
}

// ---------------------------------------------------------------- pixels

/** Without a reason: libvips keeps one list of errors a process, so that of many headers at a time one may be told of another. */
export type Probe =
  | { readonly kind: 'picture'; readonly width: number; readonly height: number; readonly frames: number }
  | { readonly kind: 'unreadable' };

export interface Facts {
  readonly takenAt?: string;
  readonly camera?: string;
  readonly place?: Place;
}

/** What became of looking for objects. `unavailable`: the engine could not be loaded; everything else still works. */
export type Sighting =
  | ({ readonly kind: 'seen'; readonly detections: readonly EngineDetection[] } & EngineRun)
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
      /** Absent for what is transparent. */
      readonly placeholder?: string | undefined;
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
  /** Detection only, on a rendition or an original. Rejects with DarkroomError; aborting rejects `closed`. */
  look(path: string, type: MediaType, signal?: AbortSignal): Promise<Sighting>;
  /** How many photos it develops at once. */
  readonly capacity: number;
  status(): DarkroomStatus;
  /** Ends every child; twice is fine. */
  close(): Promise<void>;
}

// ---------------------------------------------------------------- models

/** Weights that an engine can use: in the catalogue, brought by somebody, or built in. */
export interface ModelEntry {
  /** `yolox-nano`; of an imported file its name without the ending. Unique among all entries. */
  readonly name: string;
  readonly engine: string;
  readonly origin: 'catalogue' | 'imported' | 'built-in';
  /** Where a download comes from: the first file's address, with the mirror applied. Absent for what is not downloaded. */
  readonly url?: string;
  /** Where the first file lies, or would lie, on this machine. */
  readonly path: string;
  /** Of all files together; absent while unknown. */
  readonly bytes?: number;
  /** Of the weights, as detections name them; absent while unknown. */
  readonly sha256?: string;
  readonly licence?: string;
  /** Edge of the square input in pixels. */
  readonly inputSize?: number;
  /** mAP50:95 on COCO val2017 as its makers publish it, 0..1. */
  readonly publishedMap?: number;
  readonly state: ModelState;
  /** Somebody said that this one shall be used. */
  readonly chosen: boolean;
  /** This one looks at photos now. */
  readonly inUse: boolean;
}

export type ModelState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'fetching'; readonly bytes: number; readonly of?: number }
  | { readonly kind: 'present' }
  /** Present before, or not: what went wrong at the last attempt, one English sentence with the exact address and path. */
  | { readonly kind: 'failed'; readonly problem: string; readonly present: boolean };

export interface ModelShelf {
  /** The built-in first, then the catalogue in its order, then what was imported, by name. */
  list(): Promise<readonly ModelEntry[]>;
  /**
   * Begins a download, or goes on with one that was cut off; resolves when it has begun, fine when it runs already. Progress and
   * end are told by `models-changed` and stand in `list`. Rejects `not-found`; `offline` when downloads are forbidden.
   */
  fetch(name: string): Promise<void>;
  /** Stops a download; what has come so far is kept for the next attempt. Fine when none runs. */
  cancel(name: string): Promise<void>;
  /** Reads every byte again and compares. False, and the entry's state is `failed`, when they differ. Rejects `not-found`. */
  verify(name: string): Promise<boolean>;
  /**
   * Takes over a file that is already on this machine (it is copied), under its own name. Rejects `bad-model` with one sentence
   * when it is not a model that an engine could use.
   */
  importFile(path: string, fileName: string): Promise<ModelEntry>;
  /** From now on this one looks at photos; undefined: whatever is best among those present. Rejects `not-found`. */
  use(name: string | undefined): Promise<void>;
}

// ---------------------------------------------------------------- news

/** Which photo it is about, and who alone may hear of it, if it is not for everybody. */
interface PhotoOf {
  readonly id: PhotoId;
  readonly onlyFor?: Hearer;
}

export type GalleryEvent =
  | ({ readonly kind: 'photo-added' } & PhotoOf)
  | ({ readonly kind: 'photo-changed'; readonly state: Photo['state'] } & PhotoOf)
  /** `notFor` whom it was hidden by: they see it all the same. */
  | ({ readonly kind: 'photo-removed'; readonly notFor?: UserId } & PhotoOf)
  | { readonly kind: 'models-changed' }
  | { readonly kind: 'rerun-changed'; readonly id: RerunId };

export interface EventHub {
  /** Called after the commit. Never throws, never waits. */
  publish(event: GalleryEvent): void;
  /** The listener must not block; one that throws is dropped. Returns its own end. */
  subscribe(listener: (event: GalleryEvent) => void): () => void;
}
