// Fifty phones with twenty photos each, side by side, every phone at 5 Mbit/s: is each photo acknowledged, how soon after its last
// byte, and what do those who browse notice meanwhile? The phones share the machine with the gallery, so figures are on the safe side.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createClient } from '../test/support/client.ts';
import { projectRoot, testData } from '../test/support/data.ts';
import { makeFolder } from '../test/support/folder.ts';
import { startProgram } from '../test/support/start-program.ts';
import { until } from '../test/support/until.ts';
import { openPhone } from './support/phone.ts';
import { anotherOf, makePhotograph } from './support/photograph.ts';
import { memoryOf } from './support/process.ts';
import { isShort, percentile, report } from './support/trial.ts';

const [phones, photosEach] = isShort ? [8, 2] : [50, 20];
const bytesPerSecond = 5_000_000 / 8;
const model = testData('models/yolox_nano_416.onnx');
const detector =
  model.skip === false ? { DETECTOR: 'yolox', MODEL_FILE: model.path } : { DETECTOR: 'centernet' };

const folder = await makeFolder();
const delayFile = join(folder, 'delay.json');
const program = await startProgram({
  uploadsDir: join(folder, 'gallery'),
  env: {
    ...detector,
    LOOP_DELAY_FILE: delayFile,
    NODE_OPTIONS: `--import=${pathToFileURL(join(projectRoot, 'bench/support/loop-delay.mjs'))}`,
  },
});
const client = createClient(program.url);
await client.ask('/');
const idle = await memoryOf(program.pid);

async function loopDelay(): Promise<{ p99: number; max: number }> {
  await rm(delayFile, { force: true });
  process.kill(program.pid, 'SIGUSR2');
  return until('the delays of the event loop', async () =>
    JSON.parse(await readFile(delayFile, 'utf8').catch(() => 'false')),
  );
}

let over = false;
/** Somebody who looks at the list, ten times a second. */
async function browse(): Promise<number[]> {
  const tookMs: number[] = [];
  while (!over) {
    const started = performance.now();
    await client.ask('/', { headers: { Accept: 'text/html' } });
    tookMs.push(performance.now() - started);
    await pause(100);
  }
  return tookMs;
}

/** The most that the web process holds until told to stop. */
function watchMemory(): () => Promise<number> {
  let over = false;
  const watching = (async () => {
    let most = 0;
    while (!over) {
      most = Math.max(most, (await memoryOf(program.pid)).nowMb);
      await pause(200);
    }
    return most;
  })();
  return () => {
    over = true;
    return watching;
  };
}

const photograph = await makePhotograph(4_000_000);
// What a process holds that has taken as many photos one after another is not the memory of those under way: compiled code, caches.
const stopAlone = watchMemory();
const alone = openPhone(program.url, Number.POSITIVE_INFINITY);
for (let photo = 0; photo < phones; photo += 1)
  await alone.send(anotherOf(photograph), `alone, photo ${photo}`);
alone.close();
const aloneMb = await stopAlone();
await loopDelay();
const browsing = browse();
const stopWatching = watchMemory();
type Acknowledged = Awaited<ReturnType<ReturnType<typeof openPhone>['send']>>;

/** @param spreadMs between the first phone's start and the last one's */
async function sendAll(each: number, spreadMs: number): Promise<Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  await Promise.all(
    Array.from({ length: phones }, async (_, phone) => {
      await pause((spreadMs * phone) / phones);
      const device = openPhone(program.url, bytesPerSecond);
      for (let photo = 0; photo < each; photo += 1)
        acknowledged.push(await device.send(anotherOf(photograph), `phone ${phone}, photo ${photo}`));
      device.close();
    }),
  );
  return acknowledged;
}

// Phones of equal pace that begin at one moment would also end at one, twenty times: that is measured by itself, once.
const onePhotoMs = (photograph.length / bytesPerSecond) * 1000;
const started = performance.now();
const acknowledged = await sendAll(photosEach, onePhotoMs);
const tookS = (performance.now() - started) / 1000;
over = true;
const [listMs, mostMb] = await Promise.all([browsing, stopWatching()]);
const delay = await loopDelay();
const sent = phones * photosEach;
const kept = new Set(acknowledged.map(({ photo }) => photo)).size;
const acks = acknowledged.map(({ ackMs }) => ackMs);
const together = (await sendAll(1, 0)).map(({ ackMs }) => ackMs);

report({
  trial: 'phones',
  what: `${phones} phones x ${photosEach} photos of ${(photograph.length / 1e6).toFixed(1)} MB at 5 Mbit/s: acknowledged, of those sent`,
  figures: {
    photos: kept,
    seconds: tookS,
    retries: acknowledged.reduce((sum, { tries }) => sum + tries - 1, 0),
  },
  ratio: kept / sent,
  goal: '>= 1',
});
report({
  trial: 'phones',
  what: 'from the last byte to the acknowledgement, p95, in parts of 500 ms',
  figures: { 'p50 ms': percentile(acks, 0.5), 'p95 ms': percentile(acks, 0.95), 'max ms': Math.max(...acks) },
  ratio: percentile(acks, 0.95) / 500,
  goal: '<= 1',
});
report({
  trial: 'phones',
  what: `the same where ${phones} uploads end at one moment`,
  figures: {
    'p50 ms': percentile(together, 0.5),
    'p95 ms': percentile(together, 0.95),
    'max ms': Math.max(...together),
  },
});
report({
  trial: 'phones',
  what: 'delay of the event loop meanwhile, p99, in parts of 50 ms',
  figures: { 'p99 ms': delay.p99, 'max ms': delay.max },
  ratio: delay.p99 / 50,
  goal: '<= 1',
});
report({
  trial: 'phones',
  what: 'memory for each upload under way, in parts of 1 MiB',
  figures: { 'idle MB': idle.nowMb, 'one at a time MB': aloneMb, 'most MB': mostMb },
  ratio: Math.max(0, mostMb - aloneMb) / phones,
  goal: '<= 1',
});
report({
  trial: 'phones',
  what: 'the list meanwhile, p99, in parts of 200 ms',
  figures: { 'p50 ms': percentile(listMs, 0.5), 'p99 ms': percentile(listMs, 0.99) },
  ratio: percentile(listMs, 0.99) / 200,
  goal: '<= 1',
});

await program.stop();
await rm(folder, { recursive: true, force: true });
