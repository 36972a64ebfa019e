// One real child, without a pool around it: what it reports of its engine, and at which priority it runs.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Child, type ChildOptions, childModule, startChild } from '../../src/darkroom/child-process.ts';
import { openCocoSsd } from '../../src/darkroom/engines/coco-ssd.ts';
import { restrain } from '../../src/darkroom/limits.ts';
import type { EnginePlan } from '../../src/darkroom/models/plan.ts';
import { fixturesFolder } from '../support/data.ts';
import { openDeveloping } from '../support/developing.ts';
import { childrenOf } from '../support/start-program.ts';
import { within } from '../support/until.ts';

type Report = Parameters<ChildOptions['onOpened']>[0];

async function openChild(t: TestContext, plan: EnginePlan, nice?: number) {
  const reports: Report[] = [];
  const problems: string[] = [];
  let ended = () => {};
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const child = await within(
    'a child that is ready',
    30_000,
    new Promise<Child>((resolve) => {
      const started: Child = startChild({
        module: childModule(),
        plan,
        timeoutMs: 30_000,
        memoryLimitBytes: 1024 * 1024 * 1024,
        ...(nice === undefined ? {} : { nice }),
        onNotNice: (reason) => problems.push(reason),
        onReady: () => resolve(started),
        onOpened: (report) => reports.push(report),
        onEnded: () => ended(),
      });
    }),
  );
  t.after(async () => {
    child.kill('closed');
    await end;
  });
  return { child, reports, problems };
}

const onLinux = { skip: process.platform === 'linux' ? false : 'reads /proc' };
const file = join(fixturesFolder, 'tiny-ssd/model.json');

test('a child looks with coco-ssd, and says once what it computes with if that is not what it would like to', async (t) => {
  const detector = await openCocoSsd(file);
  await detector.close();
  const { model, note } = detector;
  const choices = [{ engine: 'coco-ssd', file, model }] as const;
  const { child, reports } = await openChild(t, { choices });
  for (let count = 0; count < 2; count += 1) {
    const sighting = await child.look(join(fixturesFolder, 'stop-sign.jpg'), 'image/jpeg');
    assert.equal(sighting.kind, 'seen', JSON.stringify(sighting));
    assert.deepEqual([sighting.engine, sighting.model], ['coco-ssd', model]);
    assert.deepEqual(
      sighting.detections.map(({ label }) => label),
      ['stop sign'],
    );
  }
  const engine = { name: 'coco-ssd', model };
  assert.deepEqual(reports, [{ kind: 'opened', engine, ...(note === undefined ? {} : { note }) }]);
});

test('a model that cannot be used gives way to the next, and the report says why', async (t) => {
  const digest = 'a'.repeat(64);
  const choices = [
    { engine: 'coco-ssd', file: join(fixturesFolder, 'absent/model.json'), model: digest },
    { engine: 'coco-ssd', file, model: digest },
  ] as const;
  const { child, reports } = await openChild(t, { choices });
  assert.equal((await child.look(join(fixturesFolder, 'kite.jpg'), 'image/jpeg')).kind, 'seen');
  assert.match(reports[0]?.problem ?? '', /The model for coco-ssd cannot be used: ENOENT/);
});

test('a child runs at the priority that is wanted, threads and all, or at ten', onLinux, async (t) => {
  const plan = { choices: [] };
  for (const [nice, expected] of [
    [15, 15],
    [undefined, 10],
  ] as const) {
    const { child, problems } = await openChild(t, plan, nice);
    await child.look(join(fixturesFolder, 'street.jpg'), 'image/jpeg');
    const threads = (await readdir(`/proc/${child.pid}/task`)).map(Number);
    assert.ok(threads.length > 4 && threads.includes(child.pid ?? 0), `${threads.length} threads`);
    assert.deepEqual([...new Set(threads.map(getPriority))], [expected]);
    assert.deepEqual(problems, []);
  }
});

test(
  'a darkroom is as nice as it is told to be where photos are developed, and not where an upload waits',
  onLinux,
  async (t) => {
    const { darkroom, lines, develop } = await openDeveloping(t, { children: 1, nice: 17 });
    const before = await childrenOf(process.pid);
    const priorities = async () =>
      (await childrenOf(process.pid)).filter((pid) => !before.includes(pid)).map(getPriority);
    await darkroom.probe(join(fixturesFolder, 'kite.jpg'), 'image/jpeg');
    assert.deepEqual(await priorities(), [getPriority()]);
    await develop(join(fixturesFolder, 'kite.jpg'));
    assert.deepEqual(
      (await priorities()).sort((a, b) => a - b),
      [getPriority(), 17],
    );
    assert.deepEqual(lines, []);
  },
);

test('the threads that a process has started already are lowered with it', onLinux, async (t) => {
  const busy = spawn(process.execPath, ['-e', 'console.log("up"); setTimeout(() => {}, 60_000)']);
  t.after(() => busy.kill('SIGKILL'));
  await once(busy.stdout, 'data');
  const pid = busy.pid ?? 0;
  const threads = (await readdir(`/proc/${pid}/task`)).map(Number);
  assert.ok(threads.length > 4, `${threads.length} threads`);
  assert.equal(restrain(pid, { memoryLimitBytes: 2 ** 30, nice: 12 }), undefined);
  assert.deepEqual([...new Set(threads.map(getPriority))], [12]);
});

test('a priority that the system does not give is told, and nothing worse', () => {
  // No process has such a number, on any system.
  assert.match(restrain(2 ** 30, { memoryLimitBytes: 2 ** 30, nice: 5 }) ?? '', /./);
});
