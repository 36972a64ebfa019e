// What every MediaStore promises (gallery/ports.ts), as tests.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { type MediaKey, originalKey, renditionKey, sidecarKey } from '../../src/gallery/media.ts';
import type { Sha256 } from '../../src/gallery/photo.ts';
import type { MediaStore } from '../../src/gallery/ports.ts';

/** @param open gets a folder of its own; files to be put lie in `<folder>/incoming`. */
export function mediaStoreContract(name: string, open: (folder: string) => Promise<MediaStore>): void {
  describe(`MediaStore contract: ${name}`, () => {
    let folder = '';
    let store: MediaStore;
    before(async () => {
      folder = await mkdtemp('/tmp/sajin-media-');
      store = await open(folder);
    });
    after(() => rm(folder, { recursive: true }));

    const source = async (bytes: Buffer) => {
      const path = join(folder, `source-${randomBytes(6).toString('hex')}`);
      await writeFile(path, bytes);
      return path;
    };
    const keep = async (bytes: Buffer): Promise<MediaKey> => {
      const sha256 = createHash('sha256').update(bytes).digest('hex') as Sha256;
      const key = originalKey(sha256, 'image/jpeg');
      await store.put(key, await source(bytes));
      return key;
    };
    const readAll = async (key: MediaKey, range?: { start: number; end: number }) => {
      const opened = await store.read(key, range);
      assert.ok(opened);
      return buffer(opened.stream);
    };

    test('gives back the bytes that were put, and takes the source away', async () => {
      const bytes = randomBytes(300_000);
      const sha256 = createHash('sha256').update(bytes).digest('hex') as Sha256;
      const path = await source(bytes);
      await store.put(originalKey(sha256, 'image/png'), path);
      assert.deepEqual(await readAll(originalKey(sha256, 'image/png')), bytes);
      assert.equal(existsSync(path), false);
    });

    test('may be told the same twice, also at the same time', async () => {
      const bytes = randomBytes(50_000);
      const keys = await Promise.all([keep(bytes), keep(bytes), keep(bytes)]);
      await keep(bytes);
      assert.deepEqual(await readAll(keys[0]), bytes);
    });

    for (const [what, rotten] of [
      ['torn', 'whole'],
      ['rotten, of the same length', 'w?ole file'],
    ] as const) {
      test(`heals a file that is ${what}`, async () => {
        const key = renditionKey('d'.repeat(64) as Sha256, 320);
        await store.put(key, await source(Buffer.from(rotten)));
        await store.put(key, await source(Buffer.from('whole file')));
        assert.equal(String(await readAll(key)), 'whole file');
      });
    }

    test('reads a range with both ends included, and says how long the whole is', async () => {
      const key = await keep(Buffer.from('0123456789'));
      assert.equal(String(await readAll(key, { start: 2, end: 4 })), '234');
      assert.equal(String(await readAll(key, { start: 0, end: 0 })), '0');
      const opened = await store.read(key, { start: 9, end: 9 });
      assert.equal(opened?.bytes, 10);
      opened?.stream.destroy();
    });

    test('knows sizes, and answers undefined for what is not there', async () => {
      const key = await keep(randomBytes(1234));
      const missing = originalKey('0'.repeat(64) as Sha256, 'image/jpeg');
      assert.deepEqual(await store.stat(key), { bytes: 1234 });
      assert.equal(await store.stat(missing), undefined);
      assert.equal(await store.read(missing), undefined);
      assert.equal(await store.lease(missing), undefined);
    });

    test('leases a local file with the same bytes', async () => {
      const bytes = randomBytes(2000);
      const lease = await store.lease(await keep(bytes));
      assert.ok(lease);
      assert.deepEqual(await readFile(lease.path), bytes);
      await lease.release();
    });

    test('removes once or twice, and what is removed is gone', async () => {
      const key = await keep(randomBytes(100));
      await store.remove(key);
      await store.remove(key);
      assert.equal(await store.read(key), undefined);
    });

    test('lists each kind by its own keys', async () => {
      const original = await keep(randomBytes(100));
      const rendition = renditionKey('e'.repeat(64) as Sha256, 800);
      await store.put(rendition, await source(Buffer.from('webp')));
      const sidecar = sidecarKey('e'.repeat(64) as Sha256, 'image/jpeg');
      await store.put(sidecar, await source(Buffer.from('{}')));
      const sidecars: MediaKey[] = [];
      for await (const { key } of store.list('sidecars')) sidecars.push(key);
      assert.deepEqual(sidecars, [sidecar]);
      const originals: MediaKey[] = [];
      for await (const { key, modifiedAt } of store.list('originals')) {
        originals.push(key);
        assert.ok(Math.abs(Date.now() - modifiedAt.getTime()) < 60_000);
      }
      const renditions: MediaKey[] = [];
      for await (const { key } of store.list('renditions')) renditions.push(key);
      assert.ok(originals.includes(original));
      for (const other of [rendition, sidecar]) assert.ok(!originals.includes(other));
      assert.ok(renditions.includes(rendition) && !renditions.includes(original));
    });
  });
}
