// Originals into another store and back, each compared with its name on the way. Believes no copy that it has not read.
import { GalleryError } from './errors.ts';
import { type MediaKey, originalKey, sidecarKey } from './media.ts';
import type { MediaType, Sha256 } from './photo.ts';
import type { Inbox, MediaStore } from './ports.ts';
import { storedDigest } from './stored-digest.ts';

export interface Original {
  readonly sha256: Sha256;
  readonly bytes: number;
  readonly type: MediaType;
}

/** What is only read: a gallery, or a backup of one. */
export type MediaSource = Pick<MediaStore, 'stat' | 'read'>;

export interface CopyPlaces {
  readonly from: MediaSource;
  readonly to: MediaSource & Pick<MediaStore, 'put'>;
  /** Of `to`. */
  readonly inbox: Pick<Inbox, 'receive' | 'discard'>;
  /** Where what is left of a damaged one goes: beside its place, or into it, if nothing lies there. */
  readonly rest: 'apart' | 'in-place';
}

/** `replaced`: what lay there was not whole. `missing`: neither store has anything of it, or not where it should be. */
export type CopyOutcome = 'present' | 'copied' | 'replaced' | 'damaged' | 'missing';

/**
 * @param trust length and name are enough for what is there already; else it is read
 * Rejects `disk-full`; `unavailable` when a disk does not give back what was just written to it
 */
export async function copyOriginal(
  places: CopyPlaces,
  original: Original,
  trust: boolean,
): Promise<CopyOutcome> {
  const { to } = places;
  const key = originalKey(original.sha256, original.type);
  if (await isWhole(to, key, original, trust)) return 'present';
  const path = await fetchWhole(places, key, original.sha256);
  if (path === undefined) return await copyRest(places, key);
  const isNew = (await to.stat(key)) === undefined;
  await to.put(key, path);
  if (await isWhole(to, key, original, false)) return isNew ? 'copied' : 'replaced';
  throw new GalleryError(
    'unavailable',
    'The disk that was written to does not give back what was written. Use another one.',
  );
}

/** Is the file there and, unless that is to be believed, every byte of it right? */
export async function isWhole(
  media: MediaSource,
  key: MediaKey,
  { sha256, bytes }: Original,
  trust = false,
): Promise<boolean> {
  if ((await media.stat(key))?.bytes !== bytes) return false;
  return trust || (await storedDigest(media, key))?.sha256 === sha256;
}

/** Those that are not there as they should be, by name. */
export async function listDamaged(
  media: MediaSource,
  originals: readonly Original[],
  others: readonly { readonly name: string; readonly sha256: Sha256 }[] = [],
): Promise<string[]> {
  const lost: string[] = [];
  for (const original of originals) {
    const key = originalKey(original.sha256, original.type);
    if (!(await isWhole(media, key, original))) lost.push(key);
  }
  for (const { name, sha256 } of others)
    if ((await storedDigest(media, name as MediaKey))?.sha256 !== sha256) lost.push(name);
  return lost;
}

async function fetchWhole(
  { from, inbox }: CopyPlaces,
  key: MediaKey,
  sha256: Sha256,
): Promise<string | undefined> {
  const received = await fetch(from, inbox, key);
  if (received === undefined || received.sha256 === sha256) return received?.path;
  await inbox.discard(received.path);
  return undefined;
}

/** A picture of which a piece is wrong may still show most of what it showed. */
async function copyRest({ from, to, inbox, rest }: CopyPlaces, key: MediaKey): Promise<CopyOutcome> {
  const apart = damagedKey(key);
  const received = (await fetch(from, inbox, key)) ?? (await fetch(from, inbox, apart));
  if (received === undefined) return (await from.stat(key)) === undefined ? 'missing' : 'damaged';
  const isTaken = rest === 'in-place' && (await to.stat(key)) !== undefined;
  if (isTaken) await inbox.discard(received.path);
  else await to.put(rest === 'apart' ? apart : key, received.path);
  return 'damaged';
}

const damagedKey = (key: MediaKey) => `${key}.damaged` as MediaKey;

// A disk that can't read one file must not keep the others from being copied.
async function fetch(from: MediaSource, inbox: CopyPlaces['inbox'], key: MediaKey) {
  try {
    const opened = await from.read(key);
    return opened === undefined ? undefined : await inbox.receive(opened.stream, Number.POSITIVE_INFINITY);
  } catch (error) {
    if (error instanceof GalleryError && error.code !== 'unavailable') throw error;
    return undefined;
  }
}

/** Always the latest: the folder of originals alone is enough to have the gallery back. */
export async function copySidecar(
  { from, to, inbox }: CopyPlaces,
  { sha256, type }: Original,
): Promise<void> {
  const key = sidecarKey(sha256, type);
  if (
    (await from.stat(key)) === undefined ||
    (await storedDigest(from, key))?.sha256 === (await storedDigest(to, key))?.sha256
  )
    return;
  const received = await fetch(from, inbox, key);
  if (received !== undefined) await to.put(key, received.path);
}
