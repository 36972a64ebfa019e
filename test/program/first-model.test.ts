// The first start: the built-in works at once, YOLOX-nano is fetched in the background, and then what the built-in saw is looked at again.
// The catalogue's address is a server of the test; the file is a real YOLOX-nano.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CatalogueEntry, catalogue } from '../../src/darkroom/models/catalogue.ts';
import { fixturesFolder, testData } from '../support/data.ts';
import { openRunningGallery } from '../support/running-gallery.ts';
import { until } from '../support/until.ts';

const model = testData('models/yolox_nano_416.onnx');

test('a better model arrives by itself, and looks at what the built-in saw; what a person said stays', {
  skip: model.skip,
}, async (context) => {
  const weights = await readFile(model.path);
  const sha256 = createHash('sha256').update(weights).digest('hex');
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const server = createServer((_request, response) => {
    void released.then(() => response.writeHead(200, { 'Content-Length': weights.length }).end(weights));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const [first, ...others] = catalogue as [CatalogueEntry, ...CatalogueEntry[]];
  const nano = {
    ...first,
    url: `http://127.0.0.1:${port}/yolox_nano.onnx`,
    pinned: { bytes: weights.length, sha256 },
  };
  const { url } = await openRunningGallery(
    context,
    { detector: 'auto', offline: false },
    { catalogue: [nano, ...others] },
  );
  const json = { Accept: 'application/json', Origin: url };

  interface Answer {
    readonly id: string;
    readonly state: string;
    readonly engine?: string;
    readonly labels: readonly { label: string }[];
    readonly detections: readonly { id: string; label: string }[];
  }
  const upload = async (name: string) => {
    const form = new FormData();
    form.set('photo', new Blob([await readFile(join(fixturesFolder, name))]), name);
    return (await (
      await fetch(`${url}/photos`, { method: 'POST', headers: json, body: form })
    ).json()) as Answer;
  };
  const get = async (id: string) =>
    (await (await fetch(`${url}/photos/${id}`, { headers: json })).json()) as Answer;
  const seenBy = (id: string, engine: string) =>
    until(
      `${engine} to have looked`,
      async () => {
        const photo = await get(id);
        return photo.state === 'done' && photo.engine === engine ? photo : undefined;
      },
      { deadlineMs: 30_000 },
    );

  const sign = await seenBy((await upload('stop-sign.jpg')).id, 'centernet');
  const clock = await seenBy((await upload('wall-clock.jpg')).id, 'centernet');
  assert.equal(sign.labels[0]?.label, 'stop sign');
  const [thing] = clock.detections;
  assert.ok(thing);
  const body = JSON.stringify({ kind: 'rename', detection: thing.id, label: '할머니 시계' });
  const headers = { ...json, 'Content-Type': 'application/json' };
  const renamed = await fetch(`${url}/photos/${clock.id}/corrections`, { method: 'POST', headers, body });
  assert.equal(renamed.status, 200);

  release();
  assert.equal((await seenBy(sign.id, 'yolox')).labels[0]?.label, 'stop sign');
  const after = await seenBy(clock.id, 'yolox');
  assert.ok(after.labels.some(({ label }) => label === '할머니 시계'));
  assert.equal((await seenBy((await upload('kite.jpg')).id, 'yolox')).state, 'done');
});
