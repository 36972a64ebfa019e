// Two hundred uploads of a byte a second, by form and by pieces: what somebody who looks at the list notices of it, and how soon the
// crawling ones are cut. In short, twenty of them for a few seconds, and nobody waits until they are cut.
import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '../test/support/client.ts';
import { beginSlowUpload } from '../test/support/crowd.ts';
import { makeFolder } from '../test/support/folder.ts';
import { startProgram } from '../test/support/start-program.ts';
import { memoryOf } from './support/process.ts';
import { isShort, percentile, report } from './support/trial.ts';

const crawling = isShort ? 20 : 200;

const folder = await makeFolder();
const program = await startProgram({ uploadsDir: folder });
const client = createClient(program.url);

async function lookFor(ms: number, orUntil: Promise<unknown>): Promise<number[]> {
  let over = false;
  void orUntil.then(() => {
    over = true;
  });
  const tookMs: number[] = [];
  for (const ends = performance.now() + ms; performance.now() < ends && !over; await pause(50)) {
    const started = performance.now();
    await client.ask('/', { headers: { Accept: 'text/html' } });
    tookMs.push(performance.now() - started);
  }
  return tookMs;
}

const never = new Promise<never>(() => {});
const quiet = await lookFor(isShort ? 1_000 : 10_000, never);
const before = await memoryOf(program.pid);
const started = performance.now();
const crowd = await Promise.all(
  Array.from({ length: crawling }, (_, index) =>
    beginSlowUpload(program.url, index % 2 === 0 ? 'form' : 'pieces'),
  ),
);
const allCut = Promise.all(crowd.map(({ cut }) => cut)).then(() => (performance.now() - started) / 1000);
const looks = await lookFor(isShort ? 4_000 : 120_000, allCut);
const beside = await memoryOf(program.pid);
if (isShort) for (const { leave } of crowd) leave();
const cutS = await allCut;

report({
  trial: 'crowd',
  what: `the list beside ${crawling} uploads of a byte a second, p99, in parts of 300 ms`,
  figures: {
    'p50 ms': percentile(looks, 0.5),
    'p99 ms': percentile(looks, 0.99),
    'alone p99 ms': percentile(quiet, 0.99),
    'MB more': beside.nowMb - before.nowMb,
  },
  ratio: percentile(looks, 0.99) / 300,
  goal: '<= 1',
});
if (!isShort)
  report({
    trial: 'crowd',
    what: 'until the last of them is cut, in parts of 90 s',
    figures: { s: cutS },
    ratio: cutS / 90,
    goal: '<= 1',
  });

await program.stop();
await rm(folder, { recursive: true, force: true });
