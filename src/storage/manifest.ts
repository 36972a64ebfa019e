// The manifest of a backup: what is in it, how long each file is, and which digest it has. Believes no manifest that names anything outside.
import { z } from 'zod';
import { isSha256, type Sha256 } from '../gallery/photo.ts';

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

const count = z.int().min(0);
const digest = z.custom<Sha256>(isSha256);

const plainManifest = z.object({
  format: z.literal(format),
  version: z.literal(1),
  takenAt: z.iso.datetime().transform((text) => new Date(text)),
  gallery: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .exactOptional(),
  database: z.object({ bytes: count, sha256: digest, schema: count, photos: count }),
  originals: z
    .tuple([z.string().regex(originalName), count])
    .transform(([name, bytes]) => ({ name, bytes }))
    .array(),
  damaged: z.string().array(),
  others: z
    .tuple([z.string().regex(otherName), count, digest])
    .transform(([name, bytes, sha256]) => ({ name, bytes, sha256 }))
    .array()
    .exactOptional(),
});

/** Undefined for what is no manifest, or names what could lead elsewhere. */
export function parseManifest(text: string): Manifest | undefined {
  try {
    const { format: _format, version: _version, ...manifest } = plainManifest.parse(JSON.parse(text));
    return manifest;
  } catch {
    return undefined;
  }
}
