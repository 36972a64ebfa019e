// Originals into another store and back: what is copied, what is believed, what becomes of a damaged one.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, type TestContext, test } from 'node:test';
import {
  type CopyPlaces,
  copyOriginal,
  copySidecar,
  type Original,
} from '../../src/gallery/copy-originals.ts';
import { type MediaKey, originalKey, sidecarKey } from '../../src/gallery/media.ts';
import type { Sha256 } from '../../src/gallery/photo.ts';
import type { MediaStore } from '../../src/gallery/ports.ts';
import { openTestInbox } from '../support/inbox.ts';
import { openMemoryMedia } from '../support/memory-media.ts';

const text = 'every byte of it';
const original: Original = {
  sha256: createHash('sha256').update(text).digest('hex') as Sha256,
  bytes: text.length,
  type: 'image/jpeg',
};
const key = originalKey(original.sha256, original.type);
const apart = `${key}.damaged` as MediaKey;

async function open(t: TestContext, rest: CopyPlaces['rest'] = 'apart') {
  const { inbox, folder } = await openTestInbox(t);
  const places = { from: openMemoryMedia(), to: openMemoryMedia(), inbox, rest };
  const put = async (media: MediaStore, at: MediaKey, what: string) =>
    media.put(at, (await inbox.write(what)).path);
  const read = async (media: MediaStore, at: MediaKey) => {
    const opened = await media.read(at);
    return opened === undefined ? undefined : String(await buffer(opened.stream));
  };
  return { ...places, places, folder, put, read };
}

describe('an original', () => {
  test('is copied once, and a torn copy is replaced', async (t) => {
    const { places, from, to, put, read } = await open(t);
    await put(from, key, text);
    assert.equal(await copyOriginal(places, original, true), 'copied');
    assert.equal(await copyOriginal(places, original, true), 'present');
    await put(to, key, 'torn');
    assert.equal(await copyOriginal(places, original, true), 'replaced');
    assert.equal(await read(to, key), text);
  });

  test('that rotted in the copy is believed by its length, unless everything is read', async (t) => {
    const { places, from, to, put, read } = await open(t);
    await put(from, key, text);
    await put(to, key, 'x'.repeat(text.length));
    assert.equal(await copyOriginal(places, original, true), 'present');
    assert.equal(await copyOriginal(places, original, false), 'replaced');
    assert.equal(await read(to, key), text);
  });

  test('that is damaged does not touch a good copy, and is kept apart where there is none', async (t) => {
    const { places, from, to, put, read } = await open(t);
    await put(from, key, text);
    await copyOriginal(places, original, true);
    await put(from, key, 'rotten');
    assert.equal(await copyOriginal(places, original, true), 'present');
    await to.remove(key);
    assert.equal(await copyOriginal(places, original, true), 'damaged');
    assert.deepEqual([await read(to, key), await read(to, apart)], [undefined, 'rotten']);
  });

  test('that is damaged comes back into its place when nothing lies there', async (t) => {
    const { places, from, to, put, read } = await open(t, 'in-place');
    await put(from, apart, 'rotten');
    assert.equal(await copyOriginal(places, original, false), 'damaged');
    assert.equal(await read(to, key), 'rotten');
    await put(to, key, 'half of i');
    assert.equal(await copyOriginal(places, original, false), 'damaged');
    assert.equal(await read(to, key), 'half of i');
  });

  test('that is nowhere is said to be missing', async (t) => {
    assert.equal(await copyOriginal((await open(t)).places, original, true), 'missing');
  });

  test('on a disk that does not give back what was written is an error, not a copy', async (t) => {
    const { places, from, put, inbox } = await open(t);
    await put(from, key, text);
    const to: MediaStore = {
      ...places.to,
      put: async (at, path) => {
        await inbox.discard(path);
        await put(places.to, at, 'x'.repeat(text.length));
      },
    };
    await assert.rejects(copyOriginal({ ...places, to }, original, true), { code: 'unavailable' });
  });

  test('that the disk can not read keeps no other from being copied', async (t) => {
    const { places } = await open(t);
    const from: MediaStore = {
      ...places.from,
      stat: async () => ({ bytes: 1 }),
      read: () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' })),
    };
    assert.equal(await copyOriginal({ ...places, from }, original, true), 'damaged');
  });
});

test('a sidecar is copied whenever it says something else', async (t) => {
  const { places, from, to, put, read } = await open(t);
  const beside = sidecarKey(original.sha256, original.type);
  await copySidecar(places, original);
  assert.equal(await read(to, beside), undefined);
  for (const says of ['{"a":1}', '{"a":2}']) {
    await put(from, beside, says);
    await copySidecar(places, original);
    assert.equal(await read(to, beside), says);
  }
});
