// The list page with a hundred photos and with a million, against an Express that says hello, each server on one core.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { makeFolder } from '../test/support/folder.ts';
import { startProgram } from '../test/support/start-program.ts';
import { fill } from './fill.ts';
import { moveToCore, onCore, startServer } from './support/process.ts';
import { isShort, median, percentile, report } from './support/trial.ts';

const many = isShort ? 20_000 : 1_000_000;
const seconds = isShort ? 1 : 5;
const rounds = isShort ? 2 : 5;
const connections = 10;
/** The gallery ends a connection after 1,000 requests, as it says in its last answer; autocannon would not listen. */
const requestsPerConnection = 500;

interface Load {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Asks for the paths in turn. autocannon's own figures are whole milliseconds, so each answer is timed here. */
async function load(url: string, paths: readonly string[], headers = {}, expected = 200): Promise<Load> {
  const times: number[] = [];
  const requests = paths.map((path) => ({
    method: 'GET' as const,
    path,
    headers: { Accept: 'text/html', ...headers },
  }));
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(
      { url, connections, duration: seconds, requests, reconnectRate: requestsPerConnection },
      (error, done) => (error ? reject(error) : resolve(done)),
    );
    run.on('response', (_client, status, _bytes, ms) => {
      if (status !== expected) reject(new Error(`${url} answered ${status}, not ${expected}`));
      times.push(ms);
    });
  });
  return {
    perSecond: result.requests.total / result.duration,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
  };
}

async function gallery(count: number) {
  const uploadsDir = join(folder, String(count));
  await mkdir(uploadsDir);
  const ids = fill(uploadsDir, count);
  const program = await startProgram({
    uploadsDir,
    under: onCore(0),
  });
  return { program, deep: ids.map((id) => `/?before=${id}`) };
}

const folder = await makeFolder();
moveToCore(process.pid, 1);
const hello = await startServer('bench/support/hello-server.ts', [], 0);
const few = await gallery(100);
const lots = await gallery(many);
const etag = (await fetch(lots.program.url, { headers: { Accept: 'text/html' } })).headers.get('etag') ?? '';

const trials = {
  hello: () => load(hello.url, ['/']),
  few: () => load(few.program.url, ['/']),
  many: () => load(lots.program.url, ['/']),
  deep: () => load(lots.program.url, lots.deep),
  fresh: () => load(lots.program.url, ['/'], { 'If-None-Match': etag }, 304),
};
type Name = keyof typeof trials;
const names = Object.keys(trials) as Name[];
const all = new Map<Name, Load[]>(names.map((name) => [name, []]));
for (let round = -1; round < rounds; round += 1)
  for (const name of names) {
    const result = await trials[name]();
    if (round >= 0) all.get(name)?.push(result);
  }

const of = (name: Name, figure: keyof Load) => median((all.get(name) ?? []).map((result) => result[figure]));
const figures = (name: Name) => ({
  'req/s': of(name, 'perSecond'),
  'p50 ms': of(name, 'p50Ms'),
  'p99 ms': of(name, 'p99Ms'),
});
const against = (name: Name) => of(name, 'perSecond') / of('hello', 'perSecond');

report({ trial: 'list', what: 'Express says hello, one core', figures: figures('hello') });
report({
  trial: 'list',
  what: 'the list of 100 photos, requests/s against hello',
  figures: figures('few'),
  ratio: against('few'),
  goal: '>= 0.3',
});
report({
  trial: 'list',
  what: `the list of ${many} photos, requests/s against hello`,
  figures: figures('many'),
  ratio: against('many'),
  goal: '>= 0.3',
});
report({
  trial: 'list',
  what: `p99 of ${many} photos against p99 of 100`,
  figures: { 'many ms': of('many', 'p99Ms'), 'few ms': of('few', 'p99Ms') },
  ratio: of('many', 'p99Ms') / of('few', 'p99Ms'),
  goal: '<= 1.2',
});
report({
  trial: 'list',
  what: `any page of ${many} photos, requests/s against hello`,
  figures: figures('deep'),
  ratio: against('deep'),
  goal: '>= 0.3',
});
report({
  trial: 'list',
  what: 'the list that the browser has already (304)',
  figures: figures('fresh'),
  ratio: against('fresh'),
});

await Promise.all([hello.stop(), few.program.stop(), lots.program.stop()]);
await rm(folder, { recursive: true, force: true });
