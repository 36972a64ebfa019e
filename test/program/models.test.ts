// `sajin models` as a person types it: exit codes, sentences, a killed download that goes on, and a server that notices.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { ModelEntry } from '../../src/gallery/ports.ts';
import { createClient } from '../support/client.ts';
import { fixturesFolder } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { drawPng } from '../support/pictures.ts';
import { runCli, startCli } from '../support/run-cli.ts';
import { startProgram } from '../support/start-program.ts';
import { tinySsd } from '../support/test-shelf.ts';
import { until } from '../support/until.ts';
import { openWeightsServer, stallAfter } from '../support/weights-server.ts';

const slow = '/mirror/coco-ssd/group1-shard2of2';

/** A mirror with the tiny model in the place of coco-ssd, and settings that lead there. */
async function openDesk(t: TestContext) {
  const server = await openWeightsServer(t);
  for (const [name, bytes] of tinySsd)
    server.files.set(`/mirror/coco-ssd/${name}`, { bytes, etag: `"${name}"` });
  const uploadsDir = join(await makeFolder(t), 'uploads');
  const env = { UPLOADS_DIR: uploadsDir, MODEL_MIRROR: `${server.url}/mirror` };
  const models = (...args: string[]) => runCli(['models', ...args], env);
  const list = async () => JSON.parse((await models('list', '--json')).out) as ModelEntry[];
  return {
    server,
    env,
    models,
    folder: join(uploadsDir, 'models'),
    start: (...args: string[]) => startCli(['models', ...args], env),
    get: async (name: string) => (await list()).find((entry) => entry.name === name),
  };
}

describe('sajin models', () => {
  test('lists, fetches, verifies, chooses and lets go', async (t) => {
    const { models, folder, get } = await openDesk(t);
    const empty = await models('list');
    assert.equal(empty.code, 0, empty.err);
    assert.match(empty.out, /^centernet +centernet .* built-in, in use$/m);
    assert.match(empty.out, /^yolox-s +yolox +35\.9 +640 +40\.5 +Apache-2\.0 +not here$/m);
    const fetched = await models('fetch', 'coco-ssd');
    assert.equal(fetched.code, 0, fetched.err);
    assert.ok(fetched.out.includes(join(folder, 'coco-ssd/model.json')));
    assert.equal((await models('fetch', 'coco-ssd')).code, 0, 'a second time is fine');
    assert.equal((await models('verify')).code, 0);
    const used = await models('use', 'coco-ssd');
    assert.deepEqual([used.code, used.out.split(' ')[0]], [0, 'coco-ssd']);
    const entry = await get('coco-ssd');
    assert.deepEqual([entry?.chosen, entry?.inUse, entry?.state.kind], [true, true, 'present']);
    assert.match((await models('use', 'auto')).out, /^centernet looks/);
    await writeFile(join(folder, 'coco-ssd/group1-shard1of2'), Buffer.alloc(80));
    const rotten = await models('verify', 'coco-ssd');
    assert.equal(rotten.code, 1);
    assert.match(rotten.err, /group1-shard1of2 differs/);
  });

  test('takes over files of this machine', async (t) => {
    const { models, folder } = await openDesk(t);
    const brought = await models('import', join(fixturesFolder, 'tiny-ssd/model.json'));
    assert.equal(brought.code, 0, brought.err);
    assert.ok(existsSync(join(folder, 'coco-ssd/model.json')));
    const refused = await models('import', join(fixturesFolder, 'kite.jpg'));
    assert.deepEqual([refused.code, refused.out], [1, '']);
    assert.match(refused.err, /^kite\.jpg is neither an \.onnx file nor a model\.json/);
  });

  test('fails with 1 and one sentence that names the address and the path', async (t) => {
    const { models, server, folder } = await openDesk(t);
    const absent = await models('fetch', 'yolox-nano');
    assert.equal(absent.code, 1);
    const sentence = absent.err.trimEnd().split('\n').at(-1) ?? '';
    assert.ok(sentence.includes(`${server.url}/mirror/yolox_nano.onnx`), absent.err);
    assert.ok(sentence.includes(join(folder, 'yolox_nano.onnx')) && sentence.includes('404'));
    server.files.set('/mirror/yolox_nano.onnx', { bytes: Buffer.alloc(3_659_407) });
    const wrong = await models('fetch', 'yolox-nano');
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /SHA-256 [0-9a-f]{64} instead of c789161ed43c/);
    assert.match(wrong.err, /^yolox-nano \d+ % \(\d\.\d of 3\.7 MB\)$/m);
    assert.ok(
      !existsSync(join(folder, 'yolox_nano.onnx')) && !existsSync(join(folder, 'yolox_nano.onnx.part')),
    );
    const unknown = await models('fetch', 'yolox-xxl');
    assert.deepEqual([unknown.code, /There is no model yolox-xxl/.test(unknown.err)], [1, true]);
  });

  test('fetches nothing offline, and says where to get it and where to put it', async (t) => {
    const { env, server, folder } = await openDesk(t);
    const refused = await runCli(['models', 'fetch', 'yolox-s'], { ...env, OFFLINE: '1' });
    assert.equal(refused.code, 1);
    assert.ok(refused.err.includes(`${server.url}/mirror/yolox_s.onnx`));
    assert.ok(refused.err.includes(join(folder, 'yolox_s.onnx')));
    assert.match(refused.err, /sajin models import FILE/);
    assert.deepEqual(server.asked, []);
  });

  test('ends with 64 and its usage when it is called wrongly, with 78 when a setting is wrong', async (t) => {
    const { env } = await openDesk(t);
    const wrongly = [
      ['models', 'frob'],
      ['models', 'fetch'],
      ['models', 'use'],
      ['models', 'fetch', 'a', 'b'],
      ['models', '--frob'],
      ['frob'],
      ['serve', 'again'],
    ];
    const check = async (args: readonly string[]) => {
      const { code, err } = await runCli(args, env);
      assert.equal(code, 64, args.join(' '));
      assert.match(err, /models fetch NAME/);
      assert.doesNotMatch(err, /^ +at /m);
    };
    await Promise.all(wrongly.map(check));
    const help = await runCli(['--help'], env);
    assert.deepEqual([help.code, /models use NAME\|auto/.test(help.out)], [0, true]);
    assert.equal((await runCli(['models', 'list'], { ...env, MODEL_MIRROR: 'nowhere' })).code, 78);
  });
});

describe('a download from the command line', () => {
  const partOf = (folder: string) => join(folder, 'coco-ssd/group1-shard2of2.part');
  const sizeOf = async (path: string) => (await stat(path).catch(() => undefined))?.size;

  test('that is killed goes on where it was, the part and nothing else in its place', async (t) => {
    const { server, start, models, folder } = await openDesk(t);
    server.behave(slow, [stallAfter(100)]);
    const fetching = start('fetch', 'coco-ssd');
    await until('a part', async () => (await sizeOf(partOf(folder))) === 100);
    fetching.kill('SIGKILL');
    assert.equal((await fetching.ended).signal, 'SIGKILL');
    assert.ok(!existsSync(join(folder, 'coco-ssd/model.json')));
    const again = await models('fetch', 'coco-ssd');
    assert.equal(again.code, 0, again.err);
    assert.deepEqual(server.asked.at(-1), { path: slow, range: 'bytes=100-', ifRange: '"group1-shard2of2"' });
    assert.deepEqual(
      await readFile(join(folder, 'coco-ssd/group1-shard2of2')),
      tinySsd.get('group1-shard2of2'),
    );
  });

  test('that is stopped with Ctrl-C keeps what has come and ends with 1', async (t) => {
    const { server, start, models, folder } = await openDesk(t);
    server.behave(slow, [stallAfter(100)]);
    const fetching = start('fetch', 'coco-ssd');
    await until('a part', async () => (await sizeOf(partOf(folder))) === 100);
    fetching.kill('SIGINT');
    const { code, err } = await fetching.ended;
    assert.equal(code, 1);
    assert.match(err, /Stopped\. What has come so far is kept/);
    assert.equal(await sizeOf(partOf(folder)), 100);
    assert.equal((await models('fetch', 'coco-ssd')).code, 0);
  });

  test('that fills the disk gives the room back and says so', async (t) => {
    const { env, folder } = await openDesk(t);
    // To the program a file that may not grow and a disk that is full are the same.
    const { code, err } = await runCli(['models', 'fetch', 'coco-ssd'], env, ['prlimit', '--fsize=5000']);
    assert.equal(code, 1, err);
    assert.match(err, /the disk is full; free some space and try again\.$/m);
    assert.deepEqual(await readdir(join(folder, 'coco-ssd')), []);
  });

  test('that somebody else runs already is watched to its end', async (t) => {
    const { server, start, folder } = await openDesk(t);
    server.behave(slow, [stallAfter(100)]);
    const first = start('fetch', 'coco-ssd');
    await until('a part', async () => (await sizeOf(partOf(folder))) === 100);
    const second = start('fetch', 'coco-ssd');
    await until('it to be watched', () => /^coco-ssd /m.test(second.err()));
    const before = server.asked.length;
    first.kill('SIGINT');
    assert.equal((await second.ended).code, 1);
    assert.equal(server.asked.length, before);
    await first.ended;
  });
});

test('a server that runs notices what the command line does, for the next photo and without a restart', async (t) => {
  const uploadsDir = await makeFolder(t);
  const env = { DETECTOR: 'auto', OFFLINE: '1' };
  const program = await startProgram({ uploadsDir, env });
  t.after(() => program.stop());
  const client = createClient(program.url);
  const seenBy = async (engine: string, seed: number) => {
    const { id } = await client.keep(drawPng({ seed }));
    return JSON.stringify(await client.developed(id)).includes(`"${engine}"`);
  };
  assert.ok(await seenBy('centernet', 1));
  const source = await makeFolder(t);
  await cp(join(fixturesFolder, 'tiny-ssd'), source, { recursive: true });
  const cli = { ...env, UPLOADS_DIR: uploadsDir };
  assert.equal((await runCli(['models', 'import', join(source, 'model.json')], cli)).code, 0);
  assert.equal((await runCli(['models', 'use', 'coco-ssd'], cli)).code, 0);
  let seed = 2;
  await until('another engine', () => seenBy('coco-ssd', seed++), {
    deadlineMs: 90_000,
    everyMs: 500,
  });
});
