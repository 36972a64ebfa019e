// The darkroom as the rest of the house sees it: plain asynchronous functions. Pixels and models are touched by child processes
// only, so that a picture can crash, hang or swell a child and nothing else.
import { getPriority } from 'node:os';
import type { Darkroom } from '../gallery/ports.ts';
import type { Log } from '../log.ts';
import { childModule } from './child-process.ts';
import { type Limits, openPool, type PoolOptions } from './pool.ts';
import { openRoster, type RosterOptions } from './roster.ts';

export interface DarkroomOptions extends RosterOptions, Partial<Limits> {
  /** Photos developed at once, each by a process of its own; one more process reads headers. */
  readonly children: number;
  /** Priority of those that develop, 0..19, the larger the lower; 10 unless told. */
  readonly nice?: number;
  readonly log: Log;
  /** Another program than the real child: only for tests of what a child may do. */
  readonly childModule?: string;
}

export interface OpenDarkroom extends Darkroom {
  /** Looks now at what lies in the folder of models, also at what did not open before; the next photo gets it. */
  refresh(): Promise<void>;
}

// An AVIF of 50 megapixels needs about 950 MB, a HEIC of 48 up to 750 MB and 9 s; a photo of 12 about 250 MB and a second, as HEIC 290 MB
// and 3 s.
const defaults: Limits = {
  timeoutMs: 30_000,
  memoryLimitBytes: 1536 * 1024 * 1024,
  photosPerChild: 500,
  recycleBytes: 1024 * 1024 * 1024,
  idleMs: 60_000,
  backoffMs: 1_000,
};

/**
 * Finds and hashes the model; children are started by the first question. Headers are read by a child of their own that
 * never opens a model and stays: an upload waits neither for somebody else's picture nor for an engine that blocks its
 * process. Children that develop hold a model and end after a minute without work.
 */
export async function openDarkroom(options: DarkroomOptions): Promise<OpenDarkroom> {
  const { nice, ...rest } = options;
  const shared = { ...defaults, childModule: childModule(), ...rest };
  const roster = await openRoster(options, options.log);
  const readers = openPool({
    ...shared,
    roster: blind,
    children: 1,
    atOnce: 16,
    tries: 2,
    pauses: false,
    // Somebody waits for it as for the server itself: below those that develop, it would have to wait for them.
    nice: getPriority(),
    idleMs: Number.POSITIVE_INFINITY,
  });
  const niceness = nice === undefined ? {} : { nice };
  const workers = openPool({ ...shared, ...niceness, roster, atOnce: 1, tries: 1, pauses: true });
  return {
    capacity: options.children,
    status: () => roster.status(),
    probe: (path, type) => readers.submit((child) => child.probe(path, type)),
    develop: (path, type, outputFolder, signal) =>
      workers.submit((child) => child.develop(path, type, outputFolder), signal),
    look: (path, type, signal) => workers.submit((child) => child.look(path, type), signal),
    refresh: () => roster.refresh(true),
    async close() {
      roster.close();
      await Promise.all([readers.close(), workers.close()]);
    },
  };
}

/** For children that never look at what is in a picture. */
const blind: PoolOptions['roster'] = {
  plan: () => ({ choices: [] }),
  opened: () => {},
  strike: () => {},
};
