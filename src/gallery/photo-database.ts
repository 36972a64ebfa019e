// The contract of whatever keeps the rows: photos, what is in them, and what people said about that. The comment on a method is the
// promise that test/contracts/ holds every implementation to. Everything may reject with GalleryError('busy' | 'disk-full' | 'unavailable').

import type { Correction } from './correction.ts';
import type { Threshold } from './detection.ts';
import { GalleryError } from './errors.ts';
import type {
  ChangeId,
  EngineDetection,
  EngineRun,
  Failure,
  Hearer,
  MediaType,
  Photo,
  PhotoCard,
  PhotoId,
  Place,
  Rendition,
  Sha256,
} from './photo.ts';
import type { Job } from './ports.ts';
import type { SidecarPhoto } from './sidecar.ts';
import type { UserId } from './user.ts';
import type { Viewer } from './viewer.ts';

export interface NewPhoto {
  readonly title: string;
  readonly sha256: Sha256;
  readonly bytes: number;
  readonly type: MediaType;
  /** Pixels of the upright photo. */
  readonly width: number;
  readonly height: number;
  /** 1 if absent, and then absent in the photo, too. */
  readonly frames?: number;
  /** Now, unless the file has been here for longer. */
  readonly uploadedAt?: Date;
  /**
   * An original without a row and without a sidecar: a crash was faster than the row, which may have said that it is private, or a
   * guest's. Unless it was expected as private, it waits where there are people until somebody who runs the gallery lets it in.
   */
  readonly isAdopted?: true;
  /**
   * Of a photo that was here before: the id it had, unless that is another one's now, whose it was and for whom, and what people said.
   * Then it is not the viewer's, and a duplicate only of one that is the same person's.
   */
  readonly was?: Omit<SidecarPhoto, 'title' | 'uploadedAt'>;
  /** Only whose it is sees it; not together with a viewer who is no user. */
  readonly isPrivate?: boolean;
}

export interface Recorded {
  readonly photo: Photo;
  readonly duplicate: boolean;
  /** Of a duplicate, unless a guest sent it: as it was until now, perhaps in the trash, waiting, or seen by others. */
  readonly before?: Photo;
  /** A guest's that was sent by the same link before, whether or not it was here then. */
  readonly isResent?: true;
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
  /** Only photos that show this label at the threshold. */
  readonly label?: string;
  /** What the reader wants to be shown; the default if absent. */
  readonly threshold?: Threshold;
  /** Only photos that ended as `failed`; not together with a label. */
  readonly failed?: boolean;
  /** What lies in the trash and this viewer may take out of it, in place of all else; not together with a label. */
  readonly trash?: boolean;
  /** What guests sent and waits for approval, as far as this viewer may approve it, in place of all else; not together with a label. */
  readonly waiting?: boolean;
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

export interface Retried {
  readonly id: PhotoId;
  readonly onlyFor?: Hearer;
}

export interface LabelTotal {
  readonly label: string;
  /** Number of photos, not of boxes. */
  readonly photos: number;
}

export interface ModelTotal {
  readonly engine: string;
  /** SHA-256 of the weights, '' for none. */
  readonly model: string;
  readonly photos: number;
}

/** How many photos somebody keeps for themselves alone. */
export interface PrivateTotal {
  readonly hidden: number;
  /** Not counted among the others. */
  readonly trashed: number;
}

/** What becomes of what somebody kept for themselves alone: another's alone, or into the trash. */
export type Handed = 'mine' | 'trash';

export interface Charged {
  readonly owner: UserId;
  readonly bytes: number;
}

export const noHeir = () =>
  new GalleryError('bad-request', 'Only who is signed in can take photos over; sign in first.', {
    field: 'private',
  });

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
  readonly detections: readonly EngineDetection[];
  /** Present for a damaged picture: the photo ends as `failed`, with whatever renditions could be saved. */
  readonly failure?: Failure;
}

/**
 * Whoever asks is given what they may see: photos for everybody, their own, and, where they may take it out again, what lies in the trash.
 * Anything else is as absent as what never was. A change of what is seen but is not theirs to change rejects `not-allowed`.
 *
 * A guest is given by `findPhoto` the photos that their link shows, while it is good: none from the trash, none that wait, private ones only
 * if whose they are made the link. Every other method shows a guest nothing; what a link shows is listed by LinkDatabase.
 */
export interface PhotoDatabase {
  /**
   * Stores the photo (state `waiting`) together with its job, durably: once this resolves, a power cut loses neither. It is the viewer's.
   * A photo with the same sha256 that is the viewer's, or else nobody's and seen by them, wins: it is returned with `duplicate: true`, also
   * when many calls race. It takes the title only if it had none, and comes back from the trash, or from waiting. Another's photo with
   * these bytes is none, seen or not: they may hide or delete it, and what was acknowledged must stay. To the machine every photo is one.
   * With `isPrivate` only what is the viewer's own is a duplicate, and nobody else sees it from then on.
   *
   * What a guest sends belongs to whoever made their link, under the guest's name, and waits if the link says so. If that user has these
   * bytes already, in whatever state, nothing changes and it is a duplicate; the caller must not tell the guest. Rejects `link-over` for a
   * link that takes no photos.
   */
  recordPhoto(viewer: Viewer, photo: NewPhoto): Promise<Recorded>;
  /**
   * Says that these bytes are about to be kept for this user only. Until some photo of them is recorded, an original that is adopted is this
   * user's and private: so nobody else ever sees what was cut off before its row.
   */
  expectPrivate(viewer: Viewer, sha256: Sha256): Promise<void>;
  findPhoto(viewer: Viewer, id: PhotoId): Promise<Photo | undefined>;
  /** The photo that would be the duplicate of exactly these bytes; undefined while that lies in the trash, or waits. */
  findByDigest(viewer: Viewer, sha256: Sha256): Promise<Photo | undefined>;
  /**
   * The member to whom what this viewer sends is charged, and how many bytes the originals of all their photos have, also those in the trash
   * and those that wait. Of a guest that is whoever made their link. Undefined where nobody is charged: for the machine, for owners, and, with
   * `sha256`, for bytes of which they have a photo already. Costs the number of their photos, from an index.
   */
  countCharged(viewer: Viewer, sha256?: Sha256): Promise<Charged | undefined>;
  /** Where it was taken, if the camera said so, and the viewer has an account: to visitors and guests of a public gallery nothing is told. */
  findPlace(viewer: Viewer, id: PhotoId): Promise<Place | undefined>;
  /** Newest upload first, by keyset: the cost of a page does not depend on how deep or how large the gallery is. Without the trash. */
  listPhotos(viewer: Viewer, query: ListQuery): Promise<PhotoPage>;
  /** Like `listPhotos` with everything about each photo; for programs. */
  listWholePhotos(viewer: Viewer, query: ListQuery): Promise<PhotoPage<Photo>>;
  /** The photos beside this one in the order of `listPhotos`, under the same label and threshold if a label is given. */
  findNeighbours(
    viewer: Viewer,
    id: PhotoId,
    under?: { readonly label: string; readonly threshold: Threshold },
  ): Promise<{ newer?: PhotoId; older?: PhotoId }>;
  /** Labels that some photo shows at the threshold: most photos first, then by name. Costs the number of labels, not of photos. */
  listLabels(viewer: Viewer, threshold: Threshold): Promise<readonly LabelTotal[]>;
  /** The newest photo that shows each label; costs the number of labels, not of photos. */
  listCovers(viewer: Viewer, threshold: Threshold): Promise<ReadonlyMap<string, PhotoCard>>;
  /** How many photos ended as `failed`. Costs the number of those. */
  countFailed(viewer: Viewer): Promise<number>;
  /** How many photos each model looked at, most first; `model` is '' for developed photos that none looked at. */
  listModels(viewer: Viewer): Promise<readonly ModelTotal[]>;
  /**
   * Takes a person's word and keeps it for good: no engine changes it. Rejects `not-found`; `edited-meanwhile` when the
   * detection is not there any more (an engine looked again, somebody else was faster).
   */
  correct(viewer: Viewer, id: PhotoId, correction: Correction): Promise<Photo>;
  /**
   * Takes a correction back. Rejects `not-found`; `edited-meanwhile` when a later correction stands on it, or it was taken back.
   */
  undo(viewer: Viewer, id: PhotoId, change: ChangeId): Promise<Photo>;
  /**
   * Sets the title and bumps the version.
   * Rejects `not-found`; `edited-meanwhile` (facts: `title` as it is now) when what was seen is not so any more.
   */
  retitle(viewer: Viewer, id: PhotoId, title: string, seen?: Seen): Promise<Photo>;
  /**
   * Says whether only whose it is sees it; then also takes it out of every link of chosen photos, for good. What is nobody's becomes the
   * viewer's. Rejects `not-found`, `not-allowed`.
   */
  setPrivate(viewer: Viewer, id: PhotoId, isPrivate: boolean): Promise<Photo>;
  /** Into the trash: out of every list, kept whole. Fine twice. Rejects `not-found`, `not-allowed`. */
  trashPhoto(viewer: Viewer, id: PhotoId): Promise<Photo>;
  /** Back to where it was; what waited for approval waits again. Fine when it is not in the trash. Rejects `not-found`, `not-allowed`. */
  restorePhoto(viewer: Viewer, id: PhotoId): Promise<Photo>;
  /** Lets in what a guest sent: from now on everybody sees it. Fine twice, and for what lies in the trash: that stays there. Rejects `not-found`, `not-allowed`. */
  approvePhoto(viewer: Viewer, id: PhotoId): Promise<Photo>;
  /** How many wait that this viewer may approve. Costs the number of those. */
  countWaiting(viewer: Viewer): Promise<number>;
  /**
   * By whose it is, who keeps any; for finding what who is gone has left. Nobody, for who does not run the gallery. Costs the number of people.
   */
  countPrivate(viewer: Viewer): Promise<ReadonlyMap<UserId, PrivateTotal>>;
  /**
   * At most `limit` of those that nobody but `from` sees. `mine`: they are the viewer's, who alone sees them, in the trash those that lie
   * there; of bytes that the viewer owns already the other photo goes into the trash as it is. `trash`: into the trash of `from`. Returns
   * which, none when all are done. Rejects `not-allowed` for who does not run the gallery; `bad-request` when `mine` would be nobody's, or `from`'s.
   * Whether that is right to do is the caller's to know: here nobody is asked whose they are.
   */
  handOver(viewer: Viewer, from: UserId, to: Handed, limit: number): Promise<readonly PhotoId[]>;
  /**
   * Says what time it is. Of the time since that was last said only so much counts for what lies in the trash as gallery/trash.ts lets;
   * the rest is added to the moment since when it lies there, which is never in the future. True when anything was put off by that.
   */
  passTime(now: Date): Promise<boolean>;
  /** Photos that came into the trash before this moment, longest first, at most `limit`. */
  listTrashed(before: Date, limit: number): Promise<readonly PhotoId[]>;
  /**
   * Removes the row, its detections and its job, and notes that its files may go. Rejects `not-found`, `not-allowed`, `not-in-trash`: who
   * takes it out of the trash first keeps it. The caller removes the files afterwards and then says `forgetRemoved`. Undefined when another photo has the same bytes: then the files stay.
   */
  removePhoto(viewer: Viewer, id: PhotoId): Promise<RemovedPhoto | undefined>;
  /** Photos that somebody removed and whose files may still be there: only these originals may ever be deleted. */
  listRemoved(): Promise<readonly RemovedPhoto[]>;
  /** The files are gone. A photo with the same bytes that was recorded meanwhile has ended the note, too. */
  forgetRemoved(sha256: Sha256): Promise<void>;
  /** Puts a failed photo back to `waiting` with a fresh job; any other state stays as it is. Rejects `not-found`. */
  retryPhoto(viewer: Viewer, id: PhotoId): Promise<Photo>;
  /** The same for at most `limit` failed photos older than `before`, newest first; returns those that it was done for. */
  retryFailed(viewer: Viewer, limit: number, before?: PhotoId): Promise<readonly Retried[]>;
  /** Sets the state `developing` for a job that is still held; undefined if the lease was lost or the photo is gone. */
  beginDevelopment(job: Job): Promise<Photo | undefined>;
  /** Saves the result, with what people said laid over it, and ends the job. False, and nothing changes, when the job is no longer held at this attempt. */
  saveDevelopment(job: Job, development: Development): Promise<boolean>;
  /** Ends the job with the photo `failed`; what was saved before stays. False as above. */
  saveFailure(job: Job, failure: Failure): Promise<boolean>;
  /**
   * After an update that believes engines more or less than before: makes the confidences of up to `limit` photos again, newest first.
   * Returns how many; 0 when there are none left. Goes on where it was after a restart.
   */
  recalibrate(limit: number): Promise<number>;
  /** A number that grows with every change anybody could see; equal numbers mean equal pages. */
  revision(): number;
  /** Does a row point to this original? For reconciling with the files. */
  hasOriginal(sha256: Sha256): Promise<boolean>;
  /** Rejects `unavailable` when the database can't be read. */
  check(): Promise<void>;
  close(): Promise<void>;
}
