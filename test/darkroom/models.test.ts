// Which engine looks, what is said when it can't, and that a photo is developed all the same.
import assert from 'node:assert/strict';
import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type EngineWish, planEngines } from '../../src/darkroom/models/plan.ts';
import { fixturesFolder, testData } from '../support/data.ts';
import { assertDeveloped, openDeveloping } from '../support/developing.ts';
import { makeFolder } from '../support/folder.ts';
import { entryOf, graphOf } from '../support/test-shelf.ts';

const real = testData('models/yolox_nano_416.onnx');
const picture = join(fixturesFolder, 'stop-sign.jpg');

/** A models folder with these files in it. */
async function modelsWith(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await makeFolder(t);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

const enginesOf = async (wish: EngineWish) => (await planEngines(wish)).choices.map(({ engine }) => engine);

describe('the plan', () => {
  test('is the built-in alone where there is no model file', async (t) => {
    const modelsFolder = await modelsWith(t, { 'readme.txt': '', '.hidden.onnx': '' });
    await mkdir(join(modelsFolder, 'folder.onnx'));
    const plan = await planEngines({ detector: 'auto', modelsFolder });
    assert.deepEqual(
      plan.choices.map(({ engine }) => engine),
      ['centernet'],
    );
    assert.equal(plan.problem, undefined);
    assert.match(plan.choices[0]?.model ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual(await enginesOf({ detector: 'auto', modelsFolder: '/nowhere/at/all' }), ['centernet']);
  });

  test('is a model of the folder, the first by name, then the built-in', async (t) => {
    const modelsFolder = await modelsWith(t, { 'b.onnx': 'b', 'a.ONNX': 'a', 'c.onnx': 'c' });
    const plan = await planEngines({ detector: 'auto', modelsFolder });
    assert.deepEqual(
      plan.choices.map(({ engine }) => engine),
      ['yolox', 'centernet'],
    );
    assert.equal(plan.choices[0]?.file, join(modelsFolder, 'a.ONNX'));
    // SHA-256 of "a".
    assert.equal(plan.choices[0]?.model, 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb');
  });

  test('is the file that was named, wherever it lies', async (t) => {
    const modelsFolder = await modelsWith(t, { 'a.onnx': 'a' });
    const modelFile = join(await modelsWith(t, { 'mine.bin': 'mine' }), 'mine.bin');
    const plan = await planEngines({ detector: 'yolox', modelsFolder, modelFile });
    assert.deepEqual(
      plan.choices.map(({ file }) => file),
      [modelFile],
    );
  });

  test('tells what is missing, by its name and without its folder', async (t) => {
    const modelsFolder = await modelsWith(t, {});
    const none = await planEngines({ detector: 'yolox', modelsFolder });
    assert.deepEqual(none.choices, []);
    assert.match(none.problem ?? '', /No YOLOX model/);
    const absent = await planEngines({
      detector: 'auto',
      modelsFolder,
      modelFile: join(modelsFolder, 'gone.onnx'),
    });
    assert.deepEqual(
      absent.choices.map(({ engine }) => engine),
      ['centernet'],
    );
    assert.match(absent.problem ?? '', /gone\.onnx/);
    assert.ok(!absent.problem?.includes(modelsFolder));
  });

  test('is empty and content when detection is off', async () => {
    assert.deepEqual(await planEngines({ detector: 'off', modelsFolder: '/nowhere' }), { choices: [] });
  });
});

describe('the plan and the catalogue', () => {
  const bytes = (name: string) => Buffer.from(`weights of ${name}`);
  const catalogue = [
    entryOf('https://example.org/nano.onnx', bytes('nano'), 0.2),
    entryOf('https://example.org/large.onnx', bytes('large'), 0.4),
    graphOf('https://example.org/tiny/model.json'),
  ];

  /** A folder with these models of the catalogue, and what a plan for it says. */
  async function planFor(
    t: TestContext,
    names: readonly ('nano' | 'large' | 'graph')[],
    wish: Partial<EngineWish> & { chosen?: string; files?: Readonly<Record<string, string>> } = {},
  ) {
    const { chosen, files = {}, ...rest } = wish;
    const modelsFolder = await modelsWith(t, files);
    for (const name of names.filter((one) => one !== 'graph'))
      await writeFile(join(modelsFolder, `${name}.onnx`), bytes(name));
    if (names.includes('graph'))
      await cp(join(fixturesFolder, 'tiny-ssd'), join(modelsFolder, 'graph'), { recursive: true });
    if (chosen !== undefined) await writeFile(join(modelsFolder, 'chosen'), `${chosen}\n`);
    const plan = await planEngines({ detector: 'auto', modelsFolder, catalogue, ...rest });
    return { ...plan, files: plan.choices.map(({ file }) => basename(file)) };
  }

  test('takes what somebody brought before the best of the catalogue', async (t) => {
    assert.deepEqual((await planFor(t, ['nano', 'large'])).files, ['large.onnx', 'centernet.json']);
    const brought = await planFor(t, ['nano', 'large'], { files: { 'z.onnx': 'z', 'y.onnx': 'y' } });
    assert.deepEqual(brought.files, ['y.onnx', 'centernet.json']);
  });

  test('takes the one that somebody chose, whatever it is, with the built-in behind it', async (t) => {
    const all = ['nano', 'large', 'graph'] as const;
    const nano = await planFor(t, all, { chosen: 'nano' });
    assert.deepEqual([nano.files, nano.problem], [['nano.onnx', 'centernet.json'], undefined]);
    const graph = await planFor(t, all, { chosen: 'graph' });
    assert.deepEqual([graph.files, graph.problem], [['model.json', 'centernet.json'], undefined]);
    assert.equal(graph.choices[0]?.engine, 'coco-ssd');
    assert.deepEqual((await planFor(t, all, { chosen: 'centernet' })).files, ['centernet.json']);
    const mine = await planFor(t, all, { chosen: 'mine', files: { 'mine.onnx': 'm', 'a.onnx': 'a' } });
    assert.deepEqual(mine.files, ['mine.onnx', 'centernet.json']);
  });

  test('says what to do when the chosen one is not here, and goes on with the best', async (t) => {
    for (const [chosen, advice] of [
      ['large', /large is not here: run `sajin models fetch large`/],
      ['graph', /graph is not here/],
      ['mine', /mine is not here any more: put its file back, or run `sajin models use auto`/],
    ] as const) {
      const plan = await planFor(t, ['nano'], { chosen });
      assert.deepEqual(plan.files, ['nano.onnx', 'centernet.json']);
      assert.match(plan.problem ?? '', advice);
    }
  });

  test('never takes a file whose bytes are not those of its name', async (t) => {
    const plan = await planFor(t, ['nano'], { files: { 'large.onnx': 'cut off' } });
    assert.deepEqual(plan.files, ['nano.onnx', 'centernet.json']);
    assert.match(plan.problem ?? '', /^large\.onnx is not used, .*SHA-256 .*`sajin models fetch large`/);
    const chosen = await planFor(t, ['nano'], { chosen: 'large', files: { 'large.onnx': 'cut off' } });
    assert.deepEqual(chosen.files, ['nano.onnx', 'centernet.json']);
    assert.match(chosen.problem ?? '', /^large\.onnx is not used/);
  });

  test('does what a setting says before what somebody chose', async (t) => {
    const files = { 'mine.onnx': 'm' };
    const modelFile = join(await modelsWith(t, { 'named.onnx': 'n' }), 'named.onnx');
    const all = ['nano', 'graph'] as const;
    const named = await planFor(t, all, { chosen: 'graph', modelFile });
    assert.deepEqual(named.files, ['named.onnx', 'centernet.json']);
    const yolox = await planFor(t, all, { chosen: 'graph', detector: 'yolox' });
    assert.deepEqual([yolox.files, yolox.problem], [['nano.onnx'], undefined]);
    const builtIn = await planFor(t, all, { chosen: 'graph', detector: 'centernet', files });
    assert.deepEqual([builtIn.files, builtIn.problem], [['centernet.json'], undefined]);
    assert.deepEqual((await planFor(t, all, { detector: 'coco-ssd', files })).files, ['model.json']);
  });

  test('uses coco-ssd only when it is asked for, and says how to get it', async (t) => {
    assert.deepEqual((await planFor(t, ['graph'])).files, ['centernet.json']);
    const none = await planFor(t, ['nano'], { detector: 'coco-ssd' });
    assert.deepEqual(none.files, []);
    assert.match(none.problem ?? '', /`sajin models fetch coco-ssd`/);
  });

  test('has sentences short enough for a child to repeat, without a folder in them', async (t) => {
    const modelsFolder = await modelsWith(t, { 'large.onnx': 'x', chosen: `${'n'.repeat(5_000)}` });
    const { problem = '' } = await planEngines({ detector: 'auto', modelsFolder, catalogue });
    assert.ok(problem.length > 0 && problem.length <= 300, `${problem.length} characters`);
    assert.ok(!problem.includes(modelsFolder));
  });
});

describe('a photo is developed', () => {
  test('and not looked at when detection is off', async (t) => {
    const { darkroom, develop } = await openDeveloping(t, { detector: 'off' });
    const developed = await develop(picture);
    assertDeveloped(developed);
    assert.deepEqual(developed.sighting, { kind: 'off' });
    assert.deepEqual(darkroom.status(), {});
  });

  test('and looked at by the built-in without any model file', async (t) => {
    const { darkroom, develop, lines } = await openDeveloping(t, { detector: 'auto' });
    const developed = await develop(picture);
    assertDeveloped(developed);
    assert.ok(developed.sighting.kind === 'seen');
    const [best] = developed.sighting.detections;
    assert.equal(best?.label, 'stop sign');
    const { engine, model } = developed.sighting;
    assert.deepEqual(best?.origin, { by: 'engine', engine, model });
    assert.deepEqual(darkroom.status(), { engine: { name: 'centernet', model } });
    assert.deepEqual(lines, []);
  });

  test('by YOLOX when its file is in the folder', { skip: real.skip }, async (t) => {
    const modelsFolder = await modelsWith(t, {});
    await copyFile(real.path, join(modelsFolder, 'yolox.onnx'));
    const { darkroom, develop } = await openDeveloping(t, { detector: 'auto', modelsFolder });
    const developed = await develop(picture);
    assertDeveloped(developed);
    assert.ok(developed.sighting.kind === 'seen');
    assert.equal(developed.sighting.engine, 'yolox');
    assert.equal(developed.sighting.detections[0]?.label, 'stop sign');
    assert.equal(darkroom.status().engine?.name, 'yolox');
  });

  test('by the built-in, with one line in the log, when a model file is corrupt', async (t) => {
    const modelsFolder = await modelsWith(t, { 'bad.onnx': 'no model at all' });
    const { darkroom, develop, lines } = await openDeveloping(t, {
      detector: 'auto',
      modelsFolder,
      photosPerChild: 1,
    });
    for (let count = 0; count < 3; count += 1) {
      const developed = await develop(picture);
      assertDeveloped(developed);
      assert.ok(developed.sighting.kind === 'seen');
      assert.equal(developed.sighting.engine, 'centernet');
    }
    assert.equal(darkroom.status().engine?.name, 'centernet');
    assert.match(darkroom.status().problem ?? '', /yolox cannot be used/);
    assert.equal(lines.length, 1);
  });

  test('without detections when the only engine is corrupt, or there is none', async (t) => {
    for (const files of [{ 'bad.onnx': 'no model at all' }, {}]) {
      const modelsFolder = await modelsWith(t, files);
      const { darkroom, develop, lines } = await openDeveloping(t, { detector: 'yolox', modelsFolder });
      for (let count = 0; count < 2; count += 1) {
        const developed = await develop(picture);
        assertDeveloped(developed);
        assert.ok(developed.sighting.kind === 'unavailable');
        assert.equal(developed.sighting.detail, darkroom.status().problem);
      }
      assert.equal(darkroom.status().engine, undefined);
      assert.equal(lines.length, 1);
    }
  });
});
