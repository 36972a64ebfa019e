// Pictures looked at a second by children of the darkroom, against a bare loop that decodes the same files and runs the same network
// in as many processes. Contenders take turns, round by round. What our side does beyond: it asks and answers over a pipe, watches
// time and memory, scales from the very pixels that developing would give, reads and suppresses boxes, and checks every answer.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { room, street } from '../scripts/fixtures/scenes.ts';
import { openDarkroom } from '../src/darkroom/darkroom.ts';
import type { Darkroom } from '../src/gallery/ports.ts';
import { openLog } from '../src/log.ts';
import { projectRoot, testData } from '../test/support/data.ts';
import { makeFolder } from '../test/support/folder.ts';
import { isShort, median, report } from './support/trial.ts';

const processes = Math.min(2, availableParallelism());
const picturesARound = isShort ? 40 : 200;
const rounds = isShort ? 3 : 11;
const model = testData('models/yolox_nano_416.onnx');
const bareLoop = fileURLToPath(new URL('./support/bare-detect.ts', import.meta.url));

const clean: (() => unknown)[] = [];
const folder = await makeFolder({ after: (task) => clean.unshift(task) });
const pictures = await drawRenditions();
if (model.skip === false) await compare();
await weigh();
for (const task of clean) await task();

/** As developing leaves them: 800 px of WebP. Drawn scenes under the grain of a small sensor, upright and on their side. */
async function drawRenditions(): Promise<string[]> {
  const paths: string[] = [];
  for (const [at, [draw, width, height]] of [
    [street, 800, 600] as const,
    [room, 800, 533] as const,
    [street, 600, 800] as const,
    [room, 450, 800] as const,
  ].entries()) {
    const noise = { type: 'gaussian', mean: 128, sigma: 30 + at } as const;
    const grain = sharp({ create: { width, height, channels: 3, background: '#000', noise } });
    const picture = await sharp(Buffer.from(draw(width, height)))
      .flatten()
      .composite([{ input: await grain.png().toBuffer(), blend: 'soft-light' }])
      .webp({ quality: 80, effort: 2 })
      .toBuffer();
    const path = join(folder, `${at}.webp`);
    await writeFile(path, picture);
    paths.push(path);
  }
  return paths;
}

async function compare(): Promise<void> {
  const darkroom = await open('yolox');
  const loops = Array.from({ length: processes }, () => fork(bareLoop, { execArgv: ['--import', 'tsx'] }));
  await Promise.all(loops.map((loop) => once(loop, 'message')));
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = -2; round < rounds; round += 1) {
    const [ourSeconds, bareSeconds] = [
      await timed(() => lookAtAll(darkroom)),
      await timed(() => loopOverAll(loops)),
    ];
    // The first rounds start processes, load the model and compile what is run often.
    if (round < 0) continue;
    ours.push(picturesARound / ourSeconds);
    bare.push(picturesARound / bareSeconds);
  }
  for (const loop of loops) loop.disconnect();
  await darkroom.close();
  report({
    trial: 'detect',
    what: `looking at 800 px WebP with YOLOX-nano, ${processes} processes, against a bare sharp + ONNX Runtime loop`,
    figures: { 'ours pictures/s': median(ours), 'bare pictures/s': median(bare) },
    ratio: median(ours.map((figure, at) => figure / (bare[at] ?? Number.NaN))),
    goal: '>= 0.9',
  });
}

/** The built-in engine is everywhere, so that there is always something to report. */
async function weigh(): Promise<void> {
  const darkroom = await open('centernet');
  await lookAtAll(darkroom, processes);
  const count = isShort ? 2 * processes : 40;
  const seconds = await timed(() => lookAtAll(darkroom, count));
  await darkroom.close();
  report({
    trial: 'detect',
    what: `looking at 800 px WebP with the built-in engine, ${processes} processes`,
    figures: { 'pictures/s': count / seconds },
  });
}

async function open(detector: 'yolox' | 'centernet'): Promise<Darkroom> {
  return await openDarkroom({
    children: processes,
    detector,
    modelsFolder: folder,
    log: openLog('warn'),
    // As it is shipped: the loader of TypeScript gives the garbage collector more to walk over.
    childModule: join(projectRoot, 'dist/darkroom/child.js'),
    ...(detector === 'yolox' ? { modelFile: model.path } : {}),
  });
}

async function lookAtAll(darkroom: Darkroom, count = picturesARound): Promise<void> {
  const looks = Array.from({ length: count }, async (_, at) => {
    const sighting = await darkroom.look(pictures[at % pictures.length] ?? '', 'image/webp');
    if (sighting.kind !== 'seen') throw new Error(JSON.stringify(sighting));
  });
  await Promise.all(looks);
}

async function loopOverAll(loops: readonly ChildProcess[]): Promise<void> {
  const done = loops.map(async (loop, process) => {
    const files = Array.from({ length: picturesARound }, (_, at) => pictures[at % pictures.length]);
    loop.send({ model: model.path, files: files.filter((_, at) => at % loops.length === process) });
    await once(loop, 'message');
  });
  await Promise.all(done);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}
