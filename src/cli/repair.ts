// `sajin repair DIR|FILE.tar`: originals that are missing, short or changed come back from a backup, one by one and over the gallery's own
// address, beside a server that runs or without one. Believes nothing but digests, neither manifests nor whose backups these are.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Config } from '../config.ts';
import { StartRefused } from '../database/open.ts';
import { listNoted, listOriginals, type NamedPhoto, photosOf } from '../database/originals.ts';
import { galleryIdOf } from '../database/snapshot.ts';
import { databaseName } from '../database/sqlite.ts';
import type { MediaSource, Original } from '../gallery/copy-originals.ts';
import { openDiskTrust } from '../gallery/disk-trust.ts';
import { originalKey } from '../gallery/media.ts';
import type { MediaStore } from '../gallery/ports.ts';
import { readSidecar } from '../gallery/sidecars.ts';
import { faultOf, type Repaired } from '../gallery/verification.ts';
import { openBackup } from '../storage/backup-source.ts';
import { openDisk } from '../storage/disk.ts';
import { hasOriginals, markedGallery } from '../storage/marker.ts';
import { type Command, UsageError } from './command.ts';
import { type GalleryClient, GalleryRefused, withGallery } from './gallery-client.ts';
import { complain, count, say, withConfig } from './settings.ts';

export const repair: Command = {
  usage: `repair DIR|FILE.tar      read all originals again and put those that are damaged or missing back from a backup, also
                         while the gallery runs; what is whole is never touched
repair --check DIR|FILE.tar
                         only say what that would do: reads everything, and changes nothing`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { check: { type: 'boolean', default: false } },
    });
    const [path, ...rest] = positionals;
    if (path === undefined || rest.length > 0)
      throw new UsageError('repair needs one folder of backups, or one archive.');
    return await withConfig(async (config) => {
      const places = await openPlaces(config, resolve(path));
      if (values.check) return await work(places);
      return await withGallery(config, (client) => work(places, client));
    });
  },
};

interface Places {
  /** Where the rows are. */
  readonly database: string;
  readonly here: MediaStore;
  readonly backup: MediaSource;
}

async function openPlaces({ uploadsDir }: Config, path: string): Promise<Places> {
  const database = join(uploadsDir, databaseName);
  if (!existsSync(database))
    throw new StartRefused(
      78,
      `There is no gallery in ${uploadsDir}. Is UPLOADS_DIR right? A database that is lost comes back with "sajin restore".`,
    );
  const { media: backup } = await openBackup(path);
  const here = openDisk(uploadsDir, openDiskTrust(), galleryIdOf(database));
  // Else a disk that is not mounted has lost every original. One of before there were markers is marked by the next start.
  if (markedGallery(uploadsDir) !== undefined || !hasOriginals(uploadsDir)) await here.check();
  return { database, here, backup };
}

interface Lost {
  readonly photos: readonly NamedPhoto[];
  /** What is wrong with it, in words. */
  readonly why: string;
  readonly isInBackup: boolean;
}

interface Tally {
  readonly originals: number;
  mended: number;
  readonly lost: Lost[];
}

/** @param client absent when nothing is to be changed */
async function work(places: Places, client?: GalleryClient): Promise<number> {
  const originals = listOriginals(places.database);
  const tally: Tally = { originals: originals.length, mended: 0, lost: [] };
  try {
    const noted = client === undefined ? undefined : listNoted(places.database);
    for (const [at, original] of originals.entries()) {
      if (at > 0 && at % 1000 === 0) complain(`${at} of ${originals.length} originals`);
      const fault = await faultOf(places.here, original);
      if (fault !== undefined) await mend(places, original, fault, tally, client);
      else if (client !== undefined) await tend(places.here, original, noted?.has(original.sha256), client);
    }
  } catch (error) {
    if (tally.mended > 0 && client !== undefined)
      complain(`${count(tally.mended, 'original was', 'originals were')} put back before this:`);
    throw error;
  }
  return report(tally, client !== undefined);
}

async function mend(
  { database, here, backup }: Places,
  original: Original,
  fault: string,
  tally: Tally,
  client: GalleryClient | undefined,
): Promise<void> {
  const there = await faultOf(backup, original);
  const left = client === undefined ? there && fault : await putBack(backup, original, there, client);
  if (left === undefined) {
    tally.mended += 1;
    return;
  }
  const photos = photosOf(database, original.sha256);
  // Removed meanwhile, or added once more, which puts it right, too.
  if (photos.length === 0 || (await faultOf(here, original)) === undefined) return;
  tally.lost.push({
    photos,
    why: there === undefined ? `${fault} here, ${left}` : `${fault} here, ${there} in the backup`,
    isInBackup: there === undefined,
  });
}

/**
 * The gallery compares what comes with what is wanted, puts it in place as any upload, and reads it again there.
 * @returns what is wrong still
 */
async function putBack(
  backup: MediaSource,
  { sha256, type }: Original,
  there: string | undefined,
  client: GalleryClient,
): Promise<string | undefined> {
  const address = addressOf(sha256);
  try {
    const opened = there === undefined ? await backup.read(originalKey(sha256, type)) : undefined;
    // Without a copy it is only looked at, so that the page knows of it.
    const { fault } = await (opened === undefined
      ? client.post<Repaired>(address)
      : client.send<Repaired>(address, opened.stream));
    return fault === undefined ? undefined : `${fault} again after it was put back`;
  } catch (error) {
    if (!(error instanceof GalleryRefused) || isForAll(error)) throw error;
    return `and could not be put back: ${error.message}`;
  }
}

/** No other original would fare better. */
const isForAll = ({ code }: GalleryRefused) => code === undefined || refusals.includes(code);
const refusals = [
  'disk-full',
  'read-only',
  'database-damaged',
  'unavailable',
  'busy',
  'signed-out',
  'not-allowed',
];

/** A whole one of which something else is said, as after a file was copied by hand, or that lacks what lies beside it. */
async function tend(
  here: MediaStore,
  { sha256, type }: Original,
  isNoted: boolean | undefined,
  client: GalleryClient,
): Promise<void> {
  if (isNoted !== true && (await readSidecar(here, sha256, type)) !== undefined) return;
  await client.post(addressOf(sha256)).catch((error: unknown) => {
    if (!(error instanceof GalleryRefused) || isForAll(error)) throw error;
  });
}

const addressOf = (sha256: string) => `/verification/${sha256}`;

function report({ originals, mended, lost }: Tally, isDone: boolean): number {
  const damaged = mended + lost.length;
  if (damaged === 0) {
    say(`${count(originals, 'original')}: as they came. There is nothing to put back.`);
    return 0;
  }
  const [were, are] = isDone ? ['were', 'put back'] : ['are', 'would be put back'];
  say(`${damaged} of ${count(originals, 'original')} ${were} damaged or missing; ${mended} ${are}.`);
  if (lost.length === 0) return 0;
  sayLost(
    'Of these there is no whole copy in this backup; try another one, or add the pictures once more:',
    lost.filter(({ isInBackup }) => !isInBackup),
  );
  sayLost(
    'Of these there is a whole copy in this backup, and still they are not well:',
    lost.filter(({ isInBackup }) => isInBackup),
  );
  return 1;
}

function sayLost(sentence: string, lost: readonly Lost[]): void {
  if (lost.length > 0) say(sentence);
  for (const { photos, why } of lost)
    for (const { id, title } of photos) say(`  ${why}: ${id} ${title}`.trimEnd());
}
