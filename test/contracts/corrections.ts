// What every PhotoDatabase promises about thresholds and about people's words (gallery/photo-database.ts), as tests.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { mostWords } from '../../src/gallery/correction.ts';
import { type Threshold, thresholdSteps } from '../../src/gallery/detection.ts';
import { GalleryError } from '../../src/gallery/errors.ts';
import type { Box, ChangeId, DetectionId, EngineDetection, Photo, PhotoId } from '../../src/gallery/photo.ts';
import type { PhotoDatabase } from '../../src/gallery/photo-database.ts';
import {
  development,
  newPhoto,
  type OpenedDatabase,
  owner,
  removeWhole,
  seen,
  sureness,
} from './photo-database.ts';

const refusal = (code: string) => (error: unknown) => error instanceof GalleryError && error.code === code;
const at = (all: number, labels: Readonly<Record<string, number>> = {}): Threshold => ({
  all,
  labels: new Map(Object.entries(labels)),
});
const somewhere: Box = { x: 0.1, y: 0.1, width: 0.2, height: 0.2 };

export function correctionsContract(
  name: string,
  open: (now: () => number) => Promise<OpenedDatabase>,
): void {
  describe(`PhotoDatabase contract, thresholds and corrections: ${name}`, () => {
    let opened: OpenedDatabase;
    let photos: PhotoDatabase;
    let time = Date.UTC(2026, 10, 20);
    beforeEach(async () => {
      opened = await open(() => (time += 1000));
      photos = opened.photos;
    });
    afterEach(() => opened.close());

    const developed = async (detections: readonly EngineDetection[]): Promise<PhotoId> => {
      const { photo } = await photos.recordPhoto(owner, newPhoto());
      await develop(photo.id, detections);
      return photo.id;
    };
    const develop = async (id: PhotoId, detections: readonly EngineDetection[]) => {
      const job = await opened.jobs.claim(60_000);
      assert.equal(job?.photoId, id);
      assert.equal(await photos.saveDevelopment(job, development([], { detections })), true);
    };
    /** An engine looks once more, as after a failure. */
    const lookAgain = async (id: PhotoId, detections: readonly EngineDetection[]) => {
      await photos.retryPhoto(owner, id);
      const job = await opened.jobs.claim(60_000);
      assert.equal(job?.photoId, id);
      await photos.saveDevelopment(job, development([], { detections }));
    };
    const failedPhoto = async (detections: readonly EngineDetection[]): Promise<PhotoId> => {
      const { photo } = await photos.recordPhoto(owner, newPhoto());
      const job = await opened.jobs.claim(60_000);
      assert.ok(job);
      const failure = { code: 'damaged' } as const;
      await photos.saveDevelopment(job, development([], { detections, failure }));
      return photo.id;
    };
    const get = async (id: PhotoId): Promise<Photo> => {
      const photo = await photos.findPhoto(owner, id);
      assert.ok(photo);
      return photo;
    };
    const idOf = async (id: PhotoId, label: string): Promise<DetectionId> => {
      const found = (await get(id)).detections.find((one) => one.label === label);
      assert.ok(found, label);
      return found.id;
    };
    const said = async (id: PhotoId) =>
      (await get(id)).detections.map(({ label, origin }) => `${label} by ${origin.by}`).sort();
    const listed = async (label: string, threshold: Threshold) =>
      (await photos.listPhotos(owner, { label, threshold, limit: 50 })).photos.map(({ id }) => id);

    test('shows under a label what is at least as sure as the reader wants, at every step', async () => {
      const scores = [0.15, 0.3, 0.45, 0.6, 0.75, 0.9];
      const ids: PhotoId[] = [];
      for (const score of scores) ids.push(await developed([seen('dog', score)]));
      for (const step of thresholdSteps) {
        const wanted = ids.filter((_, index) => sureness(scores[index]) >= step);
        assert.deepEqual(await listed('dog', at(step)), wanted.toReversed(), `at ${step} %`);
        const totals = await photos.listLabels(owner, at(step));
        assert.equal(totals[0]?.photos, wanted.length === 0 ? undefined : wanted.length, `at ${step} %`);
        const cover = (await photos.listCovers(owner, at(step))).get('dog');
        assert.equal(cover?.id, wanted.at(-1), `at ${step} %`);
      }
    });

    test('pages through several steps of sureness without a gap or a repeat', async () => {
      const ids: PhotoId[] = [];
      for (let count = 0; count < 12; count += 1)
        ids.push(await developed([seen('dog', 0.5 + (count % 4) * 0.12)]));
      const found: PhotoId[] = [];
      let before: PhotoId | undefined;
      do {
        const query = { limit: 5, label: 'dog', threshold: at(10), ...(before ? { before } : {}) };
        const page = await photos.listPhotos(owner, query);
        found.push(...page.photos.map(({ id }) => id));
        before = page.next;
      } while (before !== undefined);
      assert.deepEqual(found, ids.toReversed());
      const [middle, newer, older] = [ids[5], ids[6], ids[4]];
      assert.ok(middle);
      const under = { label: 'dog', threshold: at(10) };
      assert.deepEqual(await photos.findNeighbours(owner, middle, under), { newer, older });
    });

    test('lets one label ask for more, or for less, than the others', async () => {
      const both = await developed([seen('dog', 0.6), seen('cat', 0.6)]);
      const unsure = await developed([seen('cat', 0.2)]);
      const high = at(10, { cat: 95 });
      assert.deepEqual(await listed('cat', high), []);
      assert.deepEqual(await photos.listLabels(owner, high), [{ label: 'dog', photos: 1 }]);
      const low = at(95, { cat: 10 });
      assert.deepEqual(await listed('cat', low), [unsure, both]);
      assert.deepEqual(await listed('dog', low), []);
    });

    test('counts a label once a photo, by its surest thing', async () => {
      const id = await developed([seen('dog', 0.9, 0), seen('dog', 0.3, 0.5)]);
      assert.deepEqual((await get(id)).labels, [
        { label: 'dog', confidences: [sureness(0.9), sureness(0.3)] },
      ]);
      assert.deepEqual(await photos.listLabels(owner, at(10)), [{ label: 'dog', photos: 1 }]);
    });

    test('keeps a confirmed thing when an engine looks again and does not find it, or finds it elsewhere a little', async () => {
      const id = await failedPhoto([seen('dog', 0.2)]);
      const photo = await photos.correct(owner, id, { kind: 'confirm', detection: await idOf(id, 'dog') });
      assert.deepEqual(photo.labels, [{ label: 'dog', confidences: [100] }]);
      const [dog] = photo.detections;
      assert.equal(dog?.confidence, 100);
      assert.equal(dog.origin.by, 'person');
      assert.deepEqual(dog.box, seen('dog').box);
      await lookAgain(id, []);
      assert.deepEqual(await said(id), ['dog by person']);
      const second = await failedPhoto([seen('dog', 0.2, 0.5)]);
      await photos.correct(owner, second, { kind: 'confirm', detection: await idOf(second, 'dog') });
      await lookAgain(second, [seen('dog', 0.9, 0.51)]);
      assert.deepEqual(await said(second), ['dog by person']);
    });

    test('keeps a rejected thing rejected when an engine finds it again, and only that one', async () => {
      const id = await failedPhoto([seen('dog', 0.9, 0.5)]);
      const photo = await photos.correct(owner, id, { kind: 'reject', detection: await idOf(id, 'dog') });
      assert.deepEqual([photo.detections, photo.labels], [[], []]);
      assert.equal(photo.rejections[0]?.label, 'dog');
      assert.deepEqual(await listed('dog', at(10)), []);
      await lookAgain(id, [seen('dog', 0.95, 0.51), seen('dog', 0.6, 0.1), seen('cat', 0.6, 0.5)]);
      const now = await get(id);
      assert.deepEqual(now.detections.map(({ label, box }) => [label, box?.x]).sort(), [
        ['cat', 0.5],
        ['dog', 0.1],
      ]);
    });

    test('says no to a label altogether until somebody takes that back', async () => {
      const id = await failedPhoto([seen('dog', 0.9, 0), seen('dog', 0.8, 0.5), seen('cat')]);
      const photo = await photos.correct(owner, id, { kind: 'reject-label', label: 'dog' });
      assert.deepEqual(await said(id), ['cat by engine']);
      await lookAgain(id, [seen('dog', 0.9, 0.25)]);
      assert.deepEqual(await said(id), []);
      const change = photo.rejections[0]?.change;
      assert.ok(change);
      await photos.undo(owner, id, change);
      assert.deepEqual(await said(id), ['dog by engine']);
    });

    test('renames for good: the old name does not come back to that place', async () => {
      const id = await failedPhoto([seen('dog', 0.9, 0.5)]);
      await photos.correct(owner, id, {
        kind: 'rename',
        detection: await idOf(id, 'dog'),
        label: 'Bori',
      });
      assert.deepEqual(await said(id), ['Bori by person']);
      assert.deepEqual(await listed('Bori', at(95)), [id]);
      await lookAgain(id, [seen('dog', 0.9, 0.5)]);
      assert.deepEqual(await said(id), ['Bori by person']);
      await photos.correct(owner, id, { kind: 'rename', detection: await idOf(id, 'Bori'), label: 'cat' });
      assert.deepEqual(await said(id), ['cat by person']);
      assert.deepEqual((await get(id)).rejections, [], 'a new name is no refusal');
    });

    test('moves a box for good', async () => {
      const id = await failedPhoto([seen('dog', 0.9, 0.5)]);
      await photos.correct(owner, id, {
        kind: 'move',
        detection: await idOf(id, 'dog'),
        box: somewhere,
      });
      await lookAgain(id, [seen('dog', 0.9, 0.5)]);
      const { detections } = await get(id);
      assert.deepEqual(
        detections.map(({ box, origin }) => [box, origin.by]),
        [[somewhere, 'person']],
      );
      const further = { ...somewhere, x: 0.3 };
      await photos.correct(owner, id, { kind: 'move', detection: await idOf(id, 'dog'), box: further });
      assert.deepEqual(
        (await get(id)).detections.map(({ box }) => box),
        [further],
      );
    });

    test('adds a label with and without a box, counted once where they are the same thing', async () => {
      const id = await developed([seen('dog', 0.2)]);
      const named = await photos.correct(owner, id, { kind: 'add', label: 'dog' });
      assert.deepEqual(named.labels, [{ label: 'dog', confidences: [100] }]);
      assert.deepEqual(await listed('dog', at(95)), [id]);
      const drawn = await photos.correct(owner, id, { kind: 'add', label: 'cat', box: somewhere });
      assert.deepEqual(drawn.labels.map(({ label }) => label).sort(), ['cat', 'dog']);
      const twice = await photos.correct(owner, id, { kind: 'add', label: 'cat', box: somewhere });
      assert.deepEqual(twice, drawn, 'what is said already changes nothing');
    });

    test('takes two names that a person gave to one thing', async () => {
      const id = await developed([]);
      await photos.correct(owner, id, { kind: 'add', label: 'dog', box: somewhere });
      await photos.correct(owner, id, { kind: 'add', label: 'Bori', box: somewhere });
      assert.deepEqual(await said(id), ['Bori by person', 'dog by person']);
    });

    test('ends an older "there is none" with a newer "there is one"', async () => {
      const id = await developed([seen('dog', 0.9, 0.5)]);
      await photos.correct(owner, id, { kind: 'reject-label', label: 'dog' });
      const photo = await photos.correct(owner, id, { kind: 'add', label: 'dog', box: somewhere });
      assert.deepEqual(photo.rejections, []);
      assert.deepEqual(await said(id), ['dog by engine', 'dog by person']);
      const detection = photo.detections.find(({ origin }) => origin.by === 'person')?.id;
      assert.ok(detection);
      const rejected = await photos.correct(owner, id, { kind: 'reject', detection });
      await photos.correct(owner, id, { kind: 'add', label: 'dog', box: somewhere });
      const change = rejected.lastChange?.id;
      assert.ok(change);
      await assert.rejects(
        photos.undo(owner, id, change),
        refusal('edited-meanwhile'),
        'it is there already',
      );
      assert.deepEqual(await said(id), ['dog by engine', 'dog by person']);
    });

    test('undoes one correction after the other, back to what the engine said', async () => {
      const id = await developed([seen('dog', 0.9, 0.5)]);
      const before = await get(id);
      assert.equal(before.lastChange, undefined);
      await photos.correct(owner, id, { kind: 'rename', detection: await idOf(id, 'dog'), label: 'cat' });
      await photos.correct(owner, id, { kind: 'move', detection: await idOf(id, 'cat'), box: somewhere });
      await photos.correct(owner, id, { kind: 'reject', detection: await idOf(id, 'cat') });
      const kinds: string[] = [];
      for (let photo = await get(id); photo.lastChange !== undefined; photo = await get(id)) {
        kinds.push(`${photo.lastChange.kind} ${photo.lastChange.label}`);
        await photos.undo(owner, id, photo.lastChange.id);
      }
      assert.deepEqual(kinds, ['reject cat', 'move cat', 'rename cat']);
      const after = await get(id);
      assert.deepEqual(after.detections, before.detections);
      assert.deepEqual(after.labels, before.labels);
      assert.deepEqual(after.rejections, []);
    });

    test('refuses to undo what a later correction stands on, twice, or for another photo', async () => {
      const id = await developed([seen('dog')]);
      const other = await developed([seen('dog')]);
      const first = (await photos.correct(owner, id, { kind: 'add', label: 'Bori', box: somewhere }))
        .lastChange;
      assert.ok(first);
      const detection = await idOf(id, 'Bori');
      const second = (await photos.correct(owner, id, { kind: 'reject', detection })).lastChange;
      assert.ok(second);
      await assert.rejects(photos.undo(owner, id, first.id), refusal('edited-meanwhile'));
      await assert.rejects(photos.undo(owner, other, second.id), refusal('edited-meanwhile'));
      await photos.undo(owner, id, second.id);
      await assert.rejects(photos.undo(owner, id, second.id), refusal('edited-meanwhile'));
      await photos.undo(owner, id, first.id);
      assert.deepEqual(await said(id), ['dog by engine']);
    });

    test('refuses a correction of something that is not there any more, and changes nothing', async () => {
      const id = await failedPhoto([seen('dog')]);
      const detection = await idOf(id, 'dog');
      await lookAgain(id, [seen('dog')]);
      const before = await get(id);
      for (const correction of [
        { kind: 'confirm', detection },
        { kind: 'reject', detection },
        { kind: 'rename', detection, label: 'cat' },
        { kind: 'move', detection, box: somewhere },
        { kind: 'reject-label', label: 'unicorn' },
      ] as const)
        await assert.rejects(
          photos.correct(owner, id, correction),
          refusal('edited-meanwhile'),
          correction.kind,
        );
      assert.deepEqual(await get(id), before);
      const unknown = '01990000-0000-7000-8000-000000000000' as PhotoId;
      await assert.rejects(photos.correct(owner, unknown, { kind: 'add', label: 'x' }), refusal('not-found'));
      await assert.rejects(photos.undo(owner, unknown, 1 as ChangeId), refusal('not-found'));
    });

    test('refuses more corrections than any photo needs', async () => {
      const id = await developed([]);
      for (let count = 0; count < mostWords; count += 1)
        await photos.correct(owner, id, { kind: 'add', label: `thing ${count}` });
      await assert.rejects(
        photos.correct(owner, id, { kind: 'add', label: 'x' }),
        refusal('too-many-labels'),
      );
    });

    test('bumps version and revision with each correction', async () => {
      const id = await developed([seen('dog')]);
      const [{ version }, revision] = [await get(id), photos.revision()];
      const photo = await photos.correct(owner, id, { kind: 'add', label: 'Bori' });
      assert.equal(photo.version, version + 1);
      assert.notEqual(photos.revision(), revision);
    });

    test('lays words that were said while a photo waited over what the engine then finds', async () => {
      const { photo } = await photos.recordPhoto(owner, newPhoto());
      await photos.correct(owner, photo.id, { kind: 'add', label: 'Bori', box: somewhere });
      await develop(photo.id, [seen('dog')]);
      assert.deepEqual(await said(photo.id), ['Bori by person', 'dog by engine']);
    });

    test('forgets everything about a photo that is removed', async () => {
      const id = await developed([seen('dog')]);
      await photos.correct(owner, id, { kind: 'rename', detection: await idOf(id, 'dog'), label: 'Bori' });
      await removeWhole(photos, owner, id);
      assert.deepEqual(await photos.listLabels(owner, at(10)), []);
      assert.deepEqual(await photos.listModels(owner), []);
    });

    test('counts which model looked at how many photos', async () => {
      await developed([seen('dog')]);
      await developed([]);
      const { engine: _none, ...blind } = development([]);
      const { photo } = await photos.recordPhoto(owner, newPhoto());
      const job = await opened.jobs.claim(60_000);
      assert.equal(job?.photoId, photo.id);
      await photos.saveDevelopment(job, blind);
      await photos.recordPhoto(owner, newPhoto());
      assert.deepEqual(await photos.listModels(owner), [
        { engine: 'yolox', model: 'f'.repeat(64), photos: 2 },
        { engine: '', model: '', photos: 1 },
      ]);
    });
  });
}
