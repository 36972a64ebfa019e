// Sidecars in the use cases: there before an upload is answered, soon after every change, gone with the original, and what they are for.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { openEvents } from '../../src/events.ts';
import { GalleryError } from '../../src/gallery/errors.ts';
import { openGallery } from '../../src/gallery/gallery.ts';
import { originalKey, sidecarKey } from '../../src/gallery/media.ts';
import type { Photo } from '../../src/gallery/photo.ts';
import type { MediaStore } from '../../src/gallery/ports.ts';
import type { Sidecar } from '../../src/gallery/sidecar.ts';
import { readSidecar } from '../../src/gallery/sidecars.ts';
import { owner } from '../contracts/photo-database.ts';
import { collectingLog } from '../support/collecting-log.ts';
import { openTestInbox } from '../support/inbox.ts';
import { openMemoryGallery } from '../support/memory-gallery.ts';
import { openMemoryMedia } from '../support/memory-media.ts';
import { drawPng } from '../support/pictures.ts';
import { openScriptedDarkroom } from '../support/scripted-darkroom.ts';
import { until, within } from '../support/until.ts';

const never = new AbortController().signal;

/** A gallery on a store; another one on the same store is the same folder with another database. */
async function open(t: TestContext, store: MediaStore = openMemoryMedia()) {
  const { inbox, give } = await openTestInbox(t);
  const memory = openMemoryGallery(Date.now);
  let isBroken = false;
  const media: MediaStore = {
    ...store,
    put: async (key, path) => {
      if (isBroken && key.endsWith('.json')) throw new GalleryError('disk-full', 'The disk is full.');
      await store.put(key, path);
    },
  };
  const log = collectingLog();
  const darkroom = openScriptedDarkroom();
  const gallery = openGallery({
    ...memory,
    media,
    inbox,
    darkroom,
    events: openEvents(),
    wakeJobs: () => {},
    log,
  });
  t.after(() => gallery.sidecars.close());
  return {
    ...memory,
    gallery,
    log,
    store,
    breakDisk: (broken: boolean) => {
      isBroken = broken;
    },
    add: async (seed: number, title = ''): Promise<Photo> =>
      (await gallery.ingest(owner, await give(drawPng({ seed })), title)).photo,
    read: (photo: Photo): Promise<Sidecar | undefined> => readSidecar(store, photo.sha256, photo.type),
  };
}

describe('the sidecar of a photo', () => {
  test('is there when the upload is answered', async (t) => {
    const g = await open(t);
    const photo = await g.add(1, 'first');
    const sidecar = await g.read(photo);
    const { id, title, uploadedAt } = photo;
    assert.deepEqual(sidecar?.photos, [{ id, title, uploadedAt, changes: [] }]);
    assert.deepEqual(await g.sidecars.listDueSidecars(5), []);
  });

  test('is brought up to date when the program ends in the moment after a change', async (t) => {
    const g = await open(t);
    const photos = [];
    for (let seed = 1; seed <= 3; seed += 1) photos.push(await g.add(seed));
    g.gallery.sidecars.resume();
    await until('nothing to be due', async () => (await g.sidecars.listDueSidecars(5)).length === 0);
    for (const { id } of photos) await g.gallery.retitle(owner, id, 'the last word');
    await g.gallery.sidecars.close();
    for (const photo of photos) assert.equal((await g.read(photo))?.photos[0]?.title, 'the last word');
    assert.deepEqual(await g.sidecars.listDueSidecars(5), []);
  });

  test('that can’t be written does not keep the program from ending, and stays due', async (t) => {
    const g = await open(t);
    const { id } = await g.add(1);
    g.gallery.sidecars.resume();
    await until('nothing to be due', async () => (await g.sidecars.listDueSidecars(5)).length === 0);
    g.breakDisk(true);
    await g.gallery.retitle(owner, id, 'the last word');
    await within('it to end', 5_000, g.gallery.sidecars.close());
    assert.equal((await g.sidecars.listDueSidecars(5)).length, 1);
  });

  test('takes the title that comes with the same bytes', async (t) => {
    const g = await open(t);
    await g.add(1);
    assert.equal((await g.read(await g.add(1, 'late')))?.photos[0]?.title, 'late');
  });

  test('follows a new title and a correction by itself', async (t) => {
    const g = await open(t);
    const photo = await g.add(1, 'old');
    g.gallery.sidecars.resume();
    await g.gallery.retitle(owner, photo.id, 'new');
    await g.gallery.correct(owner, photo.id, { kind: 'add', label: 'dog' });
    const told = await until('the sidecar to follow', async () => {
      const [said] = (await g.read(photo))?.photos ?? [];
      return said?.title === 'new' && said.changes.length === 1 ? said : undefined;
    });
    assert.equal(told.changes[0]?.label, 'dog');
  });

  test('is written at the next start when the program ended before it was', async (t) => {
    const g = await open(t);
    const photo = await g.add(1, 'old');
    await g.photos.retitle(owner, photo.id, 'new');
    assert.equal((await g.read(photo))?.photos[0]?.title, 'old');
    g.gallery.sidecars.resume();
    await until('the sidecar', async () => (await g.read(photo))?.photos[0]?.title === 'new');
  });

  test('that can not be written refuses no upload, is logged, and comes later', async (t) => {
    const g = await open(t);
    g.breakDisk(true);
    const photo = await g.add(1, 'kept');
    assert.ok(await g.store.stat(originalKey(photo.sha256, photo.type)));
    assert.equal(await g.read(photo), undefined);
    assert.equal(g.log.lines.filter(({ level }) => level === 'warn').length, 1);
    assert.equal(await g.gallery.sidecars.drain(), 1);
    g.breakDisk(false);
    assert.equal(await g.gallery.sidecars.drain(), 0);
    assert.equal((await g.read(photo))?.photos[0]?.title, 'kept');
  });

  test('goes with the original, and no note is left', async (t) => {
    const g = await open(t);
    const photo = await g.add(1);
    await g.gallery.discard(owner, photo.id);
    await g.gallery.remove(owner, photo.id);
    assert.equal(await g.store.stat(sidecarKey(photo.sha256, photo.type)), undefined);
    await g.gallery.sidecars.drain();
    assert.equal(await g.store.stat(sidecarKey(photo.sha256, photo.type)), undefined);
    assert.deepEqual(await g.sidecars.listDueSidecars(5), []);
  });
});

describe('a gallery whose database is lost', () => {
  test('has every photo back as it was, and the files do not change', async (t) => {
    const old = await open(t);
    const photos = [await old.add(1, 'one'), await old.add(2), await old.add(3, 'three')];
    await old.gallery.correct(owner, photos[0]?.id as Photo['id'], { kind: 'add', label: 'dog' });
    await old.gallery.sidecars.drain();
    const now = await open(t, old.store);
    const found = await now.gallery.reconcile(never);
    assert.deepEqual([found.adopted, found.unreadable], [3, 0]);
    for (const before of photos) {
      const after = await now.photos.findPhoto(owner, before.id);
      assert.deepEqual([after?.title, after?.uploadedAt], [before.title, before.uploadedAt]);
    }
    const [corrected] = photos;
    assert.ok(corrected);
    assert.equal((await now.photos.findPhoto(owner, corrected.id))?.labels[0]?.label, 'dog');
    assert.equal(await now.jobs.count(), 3);
    const before = await now.read(corrected);
    await now.gallery.sidecars.drain();
    assert.deepEqual(await now.read(corrected), before);
  });

  test('has a photo back whose original has rotted meanwhile', async (t) => {
    const old = await open(t);
    const photo = await old.add(1, 'precious');
    const { inbox } = await openTestInbox(t);
    await old.store.put(originalKey(photo.sha256, photo.type), (await inbox.write('rotten')).path);
    const now = await open(t, old.store);
    assert.equal((await now.gallery.reconcile(never)).adopted, 1);
    assert.equal((await now.photos.findPhoto(owner, photo.id))?.title, 'precious');
  });

  test('has a photo back without its title when the sidecar is torn or speaks of another one', async (t) => {
    const old = await open(t);
    const [torn, foreign] = [await old.add(1, 'one'), await old.add(2, 'two')];
    const { inbox } = await openTestInbox(t);
    await old.store.put(sidecarKey(torn.sha256, torn.type), (await inbox.write('{"format":')).path);
    const other = JSON.stringify({ ...(await old.read(torn)), ...(await old.read(foreign)) });
    await old.store.put(sidecarKey(foreign.sha256, foreign.type), (await inbox.write(other)).path);
    const now = await open(t, old.store);
    assert.equal((await now.gallery.reconcile(never)).adopted, 2);
    const { photos } = await now.photos.listPhotos(owner, { limit: 5 });
    assert.deepEqual(
      photos.map(({ title }) => title),
      ['', ''],
    );
  });
});
