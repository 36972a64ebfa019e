// Whatever becomes of looking at pictures, uploading and browsing go on: children that are killed, hang, swell or answer garbage, and
// models that are missing or corrupt. The whole program, with children that fail on command.
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../src/config.ts';
import { fixturesFolder } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { drawPng } from '../support/pictures.ts';
import { openRunningGallery } from '../support/running-gallery.ts';
import { until } from '../support/until.ts';

const childModule = fileURLToPath(new URL('../support/faulty-child.ts', import.meta.url));
const onLinux = {
  skip: process.platform === 'linux' ? false : 'processes are stopped and measured as on Linux',
};

interface PhotoJson {
  readonly id: string;
  readonly state: string;
  readonly reason?: string;
  readonly engine?: string;
  readonly labels: readonly { label: string }[];
}

async function open(context: TestContext, config: Partial<Config>, faulty = true) {
  const uploadsDir = config.uploadsDir ?? (await makeFolder(context));
  const darkroom = faulty ? { childModule, timeoutMs: 3_000, memoryLimitBytes: 400e6, backoffMs: 20 } : {};
  const { url } = await openRunningGallery(context, { ...config, uploadsDir }, { darkroom });
  const json = { Accept: 'application/json', Origin: url };
  const get = async (id: string) =>
    (await (await fetch(`${url}/photos/${id}`, { headers: json })).json()) as PhotoJson;
  return {
    url,
    get,
    fault: (kind: string) => writeFile(join(uploadsDir, 'fault'), kind),
    mend: () => rm(join(uploadsDir, 'fault')),
    /** Uploads and answers; the time an upload takes says whether it waited for a child that looks. */
    async upload(picture: Buffer<ArrayBuffer>): Promise<PhotoJson> {
      const form = new FormData();
      form.set('photo', new Blob([picture]), 'a.png');
      const answer = await fetch(`${url}/photos`, { method: 'POST', headers: json, body: form });
      assert.equal(answer.status, 201);
      return (await answer.json()) as PhotoJson;
    },
    async browse(id: string) {
      for (const path of ['/', `/photos/${id}`, '/labels', `/media/${id}/original`, '/readyz']) {
        const answer = await fetch(url + path, { headers: { Accept: '*/*' } });
        assert.equal(answer.status, 200, path);
        await answer.arrayBuffer();
      }
    },
    ended: (id: string, state: string) =>
      until(
        `the photo to be ${state}`,
        async () => {
          const photo = await get(id);
          return photo.state === state ? photo : undefined;
        },
        { deadlineMs: 120_000 },
      ),
  };
}

// Most of the time is the pause before each further try, so they wait together.
describe('F10 while children that look fail', { ...onLinux, concurrency: 4 }, () => {
  for (const fault of ['kill', 'hang', 'swell', 'garbage'])
    test(`F10 (${fault}) photos are taken in and shown, fail with a reason, and are developed when asked again`, async (context) => {
      const g = await open(context, { detector: 'centernet', darkroomChildren: 1 });
      await g.fault(fault);
      const first = await g.upload(drawPng({ seed: 1 }) as Buffer<ArrayBuffer>);
      await g.browse(first.id);
      const second = await g.upload(drawPng({ seed: 2 }) as Buffer<ArrayBuffer>);
      await g.browse(second.id);
      const failed = await g.ended(first.id, 'failed');
      assert.ok(failed.reason, 'says why');
      await g.mend();
      const again = (id: string) =>
        fetch(`${g.url}/photos/${id}/retry`, { method: 'POST', headers: { Origin: g.url } });
      const done = await g.ended(second.id, 'done').catch(() => g.get(second.id));
      if (done.state === 'failed') await again(second.id);
      await again(first.id);
      for (const { id } of [first, second])
        assert.deepEqual(
          (await g.ended(id, 'done')).labels.map(({ label }) => label),
          ['dog'],
        );
    });
});

describe('F11 with a model that is no model', () => {
  test('F11 that was asked for: photos are developed without labels, and every page says why', async (context) => {
    const uploadsDir = await makeFolder(context);
    const modelFile = join(uploadsDir, 'broken.onnx');
    await writeFile(modelFile, 'this is no model');
    const g = await open(context, { detector: 'yolox', modelFile, uploadsDir }, false);
    const { id } = await g.upload(drawPng({ seed: 3 }) as Buffer<ArrayBuffer>);
    const photo = await g.ended(id, 'done');
    assert.deepEqual([photo.labels, photo.engine], [[], undefined]);
    await g.browse(id);
    assert.match(await (await fetch(g.url, { headers: { Accept: 'text/html' } })).text(), /class="problem"/);
  });

  test('F11 that was missing: photos are developed without labels', async (context) => {
    const uploadsDir = await makeFolder(context);
    const modelFile = join(uploadsDir, 'nowhere.onnx');
    const g = await open(context, { detector: 'yolox', modelFile, uploadsDir }, false);
    const { id } = await g.upload(drawPng({ seed: 4 }) as Buffer<ArrayBuffer>);
    await g.ended(id, 'done');
    await g.browse(id);
  });

  test('F11 that merely lay there: the built-in looks instead', async (context) => {
    const uploadsDir = await makeFolder(context);
    await mkdir(join(uploadsDir, 'models'), { recursive: true });
    await writeFile(join(uploadsDir, 'models', 'broken.onnx'), 'this is no model');
    const g = await open(context, { detector: 'auto', offline: true, uploadsDir }, false);
    const { id } = await g.upload(
      (await readFile(join(fixturesFolder, 'stop-sign.jpg'))) as Buffer<ArrayBuffer>,
    );
    const photo = await g.ended(id, 'done');
    assert.equal(photo.engine, 'centernet');
    assert.deepEqual(photo.labels[0]?.label, 'stop sign');
  });
});
