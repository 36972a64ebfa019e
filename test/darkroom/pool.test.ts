// What the pool promises whatever a child does: an answer or a DarkroomError, soon, and nothing left behind.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type DarkroomOptions, openDarkroom } from '../../src/darkroom/darkroom.ts';
import type { DarkroomError } from '../../src/gallery/errors.ts';
import type { Darkroom, Developed } from '../../src/gallery/ports.ts';
import { collectingLog } from '../support/collecting-log.ts';
import { projectRoot } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { until, within } from '../support/until.ts';

const unruly = fileURLToPath(new URL('../support/unruly-child.ts', import.meta.url));
const onLinux = { skip: process.platform === 'linux' ? false : 'reads /proc' };

async function openUnruly(t: TestContext, options: Partial<DarkroomOptions> = {}) {
  const log = collectingLog();
  const darkroom = await openDarkroom({
    children: 1,
    detector: 'off',
    modelsFolder: '/nowhere',
    log,
    childModule: unruly,
    backoffMs: 5,
    ...options,
  });
  t.after(() => darkroom.close());
  return { darkroom, log };
}

/** With a child that is there: what is asked now is with it at once, in the order in which it is asked. */
async function openReady(t: TestContext, options: Partial<DarkroomOptions> = {}) {
  const opened = await openUnruly(t, options);
  await develop(opened.darkroom, 'good');
  return opened;
}

const develop = (darkroom: Darkroom, name: string, signal?: AbortSignal) =>
  darkroom.develop(`/pictures/${name}.jpg`, 'image/jpeg', '/out', signal);

const probe = (darkroom: Darkroom, name: string) => darkroom.probe(`/pictures/${name}.jpg`, 'image/jpeg');

/** What the unruly child wrote into the facts. */
const said = (developed: Developed) => developed.facts.camera;

const codeOf = async (answer: Promise<unknown>): Promise<DarkroomError['code'] | 'answered'> => {
  try {
    await answer;
    return 'answered';
  } catch (error) {
    assert.equal((error as Error).name, 'DarkroomError');
    return (error as DarkroomError).code;
  }
};

describe('a child that misbehaves costs its photo one try and nothing else', () => {
  const faults = [
    ['exits with 1', 'exit-1', 'crashed'],
    ['dies of a segmentation fault', 'segfault', 'crashed'],
    ['hangs', 'hang', 'timed-out'],
    ['says what is no message', 'noise', 'crashed'],
    ['never ends its line', 'flood', 'crashed'],
    ['says a message that does not exist', 'unknown-kind', 'crashed'],
    ['answers another question', 'wrong-kind', 'crashed'],
    ['answers with a size that is no number', 'no-number', 'crashed'],
    ['names what no engine knows', 'foreign-label', 'crashed'],
    ['gives a score beyond 1', 'score-beyond', 'crashed'],
    ['hands out a file of somebody else', 'foreign-file', 'crashed'],
  ] as const;

  for (const [what, name, code] of faults)
    test(`${what}: ${code}`, async (t) => {
      const { darkroom } = await openUnruly(t, { timeoutMs: 1500 });
      assert.equal(await codeOf(develop(darkroom, name)), code);
      assert.equal(await codeOf(develop(darkroom, 'good')), 'answered');
    });

  test('takes ever more memory: out-of-memory', onLinux, async (t) => {
    const { darkroom } = await openUnruly(t, { memoryLimitBytes: 200 * 1024 * 1024 });
    assert.equal(await codeOf(develop(darkroom, 'swell')), 'out-of-memory');
    assert.equal(await codeOf(develop(darkroom, 'good')), 'answered');
  });

  test('a probe that crashes its child is tried once more and then rejected', async (t) => {
    const { darkroom, log } = await openUnruly(t);
    assert.equal(await codeOf(probe(darkroom, 'exit-1')), 'crashed');
    assert.equal(log.lines.filter(({ message }) => message === 'a darkroom child ended').length, 2);
    assert.equal(await codeOf(probe(darkroom, 'good')), 'answered');
  });

  test('others that wait are developed all the same', async (t) => {
    const { darkroom } = await openUnruly(t, { children: 2 });
    const names = ['good', 'exit-1', 'good', 'segfault', 'good', 'good'];
    const codes = await Promise.all(names.map((name) => codeOf(develop(darkroom, name))));
    assert.deepEqual(codes, ['answered', 'crashed', 'answered', 'crashed', 'answered', 'answered']);
  });

  test('an answer that nobody waits for is dropped', async (t) => {
    const { darkroom } = await openUnruly(t);
    assert.equal(await codeOf(develop(darkroom, 'late')), 'answered');
    assert.equal(said(await develop(darkroom, 'asked')), 'asked 2');
  });

  test('one that cannot even start rejects those who wait', async (t) => {
    const { darkroom } = await openUnruly(t, { childModule: '/nowhere/child.js' });
    const answers = [probe(darkroom, 'good'), probe(darkroom, 'good'), develop(darkroom, 'good')];
    assert.deepEqual(await Promise.all(answers.map(codeOf)), ['not-started', 'not-started', 'not-started']);
  });
});

describe('probes and photos keep apart', () => {
  test('a probe is answered while photos develop', async (t) => {
    const { darkroom } = await openReady(t);
    const stop = new AbortController();
    const photos = ['hang', 'good'].map((name) => codeOf(develop(darkroom, name, stop.signal)));
    assert.equal(await within('a probe', 20_000, codeOf(probe(darkroom, 'good'))), 'answered');
    stop.abort();
    assert.deepEqual(await Promise.all(photos), ['closed', 'closed']);
  });

  test('a photo that ends its child touches no probe, nor a probe a photo', async (t) => {
    const { darkroom } = await openReady(t, { timeoutMs: 1500 });
    const answers = [
      develop(darkroom, 'exit-1'),
      probe(darkroom, 'good'),
      probe(darkroom, 'hang'),
      develop(darkroom, 'good'),
    ];
    assert.deepEqual(await Promise.all(answers.map(codeOf)), [
      'crashed',
      'answered',
      'timed-out',
      'answered',
    ]);
  });

  test('a header that ends its reader keeps nobody waiting', async (t) => {
    const { darkroom, log } = await openUnruly(t, { backoffMs: 600_000 });
    for (let count = 0; count < 4; count += 1)
      assert.equal(await codeOf(probe(darkroom, 'exit-1')), 'crashed');
    assert.equal(await within('an innocent probe', 20_000, codeOf(probe(darkroom, 'good'))), 'answered');
    assert.ok(!log.lines.some(({ facts }) => 'waitMs' in facts));
  });

  test('probes that shared a child with one that ends it are answered all the same', async (t) => {
    const folder = await makeFolder(t);
    const { darkroom } = await openUnruly(t);
    await probe(darkroom, 'good');
    const names = ['once-lost.1.jpg', 'once-lost.2.jpg', 'exit-1.jpg', 'exit-1.jpg', 'good.jpg'];
    const asked = names.map((name) => codeOf(darkroom.probe(join(folder, name), 'image/jpeg')));
    const codes = await Promise.all(asked);
    assert.deepEqual(codes, ['answered', 'answered', 'crashed', 'crashed', 'answered']);
  });
});

describe('aborting', () => {
  test('rejects a waiting photo at once and one under way when its child is gone', async (t) => {
    const { darkroom } = await openReady(t);
    const stop = new AbortController();
    const running = codeOf(develop(darkroom, 'hang', stop.signal));
    const waiting = codeOf(develop(darkroom, 'good', stop.signal));
    stop.abort();
    assert.deepEqual(await Promise.all([running, waiting]), ['closed', 'closed']);
    assert.equal(await codeOf(develop(darkroom, 'good', stop.signal)), 'closed');
    assert.equal(await codeOf(develop(darkroom, 'good')), 'answered');
  });

  test('after the answer costs no child', async (t) => {
    const { darkroom } = await openUnruly(t);
    const stop = new AbortController();
    const first = said(await develop(darkroom, 'pid', stop.signal));
    stop.abort();
    assert.equal(said(await develop(darkroom, 'pid')), first);
  });
});

describe('children come and go', () => {
  test('one is replaced after so many photos', async (t) => {
    const { darkroom } = await openUnruly(t, { photosPerChild: 2 });
    const pids = [];
    for (let count = 0; count < 4; count += 1) pids.push(said(await develop(darkroom, 'pid')));
    assert.equal(pids[0], pids[1]);
    assert.notEqual(pids[1], pids[2]);
    assert.equal(pids[2], pids[3]);
  });

  test('one that holds too much memory after a photo is replaced', onLinux, async (t) => {
    const { darkroom } = await openUnruly(t, { recycleBytes: 1 });
    const first = said(await develop(darkroom, 'pid'));
    assert.notEqual(said(await develop(darkroom, 'pid')), first);
  });

  test(
    'those that hold a model end when there is nothing to do, the one that probes stays',
    onLinux,
    async (t) => {
      const { darkroom } = await openUnruly(t, { children: 3, idleMs: 50 });
      const before = childrenOf(process.pid).length;
      await probe(darkroom, 'good');
      await Promise.all(['good', 'good', 'good'].map((name) => develop(darkroom, name)));
      await until('one child is left', () => childrenOf(process.pid).length === before + 1);
      assert.equal(await codeOf(probe(darkroom, 'good')), 'answered');
      assert.equal(await codeOf(develop(darkroom, 'good')), 'answered');
    },
  );

  test('children that crash again and again wait longer each time, until one succeeds', async (t) => {
    const { darkroom, log } = await openUnruly(t, { backoffMs: 4 });
    for (let count = 0; count < 9; count += 1) await codeOf(develop(darkroom, 'exit-1'));
    await develop(darkroom, 'good');
    await codeOf(develop(darkroom, 'exit-1'));
    const pauses = log.lines.flatMap(({ facts }) => ('waitMs' in facts ? [facts.waitMs] : []));
    assert.deepEqual(pauses, [4, 8, 16, 32, 64, 128, 240, 240]);
  });

  test('a child gets nothing of our environment', async (t) => {
    const { darkroom } = await openUnruly(t);
    assert.equal(said(await develop(darkroom, 'environment')), 'MALLOC_ARENA_MAX VIPS_BLOCK_UNTRUSTED');
  });

  test('a child is nice, first to go, and bounded', onLinux, async (t) => {
    const { darkroom } = await openUnruly(t, { memoryLimitBytes: 1024 * 1024 * 1024 });
    const bound = 1536 * 1024 * 1024;
    const expected = hasPrlimit()
      ? `nice 10 oom 800 data ${bound} core 0`
      : 'nice 10 oom 800 data unlimited core 0';
    await until('the child is held', async () => said(await develop(darkroom, 'restraint')) === expected);
  });

  test('a model that kills its child is never opened again, and the photo is developed without it', async (t) => {
    const modelsFolder = await makeFolder(t);
    await writeFile(join(modelsFolder, 'deadly.onnx'), 'not a model');
    const { darkroom, log } = await openUnruly(t, { detector: 'auto', modelsFolder });
    assert.equal(darkroom.status().engine?.name, 'yolox');
    assert.equal(said(await develop(darkroom, 'bad-model')), 'with centernet');
    assert.equal(darkroom.status().engine?.name, 'centernet');
    assert.match(darkroom.status().problem ?? '', /yolox ends the process/);
    const told = log.lines.filter(({ message }) => message.startsWith('detection is not'));
    assert.equal(told.length, 1);
  });
});

test('the process that asks loads no image library and no model runtime', onLinux, async (t) => {
  const { darkroom } = await openUnruly(t);
  await develop(darkroom, 'good');
  assert.doesNotMatch(readFileSync('/proc/self/maps', 'utf8'), /libvips|sharp|onnxruntime|tfjs/);
});

describe('closing', () => {
  test('rejects whatever is under way, leaves no process, and may be done twice', onLinux, async (t) => {
    const { darkroom } = await openUnruly(t, { children: 2 });
    const before = childrenOf(process.pid).length;
    const names = ['hang', 'hang', 'good'];
    const answers = names.map((name) => codeOf(develop(darkroom, name)));
    await until('both children are there', () => childrenOf(process.pid).length >= before + 2);
    await Promise.all([darkroom.close(), darkroom.close()]);
    await darkroom.close();
    assert.equal(childrenOf(process.pid).length, before);
    assert.deepEqual((await Promise.all(answers)).slice(0, 2), ['closed', 'closed']);
    assert.equal(await codeOf(probe(darkroom, 'good')), 'closed');
    assert.equal(await codeOf(develop(darkroom, 'good')), 'closed');
  });

  test('a darkroom that never developed anything closes, too', async (t) => {
    const { darkroom } = await openUnruly(t);
    await darkroom.close();
  });

  test('children end by themselves when the server is killed', onLinux, async () => {
    const script = join(projectRoot, 'test/support/run-darkroom.ts');
    const server = spawn(process.execPath, ['--import', 'tsx', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await within('the pids', 30_000, firstLine(server.stdout));
    const pids = line.split(' ').map(Number);
    assert.ok(pids.length > 0 && pids.every(isAlive));
    server.kill('SIGKILL');
    await until('the children are gone', () => !pids.some(isAlive));
  });
});

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((one) => parentOf(one) === pid && /unruly-child/.test(commandOf(one)));
}

function parentOf(pid: number): number | undefined {
  return Number(/^PPid:\s+(\d+)$/m.exec(readProc(pid, 'status'))?.[1]);
}

const commandOf = (pid: number) => readProc(pid, 'cmdline');

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  return /^State:\s+[^ZX]/m.test(readProc(pid, 'status'));
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<[string]> {
  for await (const line of createInterface({ input: stream })) return [line];
  throw new Error('it ended without a word');
}

function hasPrlimit(): boolean {
  return ['/usr/bin', '/bin', '/sbin', '/usr/sbin'].some((folder) => {
    try {
      return readdirSync(folder).includes('prlimit');
    } catch {
      return false;
    }
  });
}
