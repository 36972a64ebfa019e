// The queue of the upload page with many large pictures, in a real Chromium: is its memory flat, and does everything arrive? In full a
// thousand of 5 MB, of which the browser must not hold more than a few at once.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launchOwnChromium, skipWithoutChromium } from '../test/support/chromium.ts';
import { createClient } from '../test/support/client.ts';
import { makeFolder } from '../test/support/folder.ts';
import { rows, arrived as states } from '../test/support/queue-page.ts';
import { childrenOf, startProgram } from '../test/support/start-program.ts';
import { until } from '../test/support/until.ts';
import { anotherOf, makePhotograph } from './support/photograph.ts';
import { isShort, report } from './support/trial.ts';

const count = isShort ? 12 : 1000;

const folder = await makeFolder();
const program = await startProgram({
  uploadsDir: join(folder, 'gallery'),
  env: { DARKROOM_CHILDREN: '1' },
});
const client = createClient(program.url);
const photograph = await makePhotograph(5_000_000);
await mkdir(join(folder, 'camera'));
const paths: string[] = [];
for (let index = 0; index < count; index += 1) {
  const path = join(folder, 'camera', `IMG_${index}.jpg`);
  await writeFile(path, anotherOf(photograph));
  paths.push(path);
}

/** Megabytes of all processes of the browser that only it has (a page shared among them is counted once a process otherwise). */
async function privateMb(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const own =
    [...text.matchAll(/^Private_\w+:\s+(\d+) kB/gm)].reduce((sum, [, kb]) => sum + Number(kb), 0) / 1024;
  const children = await Promise.all((await childrenOf(pid)).map(privateMb));
  return children.reduce((sum, mb) => sum + mb, own);
}

if (skipWithoutChromium !== false) {
  process.stdout.write(`skipped: ${skipWithoutChromium}\n`);
  report({ trial: 'queue', what: 'not measured: there is no Chromium here', figures: {} });
} else {
  // As on somebody's own phone: a window that forgets keeps in memory what others write to the disk.
  const browser = await launchOwnChromium(join(folder, 'browser'));
  const page = await browser.newPage();
  const pid = (await childrenOf(process.pid)).at(-1) ?? 0;
  await page.goto(new URL('/photos/new', program.url).href);
  const before = await privateMb(pid);
  const heap = async () => {
    const session = await page.context().newCDPSession(page);
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    await session.detach();
    return usedSize / 1e6;
  };
  const started = performance.now();
  await page.setInputFiles('#choose', paths);
  const megabytes: number[] = [];
  let [mostHeapMb, arrived] = [0, 0];
  await until(
    'all of them to arrive',
    async () => {
      megabytes.push(await privateMb(pid));
      mostHeapMb = Math.max(mostHeapMb, await heap());
      arrived = await page.evaluate<number>(rows(states));
      return (await client.everything()).length >= count;
    },
    { deadlineMs: 1_800_000, everyMs: 1000 },
  );
  const seconds = (performance.now() - started) / 1000;
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const half = Math.ceil(megabytes.length / 2);
  const [first, second] = [mean(megabytes.slice(0, half)), mean(megabytes.slice(half))];
  report({
    trial: 'queue',
    what: `${count} pictures of ${(photograph.length / 1e6).toFixed(1)} MB in the queue: what the browser holds while the second half of them goes, against the first`,
    figures: {
      'MB before': before,
      'MB first half': first,
      'MB second half': second,
      'MB most': Math.max(...megabytes),
      'script heap MB most': mostHeapMb,
      'MB chosen': (count * photograph.length) / 1e6,
      s: seconds,
      rows: arrived,
    },
    ratio: second / first,
    goal: '<= 1.1',
  });
  await browser.close();
}
await program.stop();
await rm(folder, { recursive: true, force: true });
