// Bare copies, looked for once: whoever has a link may ask as often as they like, and each look reads a file from end to end.
import { createHmac, randomBytes } from 'node:crypto';
import { openTurns, TurnRefused } from '../../security/turns.ts';
import { GalleryError } from '../errors.ts';
import { originalKey } from '../media.ts';
import type { Photo } from '../photo.ts';
import type { MediaStore } from '../ports.ts';
import { type Bare, bareCopy } from './bare.ts';
import { isRange } from './pieces.ts';

type Original = Pick<Photo, 'sha256' | 'type' | 'bytes'>;

export interface Copies {
  /**
   * Undefined when there is none, as `bareCopy`, and when the file is not as long as the row says. Rejects `busy` when too many are
   * looked for, or with the signal's reason: abort it when nobody waits for the copy any more.
   */
  find(original: Original, signal: AbortSignal): Promise<Bare | undefined>;
  /**
   * A name for the copy that is known before it is looked for, another one after each start. The original's digest would tell whoever
   * guesses what was left out whether they are right; this one only those who know a secret of ours.
   */
  tagOf(original: Pick<Original, 'sha256'>): string;
}

/** Each reads files from the same disk, and works in the same thread. */
const atOnce = 2;
const mostWaiting = 100;

/** Room for the copies of some ten thousand honest photos. */
const roomBytes = 8 * 1024 * 1024;

export function openCopies(media: Pick<MediaStore, 'read' | 'stat'>, mostBytes = roomBytes): Copies {
  const secret = randomBytes(32);
  const turns = openTurns({ atOnce, mostWaiting });
  const known = openKnown(mostBytes);

  const lookFor = async (original: Original, signal: AbortSignal) => {
    const release = await turns.take(signal).catch(translate);
    try {
      // Somebody before us may have looked for the same.
      const found = known.get(original.sha256) ?? { copy: await bareCopy(media, original, signal) };
      known.set(original.sha256, found);
      return found;
    } finally {
      release();
    }
  };

  return {
    async find(original, signal) {
      const file = await media.stat(originalKey(original.sha256, original.type));
      if (file?.bytes !== original.bytes) return undefined;
      return (known.get(original.sha256) ?? (await lookFor(original, signal))).copy;
    },
    tagOf: ({ sha256 }) => createHmac('sha256', secret).update(sha256).digest('base64url').slice(0, 27),
  };
}

function translate(error: unknown): never {
  if (!(error instanceof TurnRefused)) throw error;
  throw new GalleryError('busy', 'Too many copies are looked for; try again in a moment.');
}

/** Also that there is none. */
interface Found {
  readonly copy: Bare | undefined;
}

/** By digest: originals never change. Those that were asked for longest ago go first. */
function openKnown(mostBytes: number) {
  const all = new Map<string, Found>();
  let bytes = 0;
  const forget = (digest: string) => {
    const found = all.get(digest);
    if (found !== undefined && all.delete(digest)) bytes -= sizeOf(found);
  };
  const set = (digest: string, found: Found) => {
    forget(digest);
    all.set(digest, found);
    bytes += sizeOf(found);
    for (const oldest of all.keys()) {
      if (bytes <= mostBytes) return;
      forget(oldest);
    }
  };
  const get = (digest: string) => {
    const found = all.get(digest);
    if (found !== undefined) set(digest, found);
    return found;
  };
  return { get, set };
}

/** About what it takes in memory. */
const sizeOf = ({ copy }: Found): number =>
  (copy?.pieces ?? []).reduce((sum, piece) => sum + 64 + (isRange(piece) ? 0 : piece.length), 256);
