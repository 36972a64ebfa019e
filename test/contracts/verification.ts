// What every VerificationDatabase promises (gallery/verification-database.ts), as tests.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { LinkId } from '../../src/gallery/link.ts';
import type { Sha256 } from '../../src/gallery/photo.ts';
import type { NewPhoto } from '../../src/gallery/photo-database.ts';
import type { UserId } from '../../src/gallery/user.ts';
import type { VerificationDatabase } from '../../src/gallery/verification-database.ts';
import { machine, stranger } from '../../src/gallery/viewer.ts';
import { development, newPhoto, type OpenedDatabase, owner, removeWhole } from './photo-database.ts';

export interface OpenedWithVerification extends OpenedDatabase {
  readonly verification: VerificationDatabase;
}

const mina = { kind: 'user', id: '01990002-0000-7000-8000-000000000000' as UserId, role: 'member' } as const;
const juno = { kind: 'user', id: '01990003-0000-7000-8000-000000000000' as UserId, role: 'member' } as const;

export function verificationContract(
  name: string,
  open: (now: () => number) => Promise<OpenedWithVerification>,
): void {
  describe(`VerificationDatabase contract: ${name}`, () => {
    const begun = Date.UTC(2026, 10, 20);
    let opened: OpenedWithVerification;
    let time = begun;
    beforeEach(async () => {
      time = begun;
      opened = await open(() => (time += 1000));
    });
    afterEach(() => opened.close());

    const add = async (changes: Partial<NewPhoto> = {}) =>
      (await opened.photos.recordPhoto(owner, newPhoto(changes))).photo;
    const next = async (before = new Date(time + 1)) => opened.verification.findNextOriginal(before);
    const unknown = '0'.repeat(64) as Sha256;

    test('finds an original by its digest, for who sees a photo that has it, and for the machine in the trash, too', async () => {
      const { verification, photos } = opened;
      const bytes = newPhoto({ isPrivate: true });
      const { photo: hidden } = await photos.recordPhoto(mina, bytes);
      const { sha256, bytes: length, type } = hidden;
      const found = { sha256, bytes: length, type };
      const ofMina = { id: hidden.id, onlyFor: mina.id, state: 'waiting', renditions: [] };
      for (const viewer of [machine, mina])
        assert.deepEqual(await verification.findOriginal(viewer, sha256), { ...found, photos: [ofMina] });
      const head = { ...juno, role: 'owner' } as const;
      for (const viewer of [juno, head, stranger])
        assert.equal(await verification.findOriginal(viewer, sha256), undefined);
      await photos.trashPhoto(mina, hidden.id);
      assert.equal((await verification.findOriginal(machine, sha256))?.photos.length, 1);
      await photos.recordPhoto(juno, { ...bytes, isPrivate: false });
      assert.equal((await verification.findOriginal(juno, sha256))?.photos.length, 2, 'and then all of them');
      assert.equal(await verification.findOriginal(machine, unknown), undefined);
    });

    test('counts an upload as a check', async () => {
      const photo = await add();
      assert.deepEqual(await opened.verification.findCheck(owner, photo.id), { checkedAt: photo.uploadedAt });
      assert.equal(await next(photo.uploadedAt), undefined);
      const due = await next();
      const { sha256, bytes, type, id } = photo;
      assert.deepEqual(due, { sha256, bytes, type, photos: [{ id, state: 'waiting', renditions: [] }] });
    });

    test('gives the one that was not checked for the longest, until none is left', async () => {
      const photos = [await add(), await add(), await add()];
      const before = new Date(time + 1);
      const order: (Sha256 | undefined)[] = [];
      for (let due = await next(before); due !== undefined; due = await next(before)) {
        order.push(due.sha256);
        await opened.verification.noteCheck(due.sha256);
      }
      assert.deepEqual(
        order,
        photos.map(({ sha256 }) => sha256),
      );
    });

    test('gives what somebody asks for, also when it was checked not long ago', async () => {
      const photo = await add();
      const longAgo = new Date(0);
      assert.equal(await next(longAgo), undefined);
      await opened.verification.askFor(new Date(time + 1));
      await opened.verification.askFor(longAgo);
      assert.equal((await next(longAgo))?.sha256, photo.sha256);
      assert.equal((await opened.verification.summarizeChecks(owner, longAgo)).left, 1);
      await opened.verification.noteCheck(photo.sha256);
      assert.equal(await next(longAgo), undefined);
    });

    test('says what is news: a fault, another fault, none any more', async () => {
      const { sha256, id } = await add();
      const news: boolean[] = [];
      for (const fault of [undefined, 'missing', 'missing', 'changed', undefined] as const)
        news.push(await opened.verification.noteCheck(sha256, fault));
      assert.deepEqual(news, [false, true, false, true, true]);
      assert.equal((await opened.verification.findCheck(owner, id))?.fault, undefined);
      assert.equal(await opened.verification.noteCheck(unknown, 'missing'), false);
    });

    test('lists damaged photos newest first, and counts them', async () => {
      const photos = [await add(), await add(), await add()];
      for (const { sha256 } of photos) await opened.verification.noteCheck(sha256, 'changed');
      const revision = opened.photos.revision();
      await opened.verification.noteCheck(photos[1]?.sha256 as Sha256, undefined);
      assert.notEqual(opened.photos.revision(), revision, 'pages that show it are others now');
      const first = await opened.verification.listDamaged(owner, 1);
      const second = await opened.verification.listDamaged(owner, 5, first[0]?.photo.id);
      assert.deepEqual(
        [...first, ...second].map(({ photo, fault }) => [photo.id, fault]),
        [photos[2], photos[0]].map((photo) => [photo?.id, 'changed']),
      );
      const { originals, damaged } = await opened.verification.summarizeChecks(owner, new Date(0));
      assert.deepEqual([originals, damaged], [3, 2]);
    });

    test('forgets what it knew of a photo that was removed', async () => {
      const photo = await add();
      await opened.verification.noteCheck(photo.sha256, 'missing');
      await removeWhole(opened.photos, owner, photo.id);
      assert.equal(await opened.verification.findCheck(owner, photo.id), undefined);
      assert.deepEqual(await opened.verification.listDamaged(owner, 5), []);
      assert.equal((await opened.verification.summarizeChecks(owner, new Date(0))).originals, 0);
      assert.equal(await next(), undefined);
    });

    test('has pictures made again of what is done, and of nothing else', async () => {
      const photo = await add();
      assert.deepEqual(await opened.verification.redevelop(photo.sha256), []);
      const job = await opened.jobs.claim(60_000);
      assert.ok(job);
      await opened.photos.saveDevelopment(job, development(['dog']));
      const { renditions } = development(['dog']);
      assert.deepEqual((await next())?.photos, [{ id: photo.id, state: 'done', renditions }]);
      assert.deepEqual(await opened.verification.redevelop(photo.sha256), [{ id: photo.id }]);
      assert.equal((await opened.photos.findPhoto(owner, photo.id))?.state, 'waiting');
      assert.equal((await opened.jobs.claim(60_000))?.photoId, photo.id);
      assert.deepEqual(await opened.verification.redevelop(unknown), []);
    });

    test('says of each photo who alone may hear of it', async () => {
      const bytes = newPhoto({ isPrivate: true });
      const { photo: hidden } = await opened.photos.recordPhoto(mina, bytes);
      const { photo: shared } = await opened.photos.recordPhoto(juno, { ...bytes, isPrivate: false });
      const told = [{ id: hidden.id, onlyFor: mina.id }, { id: shared.id }];
      const inOrder = <T extends { id: string }>(photos: readonly T[] = []) =>
        photos.toSorted((a, b) => (a.id < b.id ? -1 : 1));
      assert.deepEqual(
        inOrder((await next())?.photos),
        told.map((one) => ({ ...one, state: 'waiting', renditions: [] })),
      );
      for (let at = 0; at < 2; at += 1) {
        const job = await opened.jobs.claim(60_000);
        assert.ok(job);
        await opened.photos.saveDevelopment(job, development(['dog']));
      }
      assert.deepEqual(inOrder(await opened.verification.redevelop(hidden.sha256)), told);
    });

    test('tells of the whole gallery nobody but who runs it', async () => {
      const photo = await add();
      await opened.verification.noteCheck(photo.sha256, 'missing');
      await opened.verification.noteStrays(['originals/ab/a.jpg']);
      const guest = { kind: 'guest', link: '01990004-0000-7000-8000-000000000000' as LinkId } as const;
      const vera = { ...mina, role: 'viewer' } as const;
      for (const viewer of [mina, vera, { kind: 'visitor' } as const, stranger, guest]) {
        assert.deepEqual(await opened.verification.listStrays(viewer), [], viewer.kind);
        assert.deepEqual(
          await opened.verification.summarizeChecks(viewer, new Date(time)),
          { originals: 0, damaged: 0, left: 0, overdue: 0 },
          viewer.kind,
        );
      }
    });

    test('keeps the files that belong to no photo, in place of those before', async () => {
      assert.deepEqual(await opened.verification.listStrays(owner), []);
      await opened.verification.noteStrays(['originals/ab/a.jpg', 'originals/ab/b.jpg']);
      await opened.verification.noteStrays(['originals/ab/b.jpg']);
      assert.deepEqual(await opened.verification.listStrays(owner), ['originals/ab/b.jpg']);
    });
  });
}
