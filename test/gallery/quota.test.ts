// What takes a member's room and what does not, where two ask at once and where a guest asks.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GalleryError } from '../../src/gallery/errors.ts';
import type { NewPhoto } from '../../src/gallery/photo-database.ts';
import { openQuota } from '../../src/gallery/quota.ts';
import { createSharing } from '../../src/gallery/sharing.ts';
import type { UserId } from '../../src/gallery/user.ts';
import { machine, type Viewer } from '../../src/gallery/viewer.ts';
import { openPasswords } from '../../src/security/passwords.ts';
import { newPhoto } from '../contracts/photo-database.ts';
import { openMemoryGallery } from '../support/memory-gallery.ts';

const mina: Viewer = {
  kind: 'user',
  id: '01990002-0000-7000-8000-000000000000' as UserId,
  role: 'member',
};
const usedUp = (error: unknown) => error instanceof GalleryError && error.code === 'quota-used-up';

function open(userQuotaBytes: number) {
  const memory = openMemoryGallery(Date.now);
  const quota = openQuota({ photos: memory.photos, userQuotaBytes });
  const send = (viewer: Viewer, photo: NewPhoto) =>
    quota.within(viewer, { ...photo, isPrivate: photo.isPrivate === true }, () =>
      memory.photos.recordPhoto(viewer, photo),
    );
  return { ...memory, quota, send };
}

describe('the room of a member', () => {
  test('is taken once by bytes that come twice at the same time (T21)', async () => {
    const { send } = open(10);
    const photo = newPhoto({ bytes: 8 });
    const both = await Promise.all([send(mina, photo), send(mina, photo)]);
    assert.deepEqual(
      both.map(({ duplicate }) => duplicate),
      [false, true],
    );
  });

  test('is taken by a private copy of what is nobody’s, and not by sending that for everybody (T21)', async () => {
    const { photos, send } = open(10);
    const photo = newPhoto({ bytes: 11 });
    await photos.recordPhoto(machine, photo);
    assert.equal((await send(mina, photo)).duplicate, true);
    await assert.rejects(send(mina, { ...photo, isPrivate: true }), usedUp);
    assert.equal(await photos.countCharged(mina).then((charged) => charged?.bytes), 0);
  });

  test('is taken by what is announced, by bytes that are theirs already only as far as that alone fills it (T21)', async () => {
    const { quota, send } = open(10);
    const photo = newPhoto({ bytes: 8 });
    await send(mina, photo);
    await quota.expectRoom(mina, 1, undefined, 1);
    await assert.rejects(quota.expectRoom(mina, 1, undefined, 2), usedUp);
    await quota.expectRoom(mina, 8, photo.sha256, 2);
    await assert.rejects(quota.expectRoom(mina, 8, photo.sha256, 3), usedUp);
    // As ever, also after the quota was made smaller than what they have.
    await quota.expectRoom(mina, 11, photo.sha256, 0);
    await quota.expectRoom(machine, 11, undefined, 100);
  });

  test('is the same for a guest whatever the gallery holds already, and nothing of it is told to them (T21)', async () => {
    const { photos, links, quota, send } = open(10);
    const hidden = newPhoto({ bytes: 6, isPrivate: true });
    const trashed = newPhoto({ bytes: 3 });
    await send(mina, hidden);
    await photos.trashPhoto(mina, (await send(mina, trashed)).photo.id);
    const passwords = openPasswords({ ln: 4, r: 1, p: 1 });
    const sharing = createSharing({ links, passwords, now: Date.now });
    const { token } = await sharing.create(mina, {
      subject: { kind: 'upload', needsApproval: true, most: 9 },
      title: '',
    });
    const { guest } = await sharing.open(token, 'takes');
    const refusalOf = async (asked: Promise<unknown>) => {
      const error = await asked.then(
        () => assert.fail('it was taken'),
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof GalleryError && error.code === 'quota-used-up', String(error));
      assert.deepEqual(error.facts, {});
      return error.message;
    };
    const { sha256 } = newPhoto();
    const said = [];
    for (const photo of [hidden, trashed, newPhoto({ sha256 })]) {
      const sent = { ...photo, bytes: 6, isPrivate: false };
      said.push(await refusalOf(send(guest, sent)));
      said.push(await refusalOf(quota.expectRoom(guest, sent.bytes, sent.sha256)));
    }
    assert.equal(new Set(said).size, 1);
    assert.doesNotMatch(said[0] ?? '', /trash|owner/);
  });
});
