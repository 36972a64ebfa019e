// What is special about coco-ssd: local weights and nothing else, a backend that may be missing or broken, and memory that no
// garbage collector frees. What it shares with the others is in engines.test.ts.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, readFile, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { findBackendFactory, getBackend, getKernelsForBackend, memory } from '@tensorflow/tfjs-core';
import { CLASSES } from '@tensorflow-models/coco-ssd/dist/classes.js';
import { tinySsd } from '../../scripts/fixtures/tiny-ssd.ts';
import { tensorflow, wasm } from '../../src/darkroom/engines/backends.ts';
import { openCocoSsd } from '../../src/darkroom/engines/coco-ssd.ts';
import { cocoLabels } from '../../src/gallery/labels.ts';
import { countConnections } from '../support/connections.ts';
import { fixturesFolder } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { plainRgb, readRgb } from '../support/rgb.ts';

const tiny = join(fixturesFolder, 'tiny-ssd');
const model = join(tiny, 'model.json');
const stopSign = await readRgb(join(fixturesFolder, 'stop-sign.jpg'));
const standIn = (name: string) => new URL(`../support/backends/${name}.ts`, import.meta.url).href;

async function copyTiny(t: TestContext): Promise<string> {
  const folder = await makeFolder(t);
  await cp(tiny, folder, { recursive: true });
  return folder;
}

describe('the tiny model', () => {
  test('is what its script makes, byte for byte, and small', async () => {
    let bytes = 0;
    for (const [name, made] of tinySsd()) {
      assert.ok(Buffer.from(made).equals(await readFile(join(tiny, name))), name);
      bytes += made.length;
    }
    assert.ok(bytes < 16_384, `${bytes} bytes`);
  });
});

describe('the weights', () => {
  test('have one digest, of all shards in the order of the manifest', async () => {
    const { weightsManifest } = JSON.parse(await readFile(model, 'utf8'));
    const hash = createHash('sha256');
    for (const path of weightsManifest[0].paths) hash.update(await readFile(join(tiny, path)));
    const detector = await openCocoSsd(model);
    await detector.close();
    assert.equal(weightsManifest[0].paths.length, 2);
    assert.equal(detector.model, hash.digest('hex'));
  });

  test('that are missing are an error, and nobody is asked for them', async (t) => {
    const folder = await copyTiny(t);
    await writeFile(join(folder, 'no-shards.json'), await readFile(model));
    for (const file of ['absent.json', '../model.json']) {
      const { count, error } = await countConnections(() => openCocoSsd(join(folder, file)));
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOENT');
      assert.equal(count, 0);
    }
  });

  test('are not fetched, although the library would fetch them from an address', async (t) => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const fetching = await countConnections(() => loadGraphModel(`http://127.0.0.1:${port}/model.json`));
    assert.ok(fetching.error instanceof Error && fetching.count > 0, 'what this test counts with counts');
    assert.deepEqual(asked, ['/model.json']);
    const opening = await countConnections(async () => (await openCocoSsd(model)).close());
    assert.deepEqual(opening, { count: 0, error: undefined });
  });

  test('that are cut short, or not of such a model, are an error, and leave no tensor', async (t) => {
    const folder = await copyTiny(t);
    await truncate(join(folder, 'group1-shard2of2'), 100);
    const before = memory().numTensors;
    await assert.rejects(openCocoSsd(join(folder, 'model.json')));
    assert.equal(memory().numTensors, before);
  });

  test('lie beside the description and nowhere else', async (t) => {
    const folder = await copyTiny(t);
    const described = await readFile(model, 'utf8');
    for (const path of ['../group1-shard1of2', '/etc/passwd', '..', '']) {
      await writeFile(join(folder, 'model.json'), described.replace('group1-shard1of2', path));
      await assert.rejects(openCocoSsd(join(folder, 'model.json')), /not the description/);
    }
  });
});

test('the package names exactly the things that we know', () => {
  const names = Object.values(CLASSES).map(({ displayName }) => displayName);
  assert.deepEqual(names, [...cocoLabels]);
});

test('fifty pictures leave no tensor behind, nor does closing', async () => {
  const before = memory().numTensors;
  const detector = await openCocoSsd(model);
  const opened = memory();
  for (let at = 0; at < 50; at += 1) {
    const found = await detector.detect(
      at % 2 === 0 ? stopSign : plainRgb(20 + 30 * at, 400 - 5 * at, [9, 90, 200]),
    );
    assert.equal(found.length, at % 2 === 0 ? 1 : 0);
    const { numTensors, numBytes } = memory();
    assert.deepEqual([numTensors, numBytes], [opened.numTensors, opened.numBytes], `picture ${at}`);
  }
  await detector.close();
  assert.equal(memory().numTensors, before);
});

describe('what it computes with', () => {
  const fallenBack = [
    [
      'that is not installed',
      tensorflow('@tensorflow/nobody-has-this'),
      /tfjs-node cannot be used \(it is not installed\)/,
    ],
    [
      'that throws when it is loaded',
      tensorflow(standIn('throwing')),
      /\(libtensorflow\.so\.2: cannot open shared object file\)/,
    ],
    ['that registers nothing', tensorflow(standIn('silent')), /\(it does not register itself\)/],
    [
      'that fails at its first operation',
      tensorflow(standIn('half-broken')),
      /\(.*isNullOrUndefined.*is not a function\)/,
    ],
  ] as const;

  for (const [what, backend, reason] of fallenBack)
    test(`is WebAssembly in place of a library ${what}, and it says why`, async () => {
      const detector = await openCocoSsd(model, { backends: [backend, wasm] });
      assert.match(detector.note ?? '', reason);
      assert.match(detector.note ?? '', /: detection uses WebAssembly instead\.$/);
      assert.ok(!/\n|nobody needs/.test(detector.note ?? ''), detector.note);
      assert.equal(getBackend(), 'wasm');
      assert.equal(findBackendFactory('tensorflow'), null);
      assert.deepEqual(getKernelsForBackend('tensorflow'), []);
      assert.equal((await detector.detect(stopSign))[0]?.label, 'stop sign');
      await detector.close();
    });

  test('is not even loaded on a processor that it would end the process on', async (t) => {
    const cpuInfo = join(await makeFolder(t), 'cpuinfo');
    await writeFile(cpuInfo, 'processor\t: 0\nflags\t\t: fpu sse2 ssse3 sse4_2 popcnt\n');
    const backends = [tensorflow(standIn('throwing'), cpuInfo), wasm];
    const detector = await openCocoSsd(model, { backends });
    assert.match(detector.note ?? '', /\(this processor has no AVX\)/);
    await detector.close();
  });

  test('is the library where that works, without a word, and the answers are the same', async () => {
    const other = await openCocoSsd(model, { backends: [wasm] });
    const expected = await other.detect(stopSign);
    await other.close();
    const detector = await openCocoSsd(model, { backends: [tensorflow(standIn('computing')), wasm] });
    assert.equal(getBackend(), 'tensorflow');
    assert.equal(detector.note, undefined);
    const found = await detector.detect(stopSign);
    assert.deepEqual(found.map(rounded), expected.map(rounded));
    await detector.close();
  });

  test('is tried in the order that was named, and what fails on the last is the error', async (t) => {
    const folder = await copyTiny(t);
    await truncate(join(folder, 'group1-shard2of2'), 100);
    const backends = [tensorflow(standIn('throwing')), wasm];
    await assert.rejects(openCocoSsd(join(folder, 'model.json'), { backends }), (error: Error) => {
      assert.doesNotMatch(error.message, /libtensorflow/);
      return true;
    });
  });
});

const rounded = ({ label, score, box }: { label: string; score: number; box: object }) => ({
  label,
  score: score.toFixed(4),
  box: Object.values(box).map((value: number) => value.toFixed(4)),
});
