// Does a child of the darkroom grow? One child develops, or only looks at, 2,000 photos of mixed sizes and formats, and is weighed as
// it goes: as shipped, through the pool, and with ONNX Runtime's arena and memory pattern on and off. Photos are drawn by the
// project, and those of the test data where there are some. `--short`: 200 photos, developed as shipped only.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { kite, stopSign, wallClock } from '../scripts/fixtures/drawings.ts';
import { room, street } from '../scripts/fixtures/scenes.ts';
import { openDarkroom } from '../src/darkroom/darkroom.ts';
import { openLog } from '../src/log.ts';
import { filesBelow, projectRoot, testData } from '../test/support/data.ts';
import { makeFolder } from '../test/support/folder.ts';
import { typeOf } from '../test/support/rgb.ts';
import { childrenOf } from '../test/support/start-program.ts';
import { memoryOf } from './support/process.ts';
import { isShort, report } from './support/trial.ts';

const photosInAll = isShort ? 200 : 2000;
const settledAfter = isShort ? 100 : 200;
const model = testData('models/yolox_nano_416.onnx');
const engine = model.skip === false ? 'YOLOX-nano' : 'no engine';
const soakChild = fileURLToPath(new URL('./support/soak-child.ts', import.meta.url));

const clean: (() => unknown)[] = [];
const folder = await makeFolder({ after: (task) => clean.unshift(task) });
const photos = [...(await drawPhotos()), ...photosOfOthers()];
await soakAsShipped('developed');
if (!isShort) await soakAsShipped('looked at');
if (!isShort && model.skip === false) {
  // Two at a time: what is weighed here is not speed.
  await Promise.all([soakWith('on', 'off'), soakWith('on', 'on')]);
  await Promise.all([soakWith('off', 'off'), soakWith('off', 'on')]);
}
for (const task of clean) await task();

/** Every drawing at sizes from a stamp to a phone's photograph, wide and tall; most of them small, so that 2,000 take minutes. */
async function drawPhotos(): Promise<string[]> {
  const drawings = [street, room, kite, stopSign, wallClock];
  const sizes = [48, 96, 150, 240, 333, 480, 500, 640, 717, 800, 900, 1000, 1280, 1600, 2400, 4000];
  const shapes = [4 / 3, 3 / 4, 16 / 9, 1, 1 / 3];
  const formats = ['jpeg', 'webp', 'png'] as const;
  const paths: string[] = [];
  for (const [at, edge] of [...sizes, ...sizes.slice(0, 11)].entries()) {
    const ratio = shapes[at % shapes.length] ?? 1;
    const [width, height] = ratio >= 1 ? [edge, edge / ratio] : [edge * ratio, edge];
    const draw = drawings[at % drawings.length] ?? street;
    const picture = sharp(Buffer.from(draw(Math.round(width), Math.round(height)))).flatten();
    const format = edge > 2000 ? 'jpeg' : (formats[at % formats.length] ?? 'jpeg');
    paths.push(join(folder, `${at}.${format}`));
    await writeFile(paths[at] ?? '', await picture.toFormat(format).toBuffer());
  }
  paths.push(join(folder, 'small.avif'));
  await writeFile(paths.at(-1) ?? '', await sharp(paths[8]).avif({ effort: 0 }).toBuffer());
  return paths;
}

function photosOfOthers(): string[] {
  const { path, skip } = testData('photos');
  if (skip !== false) return [];
  return filesBelow(path).flatMap((file) => (/\.(jpe?g|png|webp|avif)$/i.test(file.name) ? [file.path] : []));
}

/** The same order each time; large after small and small after large. */
function photoOf(at: number): string {
  return photos[(at * 7) % photos.length] ?? '';
}

interface Weights {
  readonly start: number;
  readonly settled: number;
  readonly end: number;
  readonly peak: number;
}

/** Weighed after the first photo, since a model is opened for it. */
async function soak(
  pidOf: () => Promise<number>,
  develop: (path: string) => Promise<void>,
): Promise<Weights> {
  let [start, settled] = [Number.NaN, Number.NaN];
  for (let at = 0; at < photosInAll; at += 1) {
    await develop(photoOf(at));
    if (at === 0) start = (await memoryOf(await pidOf())).nowMb;
    if (at + 1 === settledAfter) settled = (await memoryOf(await pidOf())).nowMb;
  }
  const { nowMb, peakMb } = await memoryOf(await pidOf());
  return { start, settled, end: nowMb, peak: peakMb };
}

async function soakAsShipped(how: 'developed' | 'looked at'): Promise<void> {
  const never = Number.POSITIVE_INFINITY;
  const darkroom = await openDarkroom({
    children: 1,
    detector: model.skip === false ? 'yolox' : 'off',
    ...(model.skip === false ? { modelFile: model.path } : {}),
    modelsFolder: folder,
    log: openLog('warn'),
    childModule: join(projectRoot, 'dist/darkroom/child.js'),
    // One and the same child to the end.
    photosPerChild: never,
    recycleBytes: never,
    idleMs: never,
  });
  const out = await makeOut('shipped');
  const pids = new Set<number>();
  const pidOf = async () => {
    const [pid = 0] = await childrenOf(process.pid);
    pids.add(pid);
    return pid;
  };
  const weights = await soak(pidOf, async (path) => {
    const type = typeOf(path);
    const answer =
      how === 'developed' ? await darkroom.develop(path, type, out) : await darkroom.look(path, type);
    if (!['developed', 'seen', 'off'].includes(answer.kind)) throw new Error(JSON.stringify(answer));
  });
  await darkroom.close();
  if (pids.size !== 1) throw new Error('the child did not live to the end');
  tell(how, `as shipped, ${engine}`, weights, true);
}

async function soakWith(arena: 'on' | 'off', pattern: 'on' | 'off'): Promise<void> {
  const child = fork(soakChild, [model.path, arena, pattern], {
    execArgv: ['--import', 'tsx', '--max-old-space-size=512'],
    env: { VIPS_BLOCK_UNTRUSTED: '1', MALLOC_ARENA_MAX: '2' },
    cwd: projectRoot,
  });
  await answerOf(child);
  const out = await makeOut(`${arena}-${pattern}`);
  const weights = await soak(
    async () => child.pid ?? 0,
    async (path) => {
      child.send({ path, type: typeOf(path), folder: out });
      await answerOf(child);
    },
  );
  child.disconnect();
  tell('developed', `arena ${arena}, memory pattern ${pattern}, run from source`, weights, false);
}

async function answerOf(child: ChildProcess): Promise<void> {
  const gone = new AbortController();
  const { signal } = gone;
  try {
    await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(() => {
        throw new Error('the child ended');
      }),
    ]);
  } finally {
    gone.abort();
  }
}

async function makeOut(name: string): Promise<string> {
  const out = join(folder, `out-${name}`);
  await mkdir(out, { recursive: true });
  return out;
}

function tell(what: string, how: string, { start, settled, end, peak }: Weights, isGoal: boolean): void {
  report({
    trial: 'soak',
    what: `memory of a child, ${photosInAll} photos of ${photos.length} sizes ${what}, ${how} (ratio: end to after ${settledAfter})`,
    figures: { 'MB start': start, [`MB after ${settledAfter}`]: settled, 'MB end': end, 'MB peak': peak },
    ratio: end / settled,
    ...(isGoal ? { goal: '<= 1.1' as const } : {}),
  });
}
