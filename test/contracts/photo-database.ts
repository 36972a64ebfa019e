// What every PhotoDatabase promises (gallery/ports.ts), as tests.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { confidenceOf } from '../../src/gallery/calibration.ts';
import { defaultThreshold as threshold } from '../../src/gallery/detection.ts';
import { GalleryError } from '../../src/gallery/errors.ts';
import type { EngineDetection, PhotoId, Sha256 } from '../../src/gallery/photo.ts';
import type { Development, NewPhoto, PhotoDatabase, RemovedPhoto } from '../../src/gallery/photo-database.ts';
import type { JobQueue } from '../../src/gallery/ports.ts';
import type { Viewer } from '../../src/gallery/viewer.ts';

export interface OpenedDatabase {
  readonly photos: PhotoDatabase;
  readonly jobs: JobQueue;
  close(): Promise<void>;
}

/** Whose eyes nothing escapes. */
export const owner: Viewer = { kind: 'machine' };

export function newPhoto(changes: Partial<NewPhoto> = {}): NewPhoto {
  const sha256 = randomBytes(32).toString('hex') as Sha256;
  return { title: 'a photo', sha256, bytes: 1000, type: 'image/jpeg', width: 400, height: 300, ...changes };
}

/** Each label at a place of its own, since of two names for one box only one stands. */
export function seen(label: string, score = 0.9, x = placeOf(label)): EngineDetection {
  const box = { x, y: 0.5, width: 0.0625, height: 0.25 };
  return { label, score, box, origin: { by: 'engine', engine: 'yolox', model: 'f'.repeat(64) } };
}

const placed = ['dog', 'cat', 'person', 'bird', 'car', 'bus', 'kite'];
const placeOf = (label: string) => (placed.indexOf(label) + 1) / 8;

/** What the index knows of a label that was seen once. */
export const sureness = (score = 0.9) => confidenceOf('yolox', score);

export function development(labels: readonly string[], changes: Partial<Development> = {}): Development {
  return {
    width: 300,
    height: 400,
    renditions: [{ size: 320, width: 240, height: 320, bytes: 5000, sha256: 'a'.repeat(64) as Sha256 }],
    placeholder: 'UklGRg==',
    takenAt: '2026-11-20T10:12:00',
    camera: 'Google Pixel 9',
    engine: { engine: 'yolox', model: 'f'.repeat(64), tookMs: 15 },
    detections: labels.map((label) => seen(label)),
    ...changes,
  };
}

/** Through the trash, as everything has to. */
export async function removeWhole(
  photos: PhotoDatabase,
  viewer: Viewer,
  id: PhotoId,
): Promise<RemovedPhoto | undefined> {
  await photos.trashPhoto(viewer, id);
  return await photos.removePhoto(viewer, id);
}

const refusal = (code: string) => (error: unknown) => error instanceof GalleryError && error.code === code;
const unknownId = '01990000-0000-7000-8000-000000000000' as PhotoId;

export function photoDatabaseContract(
  name: string,
  open: (now: () => number) => Promise<OpenedDatabase>,
): void {
  describe(`PhotoDatabase contract: ${name}`, () => {
    let opened: OpenedDatabase;
    let photos: PhotoDatabase;
    let time = Date.UTC(2026, 10, 20);
    beforeEach(async () => {
      opened = await open(() => (time += 1000));
      photos = opened.photos;
    });
    afterEach(() => opened.close());

    const add = async (changes: Partial<NewPhoto> = {}) =>
      (await photos.recordPhoto(owner, newPhoto(changes))).photo;
    const developed = async (labels: readonly string[], changes: Partial<Development> = {}) => {
      const photo = await add();
      const job = await opened.jobs.claim(60_000);
      assert.equal(job?.photoId, photo.id);
      assert.equal(await photos.saveDevelopment(job, development(labels, changes)), true);
      return photo.id;
    };

    test('keeps how many frames a moving picture has, also after it was developed, and nothing of the kind for a still', async () => {
      const moving = await add({ type: 'image/gif', frames: 30 });
      const stills = [await add(), await add({ frames: 1 })];
      assert.equal(moving.frames, 30);
      const job = await opened.jobs.claim(60_000);
      assert.equal(job?.photoId, moving.id);
      await photos.saveDevelopment(job, development([]));
      assert.equal((await photos.findPhoto(owner, moving.id))?.frames, 30);
      const { photos: listed } = await photos.listWholePhotos(owner, { limit: 10 });
      assert.deepEqual(
        listed.map(({ frames }) => frames),
        [undefined, undefined, 30],
      );
      for (const still of stills) assert.ok(!('frames' in still));
    });

    test('records a photo as waiting, with a job', async () => {
      const photo = await add({ title: '<b>개</b> "quoted"' });
      assert.equal(photo.state, 'waiting');
      assert.equal(photo.version, 1);
      assert.deepEqual(await photos.findPhoto(owner, photo.id), photo);
      assert.equal((await opened.jobs.claim(1000))?.photoId, photo.id);
    });

    test('gives the same bytes the same photo, however many ask at once', async () => {
      const twin = newPhoto();
      const answers = await Promise.all(Array.from({ length: 20 }, () => photos.recordPhoto(owner, twin)));
      assert.equal(new Set(answers.map(({ photo }) => photo.id)).size, 1);
      assert.equal(answers.filter(({ duplicate }) => !duplicate).length, 1);
      assert.equal(await opened.jobs.count(), 1);
    });

    test('keeps the first title when the same bytes come again', async () => {
      const first = newPhoto({ title: 'first' });
      await photos.recordPhoto(owner, first);
      const again = await photos.recordPhoto(owner, { ...first, title: 'second' });
      assert.equal(again.photo.title, 'first');
    });

    test('gives the title that comes with the same bytes to a photo without one', async () => {
      const first = newPhoto({ title: '' });
      await photos.recordPhoto(owner, first);
      const again = await photos.recordPhoto(owner, { ...first, title: 'second' });
      assert.deepEqual([again.photo.title, again.duplicate], ['second', true]);
    });

    test('lists newest first and pages through all without a gap or a repeat', async () => {
      const ids: PhotoId[] = [];
      for (let count = 0; count < 7; count += 1) ids.push((await add()).id);
      const found: PhotoId[] = [];
      let before: PhotoId | undefined;
      do {
        const page = await photos.listPhotos(owner, { limit: 3, ...(before ? { before } : {}) });
        found.push(...page.photos.map(({ id }) => id));
        before = page.next;
      } while (before !== undefined);
      assert.deepEqual(found, ids.toReversed());
    });

    test('says that a full last page is the last', async () => {
      await add();
      await add();
      assert.equal((await photos.listPhotos(owner, { limit: 2 })).next, undefined);
    });

    test('goes on behind a photo that was deleted meanwhile', async () => {
      const oldest = await add();
      const middle = await add();
      await add();
      await removeWhole(photos, owner, middle.id);
      const page = await photos.listPhotos(owner, { limit: 5, before: middle.id });
      assert.deepEqual(
        page.photos.map(({ id }) => id),
        [oldest.id],
      );
    });

    test('saves a development wholly and gives it back as it was', async () => {
      const place = { latitude: 37.5665, longitude: 126.978, altitude: 38 };
      const id = await developed(['dog', 'person'], { place });
      const photo = await photos.findPhoto(owner, id);
      const { placeholder, takenAt, camera, engine, detections, renditions } = development(['dog', 'person']);
      assert.ok(photo);
      assert.equal(photo.state, 'done');
      assert.deepEqual(
        { placeholder, takenAt, camera, engine, renditions },
        {
          placeholder: photo.placeholder,
          takenAt: photo.takenAt,
          camera: photo.camera,
          engine: photo.engine,
          renditions: photo.renditions,
        },
      );
      assert.deepEqual(
        photo.detections.map(({ id: _id, ...rest }) => rest),
        detections.map((one) => ({ ...one, confidence: sureness() })),
      );
      assert.deepEqual(photo.labels, [
        { label: 'dog', confidences: [sureness()] },
        { label: 'person', confidences: [sureness()] },
      ]);
      assert.deepEqual([photo?.width, photo?.height], [300, 400]);
      assert.deepEqual(await photos.findPlace(owner, id), place);
      assert.equal(await opened.jobs.count(), 0);
    });

    test('leaves absent what was not found out', async () => {
      const { placeholder: _p, takenAt: _t, camera: _c, engine: _e, ...bare } = development([]);
      const photo = await add();
      const job = await opened.jobs.claim(60_000);
      assert.ok(job);
      await photos.saveDevelopment(job, bare);
      const found = await photos.findPhoto(owner, photo.id);
      assert.ok(found);
      for (const key of ['placeholder', 'takenAt', 'camera', 'engine', 'failure'])
        assert.equal(key in found, false, key);
      assert.equal(await photos.findPlace(owner, photo.id), undefined);
    });

    test('lists what is under a label, page by page', async () => {
      const dogs = [await developed(['dog']), await developed(['dog', 'cat']), await developed(['dog'])];
      await developed(['cat']);
      await add();
      const first = await photos.listPhotos(owner, { limit: 2, label: 'dog' });
      assert.ok(first.next);
      const second = await photos.listPhotos(owner, { limit: 2, label: 'dog', before: first.next });
      assert.deepEqual(
        [...first.photos, ...second.photos].map(({ id }) => id),
        dogs.toReversed(),
      );
      assert.equal(second.next, undefined);
      assert.deepEqual((await photos.listPhotos(owner, { limit: 2, label: 'unicorn' })).photos, []);
    });

    test('lists whole photos in the same order as cards', async () => {
      const ids = [await developed(['dog']), await developed([])];
      const page = await photos.listWholePhotos(owner, { limit: 5 });
      assert.deepEqual(
        page.photos.map(({ id }) => id),
        ids.toReversed(),
      );
      assert.equal(page.photos[1]?.detections.length, 1);
    });

    test('counts photos by label through developing again and deleting', async () => {
      const both = await developed(['dog', 'cat']);
      await developed(['dog']);
      assert.deepEqual(await photos.listLabels(owner, threshold), [
        { label: 'dog', photos: 2 },
        { label: 'cat', photos: 1 },
      ]);
      await removeWhole(photos, owner, both);
      assert.deepEqual(await photos.listLabels(owner, threshold), [{ label: 'dog', photos: 1 }]);
    });

    test('knows the newest photo of each label', async () => {
      const dog = await developed(['dog', 'cat']);
      const cat = await developed(['cat']);
      assert.deepEqual(
        [...(await photos.listCovers(owner, threshold))].map(([label, { id }]) => [label, id]).sort(),
        [
          ['cat', cat],
          ['dog', dog],
        ],
      );
      await removeWhole(photos, owner, cat);
      assert.equal((await photos.listCovers(owner, threshold)).get('cat')?.id, dog);
    });

    test('finds the neighbours, under a label or not', async () => {
      const [a, b, c, d] = [
        await developed(['dog']),
        await developed(['cat']),
        await developed(['dog']),
        await developed([]),
      ];
      assert.deepEqual(await photos.findNeighbours(owner, b), { newer: c, older: a });
      assert.deepEqual(await photos.findNeighbours(owner, c, { label: 'dog', threshold }), { older: a });
      assert.deepEqual(await photos.findNeighbours(owner, d), { older: c });
      assert.deepEqual(await photos.findNeighbours(owner, a), { newer: b });
    });

    test('sets a title and counts the version up', async () => {
      const photo = await add();
      const changed = await photos.retitle(owner, photo.id, 'new', { version: photo.version });
      assert.equal(changed.title, 'new');
      assert.equal(changed.version, photo.version + 1);
    });

    test('refuses a title from somebody who saw an older version, and says what it is now', async () => {
      const photo = await add();
      await photos.retitle(owner, photo.id, 'theirs');
      await assert.rejects(
        photos.retitle(owner, photo.id, 'mine', { version: photo.version }),
        (error: unknown) => {
          assert.ok(error instanceof GalleryError);
          assert.equal(error.code, 'edited-meanwhile');
          assert.equal(error.facts['title'], 'theirs');
          return true;
        },
      );
      assert.equal((await photos.findPhoto(owner, photo.id))?.title, 'theirs');
    });

    test('refuses a title from somebody who saw another title; developing in between does not matter', async () => {
      const photo = await add({ title: 'old' });
      const job = await opened.jobs.claim(60_000);
      assert.ok(job);
      await photos.beginDevelopment(job);
      assert.equal((await photos.retitle(owner, photo.id, 'mine', { title: 'old' })).title, 'mine');
      await assert.rejects(
        photos.retitle(owner, photo.id, 'theirs', { title: 'old' }),
        refusal('edited-meanwhile'),
      );
    });

    test('rejects not-found for a photo that is not there', async () => {
      assert.equal(await photos.findPhoto(owner, unknownId), undefined);
      await assert.rejects(photos.retitle(owner, unknownId, 'x'), refusal('not-found'));
      await assert.rejects(photos.removePhoto(owner, unknownId), refusal('not-found'));
      await assert.rejects(photos.retryPhoto(owner, unknownId), refusal('not-found'));
    });

    test('removes a photo with its detections and its job', async () => {
      const photo = await add();
      assert.deepEqual(await removeWhole(photos, owner, photo.id), {
        sha256: photo.sha256,
        type: photo.type,
      });
      assert.equal(await photos.findPhoto(owner, photo.id), undefined);
      assert.equal(await photos.hasOriginal(photo.sha256), false);
      assert.equal(await opened.jobs.count(), 0);
    });

    test('removes nothing but what lies in the trash, whoever was faster', async () => {
      const photo = await add();
      const notInTrash = refusal('not-in-trash');
      await assert.rejects(photos.removePhoto(owner, photo.id), notInTrash);
      await photos.trashPhoto(owner, photo.id);
      const [, removal] = await Promise.allSettled([
        photos.restorePhoto(owner, photo.id),
        photos.removePhoto(owner, photo.id),
      ]);
      assert.ok(removal.status === 'rejected' && notInTrash(removal.reason));
      assert.deepEqual(await photos.listRemoved(), []);
      await photos.trashPhoto(owner, photo.id);
      const [, restoring] = await Promise.allSettled([
        photos.removePhoto(owner, photo.id),
        photos.restorePhoto(owner, photo.id),
      ]);
      assert.ok(restoring.status === 'rejected' && refusal('not-found')(restoring.reason));
      assert.equal(await photos.hasOriginal(photo.sha256), false);
    });

    test('knows which originals a row points to', async () => {
      const photo = await add();
      assert.equal(await photos.hasOriginal(photo.sha256), true);
      assert.equal(await photos.hasOriginal('0'.repeat(64) as Sha256), false);
    });

    test('finds the photo with exactly these bytes', async () => {
      const photo = await add();
      assert.deepEqual(await photos.findByDigest(owner, photo.sha256), photo);
      assert.equal(await photos.findByDigest(owner, '0'.repeat(64) as Sha256), undefined);
    });

    test('notes whose files may go until told that they went, or until the same bytes come again', async () => {
      const [first, second] = [await add(), await add()];
      for (const { id } of [first, second]) await removeWhole(photos, owner, id);
      const noted = async () => (await photos.listRemoved()).map(({ sha256 }) => sha256).sort();
      assert.deepEqual(await noted(), [first.sha256, second.sha256].sort());
      await photos.forgetRemoved(first.sha256);
      assert.deepEqual(await noted(), [second.sha256]);
      await photos.recordPhoto(owner, newPhoto({ sha256: second.sha256 }));
      assert.deepEqual(await noted(), []);
    });

    test('takes a photo that has been here for longer to where it belongs in the list', async () => {
      const recent = await add();
      const uploadedAt = new Date(Date.UTC(2020, 0, 1));
      const old = await add({ uploadedAt });
      assert.deepEqual(old.uploadedAt, uploadedAt);
      const { photos: listed } = await photos.listPhotos(owner, { limit: 5 });
      assert.deepEqual(
        listed.map(({ id }) => id),
        [recent.id, old.id],
      );
    });

    test('drops what an older attempt still wants to say', async () => {
      const photo = await add();
      const late = await opened.jobs.claim(1);
      const present = await opened.jobs.claim(60_000);
      assert.ok(late && present);
      assert.equal(await photos.beginDevelopment(late), undefined);
      assert.equal(await photos.saveDevelopment(late, development(['dog'])), false);
      assert.equal(await photos.saveFailure(late, { code: 'crashed' }), false);
      assert.equal((await photos.findPhoto(owner, photo.id))?.state, 'waiting');
      assert.equal(await photos.saveDevelopment(present, development(['cat'])), true);
      assert.deepEqual(
        (await photos.findPhoto(owner, photo.id))?.labels.map(({ label }) => label),
        ['cat'],
      );
    });

    test('keeps what a damaged photo could still show', async () => {
      const failure = { code: 'damaged', detail: 'the file ends too early' } as const;
      const photo = await photos.findPhoto(owner, await developed([], { failure }));
      assert.equal(photo?.state, 'failed');
      assert.deepEqual(photo.failure, failure);
      assert.equal(photo.renditions.length, 1);
    });

    test('develops a failed photo again only when asked', async () => {
      const photo = await add();
      const job = await opened.jobs.claim(60_000);
      assert.ok(job);
      await photos.saveFailure(job, { code: 'timed-out' });
      assert.equal((await photos.findPhoto(owner, photo.id))?.failure?.code, 'timed-out');
      const retried = await photos.retryPhoto(owner, photo.id);
      assert.equal(retried.state, 'waiting');
      assert.equal(retried.failure, undefined);
      await photos.retryPhoto(owner, photo.id);
      assert.equal(await opened.jobs.count(), 1);
      assert.equal((await opened.jobs.claim(1000))?.tries, 1);
    });

    test('lists and counts what failed, and develops all of it again when asked', async () => {
      const ids: PhotoId[] = [];
      for (let count = 0; count < 3; count += 1) {
        ids.push((await add()).id);
        const job = await opened.jobs.claim(60_000);
        assert.ok(job);
        await photos.saveFailure(job, { code: 'timed-out' });
      }
      await developed(['dog']);
      assert.equal(await photos.countFailed(owner), 3);
      const first = await photos.listPhotos(owner, { failed: true, limit: 2 });
      assert.ok(first.next);
      const second = await photos.listPhotos(owner, { failed: true, limit: 2, before: first.next });
      assert.deepEqual(
        [...first.photos, ...second.photos].map(({ id }) => id),
        ids.toReversed(),
      );
      const retried = async () => (await photos.retryFailed(owner, 2)).map(({ id }) => id);
      assert.deepEqual(await retried(), ids.slice(1).toReversed());
      assert.deepEqual(await retried(), ids.slice(0, 1));
      assert.equal(await photos.countFailed(owner), 0);
      assert.equal(await opened.jobs.count(), 3);
    });

    test('shows that a photo is being developed', async () => {
      const photo = await add();
      const job = await opened.jobs.claim(60_000);
      assert.ok(job);
      assert.equal((await photos.beginDevelopment(job))?.state, 'developing');
      assert.equal((await photos.findPhoto(owner, photo.id))?.state, 'developing');
    });

    test('has another revision after each change, and the same after reading', async () => {
      const revisions = new Set([photos.revision()]);
      const photo = await add();
      revisions.add(photos.revision());
      await photos.retitle(owner, photo.id, 'x');
      revisions.add(photos.revision());
      await photos.listPhotos(owner, { limit: 1 });
      await photos.recordPhoto(owner, newPhoto({ sha256: photo.sha256 }));
      revisions.add(photos.revision());
      await removeWhole(photos, owner, photo.id);
      revisions.add(photos.revision());
      assert.equal(revisions.size, 4);
    });
  });
}
