// `sajin rebuild`: a new database from the originals and what is written beside them, when the old one is lost or damaged. Moves that one
// aside and deletes nothing.
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { claimOriginals, disownOriginals } from '../assemble/originals.ts';
import type { Config } from '../config.ts';
import { openDarkroom } from '../darkroom/darkroom.ts';
import { setDamagedAside } from '../database/aside.ts';
import { StartRefused } from '../database/open.ts';
import { openSqlite } from '../database/sqlite.ts';
import { openEvents } from '../events.ts';
import { openGallery } from '../gallery/gallery.ts';
import { renditionKey } from '../gallery/media.ts';
import { renditionSizes, type Sha256 } from '../gallery/photo.ts';
import type { MediaStore } from '../gallery/ports.ts';
import type { Reconciled } from '../gallery/reconcile.ts';
import { listBereft } from '../gallery/sidecars.ts';
import { openLog } from '../log.ts';
import { openDisk } from '../storage/disk.ts';
import { openInbox } from '../storage/inbox.ts';
import { hasOriginals, originalsFolder } from '../storage/marker.ts';
import type { Command } from './command.ts';
import { complain, count, say, withConfig } from './settings.ts';

export const rebuild: Command = {
  usage: `rebuild                  make a new database from the originals and the sidecars beside them, when it is
                         lost or damaged; what is left of the old one is moved aside`,
  async run(args) {
    parseArgs({ args: [...args], options: {} });
    return await withConfig(rebuildIn);
  },
};

async function rebuildIn(config: Config): Promise<number> {
  const { uploadsDir } = config;
  expectOriginals(uploadsDir);
  let aside: string | undefined;
  const prepare = (path: string) => {
    aside = setDamagedAside(path, Date.now);
    disownOriginals(path, uploadsDir);
  };
  const database = openSqlite(uploadsDir, { mayCreate: true, now: Date.now, prepare });
  try {
    if (aside !== undefined) complain(`What was there is kept as ${basename(aside)}.`);
    claimOriginals(uploadsDir, database.identity, false);
    const media = openDisk(uploadsDir);
    return report(await bringBack(config, database, media), await describeBereft(media));
  } finally {
    await database.photos.close();
  }
}

/** An empty folder would make an empty gallery of a disk that is not mounted. */
function expectOriginals(uploadsDir: string): void {
  if (hasOriginals(uploadsDir)) return;
  throw new StartRefused(
    78,
    `There are no photos in ${originalsFolder(uploadsDir)}. Nothing was changed. Is the disk mounted, and UPLOADS_DIR right?`,
  );
}

/** The same way on which a running gallery takes back an original without a row. */
async function bringBack(
  { uploadsDir }: Config,
  database: ReturnType<typeof openSqlite>,
  media: MediaStore,
): Promise<Reconciled> {
  const log = openLog('silent');
  const inbox = await openInbox(join(uploadsDir, 'incoming'));
  const place = { modelsFolder: join(uploadsDir, 'models') };
  const darkroom = await openDarkroom({ ...place, children: 1, detector: 'off', log });
  try {
    const events = openEvents();
    const gallery = openGallery({ ...database, media, inbox, darkroom, events, wakeJobs: () => {}, log });
    const found = await gallery.reconcile(new AbortController().signal);
    await gallery.sidecars.drain();
    return found;
  } finally {
    await darkroom.close();
  }
}

async function describeBereft(media: MediaStore): Promise<string[]> {
  const lines: string[] = [];
  for await (const { sha256, photos } of listBereft(media)) {
    const smaller = await largestRendition(media, sha256);
    const left = smaller === undefined ? '' : `; a smaller one is ${smaller}`;
    for (const { title, uploadedAt } of photos)
      lines.push(
        `  ${uploadedAt.toISOString().slice(0, 10)} ${title === '' ? '(no title)' : title}: ${sha256}${left}`,
      );
  }
  return lines.sort();
}

async function largestRendition(media: MediaStore, sha256: Sha256) {
  for (const size of renditionSizes.toSorted((a, b) => b - a)) {
    const key = renditionKey(sha256, size);
    if ((await media.stat(key)) !== undefined) return key;
  }
  return undefined;
}

function report({ adopted, recalled, unreadable }: Reconciled, bereft: readonly string[]): number {
  say(`${count(adopted, 'photo is', 'photos are')} back, ${recalled} with title, id and corrections.`);
  say('They are developed, and looked at for objects, when the gallery starts.');
  say('Passwords, roles, links, invitations and the audit are gone: see "Accounts" in docs/operating.md.');
  if (unreadable > 0)
    complain(`${count(unreadable, 'original')} nobody can read; left where they are, see "sajin verify".`);
  if (bereft.length > 0)
    complain(`Of these only the sidecar is left, the picture is gone:\n${bereft.join('\n')}`);
  return unreadable + bereft.length === 0 ? 0 : 1;
}
