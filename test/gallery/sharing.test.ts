// Links as people use them: made, opened, locked, ended; and what guests send, up to the files that are kept.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { describe, type TestContext, test } from 'node:test';
import { openEvents } from '../../src/events.ts';
import { GalleryError } from '../../src/gallery/errors.ts';
import { openGallery } from '../../src/gallery/gallery.ts';
import type { LinkSubject } from '../../src/gallery/link.ts';
import type { GalleryEvent } from '../../src/gallery/ports.ts';
import { createSharing, guestName } from '../../src/gallery/sharing.ts';
import { machine } from '../../src/gallery/viewer.ts';
import { openPasswords, type Passwords } from '../../src/security/passwords.ts';
import { newToken } from '../../src/security/tokens.ts';
import { newPhoto } from '../contracts/photo-database.ts';
import { collectingLog } from '../support/collecting-log.ts';
import { openTestInbox } from '../support/inbox.ts';
import { openMemoryGallery } from '../support/memory-gallery.ts';
import { openMemoryMedia } from '../support/memory-media.ts';
import { drawPng } from '../support/pictures.ts';
import { openScriptedDarkroom } from '../support/scripted-darkroom.ts';

const refusal = (code: string) => (error: unknown) => error instanceof GalleryError && error.code === code;
const dayMs = 24 * 60 * 60 * 1000;

async function open(context: TestContext) {
  let time = Date.UTC(2026, 10, 20);
  const now = () => (time += 1);
  const memory = openMemoryGallery(now);
  const { inbox, folder, give } = await openTestInbox(context);
  const events = openEvents();
  const told: GalleryEvent[] = [];
  events.subscribe((event) => told.push(event));
  const media = openMemoryMedia();
  const parts = { ...memory, media, inbox, events, darkroom: openScriptedDarkroom({}), log: collectingLog() };
  const gallery = openGallery({ ...parts, wakeJobs: () => {} });
  // Costs of a real password would make the test slow and no better.
  const sharing = createSharing({
    links: memory.links,
    passwords: openPasswords({ ln: 4, r: 1, p: 1 }),
    now,
  });
  const { photo } = await memory.photos.recordPhoto(machine, newPhoto());
  const one: LinkSubject = { kind: 'photos', photos: [photo.id] };
  return { ...parts, gallery, sharing, folder, give, told, photo, one, pass: (ms: number) => (time += ms) };
}

describe('a link', () => {
  test('is opened by its token and by nothing else', async (context) => {
    const { sharing, one } = await open(context);
    const { link, token } = await sharing.create(machine, { subject: one, title: ' Picnic\n' });
    assert.equal(link.title, 'Picnic');
    const opened = await sharing.open(token, 'shows');
    assert.deepEqual(opened.guest, { kind: 'guest', link: link.id });
    for (const wrong of [newToken(), '', 'x', token.slice(1), link.id])
      await assert.rejects(sharing.open(wrong, 'shows'), refusal('no-link'));
    await assert.rejects(sharing.open(token, 'takes'), refusal('no-link'), 'it takes no photos');
  });

  test('ends after its days, or when it is taken back', async (context) => {
    const { sharing, one, pass } = await open(context);
    const day = await sharing.create(machine, { subject: one, title: '', days: 1 });
    const ever = await sharing.create(machine, { subject: one, title: '' });
    pass(dayMs - 1000);
    await sharing.open(day.token, 'shows');
    pass(2000);
    await assert.rejects(sharing.open(day.token, 'shows'), refusal('link-over'));
    pass(1000 * dayMs);
    await sharing.open(ever.token, 'shows');
    await sharing.revoke(machine, ever.link.id);
    await assert.rejects(sharing.open(ever.token, 'shows'), refusal('link-over'));
  });

  test('says for 90 days that it is over, and is unknown from then on', async (context) => {
    const { sharing, gallery, one, pass } = await open(context);
    const { token } = await sharing.create(machine, { subject: one, title: '', days: 1 });
    const start = Date.UTC(2026, 10, 20);
    pass(90 * dayMs);
    assert.equal(await gallery.forgetLinks(new Date(start + 90 * dayMs)), 0);
    await assert.rejects(sharing.open(token, 'shows'), refusal('link-over'));
    assert.equal(await gallery.forgetLinks(new Date(start + 92 * dayMs)), 1);
    await assert.rejects(sharing.open(token, 'shows'), refusal('no-link'));
  });

  test('with a password is opened by a pass, which another link’s password does not give', async (context) => {
    const { sharing, one } = await open(context);
    const [first, second] = [
      await sharing.create(machine, { subject: one, title: '', password: 'persimmon' }),
      await sharing.create(machine, { subject: one, title: '', password: 'persimmon' }),
    ];
    await assert.rejects(sharing.open(first.token, 'shows'), refusal('link-locked'));
    await assert.rejects(
      sharing.unlock(first.token, 'Persimmon', '192.0.2.1'),
      refusal('wrong-link-password'),
    );
    const pass = await sharing.unlock(first.token, 'persimmon', '192.0.2.1');
    await sharing.open(first.token, 'shows', pass);
    await assert.rejects(sharing.open(second.token, 'shows', pass), refusal('link-locked'));
    const free = await sharing.create(machine, { subject: one, title: '' });
    assert.equal(await sharing.unlock(free.token, 'anything', '192.0.2.1'), undefined);
  });

  test('says that the gallery is busy when nobody gets to its password in time', async (context) => {
    const { sharing, links, one } = await open(context);
    const { token } = await sharing.create(machine, { subject: one, title: '', password: 'persimmon' });
    const late = async () => {
      throw new DOMException('too late', 'TimeoutError');
    };
    const passwords: Passwords = { hash: late, verify: late, sharedBy: () => passwords };
    const slow = createSharing({ links, passwords, now: Date.now });
    await assert.rejects(slow.unlock(token, 'persimmon', '192.0.2.1'), refusal('busy'));
    const wish = { subject: one, title: '', password: 'persimmon' };
    await assert.rejects(slow.create(machine, wish), refusal('busy'));
  });

  test('is not made with numbers that no form would send', async (context) => {
    const { sharing, one, photo } = await open(context);
    const make = (subject: LinkSubject, more = {}) =>
      sharing.create(machine, { subject, title: '', ...more });
    for (const subject of [
      { kind: 'photos', photos: [] },
      { kind: 'label', label: 'dog', from: 51 },
      { kind: 'upload', needsApproval: true, most: 0 },
      { kind: 'upload', needsApproval: true, most: 100_000 },
    ] as const)
      await assert.rejects(make(subject), refusal('bad-request'));
    await assert.rejects(make(one, { password: 'x'.repeat(129) }), refusal('password-too-long'));
    await assert.rejects(make(one, { title: 'x'.repeat(201) }), refusal('title-too-long'));
    const twice = await make({ kind: 'photos', photos: [photo.id, photo.id] });
    assert.equal(twice.link.photos, 1);
  });

  test('knows a guest by a clean name, or by none', () => {
    assert.equal(guestName('  할\u202e머니 '), '할 머니');
    assert.equal(guestName('   '), '');
    assert.throws(() => guestName('x'.repeat(41)), refusal('bad-user-name'));
  });
});

describe('what a guest sends', () => {
  test('is kept as any photo is, and nobody else is told before it was let in', async (context) => {
    const { sharing, gallery, photos, give, told, folder } = await open(context);
    const subject = { kind: 'upload', needsApproval: true, most: 2 } as const;
    const { token } = await sharing.create(machine, { subject, title: '' });
    const { guest } = await sharing.open(token, 'takes');
    const { photo } = await gallery.ingest(guest, await give(drawPng({ seed: 1 })), '');
    assert.equal(photo.isWaiting, true);
    assert.deepEqual(told, []);
    assert.equal(await gallery.approveAll(machine), 1);
    assert.deepEqual(told, [{ kind: 'photo-added', id: photo.id }]);
    assert.equal(await photos.countWaiting(machine), 0);
    assert.deepEqual(await readdir(folder), []);
  });

  test('and was never let in is told to nobody else when it is thrown away, renamed there, or removed', async (context) => {
    const { sharing, gallery, give, told } = await open(context);
    const subject = { kind: 'upload', needsApproval: true, most: 1 } as const;
    const { token } = await sharing.create(machine, { subject, title: '' });
    const { guest } = await sharing.open(token, 'takes');
    const { photo } = await gallery.ingest(guest, await give(drawPng({ seed: 1 })), '');
    await gallery.discard(machine, photo.id);
    await gallery.retitle(machine, photo.id, 'Not here');
    await gallery.remove(machine, photo.id);
    assert.deepEqual(
      told.map((event) => [event.kind, 'onlyFor' in event ? event.onlyFor : 'everybody']),
      [
        ['photo-removed', 'operators'],
        ['photo-changed', 'operators'],
        ['photo-removed', 'operators'],
      ],
    );
  });

  test('beyond its places, or by a link that takes none, leaves no file behind', async (context) => {
    const { sharing, gallery, give, media, folder, one } = await open(context);
    const subject = { kind: 'upload', needsApproval: true, most: 1 } as const;
    const { token } = await sharing.create(machine, { subject, title: '' });
    const { guest } = await sharing.open(token, 'takes');
    await assert.rejects(
      gallery.ingest(guest, await give(Buffer.from('no picture')), ''),
      refusal('unsupported-type'),
    );
    await gallery.ingest(guest, await give(drawPng({ seed: 1 })), '');
    const kept = async () => {
      let count = 0;
      for await (const _one of media.list('originals')) count += 1;
      return count;
    };
    assert.equal(await kept(), 1, 'what was refused had given its place back');
    await assert.rejects(gallery.ingest(guest, await give(drawPng({ seed: 2 })), ''), refusal('link-full'));
    const showing = await sharing.create(machine, { subject: one, title: '' });
    const looks = (await sharing.open(showing.token, 'shows')).guest;
    await assert.rejects(gallery.ingest(looks, await give(drawPng({ seed: 3 })), ''), refusal('link-over'));
    assert.equal(await kept(), 1);
    assert.deepEqual(await readdir(folder), []);
  });
});
