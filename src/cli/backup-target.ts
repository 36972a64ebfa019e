// Where `sajin backup` copies to, whichever it is: a folder, which holds earlier backups, too, or one archive.
import type { SnapshotFacts } from '../database/snapshot.ts';
import type { CopyOutcome, Original } from '../gallery/copy-originals.ts';
import type { Manifest } from '../storage/manifest.ts';

/** What the backup is of, and what was asked for. */
export interface Task {
  readonly uploadsDir: string;
  /** Of the database that runs. */
  readonly path: string;
  /** Which one it is; unknown of one that an older Sajin wrote, and none has opened since. */
  readonly gallery: string | undefined;
  readonly takenAt: Date;
  readonly taken: SnapshotFacts;
  readonly verify: boolean;
  readonly forget: boolean;
}

export interface BackupTarget {
  /** The original, read again after it was written, and what is written beside it. */
  copy(original: Original): Promise<CopyOutcome>;
  /** Resolves when the backup is whole, read again, and survives a power cut: with 1 if something that is older there is damaged, else 0. */
  keep(draft: string, facts: SnapshotRecord): Promise<0 | 1>;
  /** Nothing that was not kept is left where it looks like a backup. */
  release(): Promise<void>;
}

/** For the manifest. */
export type SnapshotRecord = Omit<Manifest, 'database'> & {
  readonly schema: number;
  readonly photos: number;
};

export const isLost = (outcome: CopyOutcome | undefined) => outcome === 'damaged' || outcome === 'missing';

/** Who deletes a tenth of all photos is asked whether they meant it. */
const fewest = 0.9;

/** As after a disk that was not mounted, or a gallery begun anew: then the old backups are the ones that matter. */
export const isSuspicious = (photos: number, before: number) => photos < before * fewest;
