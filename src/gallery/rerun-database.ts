// The contract of whatever keeps re-runs. Photos of a re-run are handed out by JobQueue.claim and come back here. A person's words are
// not touched by anything in it.

import type { Threshold } from './detection.ts';
import type { EngineDetection, EngineRun, Failure, Hearer, Photo, PhotoId, PhotoState } from './photo.ts';
import type { Job } from './ports.ts';
import type { Rerun, RerunId, RerunPhoto, RerunScope } from './rerun.ts';
import type { UserId } from './user.ts';
import type { Viewer } from './viewer.ts';

export interface NewRerun {
  readonly scope: RerunScope;
  /** Before and after are compared as a reader with this threshold sees them. */
  readonly threshold: Threshold;
  /** Results go into the photos without anybody looking at them first. */
  readonly approved: boolean;
  readonly automatic: boolean;
  /** SHA-256 of the weights that look now: `older` is whatever other weights, or none, looked at. */
  readonly model: string;
}

export interface RerunPhotoPage {
  /** Newest photo first. */
  readonly photos: readonly RerunPhoto[];
  readonly next?: PhotoId;
}

export interface AppliedResult {
  readonly photo: PhotoId;
  readonly state: PhotoState;
  /** Who alone may hear of it, if it is not for everybody. */
  readonly onlyFor?: Hearer;
  readonly rerun: RerunId;
  readonly changed: boolean;
}

/**
 * Whoever runs the gallery sees every re-run; others see those of one photo that is theirs to change. A re-run of one photo is as hidden
 * as that photo, and of the photos of a wider one only those are shown that the viewer sees.
 */
export interface RerunDatabase {
  /**
   * Begins `looking`. Costs the same for one photo as for a million: photos are put into the queue a few at a time. Rejects
   * `not-found` for a photo that is not there.
   */
  startRerun(viewer: Viewer, rerun: NewRerun): Promise<Rerun>;
  findRerun(viewer: Viewer, id: RerunId): Promise<Rerun | undefined>;
  /** Latest first, at most 50; older ones that are over are forgotten, those that saw nothing are not told. */
  listReruns(viewer: Viewer): Promise<readonly Rerun[]>;
  /** All that are not over, latest first, and whose the photo is where one is of one photo. */
  listUnfinished(): Promise<readonly (Rerun & { readonly owner?: UserId })[]>;
  /** Photos that were looked at; with `differing` only those where something that is shown differs, or that failed. */
  listRerunPhotos(
    viewer: Viewer,
    id: RerunId,
    query: { readonly differing: boolean; readonly before?: PhotoId; readonly limit: number },
  ): Promise<RerunPhotoPage>;
  /**
   * `looking` <-> `paused`; `cancelled` ends it: what waits never goes into a photo. `model`: who looks from now on; a problem is over
   * then. Rejects `not-found`, `rerun-over` when it is done or cancelled.
   */
  setRerunState(
    viewer: Viewer,
    id: RerunId,
    state: 'looking' | 'paused' | 'cancelled',
    model?: string,
  ): Promise<Rerun>;
  /** Pauses a re-run that is looking, and says why. Undefined when it is not looking any more. */
  suspendRerun(id: RerunId, problem: NonNullable<Rerun['problem']>): Promise<Rerun | undefined>;
  /** Says yes: results may go into the photos. Rejects `not-found`, `rerun-over`. Fine twice. */
  approveRerun(viewer: Viewer, id: RerunId): Promise<Rerun>;
  /**
   * Puts up to `limit` waiting results of approved re-runs into their photos; says of each photo what its state is and whether it
   * changed. Empty when there is nothing to do. Corrections that came later stay as they are; a photo that other weights have
   * looked at meanwhile stays as it is.
   */
  applyResults(limit: number): Promise<readonly AppliedResult[]>;
  /** Removes up to `limit` rows that nobody will ask for any more; returns how many. For housekeeping. */
  tidyReruns(limit: number): Promise<number>;
  /** The photo to be looked at, for a job that is still held; undefined if the lease was lost, or photo or re-run are gone. */
  beginLook(job: Job): Promise<Photo | undefined>;
  /** Keeps what was seen and ends the job; puts it into the photo at once if approved. The re-run as it is now; undefined, and nothing changes, when the job is no longer held. */
  saveLook(
    job: Job,
    look: { readonly engine: EngineRun; readonly detections: readonly EngineDetection[] },
  ): Promise<Rerun | undefined>;
  /** The photo keeps what it had. Answers as above. */
  saveLookFailure(job: Job, failure: Failure): Promise<Rerun | undefined>;
}
