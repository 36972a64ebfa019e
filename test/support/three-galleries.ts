// One database behind three doors: for its own machine, for members, for everybody. The real routes and queries; nothing is developed, so
// that whatever changes was asked for.
import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import Database from 'better-sqlite3';
import { databaseName, openSqlite } from '../../src/database/sqlite.ts';
import { openEvents } from '../../src/events.ts';
import { openCopies } from '../../src/gallery/bare/copies.ts';
import { GalleryError } from '../../src/gallery/errors.ts';
import { openGallery } from '../../src/gallery/gallery.ts';
import { openMembership } from '../../src/gallery/membership.ts';
import type { MediaStore, ModelShelf } from '../../src/gallery/ports.ts';
import { createSharing } from '../../src/gallery/sharing.ts';
import { type AccessMode, accessModes } from '../../src/http/access.ts';
import { createApp } from '../../src/http/app.ts';
import { openAssets } from '../../src/http/assets.ts';
import { createOffline } from '../../src/http/offline.ts';
import { openSlots } from '../../src/http/slots.ts';
import { openViews } from '../../src/http/views.ts';
import { openSpeeches } from '../../src/http/words.ts';
import { openLog } from '../../src/log.ts';
import { openMetrics } from '../../src/metrics.ts';
import { openPasswords } from '../../src/security/passwords.ts';
import { openSignInLimit } from '../../src/security/sign-in-limit.ts';
import { openUnfinished } from '../../src/storage/unfinished.ts';
import { projectRoot } from './data.ts';
import { type Cleaner, makeFolder } from './folder.ts';
import { openTestInbox } from './inbox.ts';
import { openMemoryMedia } from './memory-media.ts';
import { drawPng } from './pictures.ts';
import { openScriptedDarkroom } from './scripted-darkroom.ts';

/** What every file is, whatever it is called. */
export const onlyPicture = drawPng({ seed: 1, width: 400, height: 300 });

const noModel = () => Promise.reject(new GalleryError('not-found', 'There is no such model.'));
const emptyShelf: ModelShelf = {
  list: async () => [],
  fetch: noModel,
  cancel: noModel,
  verify: noModel,
  importFile: () => Promise.reject(new GalleryError('bad-model', 'This is no model.')),
  use: async (name) => (name === undefined ? undefined : noModel()),
};

export async function openThreeGalleries(t: Cleaner) {
  const folder = await makeFolder(t);
  const now = Date.now;
  const fault: { in?: 'database' | 'pages' } = {};
  const whole = openSqlite(folder, { mayCreate: true, now });
  const database = Object.fromEntries(
    Object.entries(whole).map(([name, room]) => [
      name,
      breakable(room as object, () => fault.in === 'database', /^(revision|busyRetries|status)$/),
    ]),
  ) as unknown as typeof whole;
  // Another connection notices every commit of the first, and nothing else.
  const watcher = new Database(join(folder, databaseName));
  let puts = 0;
  const media: MediaStore = {
    ...openMemoryMedia(),
    async put() {
      puts += 1;
    },
    stat: async () => ({ bytes: onlyPicture.length }),
    read: async () => ({ stream: Readable.from([onlyPicture]), bytes: onlyPicture.length }),
  };
  const { inbox, folder: inboxFolder } = await openTestInbox(t);
  const unfinishedFolder = await makeFolder(t);
  const log = openLog('silent');
  const status = { engine: { name: 'yolox', model: 'e'.repeat(64) } } as const;
  const darkroom = openScriptedDarkroom({ status });
  const passwords = openPasswords({ ln: 4, r: 8, p: 1 });
  const rooms = { ...database, media, inbox, darkroom, events: openEvents(), log, now };
  const staticFolder = join(projectRoot, 'static');
  const assets = openAssets(staticFolder);
  const views = breakable(
    openViews({ viewsFolder: join(projectRoot, 'views'), assets }),
    () => fault.in === 'pages',
    /./,
  );
  const maxUploadBytes = 1_000_000;
  const closing = new AbortController();
  const parts = {
    ...rooms,
    metrics: openMetrics(),
    gallery: openGallery({ ...rooms, wakeJobs: () => {} }),
    copies: openCopies(media),
    unfinished: await openUnfinished(unfinishedFolder),
    uploadSlots: openSlots(8, closing.signal),
    models: emptyShelf,
    settings: { detector: 'auto', offline: false, children: 1, nice: 5 } as const,
    views,
    speeches: openSpeeches(),
    staticFolder,
    assets,
    offline: createOffline({ views, assets, staticFolder, maxUploadBytes }),
    maxUploadBytes,
    allowedHosts: [],
    trustedProxies: [],
    sharing: createSharing({ links: database.links, passwords, now }),
    linkTries: openSignInLimit(now),
    membership: openMembership({ ...rooms, passwords }),
    isEverywhere: false,
    closing: closing.signal,
    readOnly: new AbortController().signal,
  };
  const servers: Server[] = [];
  const urls = {} as Record<AccessMode, string>;
  for (const access of accessModes) {
    const server = createServer(createApp({ ...parts, access }));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    urls[access] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  t.after(async () => {
    closing.abort();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    watcher.close();
    await whole.photos.close();
  });
  return {
    ...whole,
    urls,
    /** What breaks from now on, whatever is asked of it. */
    fault,
    /** Another text after anything was committed, or put into a folder. */
    revision: () =>
      JSON.stringify([
        watcher.pragma('data_version', { simple: true }),
        puts,
        ...[inboxFolder, unfinishedFolder].map((one) => readdirSync(one, { recursive: true })),
      ]),
  };
}

/** What no answer may say. */
export const insideWords = /SQLITE|no such column|gallery\.db|secrets|node_modules|\.ts\b|\bat async\b/;

/** As a part that fails in a way nobody expected: what promises rejects, what answers at once throws. */
const breakable = <Part extends object>(part: Part, isBroken: () => boolean, answersAtOnce: RegExp): Part =>
  new Proxy(part, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function' || !isBroken()) return value;
      const text = `SQLITE_ERROR: no such column: secrets in /home/somebody/gallery.db, ${String(name)}`;
      return () => {
        if (answersAtOnce.test(String(name))) throw new Error(text);
        return Promise.reject(new Error(text));
      };
    },
  });
