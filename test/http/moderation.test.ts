// What waits to be let in: who sent it, or that nobody did.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Photo } from '../../src/gallery/photo.ts';
import type { UserId } from '../../src/gallery/user.ts';
import { moderationOf } from '../../src/http/pages/moderation.ts';
import type { PageContext } from '../../src/http/views.ts';
import { openSpeeches } from '../../src/http/words.ts';
import { newPhoto, owner } from '../contracts/photo-database.ts';
import { openMemoryGallery } from '../support/memory-gallery.ts';

describe('what waits', () => {
  const rowsIn = async (language: 'en' | 'ko', changes: Partial<Photo>, title = '') => {
    const { photos } = openMemoryGallery(() => Date.UTC(2026, 10, 20));
    const { photo } = await photos.recordPhoto(owner, newPhoto({ title }));
    const waits: Photo = { ...photo, isWaiting: true, ...changes };
    const context = { threshold: { all: 50, labels: new Map() } } as unknown as PageContext;
    const page = { photos: [waits] };
    const speech = openSpeeches()[language];
    const [row] = moderationOf({ page, senders: new Map(), first: true }, speech, context).photos;
    return [row?.name, row?.facts.split(' · ')[0]];
  };

  test('was found in the folder when nobody sent it and it is nobody’s', async () => {
    const found = 'found in the folder, without a note of whose it is';
    assert.deepEqual(await rowsIn('en', {}), ['Found in the folder', found]);
    assert.deepEqual(await rowsIn('en', {}, 'Sea'), ['Sea', found]);
    const korean = '폴더에서 찾았어요. 누구 것인지 적혀 있지 않아요';
    assert.deepEqual(await rowsIn('ko', {}), ['폴더에서 찾은 사진', korean]);
  });

  test('is a guest’s when it is somebody’s, also when their link was forgotten', async () => {
    const mina = { owner: '01990002-0000-7000-8000-000000000000' as UserId };
    assert.equal((await rowsIn('en', mina))[0], 'from a guest');
    assert.deepEqual((await rowsIn('ko', mina, '바다'))[1], '손님이 보냄');
  });
});
