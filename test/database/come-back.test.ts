// What comes back without its row, where there are people: whose it was and for whom stays as it was, and what nobody knows waits.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openSqlite } from '../../src/database/sqlite.ts';
import type { PhotoId } from '../../src/gallery/photo.ts';
import type { UserId } from '../../src/gallery/user.ts';
import type { Viewer } from '../../src/gallery/viewer.ts';
import { owner as machine, newPhoto } from '../contracts/photo-database.ts';
import { type Cleaner, makeFolder } from '../support/folder.ts';

const as = (id: UserId, role: 'owner' | 'member' = 'member'): Viewer => ({ kind: 'user', id, role });

describe('what comes back', () => {
  const open = async (t: Cleaner) => {
    const databases = openSqlite(await makeFolder(t), { mayCreate: true, now: Date.now });
    t.after(() => databases.photos.close());
    return databases;
  };

  test('is told by a sidecar, and is theirs alone again in another database', async (t) => {
    const first = await open(t);
    const { id: mina } = await first.accounts.createUser({ name: 'Mina', role: 'member' });
    const { photo } = await first.photos.recordPhoto(as(mina), newPhoto({ isPrivate: true, title: 'Diary' }));
    const { photo: thrown } = await first.photos.recordPhoto(as(mina), newPhoto());
    await first.photos.trashPhoto(as(mina), thrown.id);
    const told = await first.sidecars.findDueSidecar(photo.sha256);
    const toldOfTrash = await first.sidecars.findDueSidecar(thrown.sha256);
    assert.deepEqual([told?.sidecar?.photos[0]?.owner, told?.sidecar?.photos[0]?.isPrivate], ['Mina', true]);
    assert.ok(toldOfTrash?.sidecar?.photos[0]?.trashedAt instanceof Date);

    const second = await open(t);
    const longAgo = new Date(Date.UTC(2026, 0, 1));
    for (const sidecar of [told?.sidecar, toldOfTrash?.sidecar]) {
      assert.ok(sidecar);
      const { photos, ...file } = sidecar;
      for (const { title, uploadedAt, ...rest } of photos) {
        const was = rest.trashedAt === undefined ? rest : { ...rest, trashedAt: longAgo };
        await second.photos.recordPhoto(machine, { ...file, title, uploadedAt, was });
      }
    }
    const [user] = await second.accounts.listUsers(machine);
    assert.deepEqual([user?.name, user?.disabled], ['Mina', true], 'known by name, and out until let in');
    const others = as('01990000-0000-7000-8000-000000000000' as UserId, 'owner');
    assert.equal(await second.photos.findPhoto(others, photo.id), undefined);
    assert.equal((await second.photos.findPhoto(as(user?.id as UserId), photo.id))?.title, 'Diary');
    const since = (await second.photos.findPhoto(as(user?.id as UserId), thrown.id))?.trashedAt;
    assert.ok(since && since.getTime() > Date.now() - 60_000, 'its days begin anew');
  });

  test('is not a later person’s of the same name, once whose it was is removed', async (t) => {
    const first = await open(t);
    const { id: mina } = await first.accounts.createUser({ name: 'Mina', role: 'member' });
    const { photo } = await first.photos.recordPhoto(as(mina), newPhoto({ isPrivate: true }));
    const written = await first.sidecars.findDueSidecar(photo.sha256);
    assert.ok(written);
    await first.sidecars.settleSidecar(written);
    await first.accounts.createUser({ name: 'Head', role: 'owner' });
    await first.accounts.removeUser(mina);
    const due = await first.sidecars.findDueSidecar(photo.sha256);
    const { photos: [told] = [], ...file } = due?.sidecar ?? assert.fail('no sidecar is due');
    assert.deepEqual([told?.owner, told?.isPrivate], [mina, true]);

    const second = await open(t);
    const { id: another } = await second.accounts.createUser({ name: 'Mina', role: 'member' });
    const was = told ?? assert.fail('the sidecar tells of no photo');
    const { id } = was;
    await second.photos.recordPhoto(machine, { ...file, title: was.title, uploadedAt: was.uploadedAt, was });
    assert.equal(await second.photos.findPhoto(as(another), id), undefined);
    assert.notEqual(await second.photos.findPhoto(machine, id), undefined);
  });

  test('and says nothing of itself waits for who runs the gallery, if there are people', async (t) => {
    const { photos, accounts } = await open(t);
    const visitor: Viewer = { kind: 'visitor' };
    const adopt = async (): Promise<PhotoId> =>
      (await photos.recordPhoto(machine, newPhoto({ title: '', isAdopted: true }))).photo.id;
    assert.ok(await photos.findPhoto(visitor, await adopt()), 'nobody is there to hide it from');
    const { id } = await accounts.createFirstOwner({ name: 'Head' });
    const waiting = await adopt();
    assert.equal(await photos.findPhoto(visitor, waiting), undefined);
    assert.equal((await photos.findPhoto(as(id, 'owner'), waiting))?.isWaiting, true);
  });
});
