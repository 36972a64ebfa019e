// Snapshots of the database in a folder of backups: each in a folder of its own, named by its moment, with a manifest that is written last.
// What is not whole has not got its name yet. Knows files, not photos.
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GalleryError } from '../gallery/errors.ts';
import type { Sha256 } from '../gallery/photo.ts';
import { openDigest } from './copy.ts';
import { codeOf, syncPath } from './durable.ts';
import {
  databaseFile,
  formatManifest,
  type Manifest,
  manifestFile,
  parseManifest,
  snapshotName,
} from './manifest.ts';

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
  /** Its database, whose digest was not looked at. The caller consumes or destroys the stream. */
  read(name: string): Readable;
  remove(name: string): Promise<void>;
}

const draftPrefix = '.draft-';

export async function openSnapshots(folder: string): Promise<Snapshots> {
  const read = async (name: string): Promise<Snapshot | undefined> => {
    const manifest = await readManifest(join(folder, name, manifestFile));
    return manifest && { ...manifest, name, path: join(folder, name, databaseFile) };
  };
  const names = async () =>
    (await readdir(folder).catch(unlessAbsent))
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
      await mkdir(folder, { recursive: true });
      await sweepDrafts(folder);
      const draft = join(folder, `${draftPrefix}${randomUUID()}`);
      await mkdir(draft);
      const copy = await copyFile(database, join(draft, databaseFile));
      const manifest = { ...rest, database: { ...copy, schema, photos } };
      await writeFile(join(draft, manifestFile), formatManifest(manifest));
      for (const path of [join(draft, manifestFile), draft]) await syncPath(path);
      const name = snapshotName(rest.takenAt);
      await rename(draft, join(folder, name));
      await syncPath(folder);
      return { ...manifest, name, path: join(folder, name, databaseFile) };
    },
    read: (name) => readWhole(join(folder, name, databaseFile)),
    async remove(name) {
      // Loses its name first: half a snapshot must not look like one.
      const doomed = join(folder, `${draftPrefix}${randomUUID()}`);
      await rename(join(folder, name), doomed);
      await rm(doomed, { recursive: true });
    },
  };
}

/** Bytes and digest of what comes. */
export async function measure(stream: Readable): Promise<{ bytes: number; sha256: Sha256 }> {
  const digest = openDigest();
  for await (const chunk of stream) digest.add(chunk as Buffer);
  const { bytes, sha256 } = digest.end();
  return { bytes, sha256 };
}

const readWhole = (path: string) => createReadStream(path, { highWaterMark: 256 * 1024 });

async function copyFile(source: string, target: string): Promise<{ bytes: number; sha256: Sha256 }> {
  const wanted = await measure(readWhole(source));
  await pipeline(readWhole(source), createWriteStream(target, { flags: 'wx', mode: 0o600 }));
  await syncPath(target);
  const found = await measure(readWhole(target));
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

async function readManifest(path: string): Promise<Manifest | undefined> {
  try {
    return parseManifest(await readFile(path, 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Nobody has made a snapshot there yet. */
function unlessAbsent(error: unknown): string[] {
  if (codeOf(error) === 'ENOENT') return [];
  throw error;
}
