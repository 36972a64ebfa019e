// The shelf of models: what is told about each, that a download only ever replaces what is worse, and that two processes share a folder.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { addressOf, catalogue, fileNameOf } from '../../src/darkroom/models/catalogue.ts';
import { GalleryError } from '../../src/gallery/errors.ts';
import { getEntry, openTestShelf, sha256Of, type TestShelf, tinySsd } from '../support/test-shelf.ts';
import { until } from '../support/until.ts';
import {
  announcing,
  cutAfter,
  fine,
  type Mood,
  stallAfter,
  status,
  withoutLength,
  wrongBytes,
} from '../support/weights-server.ts';

const pathIn = ({ folder }: TestShelf, name: string) => join(folder, name);
const read = (shelf: TestShelf, name: string) => readFile(pathIn(shelf, name));

const assertCode = (code: string, says?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof GalleryError, String(error));
  assert.equal(error.code, code);
  if (says !== undefined) assert.match(error.message, says);
  return true;
};

describe('the catalogue', () => {
  test('has models with sound facts, each under a name, an address and a file of its own', () => {
    for (const { url, pinned, publishedMap, inputSize } of catalogue) {
      assert.match(url, /^https:\/\/[^?#]+\/[\w.-]+\.(onnx|json)$/);
      if (pinned !== undefined) assert.match(pinned.sha256, /^[0-9a-f]{64}$/);
      assert.ok(publishedMap > 0 && publishedMap < 1 && inputSize % 4 === 0);
    }
    for (const of of [
      ({ name }: (typeof catalogue)[number]) => name,
      ({ url }: (typeof catalogue)[number]) => url,
      (entry: (typeof catalogue)[number]) => `${entry.folder ?? ''}/${fileNameOf(entry)}`,
    ])
      assert.equal(new Set(catalogue.map(of)).size, catalogue.length);
  });

  test('is fetched from its makers, or from a mirror that has it in one folder', () => {
    const [nano] = catalogue;
    const ssd = catalogue.find(({ folder }) => folder !== undefined);
    assert.ok(nano !== undefined && ssd !== undefined);
    assert.equal(addressOf(nano, fileNameOf(nano)), nano.url);
    assert.equal(
      addressOf(ssd, 'group1-shard1of5'),
      'https://storage.googleapis.com/tfjs-models/savedmodel/ssdlite_mobilenet_v2/group1-shard1of5',
    );
    for (const mirror of ['http://nas:8080/m', 'http://nas:8080/m/']) {
      assert.equal(addressOf(nano, fileNameOf(nano), mirror), 'http://nas:8080/m/yolox_nano.onnx');
      assert.equal(addressOf(ssd, 'model.json', mirror), 'http://nas:8080/m/coco-ssd/model.json');
    }
  });
});

describe('the list', () => {
  test('has the built-in first, then the catalogue in its order, then what was brought, by name', async (t) => {
    const desk = await openTestShelf(t);
    for (const name of ['b.onnx', 'a.ONNX', 'small.ONNX']) await writeFile(pathIn(desk, name), name);
    await writeFile(pathIn(desk, 'readme.txt'), '');
    const all = await desk.shelf.list();
    assert.deepEqual(
      all.map(({ name }) => name),
      ['centernet', 'small', 'large', 'graph', 'a', 'b', 'small.ONNX'],
    );
    assert.deepEqual(
      all.map(({ origin }) => origin),
      ['built-in', 'catalogue', 'catalogue', 'catalogue', 'imported', 'imported', 'imported'],
    );
    assert.deepEqual(
      all.map(({ state }) => state.kind),
      ['present', 'absent', 'absent', 'absent', 'present', 'present', 'present'],
    );
  });

  test('says of each what is known', async (t) => {
    const desk = await openTestShelf(t);
    assert.deepEqual(await desk.get('small'), {
      name: 'small',
      engine: 'yolox',
      origin: 'catalogue',
      url: `${desk.server.url}/small.onnx`,
      path: pathIn(desk, 'small.onnx'),
      bytes: 60_000,
      sha256: sha256Of(desk.weights),
      licence: 'Apache-2.0',
      inputSize: 416,
      publishedMap: 0.2,
      state: { kind: 'absent' },
      chosen: false,
      inUse: false,
    });
    const builtIn = await desk.get('centernet');
    assert.match(builtIn.sha256 ?? '', /^[0-9a-f]{64}$/);
    assert.ok((builtIn.bytes ?? 0) > 1_000_000 && builtIn.licence === 'MIT' && builtIn.url === undefined);
    const graph = await desk.get('graph');
    assert.deepEqual([graph.bytes, graph.sha256], [undefined, undefined]);
  });

  test('knows a file of the catalogue by its bytes, whatever somebody called it', async (t) => {
    const desk = await openTestShelf(t);
    await writeFile(pathIn(desk, 'download (1).onnx'), desk.weights);
    const { state, path } = await desk.get('small');
    assert.deepEqual([state.kind, path], ['present', pathIn(desk, 'download (1).onnx')]);
    assert.equal((await desk.shelf.list()).length, 4);
    assert.equal((await desk.fetch('small')).state.kind, 'present');
    assert.deepEqual(desk.server.asked, [], 'what is here is not fetched');
  });

  test('says that a file is not what its name promises, and nobody uses it', async (t) => {
    const desk = await openTestShelf(t);
    await writeFile(pathIn(desk, 'small.onnx'), 'a model of my own');
    const { state } = await desk.get('small');
    assert.ok(state.kind === 'failed' && !state.present);
    assert.ok(state.problem.includes(pathIn(desk, 'small.onnx')));
    assert.ok(state.problem.includes(`${desk.server.url}/small.onnx`));
    await assert.rejects(desk.shelf.use('small'), assertCode('not-found'));
  });

  test('tells which one looks, and which one somebody chose', async (t) => {
    let inUse: { name: string; model: string } | undefined;
    const desk = await openTestShelf(t, { inUse: () => inUse });
    await desk.fetch('small');
    inUse = { name: 'yolox', model: sha256Of(desk.weights) };
    await desk.shelf.use('centernet');
    const marks = (await desk.shelf.list()).map(({ name, chosen, inUse: used }) => [name, chosen, used]);
    assert.deepEqual(marks.slice(0, 2), [
      ['centernet', true, false],
      ['small', false, true],
    ]);
    assert.ok(!marks.slice(2).flat().includes(true));
    assert.equal(await readFile(pathIn(desk, 'chosen'), 'utf8'), 'centernet\n');
    await desk.shelf.use(undefined);
    assert.ok(!existsSync(pathIn(desk, 'chosen')));
    assert.ok(!(await desk.shelf.list()).some(({ chosen }) => chosen));
  });

  test('lists a model that lies somewhere else, too', async (t) => {
    const elsewhere = join((await openTestShelf(t)).folder, 'mine.bin');
    await writeFile(elsewhere, 'mine');
    const desk = await openTestShelf(t, { modelFile: elsewhere });
    assert.equal((await desk.get('mine.bin')).path, elsewhere);
  });
});

describe('fetching', () => {
  test('puts the right bytes in their place and leaves nothing else behind', async (t) => {
    const desk = await openTestShelf(t);
    desk.server.behave('/small.onnx', [cutAfter(20_000)]);
    const { state, path } = await desk.fetch('small');
    assert.equal(state.kind, 'present');
    assert.deepEqual(await readFile(path), desk.weights);
    assert.deepEqual(await readdir(desk.folder), ['small.onnx']);
    assert.ok(await desk.shelf.verify('small'));
  });

  test('tells while it goes on how far it is, and at the end', async (t) => {
    const desk = await openTestShelf(t);
    desk.server.behave('/small.onnx', [stallAfter(15_000)]);
    await desk.shelf.fetch('small');
    await until('15,000 bytes', async () => {
      const { state } = await desk.get('small');
      return state.kind === 'fetching' && state.bytes === 15_000 && state.of === 60_000;
    });
    assert.ok(desk.told.includes('progress'));
    await desk.shelf.fetch('small');
    assert.equal(desk.server.asked.length, 1, 'one at a time');
    await desk.shelf.cancel('small');
    assert.equal((await desk.get('small')).state.kind, 'absent');
    assert.equal(desk.told.at(-1), 'models');
    await desk.shelf.cancel('small');
    assert.equal((await desk.fetch('small')).state.kind, 'present');
    assert.equal(desk.server.asked.at(-1)?.range, 'bytes=15000-');
  });

  test('tells of progress about four times a second, however many pieces come', async (t) => {
    const desk = await openTestShelf(t);
    const crumbs: Mood = async (_request, response, file) => {
      response.writeHead(200, { 'Content-Length': file.bytes.length });
      for (let at = 0; at < file.bytes.length; at += 1_000) {
        response.write(file.bytes.subarray(at, at + 1_000));
        await new Promise(setImmediate);
      }
      response.end();
    };
    desk.server.behave('/small.onnx', [crumbs]);
    const started = performance.now();
    await desk.fetch('small');
    const most = 2 + (performance.now() - started) / 250;
    assert.ok(desk.told.filter((what) => what === 'progress').length <= most);
  });

  test('fails with a sentence that names the address and the path, in the list and once in the log', async (t) => {
    for (const mood of [status(404), wrongBytes, announcing(70_000)]) {
      const desk = await openTestShelf(t);
      desk.server.behave('/small.onnx', [mood]);
      const { state, path } = await desk.fetch('small');
      assert.ok(state.kind === 'failed' && !state.present);
      assert.ok(state.problem.includes(`${desk.server.url}/small.onnx`) && state.problem.includes(path));
      assert.deepEqual(
        desk.log.lines.map(({ level }) => level),
        ['warn'],
      );
      assert.deepEqual(await readdir(desk.folder), []);
      assert.equal((await desk.fetch('small')).state.kind, 'present', 'the next attempt forgets it');
    }
  });

  test('keeps the old file until the new one is verified', async (t) => {
    const desk = await openTestShelf(t);
    const old = 'what was here before, and is not right';
    await writeFile(pathIn(desk, 'small.onnx'), old);
    for (const mood of [wrongBytes, status(404), cutAfter(0, status(404)), announcing(7)]) {
      desk.server.behave('/small.onnx', [mood]);
      assert.equal((await desk.fetch('small')).state.kind, 'failed');
      assert.equal(await readFile(pathIn(desk, 'small.onnx'), 'utf8'), old);
    }
    assert.equal((await desk.fetch('small')).state.kind, 'present');
    assert.deepEqual(await read(desk, 'small.onnx'), desk.weights);
  });

  test('comes from a mirror with the same digest, a folder more for a model of several files', async (t) => {
    const makers = await openTestShelf(t);
    for (const name of ['small.onnx', 'graph/model.json', 'graph/group1-shard1of2', 'graph/group1-shard2of2'])
      makers.server.files.set(`/mirror/${name}`, {
        bytes: name === 'small.onnx' ? makers.weights : (tinySsd.get(name.slice(6)) ?? Buffer.alloc(0)),
      });
    const shelf = await makers.open({ mirror: `${makers.server.url}/mirror/` });
    for (const name of ['small', 'graph']) {
      await shelf.fetch(name);
      await shelf.ended(name);
      assert.equal((await getEntry(shelf, name)).state.kind, 'present');
    }
    assert.deepEqual(
      makers.server.asked.map(({ path }) => path),
      [
        '/mirror/small.onnx',
        '/mirror/graph/model.json',
        '/mirror/graph/group1-shard1of2',
        '/mirror/graph/group1-shard2of2',
      ],
    );
  });

  test('is refused offline, with the address, the path and the command that help', async (t) => {
    const desk = await openTestShelf(t, { offline: true });
    for (const name of ['small', 'graph']) {
      const { path, url = '' } = await desk.get(name);
      await assert.rejects(desk.shelf.fetch(name), (error: unknown) => {
        assertCode('offline', /sajin models import FILE/)(error);
        assert.ok(String(error).includes(path) && String(error).includes(url));
        return true;
      });
    }
    assert.deepEqual(desk.server.asked, []);
  });

  test('is refused for what is not in the catalogue', async (t) => {
    const { shelf } = await openTestShelf(t);
    await assert.rejects(shelf.fetch('nothing'), assertCode('not-found', /choose one of centernet, small/));
    await assert.rejects(shelf.fetch('centernet'), assertCode('not-found', /here already/));
    for (const verb of ['verify', 'use', 'cancel'] as const)
      await assert.rejects(shelf[verb]('nothing'), assertCode('not-found'));
    await assert.rejects(shelf.verify('small'), assertCode('not-found', /not on this machine/));
    await assert.rejects(shelf.use('small'), assertCode('not-found', /fetch or import/));
  });

  test('fails in words where the folder can not be written', async (t) => {
    const desk = await openTestShelf(t);
    await rm(desk.folder, { recursive: true });
    await writeFile(desk.folder, 'a file in the place of the folder');
    const { state } = await desk.fetch('small');
    assert.ok(state.kind === 'failed' && state.problem.includes(pathIn(desk, 'small.onnx')));
  });
});

describe('a model of several files', () => {
  const names = ['digests.json', 'graph'];
  const files = ['group1-shard1of2', 'group1-shard2of2', 'model.json'];

  test('is there when all of it is, and what came first is written down', async (t) => {
    const desk = await openTestShelf(t);
    desk.server.behave('/tiny/group1-shard2of2', [status(503), withoutLength]);
    const { state, bytes, sha256 } = await desk.fetch('graph');
    assert.equal(state.kind, 'present');
    assert.equal(
      bytes,
      [...tinySsd.values()].reduce((sum, { length }) => sum + length, 0),
    );
    const shards = files.slice(0, 2).map((name) => tinySsd.get(name) ?? Buffer.alloc(0));
    assert.equal(sha256, sha256Of(Buffer.concat(shards)));
    assert.deepEqual(await readdir(desk.folder), names);
    assert.deepEqual((await readdir(pathIn(desk, 'graph'))).sort(), files);
    const records = JSON.parse(await readFile(pathIn(desk, 'digests.json'), 'utf8')) as object;
    assert.deepEqual(
      Object.keys(records),
      files.map((name) => `graph/${name}`),
    );
  });

  test('is not there as long as one of them is missing, and goes on with that one', async (t) => {
    const desk = await openTestShelf(t);
    desk.server.behave('/tiny/group1-shard2of2', [status(404)]);
    const { state } = await desk.fetch('graph');
    assert.ok(state.kind === 'failed' && state.problem.includes('/tiny/group1-shard2of2'));
    assert.ok(!existsSync(pathIn(desk, 'graph/model.json')), 'the file that names the others comes last');
    const before = desk.server.asked.length;
    assert.equal((await desk.fetch('graph')).state.kind, 'present');
    assert.deepEqual(
      desk.server.asked.slice(before).map(({ path }) => path),
      ['/tiny/group1-shard2of2'],
    );
  });

  test('must be ever after what it was the first time', async (t) => {
    const desk = await openTestShelf(t);
    await desk.fetch('graph');
    await writeFile(pathIn(desk, 'graph/group1-shard1of2'), Buffer.alloc(80));
    const { state } = await desk.get('graph');
    assert.ok(
      state.kind === 'failed' && /group1-shard1of2 differs/.test(state.problem),
      JSON.stringify(state),
    );
    assert.equal(await desk.shelf.verify('graph'), false);
    const original = desk.server.files.get('/tiny/group1-shard1of2');
    desk.server.files.set('/tiny/group1-shard1of2', { bytes: Buffer.alloc(80, 1) });
    const other = await desk.fetch('graph');
    assert.ok(other.state.kind === 'failed' && /SHA-256/.test(other.state.problem));
    desk.server.files.set('/tiny/group1-shard1of2', original ?? { bytes: Buffer.alloc(0) });
    assert.equal((await desk.fetch('graph')).state.kind, 'present');
  });

  test('is thrown away when its weights are not as long as it says, and nothing is written down', async (t) => {
    const desk = await openTestShelf(t);
    desk.server.files.set('/tiny/group1-shard2of2', { bytes: Buffer.alloc(10) });
    const { state } = await desk.fetch('graph');
    assert.ok(state.kind === 'failed' && /weights have 90 bytes instead of 500/.test(state.problem));
    assert.deepEqual(await readdir(desk.folder), ['graph']);
    assert.deepEqual(await readdir(pathIn(desk, 'graph')), []);
  });

  test('is refused when it is no graph model, or names files outside of its folder', async (t) => {
    const manifest = JSON.parse(String(tinySsd.get('model.json'))) as {
      weightsManifest: { paths: string[] }[];
    };
    const naming = (paths: readonly string[]) =>
      JSON.stringify({ ...manifest, weightsManifest: [{ ...manifest.weightsManifest[0], paths }] });
    for (const text of [
      '<html>',
      '{}',
      naming(['../../escape']),
      naming(['model.json']),
      naming(['.hidden']),
      naming([]),
    ]) {
      const desk = await openTestShelf(t);
      desk.server.files.set('/tiny/model.json', { bytes: Buffer.from(text) });
      const { state } = await desk.fetch('graph');
      assert.ok(state.kind === 'failed' && /no graph model/.test(state.problem), text);
      assert.deepEqual(await readdir(pathIn(desk, 'graph')), []);
    }
  });

  test('that somebody put there by hand is believed once, and compared after it was verified', async (t) => {
    const desk = await openTestShelf(t);
    await mkdir(pathIn(desk, 'graph'));
    for (const [name, bytes] of tinySsd) await writeFile(pathIn(desk, `graph/${name}`), bytes);
    assert.equal((await desk.get('graph')).state.kind, 'present');
    assert.ok(await desk.shelf.verify('graph'));
    await writeFile(pathIn(desk, 'graph/group1-shard2of2'), Buffer.alloc(420));
    assert.equal((await desk.get('graph')).state.kind, 'failed');
    await rm(pathIn(desk, 'graph/group1-shard2of2'));
    const { state } = await desk.get('graph');
    assert.ok(state.kind === 'failed' && /missing/.test(state.problem));
  });

  test('is not trusted when what was written down can not be read', async (t) => {
    const desk = await openTestShelf(t);
    await desk.fetch('graph');
    await writeFile(pathIn(desk, 'digests.json'), '{ "half');
    const { state } = await desk.get('graph');
    assert.ok(state.kind === 'failed' && /digests\.json/.test(state.problem));
    assert.equal((await desk.fetch('graph')).state.kind, 'failed');
  });
});

describe('verifying', () => {
  test('reads the bytes and not the date', async (t) => {
    const desk = await openTestShelf(t);
    const { path } = await desk.fetch('small');
    assert.ok(await desk.shelf.verify('small'));
    const bytes = Buffer.from(desk.weights);
    bytes[30_000] = (bytes[30_000] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await utimes(path, 0, 0);
    assert.equal(await desk.shelf.verify('small'), false);
    const { state } = await desk.get('small');
    assert.ok(state.kind === 'failed' && !state.present);
    assert.equal((await desk.fetch('small')).state.kind, 'present');
  });

  test('compares what was brought with what it was when it was brought', async (t) => {
    const desk = await openTestShelf(t);
    const source = join(await sourceFolder(t), 'mine.onnx');
    await writeFile(source, 'mine');
    await desk.shelf.importFile(source, 'mine.onnx');
    assert.ok(await desk.shelf.verify('mine'));
    await writeFile(pathIn(desk, 'mine.onnx'), 'rotten');
    assert.equal(await desk.shelf.verify('mine'), false);
    const { state } = await desk.get('mine');
    assert.ok(state.kind === 'failed' && state.present && state.problem.includes(pathIn(desk, 'mine.onnx')));
  });

  test('finds the built-in in order', async (t) => {
    const { shelf } = await openTestShelf(t);
    assert.ok(await shelf.verify('centernet'));
  });
});

describe('two processes on one folder', () => {
  test('fetch a model once: the second sees how far the first one is, and may stop it', async (t) => {
    const first = await openTestShelf(t);
    const second = await first.open();
    first.server.behave('/small.onnx', [stallAfter(25_000)]);
    await first.shelf.fetch('small');
    await until('the second to see it', async () => {
      const { state } = await getEntry(second, 'small');
      return state.kind === 'fetching' && state.bytes === 25_000;
    });
    await second.fetch('small');
    await second.ended('small');
    assert.equal(first.server.asked.length, 1);
    await second.cancel('small');
    await first.shelf.ended('small');
    assert.equal((await first.get('small')).state.kind, 'absent');
    await second.fetch('small');
    await second.ended('small');
    assert.equal((await first.get('small')).state.kind, 'present');
    assert.deepEqual(await readdir(first.folder), ['small.onnx']);
  });

  test('go on where another one was killed, at once on this machine', async (t) => {
    const desk = await openTestShelf(t);
    // No process can have this number.
    await writeFile(pathIn(desk, '.small.lock'), `${hostname()} 99999999 x\n`);
    assert.equal((await desk.get('small')).state.kind, 'absent');
    assert.equal((await desk.fetch('small')).state.kind, 'present');
  });

  test('believe in one on another machine as long as it breathes', async (t) => {
    const desk = await openTestShelf(t);
    const lock = pathIn(desk, '.small.lock');
    await writeFile(lock, 'another-machine 1 x\n');
    assert.equal((await desk.fetch('small')).state.kind, 'fetching');
    const minuteAgo = Date.now() / 1000 - 60;
    await utimes(lock, minuteAgo, minuteAgo);
    assert.equal((await desk.fetch('small')).state.kind, 'present');
  });

  test('fetch different models at the same time', async (t) => {
    const desk = await openTestShelf(t);
    desk.server.behave('/small.onnx', [cutAfter(1_000), fine]);
    await Promise.all(['small', 'large', 'graph'].map((name) => desk.fetch(name)));
    for (const name of ['small', 'large', 'graph'])
      assert.equal((await desk.get(name)).state.kind, 'present');
  });
});

test('closing stops what runs and keeps what has come', async (t) => {
  const desk = await openTestShelf(t);
  desk.server.behave('/small.onnx', [stallAfter(10_000)]);
  await desk.shelf.fetch('small');
  await until(
    'the bytes',
    () => existsSync(pathIn(desk, 'small.onnx.part')) && desk.told.includes('progress'),
  );
  await Promise.all([desk.shelf.close(), desk.shelf.close()]);
  assert.equal((await desk.get('small')).state.kind, 'absent');
  assert.ok(!existsSync(pathIn(desk, '.small.lock')));
  await desk.shelf.fetch('small');
  assert.equal((await desk.get('small')).state.kind, 'absent', 'a closed shelf begins nothing');
});

const sourceFolder = async (t: TestContext) => join((await openTestShelf(t)).folder);
