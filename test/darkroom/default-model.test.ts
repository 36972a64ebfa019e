// The model that comes by itself: only where nobody said otherwise, again after a failure, and never in the place of somebody's own.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { defaultModel, startDefault, wantsDefault } from '../../src/darkroom/models/default.ts';
import type { ModelEntry } from '../../src/gallery/ports.ts';
import { entryOf, graphOf, openTestShelf } from '../support/test-shelf.ts';
import { until } from '../support/until.ts';
import { stallAfter, status } from '../support/weights-server.ts';

const entry = (difference: Partial<ModelEntry>): ModelEntry => ({
  name: defaultModel,
  engine: 'yolox',
  origin: 'catalogue',
  path: '/models/x.onnx',
  state: { kind: 'absent' },
  chosen: false,
  inUse: false,
  ...difference,
});

describe('it is wanted', () => {
  const absent = [entry({})];
  const rule = { detector: 'auto', offline: false } as const;

  test('with auto, where nothing else is', () => {
    assert.ok(wantsDefault(rule, absent));
    const ssd = entry({ name: 'coco-ssd', engine: 'coco-ssd', state: { kind: 'present' } });
    assert.ok(wantsDefault(rule, [...absent, ssd]), 'coco-ssd looks only when it is asked for');
  });

  test('not where somebody said otherwise', () => {
    for (const detector of ['yolox', 'coco-ssd', 'centernet', 'off'] as const)
      assert.ok(!wantsDefault({ ...rule, detector }, absent), detector);
    assert.ok(!wantsDefault({ ...rule, offline: true }, absent));
    assert.ok(!wantsDefault({ ...rule, modelFile: '/x.onnx' }, absent));
    const builtIn = entry({ name: 'centernet', engine: 'centernet', chosen: true });
    assert.ok(!wantsDefault(rule, [...absent, builtIn]));
  });

  test('not where any YOLOX is, right or wrong', () => {
    const failed = { kind: 'failed', problem: 'x', present: false } as const;
    for (const state of [{ kind: 'present' } as const, failed])
      for (const name of [defaultModel, 'mine']) assert.ok(!wantsDefault(rule, [entry({ name, state })]));
  });
});

/** A shelf whose catalogue has the default's name. */
async function openDesk(t: TestContext, options: Parameters<typeof openTestShelf>[1] = {}) {
  const makers = await openTestShelf(t);
  const own = { ...entryOf(`${makers.server.url}/small.onnx`, makers.weights, 0.2), name: defaultModel };
  const catalogue = [own, graphOf(`${makers.server.url}/tiny/model.json`)];
  const shelf = await makers.open({ catalogue, ...options });
  const stateOf = async () => (await shelf.list()).find(({ name }) => name === defaultModel)?.state.kind;
  const start = (retryMs = 3_600_000) => {
    const stop = startDefault(shelf, { detector: 'auto', offline: false, log: makers.log, retryMs });
    t.after(stop);
    return stop;
  };
  return { ...makers, shelf, stateOf, start };
}

describe('it is fetched', () => {
  test('in the background', async (t) => {
    const { start, stateOf } = await openDesk(t);
    start();
    await until('it to be there', async () => (await stateOf()) === 'present');
  });

  test('again some time after a failure, which is one line in the log', async (t) => {
    const { start, stateOf, server, log } = await openDesk(t);
    server.behave('/small.onnx', [status(404), status(404)]);
    start(5);
    await until('it to be there', async () => (await stateOf()) === 'present');
    assert.equal(server.asked.length, 3);
    assert.equal(log.lines.filter(({ level }) => level === 'warn').length, 2);
    assert.ok(!log.lines.some(({ level }) => level === 'error'));
  });

  test('not again after somebody stopped it', async (t) => {
    const { start, stateOf, server, shelf } = await openDesk(t);
    server.behave('/small.onnx', [stallAfter(5)]);
    start(1);
    await until('it to be on its way', async () => (await stateOf()) === 'fetching');
    await until('the first bytes', () => server.asked.length === 1);
    await shelf.cancel(defaultModel);
    // Long enough for a retry after a millisecond.
    await shelf.fetch('graph');
    await shelf.ended('graph');
    assert.equal(await stateOf(), 'absent');
    assert.deepEqual(
      server.asked.map(({ path }) => path).filter((path) => path === '/small.onnx'),
      ['/small.onnx'],
    );
  });

  test('never over a file of somebody', async (t) => {
    const { start, stateOf, server, folder, log } = await openDesk(t);
    await writeFile(join(folder, 'small.onnx'), 'my own');
    start();
    await until('it to have looked', async () => (await stateOf()) === 'failed');
    assert.deepEqual([server.asked, log.lines], [[], []]);
  });

  test('not after its end', async (t) => {
    const { start, stateOf, server } = await openDesk(t);
    start()();
    assert.equal(await stateOf(), 'absent');
    assert.deepEqual(server.asked, []);
  });
});
