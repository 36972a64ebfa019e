// Names of the files a gallery owns. Keys are made here only, from digests, so no visitor's string becomes a path.
import { type MediaType, mediaTypes, type RenditionSize, renditionSizes, type Sha256 } from './photo.ts';

declare const brand: unique symbol;

/** `originals/ab/<sha256>.jpg` or `renditions/ab/<sha256>-320.webp`: forward slashes, relative, no dots. */
export type MediaKey = string & { readonly [brand]: 'MediaKey' };

export const extensions: Readonly<Record<MediaType, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'image/gif': 'gif',
  'image/heic': 'heic',
};

export function originalKey(sha256: Sha256, type: MediaType): MediaKey {
  return `originals/${fan(sha256)}/${sha256}.${extensions[type]}` as MediaKey;
}

/** `originals/ab/<sha256>.jpg.json`: right beside what it tells of, also for whoever copies the folder by hand. */
export function sidecarKey(sha256: Sha256, type: MediaType): MediaKey {
  return `${originalKey(sha256, type)}.json` as MediaKey;
}

export function renditionKey(sha256: Sha256, size: RenditionSize): MediaKey {
  return `renditions/${fan(sha256)}/${sha256}-${size}.webp` as MediaKey;
}

/** Every file that a photo with these bytes may own. */
export const keysOf = (sha256: Sha256, type: MediaType): MediaKey[] => [
  originalKey(sha256, type),
  sidecarKey(sha256, type),
  ...renditionSizes.map((size) => renditionKey(sha256, size)),
];

/** What a gallery keeps in files. */
export type MediaKind = 'originals' | 'sidecars' | 'renditions';

export function kindOf(key: MediaKey): MediaKind {
  if (key.startsWith('renditions/')) return 'renditions';
  return key.endsWith('.json') ? 'sidecars' : 'originals';
}

/** The digest inside a key that `MediaStore.list` returned; undefined for a file that is not ours. */
export function digestOf(key: MediaKey): Sha256 | undefined {
  return /\/([0-9a-f]{64})[.-]/.exec(key)?.[1] as Sha256 | undefined;
}

/** The type of an original or of what its sidecar tells of, by the extension that `originalKey` gave it. */
export function typeOf(key: MediaKey): MediaType | undefined {
  const [, extension] = key.split('.');
  return mediaTypes.find((type) => extensions[type] === extension);
}

// 256 folders: 4,000 files in each at a million photos. A second level would make a new folder, to be synced with its
// parents, for nearly every photo of a young gallery.
const fan = (sha256: Sha256) => sha256.slice(0, 2);
