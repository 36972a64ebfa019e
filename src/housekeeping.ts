// What is done now and then while a gallery runs: sweeping, putting files and rows together, catching up after an update.
import type { Gallery } from './gallery/gallery.ts';
import type { Note } from './gallery/notes.ts';
import type { UnfinishedUploads } from './gallery/ports.ts';
import type { Log } from './log.ts';

const sweepEveryMs = 15 * 60 * 1000;
const reconcileEveryMs = 24 * 60 * 60 * 1000;

export interface HousekeepingParts {
  readonly unfinished: Pick<UnfinishedUploads, 'deleteExpired'>;
  /** For whoever runs the gallery; the log is for whoever runs the machine. */
  readonly note: Note;
  /** Once a day: figures for the database's planner. */
  readonly optimize: () => Promise<void>;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Sweeps what interrupted uploads left, now and every quarter of an hour; reconciles now and once a day. */
export function startHousekeeping(gallery: Gallery, parts: HousekeepingParts): () => Promise<void> {
  const { unfinished, note, optimize, log, now } = parts;
  const abort = new AbortController();
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!abort.signal.aborted) log.error({ err: error }, 'housekeeping failed');
    }
  };
  const sweep = () =>
    attempt(async () => {
      await gallery.tidy(abort.signal);
      const files = (await gallery.sweepInbox()) + (await unfinished.deleteExpired());
      if (files > 0) log.info({ files }, 'removed unfinished uploads');
    });
  const reconcile = () =>
    attempt(async () => {
      const found = await gallery.reconcile(abort.signal);
      if (found.deleted + found.adopted > 0) log.info(found, 'put files and rows together again');
      if (found.unreadable > 0)
        log.warn(found, 'originals that no photo points to and nobody can read were left alone');
    });
  const recalibrate = () =>
    attempt(async () => {
      const photos = await gallery.recalibrate(abort.signal);
      if (photos > 0) log.info({ photos }, 'worked out anew how sure each label is');
    });
  const expire = () =>
    attempt(async () => {
      const photos = await gallery.expireTrash(new Date(now()), abort.signal);
      if (photos > 0) {
        log.info({ photos }, 'removed what had been in the trash for 30 days');
        await note({ actor: '', action: 'trash-expired', subject: String(photos) });
      }
      const links = await gallery.forgetLinks(new Date(now()));
      if (links > 0) log.info({ links }, 'forgot links that had been over for 90 days');
    });
  let running = sweep().then(recalibrate).then(expire).then(reconcile);
  const timers = [
    setInterval(() => void sweep(), sweepEveryMs),
    setInterval(() => {
      running = expire()
        .then(reconcile)
        .then(() => attempt(optimize));
    }, reconcileEveryMs),
  ];
  for (const timer of timers) timer.unref();
  return async () => {
    for (const timer of timers) clearInterval(timer);
    abort.abort();
    await running;
  };
}
