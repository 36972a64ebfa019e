// The manifest of a backup: what is in it, how long each file is, and which digest it has. Believes no manifest that names anything outside.
import type { Sha256 } from '../gallery/photo.ts';

export interface Manifest {
  readonly takenAt: Date;
  /** Which one it is of; unknown of those that older versions made. */
  readonly gallery?: string | undefined;
  readonly database: {
    readonly bytes: number;
    readonly sha256: Sha256;
    readonly schema: number;
    readonly photos: number;
  };
  /** Names inside the backup; each holds its digest. */
  readonly originals: readonly { readonly name: string; readonly bytes: number }[];
  /** Of these there is no whole copy. */
  readonly damaged: readonly string[];
  /** Sidecars, and what is left of damaged originals: in an archive, where nothing changes any more. */
  readonly others?: readonly OtherFile[];
}

export interface OtherFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: Sha256;
}

export const [databaseFile, manifestFile] = ['gallery.db', 'manifest.json'] as const;
const format = 'sajin-backup';

/** Of its folder. */
export const snapshotName = (moment: Date) => moment.toISOString().replaceAll(':', '-');

export function formatManifest({ originals, others, ...rest }: Manifest): string {
  const lists = {
    originals: originals.map(({ name, bytes }) => [name, bytes]),
    ...(others && { others: others.map(({ name, bytes, sha256 }) => [name, bytes, sha256]) }),
  };
  return `${JSON.stringify({ format, version: 1, ...rest, ...lists })}\n`;
}

const originalName = /^originals\/[0-9a-f]{2}\/[0-9a-f]{64}\.[a-z]+$/;
const otherName = /^originals\/[0-9a-f]{2}\/[0-9a-f]{64}\.[a-z]+\.(json|damaged)$/;

/** Trusts the shape of what says that it is a manifest, and no name that could lead elsewhere. Undefined for what is none. */
export function parseManifest(text: string): Manifest | undefined {
  try {
    return toManifest(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function toManifest(plain: {
  readonly format: string;
  readonly version: number;
  readonly takenAt: string;
  readonly gallery?: string;
  readonly database: Manifest['database'];
  readonly originals: readonly (readonly [string, number])[];
  readonly damaged: readonly string[];
  readonly others?: readonly (readonly [string, number, Sha256])[];
}): Manifest | undefined {
  if (plain.format !== format || plain.version !== 1) return undefined;
  const originals = plain.originals.map(([name, bytes]) => ({ name, bytes }));
  if (!originals.every(({ name }) => originalName.test(name))) return undefined;
  const others = plain.others?.map(([name, bytes, sha256]) => ({ name, bytes, sha256 }));
  if (others?.every(({ name }) => otherName.test(name)) === false) return undefined;
  const { database, damaged, gallery } = plain;
  return {
    takenAt: new Date(plain.takenAt),
    ...(gallery !== undefined && { gallery }),
    database,
    originals,
    damaged,
    ...(others && { others }),
  };
}
