// The use cases on in-memory parts: what is kept, what is refused, what is left behind, who is told.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { describe, type TestContext, test } from 'node:test';
import { openEvents } from '../../src/events.ts';
import { confidenceOf } from '../../src/gallery/calibration.ts';
import { DarkroomError, GalleryError } from '../../src/gallery/errors.ts';
import { type Gallery, openGallery, trashKeptMs } from '../../src/gallery/gallery.ts';
import { type MediaKey, originalKey, renditionKey, sidecarKey } from '../../src/gallery/media.ts';
import type { Photo, PhotoId } from '../../src/gallery/photo.ts';
import type { GalleryEvent, JobQueue } from '../../src/gallery/ports.ts';
import type { UserId } from '../../src/gallery/user.ts';
import type { Viewer } from '../../src/gallery/viewer.ts';
import { hashToken, newToken } from '../../src/security/tokens.ts';
import { owner, removeWhole } from '../contracts/photo-database.ts';
import { collectingLog } from '../support/collecting-log.ts';
import { openTestInbox } from '../support/inbox.ts';
import { openMemoryGallery } from '../support/memory-gallery.ts';
import { openMemoryMedia } from '../support/memory-media.ts';
import { drawPng } from '../support/pictures.ts';
import { goodAnswer, openScriptedDarkroom } from '../support/scripted-darkroom.ts';

async function open(context: TestContext, script: Parameters<typeof openScriptedDarkroom>[0] = {}) {
  let time = Date.now();
  const { inbox, folder, give } = await openTestInbox(context);
  const { photos, reruns, sidecars, verification, jobs, links } = openMemoryGallery(() => time);
  const media = openMemoryMedia();
  const events = openEvents();
  const told: GalleryEvent[] = [];
  events.subscribe((event) => told.push(event));
  const darkroom = openScriptedDarkroom(script);
  let wakes = 0;
  const parts = {
    photos,
    reruns,
    sidecars,
    verification,
    jobs,
    links,
    media,
    inbox,
    darkroom,
    events,
    wakeJobs: () => (wakes += 1),
    log: collectingLog(),
  };
  const gallery = openGallery(parts);
  return {
    ...parts,
    gallery,
    folder,
    give,
    told,
    wakes: () => wakes,
    pass: (ms: number) => (time += ms),
    add: async (seed = 1): Promise<Photo> =>
      (await gallery.ingest(owner, await give(drawPng({ seed })), '')).photo,
  };
}

const claim = async (jobs: JobQueue) => {
  const job = await jobs.claim(60_000);
  assert.ok(job);
  return job;
};
const never = new AbortController().signal;

const onlyFor = '01990002-0000-7000-8000-000000000000' as UserId;
const mina = { kind: 'user', id: onlyFor, role: 'member' } as const;

/** Through the trash, as everybody has to. */
async function deleteWhole(gallery: Gallery, id: PhotoId): Promise<void> {
  await gallery.discard(owner, id);
  await gallery.remove(owner, id);
}

describe('taking a photo in', () => {
  test('keeps the original, records it, wakes the jobs and tells everybody', async (context) => {
    const g = await open(context);
    const file = await g.give(drawPng({ seed: 1 }));
    const { photo, duplicate } = await g.gallery.ingest(owner, file, ' A title ');
    assert.equal(duplicate, false);
    assert.equal(photo.title, 'A title');
    assert.deepEqual(await g.media.stat(originalKey(photo.sha256, 'image/png')), { bytes: file.bytes });
    assert.deepEqual(g.told, [{ kind: 'photo-added', id: photo.id }]);
    assert.equal(g.wakes(), 1);
    assert.deepEqual(await readdir(g.folder), []);
  });

  test('answers the same bytes with the same photo and tells nobody', async (context) => {
    const g = await open(context);
    const first = await g.add();
    const { photo, duplicate } = await g.gallery.ingest(owner, await g.give(drawPng({ seed: 1 })), 'other');
    assert.deepEqual([photo.id, duplicate], [first.id, true]);
    assert.equal(g.told.length, 1);
    assert.deepEqual(await readdir(g.folder), []);
  });

  test('tells everybody of what comes back from the trash because its bytes came again', async (context) => {
    const g = await open(context);
    const { id } = await g.add();
    await g.gallery.discard(owner, id);
    g.told.length = 0;
    assert.equal((await g.add()).id, id);
    assert.deepEqual(g.told, [{ kind: 'photo-added', id }]);
    await g.add();
    assert.equal(g.told.length, 1, 'only then');
  });

  test('counts what a guest sends twice as one', async (context) => {
    const g = await open(context);
    const subject = { kind: 'upload', needsApproval: true, most: 2 } as const;
    const link = await g.links.createLink(owner, { subject, title: '', tokenHash: hashToken(newToken()) });
    const guest: Viewer = { kind: 'guest', link: link.id };
    const send = async (seed: number) => await g.gallery.ingest(guest, await g.give(drawPng({ seed })), '');
    const received = async () => (await g.links.listLinks(owner, { limit: 1 })).links[0]?.photos;
    for (const [seed, count] of [
      [1, 1],
      [1, 1],
      [2, 2],
    ] as const) {
      await send(seed);
      assert.equal(await received(), count);
    }
    await assert.rejects(send(3), { code: 'link-full' });
    assert.equal(await received(), 2);
  });

  test('has what waited and was thrown away wait again, and tells nobody else', async (context) => {
    const g = await open(context);
    const subject = { kind: 'upload', needsApproval: true, most: 2 } as const;
    const link = await g.links.createLink(mina, { subject, title: '', tokenHash: hashToken(newToken()) });
    const guest: Viewer = { kind: 'guest', link: link.id };
    const { photo } = await g.gallery.ingest(guest, await g.give(drawPng({ seed: 1 })), '');
    await g.gallery.discard(mina, photo.id);
    await g.gallery.restore(mina, photo.id);
    assert.equal((await g.gallery.getPhoto(mina, photo.id)).isWaiting, true);
    assert.ok(g.told.length > 0);
    for (const event of g.told) assert.equal('onlyFor' in event ? event.onlyFor : undefined, mina.id);
    assert.ok(!g.told.some(({ kind }) => kind === 'photo-added'));
  });

  test('looks again at a failed photo when the same bytes come again', async (context) => {
    const g = await open(context, { develop: [{ kind: 'damaged', detail: 'x', facts: {} }, goodAnswer] });
    const { id } = await g.add();
    await g.gallery.work(await claim(g.jobs), never);
    assert.equal((await g.add()).state, 'waiting');
    await g.gallery.work(await claim(g.jobs), never);
    assert.equal((await g.photos.findPhoto(owner, id))?.state, 'done');
  });

  test('puts an original back that had gone missing when the same bytes come again', async (context) => {
    const g = await open(context);
    const photo = await g.add();
    const key = originalKey(photo.sha256, photo.type);
    await g.media.remove(key);
    await g.add();
    assert.ok(await g.media.stat(key));
  });

  test('wants the bytes of an original that was found damaged, and heals it whoever sends them', async (context) => {
    const as = (number: number) =>
      ({
        kind: 'user',
        id: `0199000${number}-0000-7000-8000-000000000000` as UserId,
        role: 'member',
      }) as const;
    const [mina, juno] = [as(2), as(3)];
    const g = await open(context);
    const send = async (viewer: Viewer) => g.gallery.ingest(viewer, await g.give(drawPng({ seed: 1 })), '');
    const { id, sha256 } = (await send(mina)).photo;
    for (const sender of [mina, juno]) {
      await g.verification.noteCheck(sha256, 'changed');
      assert.equal(await g.gallery.findKept(mina, sha256), undefined, 'a phone must send them');
      assert.equal((await send(sender)).duplicate, sender === mina);
      assert.equal((await g.gallery.findKept(mina, sha256))?.id, id);
      assert.deepEqual(await g.verification.listDamaged(owner, 5), []);
    }
  });

  const picture = (width: number, height: number, frames = 1) =>
    ({ kind: 'picture', width, height, frames }) as const;
  const avif = Buffer.from('\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf', 'latin1');
  const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
  const refusals = [
    ['an empty file', Buffer.alloc(0), undefined, 'empty-file'],
    ['text', Buffer.from('hello'), undefined, 'unsupported-type'],
    ['a picture whose header lies', drawPng({ seed: 1 }), { kind: 'unreadable' }, 'unreadable'],
    ['a header that ends its reader', drawPng({ seed: 1 }), new DarkroomError('crashed', 'x'), 'unreadable'],
    ['anything while closing', drawPng({ seed: 1 }), new DarkroomError('closed', 'x'), 'unavailable'],
    [
      'a header that nobody had time for',
      drawPng({ seed: 1 }),
      new DarkroomError('timed-out', 'x'),
      'unavailable',
    ],
    [
      'anything while no child starts',
      drawPng({ seed: 1 }),
      new DarkroomError('not-started', 'x'),
      'unavailable',
    ],
    ['more than 100 megapixels', drawPng({ seed: 1 }), picture(10_001, 10_000), 'too-many-pixels'],
    ['an AVIF of more than 50 megapixels', avif, picture(7_100, 7_100), 'too-many-pixels'],
    ['a HEIC of more than 50 megapixels', heic, picture(7_100, 7_100), 'too-many-pixels'],
    ['more than 1000 frames', drawPng({ seed: 1 }), picture(10, 10, 1001), 'too-many-frames'],
  ] as const;
  for (const [what, bytes, probe, code] of refusals) {
    const kept = code === 'unavailable';
    test(`refuses ${what} as ${code} and ${kept ? 'keeps the file for another try' : 'leaves nothing behind'}${code === 'too-many-frames' ? ' (T14)' : ''}`, async (context) => {
      const g = await open(context, probe === undefined ? {} : { probe });
      await assert.rejects(g.gallery.ingest(owner, await g.give(bytes), ''), { code });
      assert.equal((await readdir(g.folder)).length, kept ? 1 : 0);
      assert.equal((await g.photos.listPhotos(owner, { limit: 1 })).photos.length, 0);
      assert.equal(await g.jobs.count(), 0);
    });
  }

  test('refuses a title that is too long, and the file is gone', async (context) => {
    const g = await open(context);
    const file = await g.give(drawPng({ seed: 1 }));
    await assert.rejects(g.gallery.ingest(owner, file, 'x'.repeat(201)), { code: 'title-too-long' });
    assert.equal(existsSync(file.path), false);
  });
});

describe('developing a photo', () => {
  test('saves renditions, then facts and labels, and tells each state', async (context) => {
    const g = await open(context, { develop: [goodAnswer] });
    const { id, sha256 } = await g.add();
    await g.gallery.work(await claim(g.jobs), never);
    const photo = await g.photos.findPhoto(owner, id);
    assert.equal(photo?.state, 'done');
    assert.deepEqual(photo.labels, [{ label: 'dog', confidences: [confidenceOf('yolox', 0.9)] }]);
    assert.deepEqual(photo.engine, { engine: 'yolox', model: 'f'.repeat(64), tookMs: 10 });
    assert.ok(await g.media.stat(renditionKey(sha256, 320)));
    const states = g.told.flatMap((event) => (event.kind === 'photo-changed' ? [event.state] : []));
    assert.deepEqual(states, ['developing', 'done']);
    assert.deepEqual(await readdir(g.folder), [], 'the scratch folder is gone');
  });

  test('ends a damaged picture as failed, with why, and with the renditions that could be made', async (context) => {
    const g = await open(context, {
      develop: [async (folder) => ({ ...(await goodAnswer(folder)), damage: 'it ends too early' }) as never],
    });
    const { id } = await g.add();
    await g.gallery.work(await claim(g.jobs), never);
    const photo = await g.photos.findPhoto(owner, id);
    assert.deepEqual(
      [photo?.state, photo?.failure],
      ['failed', { code: 'damaged', detail: 'it ends too early' }],
    );
    assert.equal(photo?.renditions.length, 1);
    assert.equal(await g.jobs.count(), 0);
  });

  for (const code of ['crashed', 'timed-out', 'out-of-memory'] as const) {
    test(`tries a picture whose child ${code} three times, later each time, and then says so`, async (context) => {
      const failure = new DarkroomError(code, 'x');
      const g = await open(context, { develop: [failure, failure, failure] });
      const { id } = await g.add();
      const waits: (number | undefined)[] = [];
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        await g.gallery.work(await claim(g.jobs), never);
        const wait = await g.jobs.dueIn();
        waits.push(wait);
        g.pass(wait ?? 0);
      }
      assert.deepEqual(waits, [2000, 4000, undefined]);
      const photo = await g.photos.findPhoto(owner, id);
      assert.deepEqual([photo?.state, photo?.failure], ['failed', { code }]);
    });
  }

  test('goes on with the next photo while one waits for another try', async (context) => {
    const g = await open(context, { develop: [new DarkroomError('crashed', 'x'), goodAnswer] });
    await g.add(1);
    g.pass(1);
    const second = await g.add(2);
    await g.gallery.work(await claim(g.jobs), never);
    await g.gallery.work(await claim(g.jobs), never);
    assert.equal((await g.photos.findPhoto(owner, second.id))?.state, 'done');
  });

  test('does not count a try that the closing program cut short', async (context) => {
    const closed = new DarkroomError('closed', 'x');
    const g = await open(context, { develop: [closed, closed, closed, closed, goodAnswer] });
    const { id } = await g.add();
    for (let time = 0; time < 5; time += 1) await g.gallery.work(await claim(g.jobs), never);
    assert.equal((await g.photos.findPhoto(owner, id))?.state, 'done');
  });

  test('gives up on a photo that ended the whole program three times', async (context) => {
    const g = await open(context, { develop: [goodAnswer] });
    const { id } = await g.add();
    for (let crash = 0; crash < 3; crash += 1) {
      await claim(g.jobs);
      g.pass(60_000);
    }
    await g.gallery.work(await claim(g.jobs), never);
    assert.equal((await g.photos.findPhoto(owner, id))?.failure?.code, 'crashed');
    assert.equal(g.darkroom.developed.length, 0);
  });

  test('says that the original is missing', async (context) => {
    const g = await open(context);
    const photo = await g.add();
    await g.media.remove(originalKey(photo.sha256, photo.type));
    await g.gallery.work(await claim(g.jobs), never);
    assert.equal((await g.photos.findPhoto(owner, photo.id))?.failure?.code, 'missing-original');
  });

  test('drops the job of a photo that was deleted meanwhile', async (context) => {
    const g = await open(context);
    const photo = await g.add();
    const job = await claim(g.jobs);
    await deleteWhole(g.gallery, photo.id);
    await g.gallery.work(job, never);
    assert.equal(g.darkroom.developed.length, 0);
  });

  test('leaves no pictures of a photo that is deleted while it is developed', async (context) => {
    let remove = async () => {};
    const g = await open(context, {
      develop: [
        async (folder) => {
          await remove();
          return goodAnswer(folder);
        },
      ],
    });
    const photo = await g.add();
    remove = () => deleteWhole(g.gallery, photo.id);
    await g.gallery.work(await claim(g.jobs), never);
    assert.equal(await g.media.stat(renditionKey(photo.sha256, 320)), undefined);
  });

  test('does not hold it against a photo that no child could be started', async (context) => {
    const down = new DarkroomError('not-started', 'x');
    const g = await open(context, { develop: [down, down, down, down, goodAnswer] });
    const { id } = await g.add();
    for (let time = 0; time < 5; time += 1) {
      await g.gallery.work(await claim(g.jobs), never);
      g.pass(30_000);
    }
    assert.equal((await g.photos.findPhoto(owner, id))?.state, 'done');
  });

  test('develops a failed photo again when asked', async (context) => {
    const g = await open(context, { develop: [{ kind: 'damaged', detail: 'x', facts: {} }, goodAnswer] });
    const { id } = await g.add();
    await g.gallery.work(await claim(g.jobs), never);
    assert.equal((await g.gallery.retry(owner, id)).state, 'waiting');
    await g.gallery.work(await claim(g.jobs), never);
    assert.equal((await g.photos.findPhoto(owner, id))?.state, 'done');
  });
});

describe('hiding', () => {
  test('tells others that it is gone, or new, and whose it is that it changed', async (context) => {
    const g = await open(context);
    const { photo } = await g.gallery.ingest(mina, await g.give(drawPng({ seed: 1 })), '');
    const { id, state } = photo;
    g.told.length = 0;
    await g.gallery.setPrivate(mina, id, true);
    assert.deepEqual(g.told.splice(0), [
      { kind: 'photo-removed', id, notFor: onlyFor },
      { kind: 'photo-changed', id, state, onlyFor },
    ]);
    await g.gallery.setPrivate(mina, id, true);
    assert.deepEqual(g.told, [], 'nothing happened');
    await g.gallery.setPrivate(mina, id, false);
    assert.deepEqual(g.told.splice(0), [
      { kind: 'photo-added', id },
      { kind: 'photo-changed', id, state },
    ]);
  });

  test('tells the same when it is sent once more for oneself only', async (context) => {
    const g = await open(context);
    const send = async (isPrivate: boolean) =>
      (await g.gallery.ingest(mina, await g.give(drawPng({ seed: 1 })), '', isPrivate)).photo;
    const { id, sha256, state } = await send(false);
    assert.equal(await g.gallery.findKept(mina, sha256, true), undefined, 'sending it is what hides it');
    assert.equal((await g.gallery.findKept(mina, sha256))?.id, id);
    g.told.length = 0;
    assert.equal((await send(true)).isPrivate, true);
    assert.deepEqual(g.told.splice(0), [
      { kind: 'photo-removed', id, notFor: onlyFor },
      { kind: 'photo-changed', id, state, onlyFor },
    ]);
    assert.equal((await g.gallery.findKept(mina, sha256, true))?.id, id);
    await send(true);
    assert.deepEqual(g.told, [], 'nothing happened');
  });

  test('makes nothing new of what lies in the trash', async (context) => {
    const g = await open(context);
    const { photo } = await g.gallery.ingest(mina, await g.give(drawPng({ seed: 1 })), '', true);
    await g.gallery.discard(mina, photo.id);
    g.told.length = 0;
    await g.gallery.setPrivate(mina, photo.id, false);
    assert.deepEqual(
      g.told.map(({ kind }) => kind),
      ['photo-removed', 'photo-changed'],
    );
    await g.gallery.restore(mina, photo.id);
    assert.equal(g.told.at(-1)?.kind, 'photo-added');
  });
});

describe('removing', () => {
  test('takes the row first, then every file, and tells', async (context) => {
    const g = await open(context, { develop: [goodAnswer] });
    const photo = await g.add();
    await g.gallery.work(await claim(g.jobs), never);
    await deleteWhole(g.gallery, photo.id);
    assert.equal(await g.photos.findPhoto(owner, photo.id), undefined);
    assert.equal(await g.media.stat(originalKey(photo.sha256, photo.type)), undefined);
    assert.equal(await g.media.stat(renditionKey(photo.sha256, 320)), undefined);
    assert.deepEqual(g.told.at(-1), { kind: 'photo-removed', id: photo.id });
    await assert.rejects(deleteWhole(g.gallery, photo.id), { code: 'not-found' });
  });

  test('never takes the file of a photo whose bytes were just uploaded again', async (context) => {
    const g = await open(context);
    for (let round = 0; round < 20; round += 1) {
      const { id } = await g.add();
      const file = await g.give(drawPng({ seed: 1 }));
      const [, again] = await Promise.all([deleteWhole(g.gallery, id), g.gallery.ingest(owner, file, '')]);
      const present = await g.photos.findPhoto(owner, again.photo.id);
      if (present === undefined) continue;
      assert.ok(
        await g.media.stat(originalKey(present.sha256, present.type)),
        'a photo without its original',
      );
    }
  });
});

describe('deleting for good while somebody takes it out of the trash', () => {
  test('leaves the photo to whoever was told that it is back', async (context) => {
    const g = await open(context);
    const { id, sha256, type } = await g.add();
    for (const order of ['remove first', 'restore first']) {
      await g.gallery.discard(owner, id);
      const acts = [() => g.gallery.remove(owner, id), () => g.gallery.restore(owner, id)];
      const both = (order === 'remove first' ? acts : acts.toReversed()).map((act) => act());
      await assert.rejects(Promise.all(both), { code: 'not-in-trash' }, order);
      assert.equal((await g.photos.findPhoto(owner, id))?.trashedAt, undefined, order);
      assert.ok(await g.media.stat(originalKey(sha256, type)), order);
    }
  });

  test('keeps what comes again while it is deleted, and while the trash is emptied', async (context) => {
    const g = await open(context);
    const ways: readonly ((id: PhotoId) => Promise<unknown>)[] = [
      (id) => g.gallery.remove(owner, id),
      () => g.gallery.emptyTrash(owner),
      () => g.gallery.expireTrash(new Date(Date.now() + 2 * trashKeptMs), never),
    ];
    for (let round = 0; round < 30; round += 1) {
      const { id } = await g.add();
      await g.gallery.discard(owner, id);
      const file = await g.give(drawPng({ seed: 1 }));
      const remove = ways[round % ways.length];
      assert.ok(remove);
      // Now one is faster, now the other.
      const removal = new Promise((go) => setTimeout(go, round % 10)).then(() => remove(id));
      const [again] = await Promise.all([g.gallery.ingest(owner, file, ''), removal.catch(unlessBack)]);
      const kept = await g.photos.findPhoto(owner, again.photo.id);
      assert.ok(kept, `round ${round}: it was acknowledged`);
      assert.ok(await g.media.stat(originalKey(kept.sha256, kept.type)));
    }
  });

  const unlessBack = (error: { readonly code?: string }) =>
    assert.ok(['not-in-trash', 'not-found'].includes(error.code ?? ''));
});

describe('putting files and rows together again', () => {
  /** An original that lies in the store without a row. */
  const orphan = async (g: Awaited<ReturnType<typeof open>>, seed: number) => {
    const file = await g.give(drawPng({ seed }));
    await g.media.put(originalKey(file.sha256, 'image/png'), file.path);
    return file.sha256;
  };

  test('makes a photo again of an original whose row is lost, and deletes none', async (context) => {
    const g = await open(context, { develop: [goodAnswer] });
    const known = await g.add(1);
    const sha256 = await orphan(g, 2);
    assert.deepEqual(await g.gallery.reconcile(never), {
      deleted: 0,
      adopted: 1,
      recalled: 0,
      unreadable: 0,
    });
    const { photos } = await g.photos.listWholePhotos(owner, { limit: 5 });
    assert.deepEqual(photos.map((photo) => photo.sha256).sort(), [known.sha256, sha256].sort());
    assert.ok(await g.media.stat(originalKey(sha256, 'image/png')));
    assert.deepEqual(await g.gallery.reconcile(never), {
      deleted: 0,
      adopted: 0,
      recalled: 0,
      unreadable: 0,
    });
  });

  test('takes nothing from uploads and removals that go on beside it', async (context) => {
    const g = await open(context);
    for (let round = 0; round < 20; round += 1) {
      const { id } = await g.add(round);
      const [again] = await Promise.all([
        g.add(100 + round),
        deleteWhole(g.gallery, id),
        g.gallery.reconcile(never),
      ]);
      assert.ok(await g.media.stat(originalKey(again.sha256, again.type)));
    }
    await g.gallery.reconcile(never);
    const { photos } = await g.photos.listWholePhotos(owner, { limit: 200 });
    assert.equal(photos.length, 20, 'nothing that was removed came back, nothing that was added is gone');
  });

  test('gives a private upload that was cut off before its row to nobody but who sent it', async (context) => {
    const g = await open(context);
    const as = (number: number, role: 'owner' | 'member') =>
      ({ kind: 'user', id: `0199000${number}-0000-7000-8000-000000000000` as UserId, role }) as const;
    const [head, mina] = [as(1, 'owner'), as(2, 'member')];
    const { recordPhoto } = g.photos;
    const cut = new GalleryError('unavailable', 'the program ended here');
    Object.assign(g.photos, { recordPhoto: () => Promise.reject(cut) });
    const file = await g.give(drawPng({ seed: 1 }));
    await assert.rejects(g.gallery.ingest(mina, file, 'Diary', true), cut);
    Object.assign(g.photos, { recordPhoto });
    assert.equal((await g.gallery.reconcile(never)).adopted, 1);
    const [told] = g.told;
    assert.deepEqual(told?.kind === 'photo-added' && told.onlyFor, mina.id);
    for (const waiting of [false, true])
      assert.deepEqual(await g.photos.listPhotos(head, { limit: 5, waiting }), { photos: [] });
    const [kept] = (await g.photos.listWholePhotos(mina, { limit: 5 })).photos;
    assert.deepEqual([kept?.sha256, kept?.isPrivate], [file.sha256, true]);
  });

  test('does not take half a file for the photo that its name promises', async (context) => {
    const g = await open(context);
    const whole = await g.give(drawPng({ seed: 2 }));
    const half = await g.give(drawPng({ seed: 2 }).subarray(0, 500));
    await g.media.put(originalKey(whole.sha256, 'image/png'), half.path);
    assert.deepEqual(await g.gallery.reconcile(never), {
      deleted: 0,
      adopted: 0,
      recalled: 0,
      unreadable: 1,
    });
    const { photo, duplicate } = await g.gallery.ingest(owner, whole, '');
    assert.equal(duplicate, false);
    assert.deepEqual(await g.media.stat(originalKey(photo.sha256, photo.type)), { bytes: photo.bytes });
  });

  test('leaves an original alone that nobody can read', async (context) => {
    const g = await open(context, { probe: { kind: 'unreadable' } });
    const sha256 = await orphan(g, 2);
    assert.deepEqual(await g.gallery.reconcile(never), {
      deleted: 0,
      adopted: 0,
      recalled: 0,
      unreadable: 1,
    });
    assert.ok(await g.media.stat(originalKey(sha256, 'image/png')));
  });

  test('ends a removal that was cut off between the row and the files', async (context) => {
    const g = await open(context);
    const photo = await g.add(1);
    await removeWhole(g.photos, owner, photo.id);
    const { deleted, adopted } = await g.gallery.reconcile(never);
    assert.ok(deleted > 0);
    assert.equal(adopted, 0);
    assert.equal(await g.media.stat(originalKey(photo.sha256, photo.type)), undefined);
    assert.deepEqual(await g.photos.listRemoved(), []);
  });

  test('keeps the last picture there is of an original that is lost or unreadable, and says where', async (context) => {
    const g = await open(context, { probe: { kind: 'unreadable' } });
    const kept: string[] = [];
    for (const left of ['original', 'sidecar', 'nothing'] as const) {
      const { sha256 } = await g.give(Buffer.from(`digest of ${left}`));
      const key = renditionKey(sha256, 320);
      await g.media.put(key, (await g.give(Buffer.from('webp'))).path);
      const beside =
        left === 'original' ? originalKey(sha256, 'image/png') : sidecarKey(sha256, 'image/heic');
      if (left !== 'nothing') await g.media.put(beside, (await g.give(Buffer.from('torn'))).path);
      if (left !== 'nothing') kept.push(key);
    }
    assert.deepEqual(await g.gallery.reconcile(never), {
      deleted: 1,
      adopted: 0,
      recalled: 0,
      unreadable: 1,
    });
    for (const key of kept) assert.ok(await g.media.stat(key as MediaKey));
    const strays = await g.verification.listStrays(owner);
    for (const key of kept) assert.ok(strays.includes(key as MediaKey));
  });

  test('deletes old renditions of nothing', async (context) => {
    const g = await open(context);
    const file = await g.give(Buffer.from('webp'));
    await g.media.put(renditionKey(file.sha256, 320), file.path);
    assert.equal((await g.gallery.reconcile(never)).deleted, 1);
  });
});

describe('the trash and a clock that is wrong', () => {
  test('is not emptied by one look at a clock far ahead (F12)', async (context) => {
    const g = await open(context);
    const { id } = await g.add();
    await g.gallery.discard(owner, id);
    assert.equal(await g.gallery.expireTrash(new Date(), never), 0);
    assert.equal(await g.gallery.expireTrash(new Date(Date.now() + 400 * 24 * 60 * 60 * 1000), never), 0);
    assert.ok((await g.photos.findPhoto(owner, id))?.trashedAt);
    assert.equal((await g.gallery.restore(owner, id)).trashedAt, undefined);
  });
});
