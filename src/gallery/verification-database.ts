// The contract of whatever remembers when each original was last read, and what was wrong with it then. The comment on a method is the
// promise that test/contracts/ holds every implementation to. Everything may reject with GalleryError('busy' | 'disk-full' | 'unavailable').
import type { MediaType, PhotoCard, PhotoId, PhotoState, Rendition, Sha256, Told } from './photo.ts';
import type { Viewer } from './viewer.ts';

/** `short`: not as long as it was; `changed`: as long, but not the same bytes; `unreadable`: the disk gives it no more. */
export const originalFaults = ['missing', 'short', 'changed', 'unreadable'] as const;
export type OriginalFault = (typeof originalFaults)[number];

export interface OriginalToCheck {
  readonly sha256: Sha256;
  readonly bytes: number;
  readonly type: MediaType;
  /** Every photo that has these bytes. */
  readonly photos: readonly (Told & {
    readonly state: PhotoState;
    readonly renditions: readonly Rendition[];
  })[];
}

export interface Check {
  /** When these bytes were last read and compared: at the upload, or since. Absent when nobody knows. */
  readonly checkedAt?: Date;
  readonly fault?: OriginalFault;
}

export interface DamagedPhoto extends Check {
  readonly photo: PhotoCard;
  readonly fault: OriginalFault;
}

export interface CheckSummary {
  readonly originals: number;
  /** Photos whose original is damaged. */
  readonly damaged: number;
  /** Originals that somebody wants to have checked and that are still to come. */
  readonly left: number;
  /** How many were not checked since `before`. */
  readonly overdue: number;
}

export const nothingToCheck: CheckSummary = { originals: 0, damaged: 0, left: 0, overdue: 0 };

/** Of the database itself, rather than of the files. */
export interface DatabaseHealth {
  /** Reads all of it again, in the background; once for whoever asks meanwhile. */
  check(): void;
  status(): DatabaseStatus;
}

export interface DatabaseStatus {
  /** When it was last read as a whole and was in order. */
  readonly checkedAt?: Date;
  /** It was not in order; from then on one may only look. */
  readonly isDamaged: boolean;
  readonly isReading: boolean;
}

export interface VerificationDatabase {
  /** The original that was not checked for the longest, if that is since before this moment, or since before `askFor`. */
  findNextOriginal(before: Date): Promise<OriginalToCheck | undefined>;
  /** Undefined when this viewer sees no photo with these bytes; else with all that have them, seen or not. */
  findOriginal(viewer: Viewer, sha256: Sha256): Promise<OriginalToCheck | undefined>;
  /** Keeps what was found now. True when that is other than what was known. Fine when the photo is gone. */
  noteCheck(sha256: Sha256, fault?: OriginalFault): Promise<boolean>;
  /** Whatever was last checked before this moment is to be checked as soon as may be. */
  askFor(before: Date): Promise<void>;
  /** Puts photos with these bytes that are `done` to `waiting`, with a job each: their renditions are made again. */
  redevelop(sha256: Sha256): Promise<readonly Told[]>;
  /** Files without a photo that could not become one; in place of those that were noted before. */
  noteStrays(keys: readonly string[]): Promise<void>;
  /** Of what is about the whole gallery, who does not run it is told nothing: no names, and 0 everywhere. */
  listStrays(viewer: Viewer): Promise<readonly string[]>;
  summarizeChecks(viewer: Viewer, before: Date): Promise<CheckSummary>;
  /** Newest first; at most `limit`, all older than `before`. Costs the number of those. */
  // Only photos that the viewer sees; the summary counts all.
  listDamaged(viewer: Viewer, limit: number, before?: PhotoId): Promise<readonly DamagedPhoto[]>;
  /** Undefined for a photo that is not there. */
  findCheck(viewer: Viewer, id: PhotoId): Promise<Check | undefined>;
}
