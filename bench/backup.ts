// A backup while photos come in at an even pace: does anybody who sends notice, how long does it take, and does what was acknowledged
// before it began come back whole? The phones share the machine with gallery and backup, so figures are on the safe side.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { originalKey } from '../src/gallery/media.ts';
import type { MediaType, Sha256 } from '../src/gallery/photo.ts';
import { projectRoot } from '../test/support/data.ts';
import { makeFolder } from '../test/support/folder.ts';
import { runCli } from '../test/support/run-cli.ts';
import { startProgram } from '../test/support/start-program.ts';
import { anotherOf, makePhotograph } from './support/photograph.ts';
import { timedUpload } from './support/timed-upload.ts';
import { isShort, percentile, report } from './support/trial.ts';

const perSecond = 20;
const seconds = isShort ? 3 : 20;
/** As many as the gallery takes at once, and fewer than it refuses. */
const mostAtOnce = 32;

const folder = await makeFolder();
const gallery = join(folder, 'gallery');
const program = await startProgram({ uploadsDir: gallery });
const agent = new Agent({ keepAlive: true, maxSockets: mostAtOnce });
const photograph = await makePhotograph(1_000_000);

interface Sent {
  readonly id: string;
  readonly sha256: string;
  readonly ms: number;
}

/** Sends one each twentieth of a second, whether or not those before were answered, until `isOver`; left out when too many wait. */
async function send(isOver: () => boolean): Promise<{ sent: Sent[]; perSecond: number; leftOut: number }> {
  const sent: Sent[] = [];
  const under = new Set<Promise<void>>();
  let leftOut = 0;
  const started = performance.now();
  for (let turn = 0; !isOver(); turn += 1) {
    if (under.size >= mostAtOnce) leftOut += 1;
    else {
      const one = sendOne().then((done) => {
        sent.push(done);
        under.delete(one);
      });
      under.add(one);
    }
    await pause(Math.max(0, started + ((turn + 1) * 1000) / perSecond - performance.now()));
  }
  await Promise.all(under);
  return { sent, perSecond: (sent.length * 1000) / (performance.now() - started), leftOut };
}

/** Sends until something else is done. */
async function sendDuring<T>(work: Promise<T>) {
  let isOver = false;
  const ending = work.finally(() => {
    isOver = true;
  });
  const [uploads, done] = await Promise.all([send(() => isOver), ending]);
  return { ...uploads, done };
}

async function sendOne(): Promise<Sent> {
  const { ms, answer } = await timedUpload(program.url, anotherOf(photograph), agent);
  const { id, sha256 } = JSON.parse(answer) as Sent;
  return { id, sha256, ms };
}

const forSeconds = (count: number) => {
  const end = performance.now() + count * 1000;
  return () => performance.now() > end;
};

/** The same files once more, from the backup, as carefully and with nothing else; also a program that has to start first. */
async function copyRaw(from: string, to: string): Promise<number> {
  const started = performance.now();
  const args = ['--import', 'tsx', 'bench/support/raw-copy.ts', from, to];
  await promisify(execFile)(process.execPath, args, { cwd: projectRoot });
  return (performance.now() - started) / 1000;
}

async function backUp(to: string): Promise<{ s: number; photos: number }> {
  const started = performance.now();
  const { code, out, err } = await runCli(['backup', to], { UPLOADS_DIR: gallery });
  if (code !== 0) throw new Error(`the backup ended with ${code}: ${err}`);
  return { s: (performance.now() - started) / 1000, photos: Number.parseInt(out, 10) };
}

/** How many of these a restored folder has, row and every byte. */
function wholeIn(uploadsDir: string, photos: readonly Sent[]): number {
  const database = new Database(join(uploadsDir, 'gallery.db'), { readonly: true });
  const find = database.prepare<[string], { sha256: Sha256; type: MediaType }>(
    'SELECT sha256, type FROM photos WHERE id = ?',
  );
  const isWhole = ({ id, sha256 }: Sent) => {
    const row = find.get(id);
    if (row?.sha256 !== sha256) return false;
    const bytes = readFileSync(join(uploadsDir, originalKey(row.sha256, row.type)));
    return createHash('sha256').update(bytes).digest('hex') === sha256;
  };
  const count = photos.filter(isWhole).length;
  database.close();
  return count;
}

await send(forSeconds(1));
const alone = await send(forSeconds(seconds));
const beside = await sendDuring(backUp(join(folder, 'backup')));
const besideRaw = await sendDuring(copyRaw(join(folder, 'backup'), join(folder, 'raw')));
agent.destroy();
await program.stop();
const restored = join(folder, 'restored');
const { code, err } = await runCli(['restore', join(folder, 'backup')], { UPLOADS_DIR: restored });
if (code !== 0) throw new Error(`the restore ended with ${code}: ${err}`);
const back = wholeIn(restored, alone.sent);

const figures = ({ sent, perSecond: reached, leftOut }: typeof alone) => ({
  'uploads/s': reached,
  'p50 ms': percentile(
    sent.map(({ ms }) => ms),
    0.5,
  ),
  'p95 ms': percentile(
    sent.map(({ ms }) => ms),
    0.95,
  ),
  'not sent in time': leftOut,
});
const size = `${(photograph.length / 1e6).toFixed(1)} MB`;
const [aloneFigures, besideFigures, rawFigures] = [figures(alone), figures(beside), figures(besideRaw)];
const { s: backupS, photos } = beside.done;
report({
  trial: 'backup',
  what: `uploads of ${size}, ${perSecond} a second wished for, no backup`,
  figures: aloneFigures,
});
report({
  trial: 'backup',
  what: 'the same while a backup runs: p95 until acknowledged, against none',
  figures: besideFigures,
  ratio: besideFigures['p95 ms'] / aloneFigures['p95 ms'],
});
report({
  trial: 'backup',
  what: 'the same while those files are copied and synced one by one',
  figures: rawFigures,
  ratio: rawFigures['p95 ms'] / aloneFigures['p95 ms'],
});
report({
  trial: 'backup',
  what: 'that backup, against that copy, each beside uploads as above',
  figures: { photos, 'backup s': backupS, 'copy s': besideRaw.done },
  ratio: backupS / besideRaw.done,
});
report({
  trial: 'backup',
  what: 'acknowledged before it began and whole in what was restored of it, of all of those',
  figures: { photos: back },
  ratio: back / alone.sent.length,
  goal: '>= 1',
});
await rm(folder, { recursive: true, force: true });
