// Introduces the rooms to each other: database -> storage -> darkroom -> jobs -> http. The program and the tests call this.
import { setMaxListeners } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from './config.ts';
import { type DarkroomOptions, openDarkroom } from './darkroom/darkroom.ts';
import type { CatalogueEntry } from './darkroom/models/catalogue.ts';
import { defaultModel, startDefault } from './darkroom/models/default.ts';
import { proveWith } from './darkroom/models/prove.ts';
import { openShelf } from './darkroom/models/shelf.ts';
import type { Limits } from './darkroom/pool.ts';
import { StartRefused } from './database/open.ts';
import { openSqlite } from './database/sqlite.ts';
import { openEvents } from './events.ts';
import { defaultThreshold } from './gallery/detection.ts';
import { type Gallery, openGallery } from './gallery/gallery.ts';
import type { Background, EventHub, ModelShelf } from './gallery/ports.ts';
import { isWithin } from './gallery/rerun.ts';
import { createSharing } from './gallery/sharing.ts';
import { machine } from './gallery/viewer.ts';
import { startHousekeeping } from './housekeeping.ts';
import { createApp } from './http/app.ts';
import { openAssets } from './http/assets.ts';
import { createOffline } from './http/offline.ts';
import { listen } from './http/server.ts';
import { mostUploadsAtOnce, openSlots } from './http/slots.ts';
import { openViews } from './http/views.ts';
import { openSpeeches } from './http/words.ts';
import { type JobRunner, startJobs } from './jobs.ts';
import type { Log } from './log.ts';
import { openPasswords } from './security/passwords.ts';
import { openSignInLimit } from './security/sign-in-limit.ts';
import { openDisk } from './storage/disk.ts';
import { openInbox } from './storage/inbox.ts';
import { openUnfinished } from './storage/unfinished.ts';

export interface AssembleOptions {
  readonly log: Log;
  /** Begin a new database although there are photos in the folder. */
  readonly init?: boolean;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Other limits or another child: only for tests of what happens when children fail. */
  readonly darkroom?: Partial<Limits & Pick<DarkroomOptions, 'childModule'>>;
  /** Other models than the project's: only for tests, which can't reach those. */
  readonly catalogue?: readonly CatalogueEntry[];
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

/** @throws StartRefused when the folder can't be used as it is; nothing that was in it is changed then. */
export async function assemble(config: Config, options: AssembleOptions): Promise<RunningGallery> {
  const { log, now = Date.now } = options;
  const { uploadsDir } = config;
  // Whatever was opened is closed in reverse order, also when a later step fails.
  const closers: (() => Promise<void> | void)[] = [];
  const closeAll = async () => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    await makeFolder(join(uploadsDir, 'models'));
    const mayCreate = options.init === true || !hasOriginals(uploadsDir);
    const { photos, reruns, jobs, links, accounts } = openSqlite(uploadsDir, { mayCreate, now });
    closers.push(() => photos.close());
    const media = openDisk(uploadsDir);
    const inbox = await openInbox(join(uploadsDir, 'incoming'));
    // The folder is ours alone and nobody can reach us yet: whatever lies here was cut off.
    await inbox.sweep(0);
    // Not so those that resume: they outlive the program.
    const unfinished = await openUnfinished(await makeFolder(join(uploadsDir, 'resumable')));
    const events = openEvents();
    const { darkroom, models, onEngineChanged } = await openSeeing(config, options, events, closers);
    log.info({ engine: darkroom.status().engine?.name ?? 'off' }, 'looking for objects');

    let runner: JobRunner | undefined;
    const wakeJobs = () => runner?.wake();
    const lookByItself = () => void lookAgainByItself(config, gallery, models, log);
    const gallery: Gallery = openGallery({
      photos,
      reruns,
      jobs,
      links,
      media,
      inbox,
      darkroom,
      events,
      wakeJobs,
      log,
      onAutomaticDone: lookByItself,
    });
    const background = backgroundOf(config, now);
    runner = startJobs({ queue: jobs, capacity: darkroom.capacity, work: gallery.work, background, log });
    closers.push(() => runner.close());
    gallery.lookAgain.resume();
    closers.push(() => gallery.lookAgain.close());
    onEngineChanged(lookByItself);
    closers.push(startDefault(models, { ...config, log }));
    closers.push(startHousekeeping(gallery, unfinished, log, now));

    const closing = new AbortController();
    // Every open page listens to it.
    setMaxListeners(0, closing.signal);
    const staticFolder = join(root, 'static');
    const assets = openAssets(staticFolder);
    const views = openViews({ viewsFolder: join(root, 'views'), assets });
    const { maxUploadBytes } = config;
    const app = createApp({
      gallery,
      photos,
      reruns,
      models,
      settings: settingsOf(config),
      media,
      inbox,
      unfinished,
      uploadSlots: openSlots(mostUploadsAtOnce, closing.signal),
      darkroom,
      events,
      views,
      speeches: openSpeeches(),
      staticFolder,
      assets,
      offline: createOffline({ views, assets, staticFolder, maxUploadBytes }),
      log,
      now,
      maxUploadBytes,
      access: config.access,
      sharing: createSharing({ links, passwords: openPasswords(), now }),
      links,
      linkTries: openSignInLimit(now),
      accounts,
      isTrusted: () => false,
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

/**
 * What looks at photos and the shelf of models that it looks with, which tell each other and every open page when something
 * changes. `onEngineChanged` calls back at once, too: what was changed while nothing ran is news as well.
 */
async function openSeeing(
  config: Config,
  { log, darkroom: limits, catalogue }: AssembleOptions,
  events: EventHub,
  closers: (() => Promise<void> | void)[],
) {
  const place = {
    modelsFolder: join(config.uploadsDir, 'models'),
    ...(config.modelFile === undefined ? {} : { modelFile: config.modelFile }),
    ...(catalogue === undefined ? {} : { catalogue }),
  };
  const tell = () => events.publish({ kind: 'models-changed' });
  let listener = () => {};
  const darkroom = await openDarkroom({
    ...place,
    children: config.darkroomChildren,
    nice: config.darkroomNice,
    detector: config.detector,
    log,
    onModelsChanged: tell,
    onEngineChanged(engine) {
      log.info({ engine: engine?.name ?? 'off', model: engine?.model }, 'looking for objects in another way');
      tell();
      listener();
    },
    ...limits,
  });
  closers.push(() => darkroom.close());
  const models = await openShelf({
    ...place,
    ...(config.modelMirror === undefined ? {} : { mirror: config.modelMirror }),
    offline: config.offline,
    log,
    prove: proveWith(log),
    inUse: () => darkroom.status().engine,
    onChange(what) {
      tell();
      const failed = (error: unknown) => log.error({ err: error }, 'models could not be read');
      if (what === 'models') void darkroom.refresh().then(tell, failed);
    },
  });
  closers.push(() => models.close());
  return {
    darkroom,
    models,
    onEngineChanged(callBack: () => void) {
      listener = callBack;
      callBack();
    },
  };
}

/**
 * What the built-in saw is looked at again once the model has come that comes by itself. Whoever brought or chose another one is asked
 * first, on the page.
 */
async function lookAgainByItself(
  { detector }: Config,
  gallery: Gallery,
  models: ModelShelf,
  log: Log,
): Promise<void> {
  const inUse = (await models.list()).find((model) => model.inUse);
  if (detector !== 'auto' || inUse?.name !== defaultModel || inUse.chosen) return;
  try {
    const rerun = await gallery.lookAgain.startAutomatic(machine, 'centernet', defaultThreshold);
    if (rerun !== undefined) log.info({ photos: rerun.total }, 'looking again at what the built-in saw');
  } catch (error) {
    log.error({ err: error }, 'photos of the built-in could not be looked at again');
  }
}

async function makeFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true });
    return path;
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new StartRefused(
      78,
      `${path} can't be made (${why}). Set UPLOADS_DIR to a folder that Sajin may write to.`,
    );
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

/** One photo that somebody waits for is looked at again at any time; the rest in the hours that were set, of this machine's clock. */
function backgroundOf({ rerunHours }: Config, now: () => number): () => Background {
  if (rerunHours === undefined) return () => 'all';
  return () => (isWithin(rerunHours, new Date(now())) ? 'all' : 'single');
}

function settingsOf({ detector, modelFile, offline, darkroomChildren, darkroomNice, rerunHours }: Config) {
  return {
    detector,
    ...(modelFile === undefined ? {} : { modelFile: basename(modelFile) }),
    offline,
    children: darkroomChildren,
    nice: darkroomNice,
    ...(rerunHours === undefined ? {} : { rerunHours }),
  };
}
