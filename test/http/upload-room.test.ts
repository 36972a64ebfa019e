// What becomes a photo is one for a moment before it is no upload any more: the moment is held open here.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GalleryError } from '../../src/gallery/errors.ts';
import { openQuota } from '../../src/gallery/quota.ts';
import type { UserId } from '../../src/gallery/user.ts';
import type { Viewer } from '../../src/gallery/viewer.ts';
import { openUploadRoom } from '../../src/http/upload-room.ts';
import { openUploadPlaces } from '../../src/storage/upload-places.ts';
import { newPhoto } from '../contracts/photo-database.ts';
import { openMemoryGallery } from '../support/memory-gallery.ts';

const mina: Viewer = {
  kind: 'user',
  id: '01990002-0000-7000-8000-000000000000' as UserId,
  role: 'member',
};
const usedUp = (error: unknown) => error instanceof GalleryError && error.code === 'quota-used-up';
const idOf = (at: number) => `${String(at).padStart(24, '0')}aaaaaaaa`;

function open(userQuotaBytes: number) {
  const { photos } = openMemoryGallery(Date.now);
  const places = openUploadPlaces({});
  const held = new Map<string, () => void>();
  const room = openUploadRoom({
    quota: openQuota({ photos, userQuotaBytes }),
    unfinished: {
      announce: (id, bytes) => void held.set(id, places.take(id, bytes)),
      announcedBefore: places.bytesOf,
    },
  });
  return {
    begin: (at: number, bytes: number) => room.announce(mina, { id: idOf(at), bytes, sha256: undefined }),
    /** It is a photo when this resolves, and no upload any more when the second that it gives does. */
    async becomes(at: number, bytes: number) {
      const [photo, end] = [openGate(), openGate()];
      const ended = room.whileEnding(mina, async () => {
        await photos.recordPhoto(mina, newPhoto({ bytes }));
        photo.open();
        await end.opened;
        held.get(idOf(at))?.();
      });
      await photo.opened;
      return {
        end() {
          end.open();
          return ended;
        },
      };
    },
  };
}

function openGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), opened };
}

describe('the room for an upload that begins', () => {
  test('is there beside one that is becoming a photo, as it is before and after that (T21)', async () => {
    const { begin, becomes } = open(100);
    await begin(1, 60);
    const first = await becomes(1, 60);
    const fits = begin(2, 40);
    const tooLarge = assert.rejects(begin(3, 1), usedUp);
    await first.end();
    await Promise.all([fits, tooLarge]);
  });

  test('is not there for what is too much beside that photo, too (T21)', async () => {
    const { begin, becomes } = open(100);
    await begin(1, 60);
    await assert.rejects(begin(2, 41), usedUp);
    const first = await becomes(1, 60);
    const tooLarge = assert.rejects(begin(2, 41), usedUp);
    await first.end();
    await tooLarge;
    await begin(2, 40);
  });
});
