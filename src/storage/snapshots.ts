// Snapshots of the database in a folder of backups: each in a folder of its own, named by its moment, with a manifest that is written last.
// What is not whole has not got its name yet. Knows files, not photos.
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GalleryError } from '../gallery/errors.ts';
import type { Sha256 } from '../gallery/photo.ts';
import { openDigest } from './copy.ts';
import { codeOf, syncPath } from './durable.ts';

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
  /** Names inside the folder of backups; each holds its digest. */
  readonly originals: readonly { readonly name: string; readonly bytes: number }[];
  /** Of these there is no whole copy. */
  readonly damaged: readonly string[];
}

export interface Snapshot extends Manifest {
  readonly name: string;
  /** Of the database. */
  readonly path: string;
}

export interface Snapshots {
  /** Whole ones, latest first. */
  list(): Promise<readonly Snapshot[]>;
  /** Is there one whose manifest can't be read? Then nobody knows what it needs. */
  hasUnreadable(): Promise<boolean>;
  /** Copies and reads again what was copied. Resolves when it survives a power cut. */
  add(
    database: string,
    facts: Omit<Manifest, 'database'> & { readonly schema: number; readonly photos: number },
  ): Promise<Snapshot>;
  remove(name: string): Promise<void>;
}

const draftPrefix = '.draft-';
const [databaseFile, manifestFile] = ['gallery.db', 'manifest.json'] as const;
const format = 'sajin-backup';

/** @param folder made when missing */
export async function openSnapshots(folder: string): Promise<Snapshots> {
  await mkdir(folder, { recursive: true });
  const read = async (name: string): Promise<Snapshot | undefined> => {
    const manifest = await readManifest(join(folder, name, manifestFile));
    return manifest && { ...manifest, name, path: join(folder, name, databaseFile) };
  };
  const names = async () =>
    (await readdir(folder))
      .filter((name) => !name.startsWith('.'))
      .sort()
      .reverse();
  return {
    async list() {
      const found = await Promise.all((await names()).map(read));
      return found.filter((snapshot) => snapshot !== undefined);
    },
    async hasUnreadable() {
      const found = await Promise.all((await names()).map(read));
      return found.some((snapshot) => snapshot === undefined);
    },
    async add(database, { schema, photos, ...rest }) {
      await sweepDrafts(folder);
      const draft = join(folder, `${draftPrefix}${randomUUID()}`);
      await mkdir(draft);
      const copy = await copyFile(database, join(draft, databaseFile));
      const manifest = { ...rest, database: { ...copy, schema, photos } };
      await writeFile(join(draft, manifestFile), formatManifest(manifest));
      for (const path of [join(draft, manifestFile), draft]) await syncPath(path);
      const name = nameOf(rest.takenAt);
      await rename(draft, join(folder, name));
      await syncPath(folder);
      return { ...manifest, name, path: join(folder, name, databaseFile) };
    },
    async remove(name) {
      // Loses its name first: half a snapshot must not look like one.
      const doomed = join(folder, `${draftPrefix}${randomUUID()}`);
      await rename(join(folder, name), doomed);
      await rm(doomed, { recursive: true });
    },
  };
}

/** Bytes and digest of a file as it lies there now. */
export async function measureFile(path: string): Promise<{ bytes: number; sha256: Sha256 }> {
  const digest = openDigest();
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }))
    digest.add(chunk as Buffer);
  const { bytes, sha256 } = digest.end();
  return { bytes, sha256 };
}

const nameOf = (moment: Date) => moment.toISOString().replaceAll(':', '-');

async function copyFile(source: string, target: string): Promise<{ bytes: number; sha256: Sha256 }> {
  const wanted = await measureFile(source);
  await pipeline(createReadStream(source), createWriteStream(target, { flags: 'wx', mode: 0o600 }));
  await syncPath(target);
  const found = await measureFile(target);
  if (found.sha256 === wanted.sha256) return found;
  throw new GalleryError(
    'unavailable',
    'The disk of the backup does not give back what was written. Use another one.',
  );
}

/** An hour is more than a copy of the largest database takes. */
const oldDraftMs = 60 * 60 * 1000;

async function sweepDrafts(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((one) => one.startsWith(draftPrefix))) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    const isOld = found !== undefined && Date.now() - found.mtimeMs > oldDraftMs;
    if (isOld) await rm(join(folder, name), { recursive: true, force: true });
  }
}

const formatManifest = (manifest: Manifest) =>
  `${JSON.stringify({ format, version: 1, ...manifest, originals: manifest.originals.map(({ name, bytes }) => [name, bytes]) })}\n`;

async function readManifest(path: string): Promise<Manifest | undefined> {
  try {
    return toManifest(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (codeOf(error) === undefined || codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR')
      return undefined;
    throw error;
  }
}

const originalName = /^originals\/[0-9a-f]{2}\/[0-9a-f]{64}\.[a-z]+$/;

/** Trusts the shape of what says that it is a manifest, and no name that could lead elsewhere. */
function toManifest(plain: {
  readonly format: string;
  readonly version: number;
  readonly takenAt: string;
  readonly gallery?: string;
  readonly database: Manifest['database'];
  readonly originals: readonly (readonly [string, number])[];
  readonly damaged: readonly string[];
}): Manifest | undefined {
  if (plain.format !== format || plain.version !== 1) return undefined;
  const originals = plain.originals.map(([name, bytes]) => ({ name, bytes }));
  if (!originals.every(({ name }) => originalName.test(name))) return undefined;
  const { database, damaged, gallery } = plain;
  const of = gallery === undefined ? {} : { gallery };
  return { takenAt: new Date(plain.takenAt), ...of, database, originals, damaged };
}
