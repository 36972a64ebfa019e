// The line of those whose passwords are looked at: nobody, and no crowd from outside, takes all the places in it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openEvents } from '../../src/events.ts';
import type { GalleryError } from '../../src/gallery/errors.ts';
import { openMembership } from '../../src/gallery/membership.ts';
import { createSharing } from '../../src/gallery/sharing.ts';
import type { Viewer } from '../../src/gallery/viewer.ts';
import { openPasswords } from '../../src/security/passwords.ts';
import { newPhoto } from '../contracts/photo-database.ts';
import { collectingLog } from '../support/collecting-log.ts';
import { openMemoryAccounts } from '../support/memory-accounts.ts';
import { openMemoryGallery } from '../support/memory-gallery.ts';

const password = 'seven geese over the river';
const home = '192.0.2.1';

async function open() {
  let time = Date.UTC(2026, 10, 20);
  const now = () => (time += 1);
  const memory = openMemoryGallery(now);
  const accounts = openMemoryAccounts(now);
  const passwords = openPasswords({ ln: 4, r: 8, p: 1 });
  const rooms = {
    accounts,
    photos: memory.photos,
    events: openEvents(),
    passwords,
    log: collectingLog(),
    now,
  };
  const { frontDoor } = openMembership(rooms);
  const offer = await frontDoor.offerSetUp();
  const { session } = await frontDoor.setUp(
    offer?.token,
    { name: 'Miri', password },
    { agent: '', address: home },
  );
  const signIn = (address: string, name = 'Miri', typed = password) =>
    frontDoor.signIn({ name, password: typed }, { agent: '', address });
  return {
    ...memory,
    passwords,
    signIn,
    session,
    sharing: createSharing({ links: memory.links, passwords, now }),
  };
}

const all = (count: number, work: (at: number) => Promise<unknown>) =>
  Promise.allSettled(Array.from({ length: count }, (_, at) => work(at)));

const countBusy = (ends: readonly PromiseSettledResult<unknown>[]) =>
  ends.filter((end) => end.status === 'rejected' && (end.reason as GalleryError).code === 'busy').length;

describe('the line before the door', () => {
  test('lets in whoever comes from where they are signed in, whatever crowd stands there (T31)', async () => {
    const { signIn } = await open();
    const crowd = all(70, (at) => signIn(`198.51.100.${at}`, `name${at}`, 'guess'));
    const own = await signIn(home);
    assert.equal(own.session.user.name, 'Miri');
    assert.equal(countBusy(await crowd), 28);
  });

  test('has a fifth of its places for one address', async () => {
    const { signIn } = await open();
    const many = all(40, (at) => signIn(`2001:db8::${at}`, `name${at}`, 'guess'));
    await signIn('198.51.100.1');
    assert.equal(countBusy(await many), 28);
  });

  test('has half of its places for one member who makes links with passwords', async () => {
    const { signIn, sharing, session, photos } = await open();
    const viewer: Viewer = { kind: 'user', id: session.user.id, role: 'owner' };
    const { photo } = await photos.recordPhoto(viewer, newPhoto());
    const many = all(60, () =>
      sharing.create(viewer, {
        subject: { kind: 'photos', photos: [photo.id] },
        title: '',
        password: 'plum',
      }),
    );
    await signIn('198.51.100.1');
    assert.equal(countBusy(await many), 33);
  });
});
