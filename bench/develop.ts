// Photos developed a second by the darkroom, against a bare loop that does the same work in as many processes; what a child holds
// in memory with either engine; how long a probe takes, alone and beside photos; and what a HEIC of twelve megapixels takes. Contenders
// take turns, round by round.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { hasEncoder } from '../scripts/fixtures/heic.ts';
import { street } from '../scripts/fixtures/scenes.ts';
import { openDarkroom } from '../src/darkroom/darkroom.ts';
import type { MediaType } from '../src/gallery/photo.ts';
import type { Darkroom } from '../src/gallery/ports.ts';
import { openLog } from '../src/log.ts';
import { testData } from '../test/support/data.ts';
import { makeFolder } from '../test/support/folder.ts';
import { childrenOf } from '../test/support/start-program.ts';
import { makeHeicPhoto } from './support/heic-photo.ts';
import { memoryOf } from './support/process.ts';
import { isShort, median, percentile, report } from './support/trial.ts';

const processes = Math.min(2, availableParallelism());
const photosARound = isShort ? 4 : 12;
const rounds = isShort ? 2 : 9;
const model = testData('models/yolox_nano_416.onnx');
const bareLoop = fileURLToPath(new URL('./support/bare-develop.ts', import.meta.url));
const bareHeif = fileURLToPath(new URL('./support/bare-heif.ts', import.meta.url));
const detector = model.skip === false ? 'yolox' : 'off';

const clean: (() => unknown)[] = [];
const folder = await makeFolder({ after: (task) => clean.unshift(task) });
const photos = await drawPhotos(4);
const megabytes = ((await stat(photos[0] ?? '')).size / 1e6).toFixed(1);
await compareSpeed();
await weigh('centernet');
await developHeic();
for (const task of clean) await task();

/** Twelve megapixels, about 4 MB each: a drawn street under the grain of a small sensor. */
async function drawPhotos(count: number): Promise<string[]> {
  const [width, height] = [4000, 3000];
  const paths: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const grain = await sharp({
      create: {
        width,
        height,
        channels: 3,
        background: '#000',
        noise: { type: 'gaussian', mean: 128, sigma: 36 + at },
      },
    })
      .blur(0.6)
      .png({ compressionLevel: 0 })
      .toBuffer();
    const drawing = await sharp(Buffer.from(street(width, height)))
      .flatten()
      .png({ compressionLevel: 0 })
      .toBuffer();
    const photo = await sharp(drawing)
      .composite([{ input: grain, blend: 'soft-light' }])
      .jpeg({ quality: 95 })
      .toBuffer();
    paths.push(join(folder, `photo-${at}.jpg`));
    await writeFile(paths[at] ?? '', photo);
  }
  return paths;
}

async function compareSpeed(): Promise<void> {
  const darkroom = await open(detector);
  const loops = Array.from({ length: processes }, () => fork(bareLoop, { execArgv: ['--import', 'tsx'] }));
  await Promise.all(loops.map((loop) => once(loop, 'message')));
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const [poolSeconds, bareSeconds] = [
      await timed(() => developAll(darkroom)),
      await timed(() => loopAll(loops)),
    ];
    // The first round starts processes and loads the model.
    if (round < 0) continue;
    ours.push(photosARound / poolSeconds);
    bare.push(photosARound / bareSeconds);
  }
  for (const loop of loops) loop.disconnect();
  report({
    trial: 'develop',
    what: `12-megapixel JPEGs of ${megabytes} MB to three renditions${detector === 'off' ? '' : ' and YOLOX-nano'}, ${processes} processes, against a bare sharp + ONNX Runtime loop`,
    figures: { 'ours photos/s': median(ours), 'bare photos/s': median(bare) },
    ratio: median(ours) / median(bare),
    goal: '>= 0.8',
  });
  report({
    trial: 'develop',
    what: 'photos a second (goal: 6)',
    figures: { 'slowest round': Math.min(...ours), 'fastest round': Math.max(...ours) },
    ratio: median(ours),
    goal: '>= 6',
  });
  await probes(darkroom);
  await reportMemory(detector);
  await darkroom.close();
}

async function open(engine: 'yolox' | 'centernet' | 'off'): Promise<Darkroom> {
  return await openDarkroom({
    children: processes,
    detector: engine,
    modelsFolder: folder,
    log: openLog('warn'),
    ...(engine === 'yolox' ? { modelFile: model.path } : {}),
  });
}

async function developAll(darkroom: Darkroom, count = photosARound): Promise<void> {
  const developed = Array.from({ length: count }, (_, at) =>
    developOne(darkroom, photos[at % photos.length] ?? '', 'image/jpeg'),
  );
  await Promise.all(developed);
}

async function developOne(darkroom: Darkroom, path: string, type: MediaType): Promise<void> {
  const out = await mkdtemp(join(folder, 'out-'));
  const result = await darkroom.develop(path, type, out);
  if (result.kind !== 'developed' || result.sighting.kind === 'unavailable')
    throw new Error(JSON.stringify(result));
}

async function loopAll(loops: readonly ChildProcess[]): Promise<void> {
  const done = loops.map(async (loop, process) => {
    const out = join(folder, `bare-${process}`);
    await mkdir(out, { recursive: true });
    const files = Array.from({ length: photosARound }, (_, at) => photos[at % photos.length]);
    const mine = files.filter((_, at) => at % loops.length === process);
    loop.send({ folder: out, files: mine, ...(detector === 'off' ? {} : { model: model.path }) });
    await once(loop, 'message');
  });
  await Promise.all(done);
}

/** A probe is what a person who uploads waits for. */
async function probes(darkroom: Darkroom): Promise<void> {
  const count = isShort ? 10 : 100;
  const one = async () => 1000 * (await timed(() => darkroom.probe(photos[0] ?? '', 'image/jpeg')));
  const alone: number[] = [];
  for (let at = 0; at < count; at += 1) alone.push(await one());
  const beside: number[] = [];
  let busy = true;
  const photosUnderWay = developAll(darkroom, 4 * processes).finally(() => {
    busy = false;
  });
  while (busy) beside.push(await one());
  await photosUnderWay;
  report({
    trial: 'develop',
    what: 'a probe of a 12-megapixel JPEG, alone and while every child develops',
    figures: {
      'alone p50 ms': median(alone),
      'alone p99 ms': percentile(alone, 0.99),
      'beside p50 ms': median(beside),
      'beside p99 ms': percentile(beside, 0.99),
    },
  });
}

async function weigh(engine: 'centernet'): Promise<void> {
  const darkroom = await open(engine);
  const seconds = await timed(() => developAll(darkroom, 2 * photosARound));
  report({
    trial: 'develop',
    what: '12-megapixel JPEGs to three renditions and the built-in engine',
    figures: { 'photos/s, start included': (2 * photosARound) / seconds },
  });
  await reportMemory(engine);
  await darkroom.close();
}

/** One at a time, as when somebody uploads one, each time in a child that is there already. */
async function developHeic(): Promise<void> {
  if (!hasEncoder()) {
    process.stderr.write('no heif-enc (Debian: libheif-examples), so no HEIC is developed\n');
    return;
  }
  const file = await makeHeicPhoto(photos[0] ?? '', isShort ? 2 : 12);
  const path = join(folder, 'photo.heic');
  await writeFile(path, file);
  const loop = fork(bareHeif, { execArgv: ['--import', 'tsx'] });
  await once(loop, 'message');
  const darkroom = await open(detector);
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let round = -1; round < (isShort ? 1 : rounds); round += 1) {
    const seconds = await timed(() => developOne(darkroom, path, 'image/heic'));
    loop.send(path);
    const [bareSeconds] = (await once(loop, 'message')) as [number];
    // The first round loads modules and the model.
    if (round < 0) continue;
    ours.push(seconds);
    bare.push(bareSeconds);
  }
  loop.disconnect();
  await once(loop, 'exit');
  const what = `a HEIC of 4032 x 3024 in 48 tiles, ${(file.length / 1e6).toFixed(1)} MB`;
  report({
    trial: 'develop',
    what: `${what}, to three renditions${detector === 'off' ? '' : ' and YOLOX-nano'}, against its decode alone by libheif`,
    figures: { 'ours s': median(ours), 'bare decode s': median(bare) },
    ratio: median(ours) / median(bare),
    goal: '<= 2',
  });
  report({
    trial: 'develop',
    what: 'seconds for that HEIC (goal: 3)',
    figures: { fastest: Math.min(...ours), slowest: Math.max(...ours) },
    ratio: median(ours),
    goal: '<= 3',
  });
  await reportMemory(detector, ' that developed it');
  await darkroom.close();
}

async function reportMemory(engine: string, which = ''): Promise<void> {
  const children = await Promise.all((await childrenOf(process.pid)).map(memoryOf));
  const peak = Math.max(...children.map(({ peakMb }) => peakMb));
  report({
    trial: 'develop',
    what: `memory of a child with ${engine === 'off' ? 'no engine' : engine}${which} (ratio: of 400 MB)`,
    figures: { 'MB now': Math.max(...children.map(({ nowMb }) => nowMb)), 'MB peak': peak },
    ratio: peak / 400,
    goal: '<= 1',
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}
