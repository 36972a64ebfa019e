// The contract of whatever remembers which sidecars are behind the rows. The comment on a method is the promise that test/contracts/
// holds every implementation to. Everything may reject with GalleryError('busy' | 'disk-full' | 'unavailable').
import type { Sha256 } from './photo.ts';
import type { Sidecar } from './sidecar.ts';

/** A note that the sidecar of these bytes does not say what the rows say. Later notes have larger numbers. */
export interface DueNote {
  readonly note: number;
  readonly sha256: Sha256;
}

export interface DueSidecar extends DueNote {
  /** What it has to say now; absent when no photo has these bytes any more. */
  readonly sidecar?: Sidecar;
}

/**
 * An outbox: every change of what a sidecar says (a photo comes, goes, is named, corrected, taken back) leaves a note in its own
 * transaction, so that no crash can lose one.
 */
export interface SidecarDatabase {
  /** The oldest notes that are younger than `after`. */
  listDueSidecars(limit: number, after?: number): Promise<readonly DueNote[]>;
  /** Undefined when nothing is due about these bytes. */
  findDueSidecar(sha256: Sha256): Promise<DueSidecar | undefined>;
  /** It was written. What changed since the note was read has left a larger one, which stays. */
  settleSidecar(due: DueNote): Promise<void>;
  /** Its file is gone or can't be read: it is to be written anew. Fine when no photo has these bytes. */
  noteSidecar(sha256: Sha256): Promise<void>;
}
