// Renditions that are gone from the disk, or empty: the visitor is given another size meanwhile, and they are made again by themselves.
import assert from 'node:assert/strict';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createClient, sha256Of } from '../support/client.ts';
import { filesBelow } from '../support/data.ts';
import { drawPng } from '../support/pictures.ts';
import { openRunningGallery } from '../support/running-gallery.ts';
import { until } from '../support/until.ts';

test('a rendition that is gone or empty is stood in for, and made again', async (t) => {
  const gallery = await openRunningGallery(t);
  const client = createClient(gallery.url);
  const { id } = await client.keep(drawPng({ seed: 7, width: 2200, height: 1500 }));
  const { sha256, links } = await client.developed(id);
  const files = () =>
    filesBelow(join(gallery.folder, 'renditions')).filter(({ name }) => name.includes(sha256));
  const bytes = new Map(
    await Promise.all(files().map(async ({ path }) => [path, await readFile(path)] as const)),
  );
  const [small, large] = [links.renditions.at(0)?.url ?? '', links.renditions.at(-1)?.url ?? ''];
  const [whole, other] = [await client.bytes(small), await client.bytes(large)];
  const pathOf = (wanted: Buffer) => [...bytes].find(([, held]) => held.equals(wanted))?.[0] ?? '';
  assert.ok(bytes.size >= 3 && pathOf(whole) !== '');

  for (const spoil of [(path: string) => truncate(path, 0), (path: string) => rm(path)]) {
    await spoil(pathOf(whole));
    const answer = await fetch(new URL(small, gallery.url));
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('cache-control'), 'no-store', 'nobody keeps it as if it were right');
    const given = Buffer.from(await answer.arrayBuffer());
    assert.ok([...bytes.values()].some((held) => held.equals(given)) && !given.equals(whole));
    assert.equal(answer.headers.get('etag'), `"${sha256Of(given)}"`);
    await until('it to be made again', async () =>
      (await readFile(pathOf(whole)).catch(() => other)).equals(whole),
    );
    await client.developed(id);
    assert.deepEqual(await client.bytes(small), whole);
  }

  for (const { path } of files()) await rm(path);
  assert.equal((await client.ask(small)).status, 404);
  await until('all of them to be there', () => files().length === bytes.size);
  await client.developed(id);
  assert.deepEqual(await client.bytes(large), other);
});

test('of an original that is damaged, too, nothing is made', async (t) => {
  const gallery = await openRunningGallery(t);
  const client = createClient(gallery.url);
  const picture = drawPng({ seed: 8 });
  const { id } = await client.keep(picture);
  const { sha256, links } = await client.developed(id);
  const below = (folder: string) =>
    filesBelow(join(gallery.folder, folder)).filter(
      ({ name }) => name.includes(sha256) && !name.endsWith('.json'),
    );
  const known = () => client.ask(`/digests/${sha256}`, { headers: { 'X-Requested-With': 'test' } });
  assert.equal((await known()).status, 200);
  const [original] = below('originals');
  const bytes = await readFile(original?.path ?? '');
  bytes.fill(0x5a, bytes.length - 40);
  await writeFile(original?.path ?? '', bytes);
  for (const { path } of below('renditions')) await rm(path);
  assert.equal((await client.ask(links.renditions[0]?.url ?? '')).status, 404);
  await until('the damage to be known', async () => (await known()).status === 204);
  assert.equal((await client.photo(id)).state, 'done');
  // So whoever still has it sends it again, which heals everything.
  assert.equal((await client.keep(picture)).duplicate, true);
  assert.equal((await known()).status, 200);
  await client.ask(links.renditions[0]?.url ?? '');
  await until('them to be made again', () => below('renditions').length === links.renditions.length);
});
