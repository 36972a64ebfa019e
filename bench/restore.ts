// How long a lost gallery is away: its backup, and the way back into an empty folder, against copying the same files and syncing each.
// Ten thousand small pictures show what a photo costs, a hundred large ones what a megabyte costs. Renditions are in no backup: how
// long they take to be made again is what bench/develop.ts measures.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { makeFolder } from '../test/support/folder.ts';
import { runCli } from '../test/support/run-cli.ts';
import { type FilledGallery, fillWithFiles } from './support/filled-gallery.ts';
import { makePhotograph } from './support/photograph.ts';
import { copyDurably } from './support/raw-write.ts';
import { isShort, type Result, report } from './support/trial.ts';

const [small, large] = isShort ? [300, 10] : [10_000, 100];
/** What is to come back within ten minutes. */
const [wanted, limitS] = [10_000, 600];

const folder = await makeFolder();

/** Seconds to copy these files as carefully as an upload is kept. */
function copyRaw({ folder: from }: FilledGallery, files: readonly string[], to: string): number {
  const started = performance.now();
  copyDurably(from, files, to);
  return (performance.now() - started) / 1000;
}

/** Seconds that a command takes, the start of the program included. */
async function timed(uploadsDir: string, ...args: string[]): Promise<number> {
  const started = performance.now();
  const { code, out, err } = await runCli(args, { UPLOADS_DIR: uploadsDir, DETECTOR: 'off' });
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${out}${err}`);
  return (performance.now() - started) / 1000;
}

async function measure(name: string, gallery: FilledGallery) {
  const at = (part: string) => join(folder, name, part);
  const copy = (files: readonly string[]) => copyRaw(gallery, files, at('raw'));
  const { originals, sidecars } = gallery;
  // Half of it before and half after, since a disk that others use, too, is not the same all the time.
  const half = originals.length / 2;
  const first = [copy(originals.slice(0, half)), copy(sidecars.slice(0, half))] as const;
  const backupS = await timed(gallery.folder, 'backup', at('backup'));
  const restoreS = await timed(at('restored'), 'restore', at('backup'));
  const rawS = first[0] + copy(originals.slice(half));
  const rawBothS = rawS + first[1] + copy(sidecars.slice(half));
  const verifyS = await timed(at('restored'), 'verify', '--all');
  return { backupS, restoreS, rawS, rawBothS, verifyS };
}

async function trial(name: string, count: number, gallery: FilledGallery): Promise<void> {
  const { backupS, restoreS, rawS, rawBothS, verifyS } = await measure(name, gallery);
  const mbEach = gallery.megabytes / count;
  const photos = `${count} photos of ${mbEach < 1 ? `${(mbEach * 1000).toFixed(0)} kB` : `${mbEach.toFixed(1)} MB`}`;
  const say = (what: string, seconds: number, rest: Partial<Result> = {}) =>
    report({
      trial: 'restore',
      what: `${photos}: ${what}`,
      figures: { s: seconds, 'photos/s': count / seconds, 'MB/s': gallery.megabytes / seconds },
      ...rest,
    });
  say('originals copied and synced one by one', rawS);
  say('backup, against copying originals and sidecars so', backupS, {
    ratio: backupS / rawBothS,
  });
  say('restore into an empty folder, against copying originals so', restoreS, {
    ratio: restoreS / rawS,
  });
  // With as many starts of the program as there are parts: on the safe side, since what one takes differs more than what is copied.
  const all = (restoreS * wanted) / count;
  report({
    trial: 'restore',
    what: `${wanted} such photos restored, in parts of ${limitS} s${count === wanted ? '' : ` (extrapolated from ${count})`}`,
    figures: { s: all, GB: (mbEach * wanted) / 1000 },
    ratio: all / limitS,
    goal: '<= 1',
  });
  say('all that was restored passed verify --all', verifyS);
}

const smallJpeg = await sharp({ create: { width: 160, height: 120, channels: 3, background: '#789' } })
  .composite([{ input: { create: { width: 60, height: 60, channels: 3, background: '#c42' } } }])
  .jpeg({ quality: 90 })
  .toBuffer();
await trial(
  'small',
  small,
  fillWithFiles(join(folder, 'small/gallery'), small, { jpeg: smallJpeg, width: 160, height: 120 }),
);
await rm(join(folder, 'small'), { recursive: true, force: true });
const largeJpeg = await makePhotograph(4_000_000);
await trial(
  'large',
  large,
  fillWithFiles(join(folder, 'large/gallery'), large, { jpeg: largeJpeg, width: 4000, height: 3000 }),
);
await rm(folder, { recursive: true, force: true });
