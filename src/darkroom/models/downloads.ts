// The downloads that run: one a model, in this process or another one on the same folder. Knows how far each has come, and how to stop it.
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../log.ts';
import { addressOf, type CatalogueEntry, fileNameOf } from './catalogue.ts';
import { DownloadFailed, type Patience, usualPatience } from './download.ts';
import { sizeOf } from './files.ts';
import { gather } from './gather.ts';
import { breakLock, isHeld, takeLock } from './lock.ts';
import { homeOf } from './stock.ts';

export interface DownloadsOptions {
  readonly modelsFolder: string;
  readonly mirror?: string;
  readonly patience?: Partial<Patience>;
  readonly log: Log;
  onChange?(what: 'progress' | 'models'): void;
}

export interface Progress {
  readonly bytes: number;
  readonly of?: number;
}

export interface Downloads {
  /** Fine when it runs already, here or elsewhere. `onEnd` gets one sentence when it failed, nothing when it did not. */
  begin(entry: CatalogueEntry, onEnd: (problem?: string) => Promise<void>): void;
  /** Resolves when it has stopped, if it runs here; elsewhere it stops within some seconds. */
  cancel(entry: CatalogueEntry): Promise<void>;
  /** Resolves when none of this model runs here. */
  ended(name: string): Promise<void>;
  /** Undefined when it does not run. */
  progress(entry: CatalogueEntry): Promise<Progress | undefined>;
  close(): Promise<void>;
}

interface Run {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  progress: Progress;
}

export function openDownloads(options: DownloadsOptions): Downloads {
  const { modelsFolder, log } = options;
  const runs = new Map<string, Run>();
  let toldAt = Number.NEGATIVE_INFINITY;
  let isClosed = false;

  return {
    begin(entry, onEnd) {
      if (isClosed || runs.has(entry.name)) return;
      const stop = new AbortController();
      const ended = work(entry, stop.signal)
        .then(onEnd)
        .finally(() => {
          runs.delete(entry.name);
          options.onChange?.('models');
        });
      // Nobody waits for it unless asked to.
      ended.catch((error: unknown) =>
        log.error({ err: error, model: entry.name }, 'a download failed oddly'),
      );
      runs.set(entry.name, { stop, ended, progress: progressOf(entry, 0) });
      options.onChange?.('models');
    },
    async cancel(entry) {
      const run = runs.get(entry.name);
      run?.stop.abort();
      if (run === undefined) await breakLock(lockOf(modelsFolder, entry));
      else await run.ended;
    },
    async ended(name) {
      await runs.get(name)?.ended;
    },
    async progress(entry) {
      const run = runs.get(entry.name);
      if (run !== undefined) return run.progress;
      return (await isHeld(lockOf(modelsFolder, entry)))
        ? await progressElsewhere(modelsFolder, entry)
        : undefined;
    },
    async close() {
      isClosed = true;
      for (const { stop } of runs.values()) stop.abort();
      await Promise.allSettled([...runs.values()].map(({ ended }) => ended));
    },
  };

  /** One sentence when it failed; nothing when it is there, was stopped, or runs elsewhere. */
  async function work(entry: CatalogueEntry, stop: AbortSignal): Promise<string | undefined> {
    try {
      await mkdir(modelsFolder, { recursive: true });
      const lock = await takeLock(lockOf(modelsFolder, entry));
      if (lock === undefined) return undefined;
      try {
        await fetchIt(entry, AbortSignal.any([stop, lock.lost]));
      } finally {
        await lock.release();
      }
      return undefined;
    } catch (error) {
      return problemOf(error, entry);
    }
  }

  async function fetchIt(entry: CatalogueEntry, signal: AbortSignal): Promise<void> {
    const { mirror } = options;
    const patience = { ...usualPatience, ...options.patience };
    const onBytes = (bytes: number, of?: number) => {
      const run = runs.get(entry.name);
      if (run !== undefined) run.progress = { bytes, ...(of === undefined ? {} : { of }) };
      tellProgress();
    };
    const job = {
      entry,
      modelsFolder,
      patience,
      signal,
      onBytes,
      ...(mirror === undefined ? {} : { mirror }),
    };
    try {
      await gather(job);
      log.info({ model: entry.name }, 'a model was fetched and verified');
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  function problemOf(error: unknown, entry: CatalogueEntry): string {
    const url = addressOf(entry, fileNameOf(entry), options.mirror);
    const path = join(homeOf(modelsFolder, entry), fileNameOf(entry));
    const problem =
      error instanceof DownloadFailed
        ? error.message
        : `Fetching ${url} to ${path} failed: ${error instanceof Error ? error.message : error}.`;
    log.warn({ model: entry.name, url, path, problem }, 'a model could not be fetched');
    return problem;
  }

  /** A page that shows a bar needs no more. */
  function tellProgress(): void {
    const now = performance.now();
    if (now - toldAt < tellEveryMs) return;
    toldAt = now;
    options.onChange?.('progress');
  }
}

const tellEveryMs = 250;

const lockOf = (modelsFolder: string, { name }: CatalogueEntry) => join(modelsFolder, `.${name}.lock`);

/** What another process does is seen by what it leaves in the folder. */
async function progressElsewhere(modelsFolder: string, entry: CatalogueEntry): Promise<Progress> {
  const home = homeOf(modelsFolder, entry);
  const own = entry.folder === undefined ? `${fileNameOf(entry)}.part` : '.part';
  const names = (await readdir(home).catch(() => [])).filter((name) => name.endsWith(own));
  const sizes = await Promise.all(names.map((name) => sizeOf(join(home, name))));
  const bytes = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  return progressOf(entry, bytes);
}

const progressOf = ({ pinned }: CatalogueEntry, bytes: number): Progress =>
  pinned === undefined ? { bytes } : { bytes, of: pinned.bytes };
