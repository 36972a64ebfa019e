// What comes back from a backup, and what must not: ways in, links, and photos that were hidden or deleted after it was made.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { takeRightsBack } from '../../src/database/restored-rights.ts';
import { databaseName, openSqlite } from '../../src/database/sqlite.ts';
import { defaultThreshold as threshold } from '../../src/gallery/detection.ts';
import type { Photo } from '../../src/gallery/photo.ts';
import type { SidecarPhoto } from '../../src/gallery/sidecar.ts';
import { machine, type Viewer } from '../../src/gallery/viewer.ts';
import type { PasswordHash } from '../../src/security/passwords.ts';
import { hashToken, newToken } from '../../src/security/tokens.ts';
import { development, newPhoto } from '../contracts/photo-database.ts';
import { makeFolder } from '../support/folder.ts';

const visitor: Viewer = { kind: 'visitor' };
const now = Date.now;

test('a backup that is put back gives back no way in, and shows nothing that was hidden since', async (t) => {
  const folder = await makeFolder(t);
  const before = openSqlite(folder, { mayCreate: true, now });
  const { accounts, photos, links, jobs } = before;
  const passwordHash = '$scrypt$x' as PasswordHash;
  const { id, role } = await accounts.createFirstOwner({ name: 'Mina', passwordHash });
  const mina = { kind: 'user', id, role } as const;
  const [session, invitation, link] = [newToken(), newToken(), newToken()].map(hashToken);
  assert.ok(session && invitation && link);
  await accounts.createSession({ user: id, tokenHash: session, agent: '' });
  const grant = { purpose: 'invite', tokenHash: invitation, payload: 'owner' } as const;
  await accounts.createGrant({ ...grant, expiresAt: new Date(now() + 60_000) });
  const add = async (viewer: Viewer, isPrivate = false): Promise<Photo> => {
    const { photo } = await photos.recordPhoto(viewer, newPhoto({ isPrivate }));
    const job = await jobs.claim(60_000);
    assert.ok(job);
    await photos.saveDevelopment(job, development(['dog']));
    return photo;
  };
  const [hidden, deleted, both, nobodys, given, same] = [
    await add(mina),
    await add(mina),
    await add(mina),
    await add(machine),
    await add(machine),
    await add(mina),
  ];
  const secret = await add(mina, true);
  const subject = { kind: 'photos', photos: [same.id] } as const;
  await links.createLink(mina, { subject, title: '', tokenHash: link });
  await photos.close();

  const told = ({ id: photo, title, uploadedAt }: Photo, more: Partial<SidecarPhoto>): SidecarPhoto => ({
    ...{ id: photo, title, uploadedAt, changes: [] },
    ...more,
  });
  const trashedAt = new Date(now() - 29 * 24 * 60 * 60 * 1000);
  const sidecars = [
    told(hidden, { owner: 'Mina', isPrivate: true }),
    told(deleted, { owner: 'Mina', trashedAt }),
    told(both, { owner: 'Mina', isPrivate: true, trashedAt }),
    told(nobodys, { isPrivate: true }),
    told(given, { owner: 'Juno', isPrivate: true }),
    told(same, { owner: 'Mina' }),
    // Shown since, which the backup does not know.
    told(secret, { owner: 'Mina' }),
    told({ ...same, id: hidden.id.replace(/^.{8}/, '00000000') as Photo['id'] }, { isPrivate: true }),
  ];
  const taken = takeRightsBack(join(folder, databaseName), sidecars, now);
  assert.deepEqual(taken, { links: 1, hidden: 5 });

  const after = openSqlite(folder, { mayCreate: false, now });
  t.after(() => after.photos.close());
  assert.equal(await after.accounts.findSession(session), undefined);
  assert.equal(await after.accounts.findGrant('invite', invitation), undefined);
  assert.ok((await after.links.findLink(link))?.link.revokedAt);
  assert.equal(await after.accounts.passwordHashOf(id), passwordHash, 'the password is what it was');
  const seen = async (viewer: Viewer, query = {}) =>
    (await after.photos.listPhotos(viewer, { limit: 20, ...query })).photos.map((photo) => photo.id);
  const dogs = { label: 'dog', threshold };
  for (const query of [{}, dogs]) {
    assert.deepEqual(await seen(visitor, query), [same.id]);
    assert.deepEqual(await seen(mina, query), [secret.id, same.id, hidden.id]);
  }
  assert.deepEqual(await after.photos.listLabels(visitor, threshold), [{ label: 'dog', photos: 1 }]);
  assert.deepEqual(await seen(mina, { waiting: true }), [nobodys.id]);
  assert.deepEqual(await seen(mina, { trash: true }), [both.id, deleted.id]);
  const trashed = await after.photos.findPhoto(mina, deleted.id);
  assert.ok(now() - Number(trashed?.trashedAt) < 60_000, 'it has its thirty days');
  const juno = await after.accounts.findUserByName('Juno');
  assert.deepEqual([juno?.role, juno?.disabled], ['member', true]);
  assert.equal((await after.photos.findPhoto(machine, given.id))?.owner, juno?.id);
});
