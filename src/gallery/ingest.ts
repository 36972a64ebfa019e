// From a received file to a photo that is safe: verify, keep, record, in this order. Refuses by GalleryError and cleans up.
import { DarkroomError, GalleryError, mayPass } from './errors.ts';
import { sniffType } from './file-type.ts';
import type { KeyedLock } from './keyed-lock.ts';
import type { LinkDatabase } from './link-database.ts';
import { originalKey } from './media.ts';
import {
  cleanTitle,
  type MediaType,
  maxTitleLength,
  mediaTypes,
  type Photo,
  type Sha256,
  toldOf,
} from './photo.ts';
import type { PhotoDatabase, Recorded } from './photo-database.ts';
import type { Darkroom, EventHub, Inbox, MediaStore, Probe, ReceivedFile } from './ports.ts';
import type { Quota } from './quota.ts';
import type { VerificationDatabase } from './verification-database.ts';
import { machine, maySend, notAllowed, userOf, type Viewer } from './viewer.ts';

export interface IngestParts {
  readonly inbox: Inbox;
  readonly media: MediaStore;
  readonly darkroom: Darkroom;
  readonly photos: PhotoDatabase;
  readonly verification: Pick<VerificationDatabase, 'noteCheck' | 'findCheck'>;
  readonly links: Pick<LinkDatabase, 'takePlace' | 'giveBackPlace'>;
  readonly quota: Pick<Quota, 'within'>;
  readonly events: EventHub;
  readonly lockOriginal: KeyedLock;
  /** Brings the sidecar of these bytes up to date; never rejects. */
  readonly writeSidecar: (sha256: Sha256) => Promise<void>;
  /** A new job is in the queue. */
  readonly wakeJobs: () => void;
}

export type Ingest = (
  viewer: Viewer,
  file: ReceivedFile,
  title: string,
  isPrivate?: boolean,
) => Promise<Pick<Recorded, 'photo' | 'duplicate' | 'before'>>;

// Memory a megapixel while decoding, measured with sharp 0.35 and libheif 1.23: AVIF about 19 MB, HEIC 10 to 16, the others 1 to 5.
// The largest HEIC that phones write has 48 megapixels.
const largestMegapixels: Readonly<Record<MediaType, number>> = {
  'image/jpeg': 100,
  'image/png': 100,
  'image/webp': 100,
  'image/gif': 100,
  'image/avif': 50,
  'image/heic': 50,
};
const mostFrames = 1000;

/**
 * Resolves only when the original and its row are durable, and its sidecar, too, if that could be written. The received file is gone afterwards, unless it failed for a reason that
 * may pass: then it is still the caller's.
 * The same bytes again answer with the photo that exists; an original that had gone missing is put back by that.
 */
export function createIngest(parts: IngestParts): Ingest {
  return async (viewer, file, title, isPrivate = false) => {
    try {
      if (!maySend(viewer)) throw notAllowed('member');
      expectSomebody(viewer, isPrivate);
      return await inPlace(parts.links, viewer, () =>
        ingest(parts, viewer, file, { title: checkedTitle(title), isPrivate }),
      );
    } catch (error) {
      if (!mayPass(error)) await parts.inbox.discard(file.path);
      throw error;
    }
  };
}

/** Only somebody can be the only one who sees a photo. @throws GalleryError `bad-request`, before anybody else might see it */
export function expectSomebody(viewer: Viewer, isPrivate: boolean): void {
  if (!isPrivate || userOf(viewer) !== undefined) return;
  throw new GalleryError(
    'bad-request',
    'Only who has signed in can be the only one to see a photo; send it without private.',
    { field: 'private' },
  );
}

/** Compares with what the sender said. @throws GalleryError with this code when something else came. */
export function expectDigest(
  { sha256 }: Pick<ReceivedFile, 'sha256'>,
  expected: string | undefined,
  code: 'wrong-digest' | 'wrong-checksum',
): void {
  if (expected === undefined || expected === sha256) return;
  throw new GalleryError(code, 'The file did not arrive as it was sent; send it again.');
}

/**
 * A guest's link has so many places. One is taken before anything is kept: an original that was kept and then got no row would come back as
 * everybody's photo.
 */
async function inPlace<T extends Pick<Recorded, 'isResent'>>(
  links: IngestParts['links'],
  viewer: Viewer,
  work: () => Promise<T>,
): Promise<T> {
  if (viewer.kind !== 'guest') return await work();
  await links.takePlace(viewer);
  const done = await work().catch(async (error: unknown) => {
    await links.giveBackPlace(viewer);
    throw error;
  });
  // The same file once more has its place already; a place too few is no reason to refuse what is safe.
  if (done.isResent === true) await links.giveBackPlace(viewer).catch(() => undefined);
  return done;
}

async function ingest(
  parts: IngestParts,
  viewer: Viewer,
  file: ReceivedFile,
  given: { readonly title: string; readonly isPrivate: boolean },
) {
  const { inbox, media, photos, events } = parts;
  if (file.bytes === 0) throw new GalleryError('empty-file', 'The file is empty; choose it again.');
  const type = acceptedType(file.head);
  const [{ width, height, frames }] = await Promise.all([
    measure(parts.darkroom, file.path, type),
    inbox.settle(file.path),
  ]);
  const { sha256, bytes } = file;
  const keep = () =>
    parts.lockOriginal(sha256, async () => {
      // The file comes first: cut off behind it, an upload that says nothing would wait for others to let it in.
      if (given.isPrivate) await photos.expectPrivate(viewer, sha256);
      await media.put(originalKey(sha256, type), file.path);
      const recorded = await photos.recordPhoto(viewer, {
        ...given,
        sha256,
        bytes,
        type,
        width,
        height,
        frames,
      });
      await parts.writeSidecar(sha256);
      // What lay there was just replaced by what came, byte by byte as it should be.
      if (recorded.duplicate || (await isKnownDamaged(parts, recorded.photo)))
        await parts.verification.noteCheck(sha256);
      const { before, photo } = recorded;
      if (before !== undefined && isListed(before) && before.isPrivate !== photo.isPrivate)
        tellHidden(events, photo);
      // Its file was just put back or replaced: look at it again.
      if (!recorded.duplicate || photo.state !== 'failed') return recorded;
      parts.wakeJobs();
      return { ...recorded, photo: await photos.retryPhoto(machine, photo.id) };
    });
  const { photo, duplicate, before, isResent } = await parts.quota.within(
    viewer,
    { sha256, bytes, isPrivate: given.isPrivate },
    keep,
  );
  const isBack = before !== undefined && !isListed(before);
  // What waits is in no list yet; what comes back from the trash is in them again.
  if ((!duplicate || isBack) && photo.isWaiting !== true)
    events.publish({ kind: 'photo-added', ...toldOf(photo) });
  if (!duplicate) parts.wakeJobs();
  return {
    ...{ photo, duplicate },
    ...(before === undefined ? {} : { before }),
    ...(isResent === true ? { isResent } : {}),
  };
}

const isListed = ({ trashedAt, isWaiting }: Photo) => trashedAt === undefined && isWaiting !== true;

/** As what another person has with the same bytes. */
async function isKnownDamaged({ verification }: IngestParts, { id }: Photo): Promise<boolean> {
  return (await verification.findCheck(machine, id))?.fault !== undefined;
}

/** Sent once more, this time for oneself only. */
function tellHidden(events: EventHub, photo: Photo): void {
  const { id, state, owner } = photo;
  events.publish({ kind: 'photo-removed', id, ...(owner === undefined ? {} : { notFor: owner }) });
  events.publish({ kind: 'photo-changed', state, ...toldOf(photo) });
}

/** @throws GalleryError `title-too-long`. */
export function checkedTitle(text: string): string {
  const title = cleanTitle(text);
  if (title.length <= maxTitleLength) return title;
  throw new GalleryError(
    'title-too-long',
    `The title is longer than ${maxTitleLength} characters; shorten it.`,
    {
      limit: maxTitleLength,
    },
  );
}

function acceptedType(head: Uint8Array): MediaType {
  const type = sniffType(head);
  if (type !== undefined) return type;
  throw new GalleryError(
    'unsupported-type',
    'This is not a picture we know; send a JPEG, HEIC, PNG, WebP, AVIF or GIF.',
    {
      types: mediaTypes.join(', '),
    },
  );
}

async function measure(
  darkroom: Darkroom,
  path: string,
  type: MediaType,
): Promise<Probe & { kind: 'picture' }> {
  const probe = await darkroom.probe(path, type).catch(translateLoss);
  if (probe.kind === 'unreadable') {
    throw new GalleryError(
      'unreadable',
      'The picture cannot be read; it may be damaged. Try to save or send it again.',
    );
  }
  const limit = largestMegapixels[type];
  const megapixels = (probe.width * probe.height) / 1_000_000;
  if (megapixels > limit) {
    const facts = { limit, megapixels: Math.round(megapixels) };
    throw new GalleryError(
      'too-many-pixels',
      `The picture has more than ${limit} megapixels; make it smaller.`,
      facts,
    );
  }
  if (probe.frames > mostFrames) {
    throw new GalleryError(
      'too-many-frames',
      `The animation has more than ${mostFrames} frames; shorten it.`,
      {
        limit: mostFrames,
      },
    );
  }
  return probe;
}

// A header that ends whoever reads it, twice, is not one that we want to keep. One that took too long may have met a busy machine.
function translateLoss(error: unknown): Probe {
  if (!(error instanceof DarkroomError)) throw error;
  const isOurs = ['closed', 'not-started', 'timed-out'].includes(error.code);
  if (!isOurs) return { kind: 'unreadable' };
  throw new GalleryError(
    'unavailable',
    'Sajin can open no pictures right now; try again in a moment.',
    {},
    { cause: error },
  );
}
