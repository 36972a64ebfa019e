// The real pages and addresses on a gallery in memory and a shelf on a folder: nothing is looked at before a test says so, so that every
// state of a re-run can be seen.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openEvents } from '../../src/events.ts';
import { openCopies } from '../../src/gallery/bare/copies.ts';
import { defaultThreshold } from '../../src/gallery/detection.ts';
import { openGallery } from '../../src/gallery/gallery.ts';
import { openMembership } from '../../src/gallery/membership.ts';
import type { EngineDetection, PhotoId } from '../../src/gallery/photo.ts';
import type { DarkroomStatus, ModelShelf } from '../../src/gallery/ports.ts';
import { createSharing } from '../../src/gallery/sharing.ts';
import type { DatabaseHealth } from '../../src/gallery/verification-database.ts';
import { createApp } from '../../src/http/app.ts';
import { openAssets } from '../../src/http/assets.ts';
import { createOffline } from '../../src/http/offline.ts';
import type { DetectionSettings } from '../../src/http/parts.ts';
import { openSlots } from '../../src/http/slots.ts';
import { openViews } from '../../src/http/views.ts';
import { openSpeeches } from '../../src/http/words.ts';
import { openLog } from '../../src/log.ts';
import { openMetrics } from '../../src/metrics.ts';
import { openPasswords } from '../../src/security/passwords.ts';
import { openSignInLimit } from '../../src/security/sign-in-limit.ts';
import { openUnfinished } from '../../src/storage/unfinished.ts';
import { development, newPhoto, owner, seen } from '../contracts/photo-database.ts';
import { createClient } from './client.ts';
import { projectRoot } from './data.ts';
import { type Cleaner, makeFolder } from './folder.ts';
import { openTestInbox } from './inbox.ts';
import { openMemoryAccounts } from './memory-accounts.ts';
import { openMemoryGallery } from './memory-gallery.ts';
import { openMemoryMedia } from './memory-media.ts';
import { openScriptedDarkroom } from './scripted-darkroom.ts';

export interface SiteOptions {
  readonly shelf?: ModelShelf;
  readonly status?: DarkroomStatus;
  readonly settings?: Partial<DetectionSettings>;
  readonly now?: () => number;
  readonly health?: DatabaseHealth;
}

export const newModel = 'e'.repeat(64);

const emptyShelf: ModelShelf = {
  list: async () => [],
  fetch: () => Promise.reject(new Error('this shelf is empty')),
  cancel: () => Promise.reject(new Error('this shelf is empty')),
  verify: () => Promise.reject(new Error('this shelf is empty')),
  importFile: () => Promise.reject(new Error('this shelf is empty')),
  use: () => Promise.reject(new Error('this shelf is empty')),
};

export async function openDetectionSite(t: Cleaner, options: SiteOptions = {}) {
  const { now = Date.now, status = { engine: { name: 'yolox', model: newModel } } } = options;
  // Photos of one millisecond would have no order.
  let time = Date.UTC(2026, 10, 20);
  const memory = openMemoryGallery(() => (time += 1000));
  const { inbox, folder } = await openTestInbox(t);
  const darkroom = openScriptedDarkroom({ status });
  const log = openLog('silent');
  const media = openMemoryMedia();
  const rooms = { ...memory, media, inbox, darkroom, events: openEvents(), log };
  const metrics = openMetrics();
  const gallery = openGallery({ ...rooms, wakeJobs: () => {} });
  const staticFolder = join(projectRoot, 'static');
  const assets = openAssets(staticFolder);
  const views = openViews({ viewsFolder: join(projectRoot, 'views'), assets });
  const maxUploadBytes = 1_000_000;
  const closing = new AbortController().signal;
  const accounts = openMemoryAccounts(now);
  const app = createApp({
    ...rooms,
    metrics,
    gallery,
    copies: openCopies(media),
    unfinished: await openUnfinished(await makeFolder(t)),
    uploadSlots: openSlots(2, closing),
    models: options.shelf ?? emptyShelf,
    settings: { detector: 'auto', offline: false, children: 2, nice: 5, ...options.settings },
    views,
    speeches: openSpeeches(),
    staticFolder,
    assets,
    offline: createOffline({ views, assets, staticFolder, maxUploadBytes }),
    now,
    maxUploadBytes,
    allowedHosts: [],
    trustedProxies: [],
    access: 'local',
    sharing: createSharing({ links: memory.links, passwords: openPasswords(), now }),
    linkTries: openSignInLimit(now),
    accounts,
    membership: openMembership({ ...rooms, accounts, passwords: openPasswords(), now }),
    isEverywhere: false,
    closing,
    health: options.health ?? { check: () => {}, status: () => ({ isDamaged: false, isReading: false }) },
    readOnly: new AbortController().signal,
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const engine = { engine: 'yolox', model: newModel, tookMs: 9 };
  return {
    ...rooms,
    url,
    client: createClient(url),
    inboxFolder: folder,
    /** A photo that an older model saw these things in. */
    async addPhoto(...labels: string[]): Promise<PhotoId> {
      const { photo } = await memory.photos.recordPhoto(owner, newPhoto());
      const job = await memory.jobs.claim(60_000);
      if (job === undefined) throw new Error('there is no job');
      await memory.photos.saveDevelopment(job, development(labels));
      return photo.id;
    },
    async addFailed(): Promise<PhotoId> {
      const { photo } = await memory.photos.recordPhoto(owner, newPhoto());
      const job = await memory.jobs.claim(60_000);
      if (job === undefined) throw new Error('there is no job');
      await memory.photos.saveFailure(job, { code: 'timed-out' });
      return photo.id;
    },
    /** Looks at the next photo of the re-runs that are looking, and sees these things; false when there is none. */
    async look(labels: readonly string[] | ReadonlyMap<PhotoId, readonly string[]>): Promise<boolean> {
      const job = await memory.jobs.claim(60_000, 'all');
      if (job === undefined) return false;
      const sees = 'get' in labels ? (labels.get(job.photoId) ?? []) : labels;
      const detections = sees.map(
        (label): EngineDetection => ({
          ...seen(label),
          origin: { by: 'engine', engine: 'yolox', model: newModel },
        }),
      );
      await memory.reruns.saveLook(job, { engine, detections });
      return true;
    },
    threshold: defaultThreshold,
  };
}
