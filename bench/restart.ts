// How soon a gallery with many photos listens again after it was killed in the middle of writing, against an empty one in turns with it.
// The rows are real, their files are not there: what is read of files at a start is read when it listens already.
import { mkdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '../test/support/client.ts';
import { makeFolder } from '../test/support/folder.ts';
import { drawPng } from '../test/support/pictures.ts';
import { type Program, startProgram } from '../test/support/start-program.ts';
import { fill } from './fill.ts';
import { isShort, median, report } from './support/trial.ts';

const many = isShort ? 5_000 : 100_000;
const rounds = isShort ? 2 : 7;
const [writers, photosEach] = isShort ? [4, 3] : [4, 10];

let seed = 0;
const folder = await makeFolder();
const place = (name: string) => {
  const uploadsDir = join(folder, name);
  mkdirSync(uploadsDir);
  return { uploadsDir, program: undefined as Program | undefined };
};
type Place = ReturnType<typeof place>;

/** Seconds from nothing to `listening`. */
async function start(at: Place): Promise<number> {
  const started = performance.now();
  at.program = await startProgram({ uploadsDir: at.uploadsDir });
  return (performance.now() - started) / 1000;
}

/** Ids of what was acknowledged until it was killed; every writer has one more under way then. */
async function writeAndKill({ program }: Place): Promise<string[]> {
  if (program === undefined) throw new Error('it was not started');
  const client = createClient(program.url);
  const kept: string[] = [];
  let killed: Promise<unknown> | undefined;
  const write = async () => {
    while (killed === undefined) {
      seed += 1;
      kept.push((await client.keep(drawPng({ seed }))).id);
      if (kept.length >= writers * photosEach) killed ??= program.kill('SIGKILL');
    }
  };
  const endings = await Promise.allSettled(Array.from({ length: writers }, write));
  if (killed === undefined) throw (endings[0] as PromiseRejectedResult).reason;
  await killed;
  return kept;
}

const logMb = ({ uploadsDir }: Place) => statSync(join(uploadsDir, 'gallery.db-wal')).size / 1e6;

const [empty, large] = [place('empty'), place('large')];
fill(large.uploadsDir, many);
await Promise.all([start(empty), start(large)]);
await empty.program?.stop();
const emptyS: number[] = [];
const killedS: number[] = [];
const logs: number[] = [];
let [acknowledged, found] = [0, 0];
for (let round = 0; round < rounds; round += 1) {
  const kept = await writeAndKill(large);
  logs.push(logMb(large));
  emptyS.push(await start(empty));
  await empty.program?.stop();
  killedS.push(await start(large));
  const client = createClient(large.program?.url ?? '');
  acknowledged += kept.length;
  for (const id of kept) if ((await client.ask(`/photos/${id}`)).status === 200) found += 1;
}
await large.program?.stop();
const stoppedS = await start(large);
await large.program?.stop();

report({
  trial: 'restart',
  what: `from nothing to listening with ${many} photos after kill -9 while it wrote, p50, against an empty gallery`,
  figures: {
    'killed p50 s': median(killedS),
    'empty p50 s': median(emptyS),
    'after SIGTERM s': stoppedS,
    'log MB most': Math.max(...logs),
    'database MB': statSync(join(large.uploadsDir, 'gallery.db')).size / 1e6,
  },
  ratio: median(killedS) / median(emptyS),
});
report({
  trial: 'restart',
  what: 'the slowest of these starts, in parts of 3 s',
  figures: { 's most': Math.max(...killedS), 'empty s most': Math.max(...emptyS), kills: rounds },
  ratio: Math.max(...killedS) / 3,
  goal: '<= 1',
});
report({
  trial: 'restart',
  what: 'photos acknowledged before a kill that are there after it',
  figures: { acknowledged, found },
  ratio: found / acknowledged,
  goal: '>= 1',
});
await rm(folder, { recursive: true, force: true });
