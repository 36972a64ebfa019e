// Introduces the rooms to each other: database -> storage -> darkroom -> jobs -> http. The program and the tests call this.
import { setMaxListeners } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { claimOriginals, disownOriginals, mayBegin } from './assemble/originals.ts';
import { lookAgainByItself, openSeeing } from './assemble/seeing.ts';
import type { Config } from './config.ts';
import type { DarkroomOptions } from './darkroom/darkroom.ts';
import type { CatalogueEntry } from './darkroom/models/catalogue.ts';
import { startDefault } from './darkroom/models/default.ts';
import type { Limits } from './darkroom/pool.ts';
import { StartRefused } from './database/open.ts';
import { openSqlite } from './database/sqlite.ts';
import { openEvents } from './events.ts';
import { startFigures } from './figures.ts';
import { openCopies } from './gallery/bare/copies.ts';
import { openDiskTrust } from './gallery/disk-trust.ts';
import { errorCodes } from './gallery/errors.ts';
import type { Offer } from './gallery/front-door.ts';
import { type Gallery, openGallery } from './gallery/gallery.ts';
import { openMembership } from './gallery/membership.ts';
import type { Background } from './gallery/ports.ts';
import { isWithin } from './gallery/rerun.ts';
import { createSharing } from './gallery/sharing.ts';
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
import { openMetrics } from './metrics.ts';
import { type Costs, openPasswords } from './security/passwords.ts';
import { openSignInLimit } from './security/sign-in-limit.ts';
import { openDisk } from './storage/disk.ts';
import { openInbox } from './storage/inbox.ts';
import { openUnfinished } from './storage/unfinished.ts';
import type { UnfinishedLimits } from './storage/upload-places.ts';

export interface AssembleOptions {
  readonly log: Log;
  /** Take the folder as it is: begin a new database beside photos, or go on without the originals that a database knows. */
  readonly init?: boolean;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Other limits or another child: only for tests of what happens when children fail. */
  readonly darkroom?: Partial<Limits & Pick<DarkroomOptions, 'childModule'>>;
  /** How long running requests may take to end, from when the gallery is told to close; 30 s unless told. */
  readonly drainMs?: number;
  /** Less time for bodies that are no upload: only for tests, which can't wait for 30 s. */
  readonly bodyMs?: number;
  /** Fewer unfinished uploads: only for tests, which can't begin ten thousand. */
  readonly unfinished?: UnfinishedLimits;
  /** Cheaper passwords: only for tests, which choose many. */
  readonly passwordCosts?: Costs;
  /** Other models than the project's: only for tests, which can't reach those. */
  readonly catalogue?: readonly CatalogueEntry[];
}

export interface RunningGallery {
  readonly url: string;
  readonly port: number;
  readonly gallery: Gallery;
  /** For the first owner; absent when there is one, or nobody needs to be. */
  readonly setUp?: Offer;
  /** Aborted when the disk has failed to keep what was written, or the database is damaged: looking goes on, and nothing is written. */
  readonly readOnly: AbortSignal;
  /** Lets running uploads finish, then closes everything in reverse order; twice is fine. */
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('../', import.meta.url));

/** @throws StartRefused when the folder can't be used as it is; nothing that was in it is changed then. */
export async function assemble(config: Config, options: AssembleOptions): Promise<RunningGallery> {
  const { log, now = Date.now, drainMs = 30_000, init = false } = options;
  const { uploadsDir } = config;
  // Whatever was opened is closed in reverse order, also when a later step fails.
  const closers: (() => Promise<void> | void)[] = [];
  const closeAll = async () => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    const mayCreate = mayBegin(config, init);
    await makeFolder(join(uploadsDir, 'models'));
    const trust = openDiskTrust();
    const prepare = (path: string) => {
      if (init) disownOriginals(path, uploadsDir);
    };
    const database = openSqlite(uploadsDir, { mayCreate, prepare, now, trust, log });
    const { photos, reruns, sidecars, verification, links, accounts, jobs, figures, identity, optimize } =
      database;
    closers.push(() => photos.close());
    claimOriginals(uploadsDir, identity, init);
    const metrics = openMetrics(errorCodes);
    closers.push(
      startFigures(metrics, { photos, jobs, database: figures, health: database.health, uploadsDir }),
    );
    const media = openDisk(uploadsDir, trust, identity.gallery);
    const inbox = await openInbox(join(uploadsDir, 'incoming'), trust);
    // The folder is ours alone and nobody can reach us yet: whatever lies here was cut off.
    await inbox.sweep(0);
    // Not so those that resume: they outlive the program.
    const unfinished = await openUnfinished(
      await makeFolder(join(uploadsDir, 'resumable')),
      options.unfinished,
    );
    const events = openEvents();
    const { darkroom, models, onEngineChanged } = await openSeeing(
      config,
      options,
      { events, metrics },
      closers,
    );
    log.info({ engine: darkroom.status().engine?.name ?? 'off' }, 'looking for objects');

    const closing = new AbortController();
    // Every open page listens to it.
    setMaxListeners(0, closing.signal);
    const uploadSlots = openSlots(mostUploadsAtOnce, closing.signal);

    let runner: JobRunner | undefined;
    const wakeJobs = () => runner?.wake();
    const lookByItself = () => void lookAgainByItself(config, gallery, models, log);
    const gallery: Gallery = openGallery({
      photos,
      reruns,
      sidecars,
      verification,
      jobs,
      links,
      media,
      inbox,
      darkroom,
      events,
      wakeJobs,
      isReceiving: () => uploadSlots.taken() > 0,
      now,
      log,
      onAutomaticDone: lookByItself,
      ...(config.userQuotaBytes === undefined ? {} : { userQuotaBytes: config.userQuotaBytes }),
    });
    const background = backgroundOf(config, now);
    runner = startJobs({ queue: jobs, capacity: darkroom.capacity, work: gallery.work, background, log });
    closers.push(() => runner.close());
    // What is developed now could not be kept.
    trust.lost.addEventListener('abort', () => void runner.close());
    gallery.lookAgain.resume();
    closers.push(() => gallery.lookAgain.close());
    gallery.sidecars.resume();
    closers.push(() => gallery.sidecars.close());
    gallery.verification.resume();
    database.health.resume();
    closers.push(() => gallery.verification.close());
    onEngineChanged(lookByItself);
    closers.push(startDefault(models, { ...config, log }));

    // One for all doors: it lets two passwords be worked on at once.
    const passwords = openPasswords(options.passwordCosts);
    const membership = openMembership({
      accounts,
      photos,
      events,
      passwords,
      log,
      now,
    });
    closers.push(startHousekeeping(gallery, { unfinished, note: membership.note, optimize, log, now }));
    // Whoever reads what this program prints runs it; nobody else is first.
    const setUp = config.access === 'local' ? undefined : await membership.frontDoor.offerSetUp();
    const staticFolder = join(root, 'static');
    const assets = openAssets(staticFolder);
    const views = openViews({ viewsFolder: join(root, 'views'), assets });
    const { maxUploadBytes } = config;
    const app = createApp({
      gallery,
      photos,
      reruns,
      verification,
      models,
      settings: settingsOf(config),
      media,
      copies: openCopies(media),
      inbox,
      unfinished,
      uploadSlots,
      darkroom,
      events,
      views,
      speeches: openSpeeches(),
      staticFolder,
      assets,
      offline: createOffline({ views, assets, staticFolder, maxUploadBytes }),
      log,
      metrics,
      ...(config.metricsToken === undefined ? {} : { metricsToken: config.metricsToken }),
      now,
      maxUploadBytes,
      ...(options.bodyMs === undefined ? {} : { bodyMs: options.bodyMs }),
      access: config.access,
      sharing: createSharing({ links, passwords, now }),
      links,
      linkTries: openSignInLimit(now),
      accounts,
      membership,
      isEverywhere: ['0.0.0.0', '::'].includes(config.host),
      allowedHosts: [...config.allowedHosts, ...namesOf(config.host)],
      trustedProxies: config.trustedProxies,
      closing: closing.signal,
      health: database.health,
      readOnly: trust.lost,
    });
    const server = await listen(app, config);
    closers.push(async () => {
      closing.abort();
      // Whoever sends visitors here hears at /readyz that no more shall come, before the door is closed.
      await pause(config.closingNoticeMs);
      await server.close(Math.max(0, drainMs - config.closingNoticeMs));
    });
    return {
      url: server.url,
      port: server.port,
      gallery,
      readOnly: trust.lost,
      ...(setUp === undefined ? {} : { setUp }),
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** @throws StartRefused */
export async function makeFolder(path: string): Promise<string> {
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
