// Introduces the rooms to each other: database -> storage -> darkroom -> jobs -> http. The program and the tests call this.
import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from './config.ts';
import { openDarkroom } from './darkroom/darkroom.ts';
import { openSqlite } from './database/sqlite.ts';
import { openEvents } from './events.ts';
import { type Gallery, openGallery } from './gallery/gallery.ts';
import { createApp } from './http/app.ts';
import { openAssets } from './http/assets.ts';
import { listen } from './http/server.ts';
import { openViews } from './http/views.ts';
import { openSpeeches } from './http/words.ts';
import { type JobRunner, startJobs } from './jobs.ts';
import type { Log } from './log.ts';
import { openDisk } from './storage/disk.ts';
import { openInbox } from './storage/inbox.ts';

export interface AssembleOptions {
  readonly log: Log;
  /** Begin a new database although there are photos in the folder. */
  readonly init?: boolean;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface RunningGallery {
  readonly url: string;
  readonly port: number;
  readonly gallery: Gallery;
  /** Lets running uploads finish, then closes everything in reverse order; twice is fine. */
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('../', import.meta.url));
const drainMs = 30_000;
const sweepEveryMs = 15 * 60 * 1000;

/** @throws StartRefused when the folder can't be used as it is; nothing was changed then. */
export async function assemble(config: Config, options: AssembleOptions): Promise<RunningGallery> {
  const { log, now = Date.now } = options;
  const { uploadsDir } = config;
  // Whatever was opened is closed in reverse order, also when a later step fails.
  const closers: (() => Promise<void> | void)[] = [];
  const closeAll = async () => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    await mkdir(join(uploadsDir, 'models'), { recursive: true });
    const mayCreate = options.init === true || !hasOriginals(uploadsDir);
    const { photos, jobs } = openSqlite(uploadsDir, { mayCreate, now });
    closers.push(() => photos.close());
    const media = openDisk(uploadsDir);
    const inbox = await openInbox(join(uploadsDir, 'incoming'));
    const events = openEvents();
    const darkroom = await openDarkroom({
      children: config.darkroomChildren,
      detector: config.detector,
      modelsFolder: join(uploadsDir, 'models'),
      ...(config.modelFile === undefined ? {} : { modelFile: config.modelFile }),
      log,
    });
    closers.push(() => darkroom.close());

    let runner: JobRunner | undefined;
    const wakeJobs = () => runner?.wake();
    const gallery = openGallery({ photos, jobs, media, inbox, darkroom, events, now, wakeJobs });
    runner = startJobs({ queue: jobs, capacity: darkroom.capacity, work: gallery.develop, log });
    closers.push(() => runner.close());
    closers.push(startHousekeeping(gallery, log));

    const closing = new AbortController();
    const staticFolder = join(root, 'static');
    const views = openViews({ viewsFolder: join(root, 'views'), assets: openAssets(staticFolder) });
    const app = createApp({
      gallery,
      photos,
      media,
      inbox,
      darkroom,
      events,
      views,
      speeches: openSpeeches(),
      staticFolder,
      log,
      now,
      maxUploadBytes: config.maxUploadBytes,
      allowedHosts: [...config.allowedHosts, ...namesOf(config.host)],
      closing: closing.signal,
    });
    const server = await listen(app, config);
    closers.push(async () => {
      closing.abort();
      await server.close(drainMs);
    });
    return { url: server.url, port: server.port, gallery, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function hasOriginals(uploadsDir: string): boolean {
  const folder = join(uploadsDir, 'originals');
  return existsSync(folder) && readdirSync(folder).length > 0;
}

/** When others may reach this machine, they may call it by its name. */
function namesOf(host: string): string[] {
  const isLocal = ['127.0.0.1', '::1', 'localhost'].includes(host);
  const name = hostname().toLowerCase();
  return isLocal ? [] : [host.toLowerCase(), name, `${name}.local`];
}

/** Sweeps what interrupted uploads left, now and every quarter of an hour; orphans once at each start. */
function startHousekeeping(gallery: Gallery, log: Log): () => Promise<void> {
  const abort = new AbortController();
  const attempt = async (work: () => Promise<number>, message: string) => {
    try {
      const files = await work();
      if (files > 0) log.info({ files }, message);
    } catch (error) {
      log.error({ err: error }, 'housekeeping failed');
    }
  };
  const sweep = () => attempt(() => gallery.sweepInbox(), 'removed unfinished uploads');
  const first = sweep().then(() =>
    attempt(() => gallery.removeOrphans(abort.signal), 'removed files without a photo'),
  );
  const timer = setInterval(() => void sweep(), sweepEveryMs).unref();
  return async () => {
    clearInterval(timer);
    abort.abort();
    await first;
  };
}
