// What every SidecarDatabase promises (gallery/sidecar-database.ts), as tests.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Correction } from '../../src/gallery/correction.ts';
import type { Photo, Sha256 } from '../../src/gallery/photo.ts';
import type { NewPhoto } from '../../src/gallery/photo-database.ts';
import { formatSidecar, parseSidecar, type Sidecar } from '../../src/gallery/sidecar.ts';
import type { SidecarDatabase } from '../../src/gallery/sidecar-database.ts';
import { development, newPhoto, type OpenedDatabase, owner, removeWhole } from './photo-database.ts';

export interface OpenedWithSidecars extends OpenedDatabase {
  readonly sidecars: SidecarDatabase;
}

export function sidecarsContract(
  name: string,
  open: (now: () => number) => Promise<OpenedWithSidecars>,
): void {
  describe(`SidecarDatabase contract: ${name}`, () => {
    let opened: OpenedWithSidecars;
    let time = Date.UTC(2026, 10, 20);
    beforeEach(async () => {
      opened = await open(() => (time += 1000));
    });
    afterEach(() => opened.close());

    const add = async (changes: Partial<NewPhoto> = {}) =>
      (await opened.photos.recordPhoto(owner, newPhoto(changes))).photo;
    const due = async () => (await opened.sidecars.listDueSidecars(10)).map(({ sha256 }) => sha256);
    const settleAll = async () => {
      for (const note of await opened.sidecars.listDueSidecars(100))
        await opened.sidecars.settleSidecar(note);
    };
    const told = async (sha256: Sha256): Promise<Sidecar> => {
      const found = await opened.sidecars.findDueSidecar(sha256);
      assert.ok(found?.sidecar);
      return found.sidecar;
    };
    const correct = (photo: Photo, correction: Correction) =>
      opened.photos.correct(owner, photo.id, correction);
    const whatIsSaid = ({ detections, rejections, labels }: Photo) => ({
      labels,
      named: new Set(
        detections.map(({ label, box, confidence, origin }) => ({ label, box, confidence, origin })),
      ),
      rejected: rejections.map(({ label, box, at }) => [label, box, at]),
    });

    test('is due from the moment a photo is recorded until it was written', async () => {
      const photo = await add({ title: '보리', frames: 3 });
      assert.deepEqual(await due(), [photo.sha256]);
      const { sha256, bytes, type, width, height, id, title, uploadedAt } = photo;
      assert.deepEqual(await told(sha256), {
        sha256,
        bytes,
        type,
        width,
        height,
        frames: 3,
        photos: [{ id, title, uploadedAt, changes: [] }],
      });
      await settleAll();
      assert.deepEqual(await due(), []);
      assert.equal(await opened.sidecars.findDueSidecar(sha256), undefined);
    });

    test('is due again after every change of what it says, and after no other', async () => {
      const photo = await add({ title: '' });
      const job = await opened.jobs.claim(60_000);
      assert.ok(job);
      await settleAll();
      await opened.photos.beginDevelopment(job);
      await opened.photos.saveDevelopment(job, development(['dog']));
      await opened.photos.recordPhoto(owner, newPhoto({ sha256: photo.sha256, title: '' }));
      assert.deepEqual(await due(), [], 'developing and the same bytes again change nothing');
      const isDueAfter = async (what: string, change: () => Promise<unknown>) => {
        await change();
        assert.deepEqual(await due(), [photo.sha256], what);
        await settleAll();
      };
      await isDueAfter('a title that came late', () =>
        opened.photos.recordPhoto(owner, newPhoto({ sha256: photo.sha256, title: 'late' })),
      );
      await isDueAfter('a title', () => opened.photos.retitle(owner, photo.id, 'new'));
      await isDueAfter('a correction', () => correct(photo, { kind: 'add', label: 'cat' }));
      const { lastChange } = (await opened.photos.findPhoto(owner, photo.id)) ?? {};
      assert.ok(lastChange);
      await isDueAfter('an undo', () => opened.photos.undo(owner, photo.id, lastChange.id));
      await isDueAfter('a removal', () => removeWhole(opened.photos, owner, photo.id));
    });

    test('says that no photo has these bytes any more', async () => {
      const photo = await add();
      await correct(photo, { kind: 'add', label: 'cat' });
      await removeWhole(opened.photos, owner, photo.id);
      const found = await opened.sidecars.findDueSidecar(photo.sha256);
      assert.ok(found);
      assert.equal(found.sidecar, undefined);
    });

    test('stays due when something changed while it was written', async () => {
      const photo = await add();
      const before = await opened.sidecars.findDueSidecar(photo.sha256);
      assert.ok(before);
      await opened.photos.retitle(owner, photo.id, 'meanwhile');
      await opened.sidecars.settleSidecar(before);
      assert.deepEqual(await due(), [photo.sha256]);
      assert.equal((await told(photo.sha256)).photos[0]?.title, 'meanwhile');
    });

    test('is due again when somebody says that its file is gone', async () => {
      const photo = await add();
      await settleAll();
      await opened.sidecars.noteSidecar(photo.sha256);
      await opened.sidecars.noteSidecar(photo.sha256);
      await opened.sidecars.noteSidecar('0'.repeat(64) as Sha256);
      assert.deepEqual(await due(), [photo.sha256]);
    });

    test('lists the oldest first, page by page', async () => {
      const photos = [await add(), await add(), await add()];
      await opened.photos.retitle(owner, photos[0]?.id as Photo['id'], 'changed last');
      const first = await opened.sidecars.listDueSidecars(2);
      const second = await opened.sidecars.listDueSidecars(2, first.at(-1)?.note);
      assert.deepEqual(
        [...first, ...second].map(({ sha256 }) => sha256),
        [photos[1], photos[2], photos[0]].map((photo) => photo?.sha256),
      );
    });

    /** A photo with one correction of every kind, one of them taken back. */
    const talkedAbout = async () => {
      const photo = await add({
        title: 'talked about',
        uploadedAt: new Date(Date.UTC(2021, 4, 5, 6, 7, 8, 9)),
      });
      const job = await opened.jobs.claim(60_000);
      assert.ok(job);
      await opened.photos.saveDevelopment(job, development(['dog', 'cat', 'person', 'bird']));
      const named = async (label: string) => {
        const found = await opened.photos.findPhoto(owner, photo.id);
        const one = found?.detections.find((detection) => detection.label === label);
        assert.ok(one, label);
        return one.id;
      };
      await correct(photo, { kind: 'confirm', detection: await named('dog') });
      await correct(photo, { kind: 'reject', detection: await named('cat') });
      await correct(photo, { kind: 'rename', detection: await named('bird'), label: 'kite' });
      await correct(photo, { kind: 'add', label: '할머니의 꽃병' });
      const box = { x: 0.25, y: 0.125, width: 0.5, height: 0.25 };
      await correct(photo, { kind: 'move', detection: await named('kite'), box });
      await correct(photo, { kind: 'reject-label', label: 'person' });
      const { lastChange } = await correct(photo, { kind: 'add', label: 'sheep' });
      assert.ok(lastChange);
      return await opened.photos.undo(owner, photo.id, lastChange.id);
    };

    test('is enough to have a photo back with all that people said, also to take that back', async () => {
      const before = await talkedAbout();
      const sidecar = parseSidecar(formatSidecar(await told(before.sha256)));
      assert.ok(sidecar);
      const [was] = sidecar.photos;
      assert.ok(was);
      await removeWhole(opened.photos, owner, before.id);
      const { photos: _photos, ...file } = sidecar;
      const { title, uploadedAt } = was;
      const back = (await opened.photos.recordPhoto(owner, { ...file, title, uploadedAt, was })).photo;
      assert.deepEqual(
        [back.id, back.title, back.uploadedAt, back.state],
        [before.id, 'talked about', before.uploadedAt, 'waiting'],
      );
      const job = await opened.jobs.claim(60_000);
      assert.equal(job?.photoId, before.id, 'it is developed again');
      await opened.photos.saveDevelopment(job, development(['dog', 'cat', 'person', 'bird']));
      let now = await opened.photos.findPhoto(owner, back.id);
      assert.ok(now);
      assert.deepEqual(whatIsSaid(now), whatIsSaid(before));
      assert.deepEqual(await told(before.sha256), sidecar, 'and the next sidecar says the same');
      for (let undone = 0; undone < was.changes.length; undone += 1) {
        assert.ok(now.lastChange);
        now = await opened.photos.undo(owner, back.id, now.lastChange.id);
      }
      assert.deepEqual(
        now.detections.map(({ label, origin }) => [label, origin.by]).sort(),
        ['bird', 'cat', 'dog', 'person'].map((label) => [label, 'engine']),
      );
    });

    test('shows what people said of a photo that came back before it is developed', async () => {
      const changes = [
        { kind: 'add', label: 'vase', at: new Date(0), words: [{ present: true, label: 'vase' }] },
      ] as const;
      const id = (await add()).id;
      const other = await add({ was: { id, changes } });
      assert.notEqual(other.id, id, 'an id that somebody has is not given twice');
      assert.deepEqual(other.labels, [{ label: 'vase', confidences: [100] }]);
    });
  });
}
