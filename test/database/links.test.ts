// Links and the accounts beside them: what becomes of a link when whoever made it can't make it any more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSqlite } from '../../src/database/sqlite.ts';
import type { LinkId } from '../../src/gallery/link.ts';
import type { PhotoId } from '../../src/gallery/photo.ts';
import { machine, type Viewer } from '../../src/gallery/viewer.ts';
import type { PasswordHash } from '../../src/security/passwords.ts';
import { hashToken, newToken } from '../../src/security/tokens.ts';
import { newPhoto } from '../contracts/photo-database.ts';
import { type Cleaner, makeFolder } from '../support/folder.ts';

async function openWithTwo(cleaner: Cleaner) {
  const opened = openSqlite(await makeFolder(cleaner), { mayCreate: true, now: Date.now });
  cleaner.after(() => opened.photos.close());
  const passwordHash = '$scrypt$x' as PasswordHash;
  const head = await opened.accounts.createFirstOwner({ name: 'Head', passwordHash });
  const mina = await opened.accounts.createUser({ name: 'Mina', role: 'member' });
  return { ...opened, head, mina };
}

test('a link is unknown while whoever made it is disabled or only looks, and gone when they are removed', async (t) => {
  const { photos, links, accounts, mina } = await openWithTwo(t);
  const viewer: Viewer = { kind: 'user', id: mina.id, role: 'member' };
  const { photo } = await photos.recordPhoto(viewer, newPhoto());
  const tokenHash = hashToken(newToken());
  const subject = { kind: 'photos', photos: [photo.id] } as const;
  const { id } = await links.createLink(viewer, { subject, title: '', tokenHash });
  const isGood = async () => {
    const found = (await links.findLink(tokenHash)) !== undefined;
    const given = (await photos.findPhoto({ kind: 'guest', link: id }, photo.id)) !== undefined;
    assert.equal(found, given, 'the link and its photos go together');
    return found;
  };
  assert.equal(await isGood(), true);
  await accounts.setDisabled(mina.id, true);
  assert.equal(await isGood(), false);
  await accounts.setDisabled(mina.id, false);
  assert.equal(await isGood(), true);
  await accounts.setRole(mina.id, 'viewer');
  assert.equal(await isGood(), false);
  await accounts.setRole(mina.id, 'member');
  await accounts.removeUser(mina.id);
  assert.equal(await isGood(), false);
  assert.deepEqual((await links.listLinks(machine, { limit: 9 })).links, []);
});

test('a link to a label ends with the right to run the gallery', async (t) => {
  const { links, accounts, head, mina } = await openWithTwo(t);
  const tokenHash = hashToken(newToken());
  const subject = { kind: 'label', label: 'dog', from: 50 } as const;
  await links.createLink({ kind: 'user', id: head.id, role: 'owner' }, { subject, title: '', tokenHash });
  assert.ok(await links.findLink(tokenHash));
  await accounts.setRole(mina.id, 'owner');
  await accounts.setRole(head.id, 'member');
  assert.equal(await links.findLink(tokenHash), undefined);
});

test('of a selection only what is their own stays shown when whoever made the link does not run the gallery any more', async (t) => {
  const { photos, links, accounts, head, mina } = await openWithTwo(t);
  const [owner, member] = [
    { kind: 'user', id: head.id, role: 'owner' },
    { kind: 'user', id: mina.id, role: 'member' },
  ] as const;
  const ids: PhotoId[] = [];
  for (const viewer of [owner, member, machine])
    ids.push((await photos.recordPhoto(viewer, newPhoto())).photo.id);
  const [own = '', hers = '', nobodys = ''] = ids;
  const subject = { kind: 'photos', photos: ids } as const;
  const make = (viewer: Viewer) => {
    const tokenHash = hashToken(newToken());
    return links.createLink(viewer, { subject, title: '', tokenHash });
  };
  const shown = async (link: LinkId) => {
    const guest = { kind: 'guest', link } as const;
    const listed = (await links.listGiven(guest, { limit: 9 })).photos.map(({ id }) => id);
    const found = [];
    for (const id of ids) if ((await photos.findPhoto(guest, id)) !== undefined) found.push(id);
    assert.deepEqual(found, listed, 'the list and the photos go together');
    return found;
  };
  const [byOwner, byMachine] = [await make(owner), await make(machine)];
  assert.deepEqual(await shown(byOwner.id), [own, hers, nobodys]);
  await accounts.setRole(mina.id, 'owner');
  await accounts.setRole(head.id, 'member');
  assert.deepEqual(await shown(byOwner.id), [own]);
  // Not by its place: two links of one millisecond have no order.
  const listed = (await links.listLinks(machine, { limit: 9 })).links.find(({ id }) => id === byOwner.id);
  assert.equal(listed?.photos, 1);
  assert.deepEqual(await links.findGivenBeside({ kind: 'guest', link: byOwner.id }, own as PhotoId), {});
  assert.deepEqual(await shown(byMachine.id), [own, hers, nobodys], 'nobody can take that from the machine');
  await accounts.setRole(head.id, 'owner');
  assert.deepEqual(await shown(byOwner.id), [own, hers, nobodys]);
});
