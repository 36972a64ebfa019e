// Which model looks, without a restart: what arrives is used for the next photo, what does not open is remembered, and a child at work
// finishes first.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeChosen } from '../../src/darkroom/models/chosen.ts';
import { openPool } from '../../src/darkroom/pool.ts';
import { openRoster, type Roster, type RosterOptions } from '../../src/darkroom/roster.ts';
import type { DarkroomStatus } from '../../src/gallery/ports.ts';
import { collectingLog } from '../support/collecting-log.ts';
import { makeFolder } from '../support/folder.ts';
import { entryOf, sha256Of } from '../support/test-shelf.ts';
import { until } from '../support/until.ts';

const child = fileURLToPath(new URL('../support/model-child.ts', import.meta.url));

interface Desk {
  readonly roster: Roster;
  readonly folder: string;
  readonly log: ReturnType<typeof collectingLog>;
  /** Engines that were told, in order. */
  readonly changes: readonly DarkroomStatus['engine'][];
  /** How often somebody else's change was told. */
  noticed(): number;
  put(name: string, text: string): Promise<void>;
}

/** Looks at the folder by itself only when told how often. */
async function openDesk(t: TestContext, options: Partial<RosterOptions> = {}): Promise<Desk> {
  const folder = await makeFolder(t);
  const log = collectingLog();
  const changes: DarkroomStatus['engine'][] = [];
  let noticed = 0;
  const roster = await openRoster(
    {
      detector: 'auto',
      modelsFolder: folder,
      pollMs: 3_600_000,
      onEngineChanged: (engine) => changes.push(engine),
      onModelsChanged: () => {
        noticed += 1;
      },
      ...options,
    },
    log,
  );
  t.after(() => roster.close());
  const put = (name: string, text: string) => writeFile(join(folder, name), text);
  return { roster, folder, log, changes, noticed: () => noticed, put };
}

const yolox = (text: string) => ({ name: 'yolox', model: sha256Of(Buffer.from(text)) });
const nameOf = ({ roster }: Desk) => roster.status().engine?.name;

describe('a model that arrives', () => {
  test('is planned as soon as somebody says so, and told once', async (t) => {
    const desk = await openDesk(t);
    assert.equal(nameOf(desk), 'centernet');
    await desk.put('a.onnx', 'a');
    await desk.roster.refresh();
    await desk.roster.refresh();
    assert.deepEqual(desk.roster.status(), { engine: yolox('a') });
    assert.deepEqual(desk.changes, [yolox('a')]);
    await rm(join(desk.folder, 'a.onnx'));
    await desk.roster.refresh();
    assert.equal(nameOf(desk), 'centernet');
    assert.equal(desk.changes.length, 2);
  });

  test('is noticed in the folder, and so is a choice, an exchange and a removal', async (t) => {
    const desk = await openDesk(t, { pollMs: 5 });
    const looks = (engine: object) =>
      until(
        `${JSON.stringify(engine)} to look`,
        () => JSON.stringify(desk.roster.status().engine) === JSON.stringify(engine),
      );
    await desk.put('a.onnx', 'a');
    await looks(yolox('a'));
    await desk.put('b.onnx', 'b');
    await writeChosen(desk.folder, 'b');
    await looks(yolox('b'));
    await desk.put('b.onnx', 'new b');
    await looks(yolox('new b'));
    await rm(join(desk.folder, 'b.onnx'));
    await looks(yolox('a'));
    assert.match(desk.roster.status().problem ?? '', /chosen model b is not here any more/);
    await until('it to be told', () => desk.noticed() >= 4);
  });

  test('is not opened while it is still being copied', async (t) => {
    const desk = await openDesk(t, { pollMs: 50 });
    const began = performance.now();
    let text = '';
    // Without a pause, so that no two looks at the folder are alike, unless the machine has much else to do.
    while (performance.now() - began < 600) {
      text += 'x';
      await desk.put('slow.onnx', text);
    }
    const { model } = yolox(text);
    await until('all of it to be used', () => desk.roster.status().engine?.model === model);
    assert.ok(desk.changes.length <= 3, `${desk.changes.length} changes`);
  });

  test('and then nothing happens to a closed roster any more', async (t) => {
    const desk = await openDesk(t, { pollMs: 1 });
    desk.roster.close();
    desk.roster.close();
    await desk.put('a.onnx', 'a');
    await desk.roster.refresh();
    assert.equal(nameOf(desk), 'centernet');
    assert.deepEqual(desk.changes, []);
  });
});

describe('a model that does not open', () => {
  test('is passed over from then on, until its bytes are others', async (t) => {
    const desk = await openDesk(t);
    await desk.put('a.onnx', 'bad');
    await desk.roster.refresh();
    const plan = desk.roster.plan();
    const builtIn = plan.choices[1];
    assert.ok(builtIn !== undefined);
    const report = { engine: { name: 'centernet', model: builtIn.model }, problem: 'It is bad.' };
    desk.roster.opened(report, plan);
    desk.roster.opened(report, plan);
    assert.deepEqual(desk.roster.status(), { engine: report.engine, problem: 'It is bad.' });
    assert.ok(desk.roster.isCurrent(plan), 'the child that found out may stay');
    await desk.roster.refresh();
    assert.equal(nameOf(desk), 'centernet');
    await desk.put('a.onnx', 'good');
    await desk.roster.refresh();
    assert.deepEqual(desk.roster.status(), { engine: yolox('good') });
    assert.equal(desk.log.lines.filter(({ level }) => level === 'warn').length, 1);
  });

  test('and what a child with an older plan says of it changes nothing', async (t) => {
    const desk = await openDesk(t);
    await desk.put('a.onnx', 'old');
    await desk.roster.refresh();
    const old = desk.roster.plan();
    await desk.put('a.onnx', 'new');
    await desk.roster.refresh();
    assert.ok(!desk.roster.isCurrent(old));
    desk.roster.opened({ problem: 'nothing opens' }, old);
    assert.deepEqual(desk.roster.status(), { engine: yolox('new') });
  });

  test('because it ends its process twice is struck for good, also after a look at the folder', async (t) => {
    const desk = await openDesk(t);
    await desk.put('a.onnx', 'deadly');
    await desk.roster.refresh();
    const { model } = yolox('deadly');
    // Whoever needed the memory may have ended that one.
    desk.roster.strike(model, 'crashed');
    assert.equal(nameOf(desk), 'yolox');
    desk.roster.opened({ engine: { name: 'yolox', model } }, desk.roster.plan());
    desk.roster.strike(model, 'crashed');
    assert.equal(nameOf(desk), 'yolox', 'it has opened since');
    desk.roster.strike(model, 'crashed');
    await desk.put('b.txt', 'something else changed');
    await desk.roster.refresh();
    assert.equal(nameOf(desk), 'centernet');
    assert.match(desk.roster.status().problem ?? '', /ends the process/);
    await desk.roster.refresh(true);
    assert.equal(nameOf(desk), 'yolox', 'unless somebody asks for it again');
  });

  test('because it took too long is struck at the second time, and never because it was closed', async (t) => {
    const desk = await openDesk(t);
    await desk.put('a.onnx', 'slow');
    await desk.roster.refresh();
    const { model } = yolox('slow');
    desk.roster.strike(model, 'closed');
    desk.roster.strike(model, 'closed');
    desk.roster.strike(model, 'timed-out');
    assert.equal(nameOf(desk), 'yolox');
    desk.roster.strike(model, 'timed-out');
    assert.equal(nameOf(desk), 'centernet');
  });
});

test('why an engine runs in another way than it would like to is said once', async (t) => {
  const { roster, log } = await openDesk(t);
  const plan = roster.plan();
  const [choice] = plan.choices;
  assert.ok(choice !== undefined);
  const engine = { name: choice.engine, model: choice.model };
  for (let count = 0; count < 3; count += 1) roster.opened({ engine, note: 'It runs on WebAssembly.' }, plan);
  assert.deepEqual(
    log.lines.map(({ level, message }) => [level, message]),
    [['info', 'It runs on WebAssembly.']],
  );
});

test('a bad choice of weights is told as a problem, and the catalogue is not believed by name', async (t) => {
  const right = Buffer.from('right');
  const catalogue = [entryOf('https://example.org/small.onnx', right, 0.5)];
  const desk = await openDesk(t, { catalogue });
  await desk.put('small.onnx', 'wrong');
  await desk.roster.refresh();
  assert.equal(nameOf(desk), 'centernet');
  assert.match(
    desk.roster.status().problem ?? '',
    /small\.onnx is not used.*sajin models fetch small.*your own/,
  );
  await desk.put('small.onnx', 'right');
  await desk.roster.refresh();
  assert.deepEqual(desk.roster.status(), { engine: yolox('right') });
});

describe('children of a pool', () => {
  async function openWorkers(t: TestContext) {
    const desk = await openDesk(t);
    const pool = openPool({
      roster: desk.roster,
      log: desk.log,
      childModule: child,
      children: 1,
      atOnce: 1,
      tries: 1,
      pauses: true,
      timeoutMs: 30_000,
      memoryLimitBytes: 1024 ** 3,
      photosPerChild: 100,
      recycleBytes: Number.POSITIVE_INFINITY,
      idleMs: Number.POSITIVE_INFINITY,
      backoffMs: 5,
    });
    t.after(() => pool.close());
    /** Who developed it, and with what. */
    const develop = async () => {
      const developed = await pool.submit((one) => one.develop(desk.folder, 'image/jpeg', '/out'));
      return developed.facts.camera;
    };
    return { ...desk, develop };
  }

  test('with another model make room for the next photo', async (t) => {
    const desk = await openWorkers(t);
    const before = await desk.develop();
    assert.match(before ?? '', /with centernet$/);
    await desk.put('a.txt', 'no model');
    await desk.roster.refresh();
    assert.equal(await desk.develop(), before, 'nothing has changed for it');
    await desk.put('a.onnx', 'a');
    await desk.roster.refresh();
    assert.match((await desk.develop()) ?? '', /with yolox$/);
  });

  test('finish the photo in their hands first', async (t) => {
    const desk = await openWorkers(t);
    const before = await desk.develop();
    await desk.put('gate', '');
    const running = desk.develop();
    await desk.put('a.onnx', 'a');
    await desk.roster.refresh();
    const next = desk.develop();
    await desk.put('open', '');
    assert.equal(await running, before, 'it was not ended in the middle');
    assert.match((await next) ?? '', /with yolox$/);
  });
});
