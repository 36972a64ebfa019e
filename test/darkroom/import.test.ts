// Bringing a model: only what an engine really opened gets a name, nothing is ever written over, and the server opens no model for it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cleanName } from '../../src/darkroom/models/import.ts';
import { proveWith } from '../../src/darkroom/models/prove.ts';
import { GalleryError } from '../../src/gallery/errors.ts';
import { collectingLog } from '../support/collecting-log.ts';
import { fixturesFolder, testData } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { openTestShelf, type TestShelf, tinySsd } from '../support/test-shelf.ts';

const real = testData('models/yolox_nano_416.onnx');
const prove = proveWith(collectingLog());
const child = fileURLToPath(new URL('../support/model-child.ts', import.meta.url));

async function openDesk(t: TestContext, options: Parameters<typeof openTestShelf>[1] = {}) {
  const desk = await openTestShelf(t, options);
  const source = await makeFolder(t);
  return {
    ...desk,
    source,
    async bring(name: string, bytes: string | Buffer) {
      await writeFile(join(source, name), bytes);
      return await desk.shelf.importFile(join(source, name), name);
    },
    refuses: (work: Promise<unknown>, why: RegExp) =>
      assert.rejects(work, (error: unknown) => {
        assert.ok(error instanceof GalleryError, String(error));
        assert.equal(error.code, 'bad-model');
        assert.match(error.message, why);
        return true;
      }),
  };
}

/** Names of everything in the folder, hidden or not. */
const inFolder = async ({ folder }: TestShelf) => (await readdir(folder)).sort();

describe('a file that is brought', () => {
  test('is opened by an engine in a process of its own, and gets its name then', {
    skip: real.skip,
  }, async (t) => {
    const desk = await openDesk(t, { prove });
    const entry = await desk.bring('My Model (2).ONNX', readFileSync(real.path));
    assert.deepEqual(
      [entry.name, entry.origin, entry.state.kind, entry.path],
      ['my-model-2', 'imported', 'present', join(desk.folder, 'my-model-2.onnx')],
    );
    assert.deepEqual(await inFolder(desk), ['digests.json', 'my-model-2.onnx']);
    assert.doesNotMatch(readFileSync('/proc/self/maps', 'utf8'), /onnxruntime/);
  });

  test('of several parts is brought by its model.json', async (t) => {
    const desk = await openDesk(t, { prove });
    const path = join(fixturesFolder, 'tiny-ssd/model.json');
    const entry = await desk.shelf.importFile(path, 'model.json');
    assert.deepEqual([entry.name, entry.state.kind], ['graph', 'present']);
    assert.deepEqual(await inFolder(desk), ['digests.json', 'graph']);
    await desk.shelf.importFile(path, 'model.json');
    assert.ok(await desk.shelf.verify('graph'));
  });

  test('is refused when no engine can use it, and leaves nothing behind', async (t) => {
    const desk = await openDesk(t, { prove });
    await desk.refuses(desk.bring('bad.onnx', 'no model at all'), /^bad\.onnx can not be used: .*protobuf/);
    await desk.refuses(desk.bring('empty.onnx', ''), /^empty\.onnx can not be used/);
    await writeFile(join(desk.source, 'group1-shard1of2'), Buffer.alloc(3));
    await writeFile(join(desk.source, 'group1-shard2of2'), Buffer.alloc(3));
    await desk.refuses(
      desk.bring('model.json', tinySsd.get('model.json') ?? ''),
      /model\.json can not be used/,
    );
    assert.deepEqual(await inFolder(desk), []);
  });

  test('is refused when it ends or hangs the process that opens it', async (t) => {
    const desk = await openDesk(t, {
      prove: proveWith(collectingLog(), { timeoutMs: 3_000, childModule: child }),
    });
    await desk.refuses(desk.bring('a.onnx', 'deadly'), /a\.onnx can not be used: it ends, or blocks/);
    await desk.refuses(desk.bring('a.onnx', 'stuck'), /a\.onnx can not be used: it ends, or blocks/);
    assert.deepEqual(await inFolder(desk), []);
    assert.equal((await desk.bring('a.onnx', 'good')).state.kind, 'present');
  });

  test('is refused when it is not there, is a folder, has another ending, or lacks its weights', async (t) => {
    const desk = await openDesk(t);
    await desk.refuses(
      desk.shelf.importFile(join(desk.source, 'none.onnx'), 'none.onnx'),
      /none\.onnx is no file/,
    );
    await mkdir(join(desk.source, 'folder.onnx'));
    await desk.refuses(desk.shelf.importFile(join(desk.source, 'folder.onnx'), 'folder.onnx'), /is no file/);
    await desk.refuses(desk.bring('model.pt', 'x'), /neither an \.onnx file nor a model\.json/);
    await desk.refuses(desk.bring('model.json', '{}'), /no TensorFlow\.js graph model/);
    await desk.refuses(
      desk.bring('model.json', tinySsd.get('model.json') ?? ''),
      /needs group1-shard1of2 beside it/,
    );
    assert.deepEqual(await inFolder(desk), []);
  });

  test('becomes the entry of the catalogue that has its bytes, without a trial', async (t) => {
    const desk = await openDesk(t, { prove: () => assert.fail('it was tried') });
    const entry = await desk.bring('whatever.onnx', desk.weights);
    assert.deepEqual([entry.name, entry.origin], ['small', 'catalogue']);
    assert.deepEqual(await inFolder(desk), ['small.onnx']);
  });

  test('is never written over another one: the same bytes are fine, others are refused', async (t) => {
    const desk = await openDesk(t);
    await desk.bring('mine.onnx', 'first');
    assert.equal((await desk.bring('mine.onnx', 'first')).name, 'mine');
    assert.equal((await desk.bring('again.onnx', 'first')).name, 'mine');
    await desk.refuses(desk.bring('MINE.onnx', 'second'), /another file at .*mine\.onnx/);
    assert.equal(await readFile(join(desk.folder, 'mine.onnx'), 'utf8'), 'first');
    await desk.refuses(desk.bring('small.onnx', 'mine, too'), /name of a model in the catalogue/);
    await desk.refuses(desk.bring('centernet.onnx', 'mine, too'), /name of a model in the catalogue/);
    await desk.refuses(desk.bring('....onnx', 'mine, too'), /no name for a model/);
    await writeFile(join(desk.folder, 'small.onnx'), 'of somebody');
    await desk.refuses(desk.bring('right.onnx', desk.weights), /another file at .*small\.onnx/);
    assert.equal(await readFile(join(desk.folder, 'small.onnx'), 'utf8'), 'of somebody');
  });

  test('of several parts is refused when it is not what came first', async (t) => {
    const desk = await openDesk(t);
    await desk.fetch('graph');
    for (const name of tinySsd.keys())
      await copyFile(join(desk.folder, 'graph', name), join(desk.source, name));
    await writeFile(join(desk.source, 'group1-shard1of2'), Buffer.alloc(80));
    const work = desk.shelf.importFile(join(desk.source, 'model.json'), 'model.json');
    await desk.refuses(work, /graph\/group1-shard1of2 is not the file that came first/);
    assert.ok(await desk.shelf.verify('graph'));
  });

  test('that was given up half-way is swept at the next start, not while it may still be going on', async (t) => {
    const desk = await openDesk(t);
    for (const name of ['.import-old', '.import-new']) await mkdir(join(desk.folder, name));
    const twoHoursAgo = Date.now() / 1000 - 7200;
    await utimes(join(desk.folder, '.import-old'), twoHoursAgo, twoHoursAgo);
    await desk.open();
    assert.ok(!existsSync(join(desk.folder, '.import-old')));
    assert.ok(existsSync(join(desk.folder, '.import-new')));
  });
});

test('names are cleaned, and never lead anywhere', () => {
  const cleaned = {
    'yolox_nano_416.onnx': 'yolox_nano_416.onnx',
    'Mein Modell (2).ONNX': 'mein-modell-2.onnx',
    '../../etc/passwd.onnx': 'passwd.onnx',
    '..\\..\\boot.onnx': 'boot.onnx',
    '.hidden.onnx': 'hidden.onnx',
    '모델 v2.onnx': 'v2.onnx',
    '모델.onnx': undefined,
    '.onnx': undefined,
    [`${'x'.repeat(300)}.onnx`]: `${'x'.repeat(80)}.onnx`,
    'a\u0000b\n.onnx': 'a-b.onnx',
  };
  for (const [name, clean] of Object.entries(cleaned)) assert.equal(cleanName(name), clean, name);
});
