// Reading originals again: what is found, what is made again, who is waited for, and that nothing is ever deleted.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { openEvents } from '../../src/events.ts';
import { openGallery } from '../../src/gallery/gallery.ts';
import { type MediaKey, originalKey, renditionKey, sidecarKey } from '../../src/gallery/media.ts';
import type { Photo, Sha256 } from '../../src/gallery/photo.ts';
import type { GalleryEvent, MediaStore } from '../../src/gallery/ports.ts';
import { readSidecar } from '../../src/gallery/sidecars.ts';
import { storedDigest } from '../../src/gallery/stored-digest.ts';
import type { UserId } from '../../src/gallery/user.ts';
import { machine, stranger } from '../../src/gallery/viewer.ts';
import { owner } from '../contracts/photo-database.ts';
import { collectingLog } from '../support/collecting-log.ts';
import { openTestInbox } from '../support/inbox.ts';
import { openMemoryGallery } from '../support/memory-gallery.ts';
import { openMemoryMedia } from '../support/memory-media.ts';
import { drawPng } from '../support/pictures.ts';
import { goodAnswer, openScriptedDarkroom } from '../support/scripted-darkroom.ts';
import { until } from '../support/until.ts';

const never = new AbortController().signal;

async function open(t: TestContext) {
  const { inbox, give } = await openTestInbox(t);
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const memory = openMemoryGallery(now);
  const store = openMemoryMedia();
  const removed: MediaKey[] = [];
  const media: MediaStore = {
    ...store,
    remove: async (key) => {
      removed.push(key);
      await store.remove(key);
    },
  };
  const events = openEvents();
  const told: GalleryEvent[] = [];
  events.subscribe((event) => told.push(event));
  const answer = async (folder: string) => {
    const developed = await goodAnswer(folder);
    if (developed.kind !== 'developed') return developed;
    return { ...developed, files: developed.files.map((file) => ({ ...file, sha256: digestOfWebp })) };
  };
  const darkroom = openScriptedDarkroom({ develop: [answer, answer, answer, answer] });
  const log = collectingLog();
  let receiving = false;
  const gallery = openGallery({
    ...memory,
    media,
    inbox,
    darkroom,
    events,
    wakeJobs: () => {},
    isReceiving: () => receiving,
    now,
    log,
  });
  t.after(() => gallery.verification.close());
  const develop = async () => {
    for (let job = await memory.jobs.claim(60_000); job !== undefined; job = await memory.jobs.claim(60_000))
      await gallery.work(job, never);
  };
  return {
    ...memory,
    gallery,
    log,
    store,
    media,
    removed,
    told,
    develop,
    receive: (now: boolean) => {
      receiving = now;
    },
    pass: (ms: number) => {
      ahead += ms;
    },
    give,
    add: async (seed: number): Promise<Photo> => {
      const { photo } = await gallery.ingest(owner, await give(drawPng({ seed })), `photo ${seed}`);
      await develop();
      return photo;
    },
    put: async (key: MediaKey, text: string) => store.put(key, (await inbox.write(text)).path),
    checkAll: async () => {
      gallery.verification.resume();
      await gallery.verification.start(owner, 'all');
      await until('all to be checked', async () => (await gallery.verification.summarize(owner)).left === 0, {
        everyMs: 5,
      });
    },
  };
}

/** Of what the script's darkroom writes. */
const digestOfWebp = createHash('sha256').update('webp').digest('hex') as Sha256;

describe('reading originals again', () => {
  test('finds exactly those that are damaged, says so, and deletes nothing', async (t) => {
    const g = await open(t);
    const photos: Photo[] = [];
    for (let seed = 0; seed < 4; seed += 1) photos.push(await g.add(seed));
    const [whole, missing, short, changed] = photos as [Photo, Photo, Photo, Photo];
    await g.store.remove(originalKey(missing.sha256, missing.type));
    await g.put(originalKey(short.sha256, short.type), 'half');
    await g.put(originalKey(changed.sha256, changed.type), 'x'.repeat(changed.bytes));
    g.told.length = 0;
    await g.checkAll();
    assert.deepEqual(
      (await g.verification.listDamaged(owner, 9)).map(({ photo, fault }) => [photo.title, fault]),
      [
        [changed.title, 'changed'],
        [short.title, 'short'],
        [missing.title, 'missing'],
      ],
    );
    assert.ok((await g.verification.findCheck(owner, whole.id))?.checkedAt);
    assert.deepEqual(
      g.told.map((event) => 'id' in event && event.id),
      [missing.id, short.id, changed.id],
    );
    assert.deepEqual(g.removed, []);
  });

  test('forgets a damage that an upload of the same bytes has healed', async (t) => {
    const g = await open(t);
    const photo = await g.add(1);
    await g.store.remove(originalKey(photo.sha256, photo.type));
    await g.checkAll();
    assert.equal((await g.gallery.verification.summarize(owner)).damaged, 1);
    await g.add(1);
    assert.equal((await g.gallery.verification.summarize(owner)).damaged, 0);
  });

  for (const [what, damage] of [
    ['gone', (g: Awaited<ReturnType<typeof open>>, key: MediaKey) => g.store.remove(key)],
    ['rotten', (g: Awaited<ReturnType<typeof open>>, key: MediaKey) => g.put(key, 'wabp')],
  ] as const)
    test(`has a picture that is ${what} made again`, async (t) => {
      const g = await open(t);
      const photo = await g.add(1);
      const key = renditionKey(photo.sha256, 320);
      await damage(g, key);
      await g.checkAll();
      assert.equal((await g.photos.findPhoto(owner, photo.id))?.state, 'waiting');
      await g.develop();
      assert.equal((await g.photos.findPhoto(owner, photo.id))?.state, 'done');
      assert.deepEqual(await g.store.stat(key), { bytes: 4 });
    });

  test('tells whoever reads the log what puts a damaged original right', async (t) => {
    const g = await open(t);
    const { sha256, type } = await g.add(1);
    await g.store.remove(originalKey(sha256, type));
    await g.checkAll();
    assert.ok(g.log.lines.some(({ message }) => /damaged.*sajin repair/.test(message)));
  });

  test('makes no picture again of an original that is damaged: the old one is better', async (t) => {
    const g = await open(t);
    const photo = await g.add(1);
    await g.store.remove(renditionKey(photo.sha256, 320));
    await g.put(originalKey(photo.sha256, photo.type), 'half');
    await g.checkAll();
    assert.equal((await g.photos.findPhoto(owner, photo.id))?.state, 'done');
  });

  test('has a sidecar written anew that is gone, or says nothing any more', async (t) => {
    const g = await open(t);
    const [gone, torn] = [await g.add(1), await g.add(2)];
    await g.store.remove(sidecarKey(gone.sha256, gone.type));
    await g.put(sidecarKey(torn.sha256, torn.type), '{');
    await g.checkAll();
    assert.equal((await g.sidecars.listDueSidecars(5)).length, 2);
    await g.gallery.sidecars.drain();
    for (const { sha256, type, title } of [gone, torn])
      assert.equal((await readSidecar(g.store, sha256, type))?.photos[0]?.title, title);
  });

  test('tells of a photo only whom it is for', async (t) => {
    const g = await open(t);
    const id = '01990002-0000-7000-8000-000000000000' as UserId;
    const mina = { kind: 'user', id, role: 'member' } as const;
    const { photo } = await g.gallery.ingest(mina, await g.give(drawPng({ seed: 1 })), '', true);
    await g.develop();
    g.told.length = 0;
    await g.store.remove(renditionKey(photo.sha256, 320));
    await g.checkAll();
    await g.develop();
    await g.store.remove(originalKey(photo.sha256, photo.type));
    await g.checkAll();
    assert.ok(g.told.length >= 3);
    for (const event of g.told)
      assert.equal('onlyFor' in event && event.onlyFor, id, `${event.kind} is for nobody else`);
  });

  test('is begun by nobody but who runs the gallery', async (t) => {
    const g = await open(t);
    await g.add(1);
    const id = '01990002-0000-7000-8000-000000000000' as UserId;
    const { verification } = g.gallery;
    for (const viewer of [{ kind: 'user', id, role: 'member' } as const, stranger]) {
      await assert.rejects(verification.start(viewer, 'all'), { code: 'not-allowed' });
      assert.equal((await verification.summarize(viewer)).originals, 0);
    }
    assert.equal((await verification.summarize(owner)).left, 0, 'nothing was asked for');
  });

  test('names the files that belong to no photo', async (t) => {
    const g = await open(t);
    const key = originalKey('ab'.repeat(32) as Sha256, 'image/jpeg');
    await g.put(key, 'no picture');
    await g.add(1);
    await g.checkAll();
    assert.deepEqual(await g.verification.listStrays(owner), [key]);
    assert.ok(await g.store.stat(key), 'and leaves them where they are');
  });

  test('waits while somebody sends something, or photos wait to be developed', async (t) => {
    const g = await open(t);
    await g.add(1);
    g.receive(true);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    g.gallery.verification.resume();
    await g.gallery.verification.start(owner, 'all');
    const left = async () => (await g.gallery.verification.summarize(owner)).left;
    const turn = async (ms: number) => {
      t.mock.timers.tick(ms);
      for (let tick = 0; tick < 20; tick += 1) await new Promise((resolve) => setImmediate(resolve));
    };
    await turn(1);
    assert.equal(await left(), 1);
    g.receive(false);
    const { photo } = await g.gallery.ingest(owner, await g.give(drawPng({ seed: 2 })), '');
    await turn(10_000);
    assert.equal(await left(), 1, `${photo.id} is developed first`);
    await g.develop();
    await turn(10_000);
    assert.equal(await left(), 0);
  });

  test('takes its time by itself: one after the other, and each again within a month', async (t) => {
    const g = await open(t);
    for (let seed = 0; seed < 3; seed += 1) await g.add(seed);
    const overdue = async () => (await g.gallery.verification.summarize(owner)).overdue;
    assert.equal(await overdue(), 0);
    g.pass(25 * 24 * 60 * 60 * 1000);
    assert.equal(await overdue(), 3);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    g.gallery.verification.resume();
    const found: number[] = [];
    for (const ms of [5_000, 60_000, 60 * 60 * 1000, 60 * 60 * 1000]) {
      t.mock.timers.tick(ms);
      for (let tick = 0; tick < 20; tick += 1) await new Promise((resolve) => setImmediate(resolve));
      found.push(await overdue());
    }
    assert.deepEqual(found, [2, 2, 1, 0]);
  });
});

describe('putting an original back', () => {
  const damages: readonly [
    what: string,
    damage: (g: Awaited<ReturnType<typeof open>>, photo: Photo) => Promise<void>,
  ][] = [
    ['missing', (g, { sha256, type }) => g.store.remove(originalKey(sha256, type))],
    ['short', (g, { sha256, type }) => g.put(originalKey(sha256, type), 'half')],
    ['changed', (g, { sha256, type, bytes }) => g.put(originalKey(sha256, type), 'x'.repeat(bytes))],
  ];
  const isWhole = async (g: Awaited<ReturnType<typeof open>>, { sha256, type }: Photo) =>
    (await storedDigest(g.store, originalKey(sha256, type)))?.sha256 === sha256;

  for (const [fault, damage] of damages)
    test(`that is ${fault} makes it whole, says so, and has made again what was gone with it`, async (t) => {
      const g = await open(t);
      const photo = await g.add(1);
      await damage(g, photo);
      await g.checkAll();
      assert.equal((await g.verification.findCheck(owner, photo.id))?.fault, fault);
      await g.store.remove(renditionKey(photo.sha256, 320));
      await g.store.remove(sidecarKey(photo.sha256, photo.type));
      g.told.length = 0;
      const file = await g.give(drawPng({ seed: 1 }));
      assert.deepEqual(await g.gallery.verification.repair(owner, photo.sha256, file), { isPutBack: true });
      assert.ok(await isWhole(g, photo));
      assert.equal((await g.verification.findCheck(owner, photo.id))?.fault, undefined);
      assert.ok(g.told.some((event) => 'id' in event && event.id === photo.id));
      await g.develop();
      assert.ok(await g.store.stat(renditionKey(photo.sha256, 320)));
      await g.gallery.sidecars.drain();
      assert.ok(await readSidecar(g.store, photo.sha256, photo.type));
      assert.deepEqual(g.removed, []);
    });

  test('takes no other bytes, and leaves what lies there as it is', async (t) => {
    const g = await open(t);
    const photo = await g.add(1);
    await g.put(originalKey(photo.sha256, photo.type), 'half');
    const file = await g.give(drawPng({ seed: 2 }));
    await assert.rejects(g.gallery.verification.repair(owner, photo.sha256, file), { code: 'wrong-digest' });
    assert.deepEqual(await g.store.stat(originalKey(photo.sha256, photo.type)), { bytes: 4 });
    assert.equal(existsSync(file.path), false);
  });

  test('does not touch one that is whole, and forgets what was noted of it', async (t) => {
    const g = await open(t);
    const photo = await g.add(1);
    await g.verification.noteCheck(photo.sha256, 'changed');
    let puts = 0;
    const { put } = g.media;
    g.media.put = async (...file) => {
      puts += 1;
      await put(...file);
    };
    const file = await g.give(drawPng({ seed: 1 }));
    assert.deepEqual(await g.gallery.verification.repair(owner, photo.sha256, file), { isPutBack: false });
    assert.deepEqual([puts, existsSync(file.path)], [0, false]);
    assert.equal((await g.verification.findCheck(owner, photo.id))?.fault, undefined);
  });

  test('only looks when nothing was sent, and notes what it finds', async (t) => {
    const g = await open(t);
    const photo = await g.add(1);
    await g.store.remove(originalKey(photo.sha256, photo.type));
    const found = await g.gallery.verification.repair(owner, photo.sha256);
    assert.deepEqual(found, { isPutBack: false, fault: 'missing' });
    assert.equal((await g.verification.findCheck(owner, photo.id))?.fault, 'missing');
  });

  test('has a photo developed that failed for want of it', async (t) => {
    const g = await open(t);
    const { photo } = await g.gallery.ingest(owner, await g.give(drawPng({ seed: 1 })), '');
    await g.store.remove(originalKey(photo.sha256, photo.type));
    await g.develop();
    assert.equal((await g.photos.findPhoto(owner, photo.id))?.failure?.code, 'missing-original');
    await g.gallery.verification.repair(owner, photo.sha256, await g.give(drawPng({ seed: 1 })));
    await g.develop();
    assert.equal((await g.photos.findPhoto(owner, photo.id))?.state, 'done');
  });

  test('says that a disk does not give back what was written to it', async (t) => {
    const g = await open(t);
    const photo = await g.add(1);
    await g.store.remove(originalKey(photo.sha256, photo.type));
    g.media.put = (key) => g.put(key, 'x'.repeat(photo.bytes));
    const file = await g.give(drawPng({ seed: 1 }));
    assert.deepEqual(await g.gallery.verification.repair(owner, photo.sha256, file), {
      isPutBack: true,
      fault: 'changed',
    });
    assert.equal((await g.verification.findCheck(owner, photo.id))?.fault, 'changed');
  });

  test('is refused to who sees no photo of it, as if there were none', async (t) => {
    const g = await open(t);
    const id = '01990002-0000-7000-8000-000000000000' as UserId;
    const mina = { kind: 'user', id, role: 'member' } as const;
    const { photo } = await g.gallery.ingest(mina, await g.give(drawPng({ seed: 1 })), '', true);
    await g.store.remove(originalKey(photo.sha256, photo.type));
    const head = { ...mina, id: id.replace('2', '3') as UserId, role: 'owner' } as const;
    const file = await g.give(drawPng({ seed: 1 }));
    await assert.rejects(g.gallery.verification.repair(head, photo.sha256, file), { code: 'not-found' });
    assert.equal(existsSync(file.path), false);
    const again = await g.give(drawPng({ seed: 1 }));
    assert.deepEqual(await g.gallery.verification.repair(machine, photo.sha256, again), { isPutBack: true });
  });
});
