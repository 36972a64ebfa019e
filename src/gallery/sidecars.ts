// Brings the small files beside originals up to date with the rows: an upload's before its answer, all others soon after, and what a
// crash left at the next start. A file that can't be written stays due and is tried again; nothing else waits for it.
import type { Log } from '../log.ts';
import type { KeyedLock } from './keyed-lock.ts';
import { digestOf, type MediaKey, originalKey, sidecarKey, typeOf } from './media.ts';
import type { MediaType, Sha256 } from './photo.ts';
import type { EventHub, Inbox, MediaStore } from './ports.ts';
import { formatSidecar, mostSidecarBytes, parseSidecar, type Sidecar } from './sidecar.ts';
import type { SidecarDatabase } from './sidecar-database.ts';

export interface SidecarParts {
  readonly sidecars: SidecarDatabase;
  readonly media: MediaStore;
  readonly inbox: Inbox;
  readonly events: EventHub;
  readonly lockOriginal: KeyedLock;
  readonly log: Log;
}

export interface Sidecars {
  /**
   * Writes the sidecar of these bytes if it is due. Call inside their lock. Never rejects: the original and its row are safe already, so
   * a sidecar that can't be written now is no reason to refuse a photo.
   */
  write(sha256: Sha256): Promise<void>;
  /** Writes everything that is due now, one after the other; returns how many could not be written. */
  drain(): Promise<number>;
  /** Something is due that no event tells of. */
  wake(): void;
  /** From now on writes what becomes due, beginning with what an earlier run left. */
  resume(): void;
  /** Writes what is due, for at most two seconds; what is left waits for the next `resume`. */
  close(): Promise<void>;
}

const readAtOnce = 100;
/** Several changes in a row, as when somebody corrects a photo, are one file. */
const restMs = 200;
const tryAgainMs = 60_000;
/** Some hundreds of files; whoever waits for the program to end waits for its uploads, too. */
const longestCloseMs = 2_000;

export function createSidecars(parts: SidecarParts): Sidecars {
  let closed = false;
  let isResumed = false;
  let running: Promise<void> | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  let unsubscribe = () => {};

  const attempt = (sha256: Sha256): Promise<boolean> =>
    writeDue(parts, sha256).then(
      () => true,
      (error: unknown) => {
        parts.log.warn({ err: error, sha256 }, 'a sidecar could not be written; tried again soon');
        return false;
      },
    );
  const drain = async () => {
    let failed = 0;
    for (let after: number | undefined; !closed; ) {
      const due = await parts.sidecars.listDueSidecars(readAtOnce, after);
      if (due.length === 0) break;
      for (const { sha256 } of due) {
        if (closed) break;
        if (!(await parts.lockOriginal(sha256, () => attempt(sha256)))) failed += 1;
      }
      after = due.at(-1)?.note;
    }
    return failed;
  };
  const wakeIn = (ms: number) => {
    if (closed || !isResumed) return;
    clearTimeout(timer);
    timer = setTimeout(wake, ms).unref();
  };
  const wake = () => {
    again = running !== undefined;
    running ??= drain()
      .then((failed) => {
        if (failed > 0) wakeIn(tryAgainMs);
      })
      .catch((error: unknown) => {
        parts.log.error({ err: error }, 'sidecars that are due could not be read; tried again soon');
        wakeIn(tryAgainMs);
      })
      .finally(() => {
        running = undefined;
        if (again) wakeIn(restMs);
      });
  };

  return {
    async write(sha256) {
      if (!(await attempt(sha256))) wakeIn(tryAgainMs);
    },
    drain,
    wake: () => wakeIn(restMs),
    resume() {
      isResumed = true;
      unsubscribe = parts.events.subscribe(({ kind }) => {
        if (kind.startsWith('photo-')) wakeIn(restMs);
      });
      wake();
    },
    async close() {
      unsubscribe();
      clearTimeout(timer);
      const wasResumed = isResumed;
      isResumed = false;
      const end = setTimeout(() => {
        closed = true;
      }, longestCloseMs);
      await running;
      if (wasResumed) await drain().catch(() => undefined);
      clearTimeout(end);
      closed = true;
    },
  };
}

async function writeDue({ sidecars, inbox, media }: SidecarParts, sha256: Sha256): Promise<void> {
  const due = await sidecars.findDueSidecar(sha256);
  if (due === undefined) return;
  // The file of bytes that are no photo any more goes with the original, by whoever removes that.
  if (due.sidecar !== undefined) {
    const { path } = await inbox.write(formatSidecar(due.sidecar));
    await media.put(sidecarKey(sha256, due.sidecar.type), path).catch(async (error: unknown) => {
      await inbox.discard(path);
      throw error;
    });
  }
  await sidecars.settleSidecar(due);
}

/** What the file beside an original says; undefined when there is none, or none that holds together. */
export async function readSidecar(
  media: MediaStore,
  sha256: Sha256,
  type: MediaType,
): Promise<Sidecar | undefined> {
  const text = await readText(media, sidecarKey(sha256, type));
  const sidecar = text === undefined ? undefined : parseSidecar(text);
  return sidecar?.sha256 === sha256 && sidecar.type === type ? sidecar : undefined;
}

/** What sidecars tell of that is not there: photos whose original somebody took away, or lost. */
export async function* listBereft(media: MediaStore): AsyncIterable<Sidecar> {
  for await (const { key } of media.list('sidecars')) {
    const [sha256, type] = [digestOf(key), typeOf(key)];
    if (sha256 === undefined || type === undefined) continue;
    if ((await media.stat(originalKey(sha256, type))) !== undefined) continue;
    const sidecar = await readSidecar(media, sha256, type);
    if (sidecar !== undefined) yield sidecar;
  }
}

async function readText(media: MediaStore, key: MediaKey): Promise<string | undefined> {
  const opened = await media.read(key);
  if (opened === undefined) return undefined;
  if (opened.bytes > mostSidecarBytes) {
    opened.stream.destroy();
    return undefined;
  }
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of opened.stream) text += decoder.decode(chunk as Uint8Array, { stream: true });
  return text + decoder.decode();
}
