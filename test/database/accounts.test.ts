// Accounts in SQLite keep the contract, and what is special about a file: what can be read in it, and who else writes to it.
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import Database from 'better-sqlite3';
import { migrate, schemaVersion } from '../../src/database/migrations.ts';
import { StartRefused } from '../../src/database/open.ts';
import { openAccountsAlone, openSqlite } from '../../src/database/sqlite.ts';
import { sessionNoteMs } from '../../src/gallery/accounts.ts';
import type { UserId } from '../../src/gallery/user.ts';
import { hashToken, newToken } from '../../src/security/tokens.ts';
import { accountDatabaseContract } from '../contracts/account-database.ts';
import { accountKeysContract } from '../contracts/account-keys.ts';
import { owner } from '../contracts/photo-database.ts';
import { type Cleaner, makeFolder } from '../support/folder.ts';

const open = async (now: () => number) => {
  const cleaners: (() => unknown)[] = [];
  const folder = await makeFolder({ after: (clean) => cleaners.push(clean) });
  const { accounts, photos } = openSqlite(folder, { mayCreate: true, now });
  return {
    accounts,
    async close() {
      await photos.close();
      for (const clean of cleaners) await clean();
    },
  };
};

accountDatabaseContract('SQLite', open);
accountKeysContract('SQLite', open);

describe('accounts in a file', () => {
  const openIn = async (test: Cleaner, now: () => number = Date.now) => {
    const folder = await makeFolder(test);
    const { accounts, photos } = openSqlite(folder, { mayCreate: true, now });
    test.after(() => photos.close());
    return { folder, accounts, photos };
  };

  test('have no token in it', async (t) => {
    const { folder, accounts, photos } = await openIn(t);
    const { id } = await accounts.createFirstOwner({ name: 'Miri' });
    const [session, grant] = [newToken(), newToken()];
    await accounts.createSession({ user: id, tokenHash: hashToken(session), agent: '' });
    const expiresAt = new Date(Date.now() + 60_000);
    await accounts.createGrant({ purpose: 'pair', tokenHash: hashToken(grant), expiresAt, payload: '' });
    await photos.close();
    const bytes = await readFile(join(folder, 'gallery.db'), 'latin1');
    assert.ok(bytes.includes(hashToken(session)));
    for (const token of [session, grant]) assert.ok(!bytes.includes(token));
  });

  test('are still there when it is opened again', async (t) => {
    const { folder, accounts, photos } = await openIn(t);
    const { id } = await accounts.createFirstOwner({ name: 'Miri' });
    const tokenHash = hashToken(newToken());
    const session = await accounts.createSession({ user: id, tokenHash, agent: 'Firefox' });
    await photos.close();
    const again = openSqlite(folder, { mayCreate: false, now: Date.now });
    assert.deepEqual(await again.accounts.findSession(tokenHash), session);
    await again.photos.close();
  });

  test('let somebody in while the file can not be written', async (t) => {
    let time = Date.now();
    const { folder, accounts } = await openIn(t, () => time);
    const { id } = await accounts.createFirstOwner({ name: 'Miri' });
    const tokenHash = hashToken(newToken());
    const { lastSeenAt } = await accounts.createSession({ user: id, tokenHash, agent: '' });
    time += sessionNoteMs;
    const other = new Database(join(folder, 'gallery.db'));
    other.exec('BEGIN IMMEDIATE');
    const found = await accounts.findSession(tokenHash);
    assert.deepEqual(found?.lastSeenAt, lastSeenAt);
    other.exec('ROLLBACK');
    other.close();
    assert.equal(Number((await accounts.findSession(tokenHash))?.lastSeenAt), time);
  });

  test('write down a visit once, however many requests a page makes', async (t) => {
    let time = Date.now();
    const { folder, accounts } = await openIn(t, () => time);
    const { id } = await accounts.createFirstOwner({ name: 'Miri' });
    const tokenHash = hashToken(newToken());
    await accounts.createSession({ user: id, tokenHash, agent: '' });
    const writtenBy = async (visits: number) => {
      time += sessionNoteMs;
      const { size } = await stat(join(folder, 'gallery.db-wal'));
      await Promise.all(Array.from({ length: visits }, () => accounts.findSession(tokenHash)));
      return (await stat(join(folder, 'gallery.db-wal'))).size - size;
    };
    const once = await writtenBy(1);
    assert.ok(once > 0);
    assert.equal(await writtenBy(10), once);
  });

  test('do not change what lists of photos are cached by', async (t) => {
    const { accounts, photos } = await openIn(t);
    const before = photos.revision();
    await accounts.createFirstOwner({ name: 'Miri' });
    assert.equal(photos.revision(), before);
  });

  test('come to a gallery that was there before, with nobody in it', async (t) => {
    const folder = await makeFolder(t);
    const old = new Database(join(folder, 'gallery.db'));
    migrate(old, 3);
    old.close();
    const { accounts, photos } = openSqlite(folder, { mayCreate: false, now: Date.now });
    assert.ok(schemaVersion > 3);
    assert.equal(await accounts.countUsers(), 0);
    assert.deepEqual((await photos.listPhotos(owner, { limit: 1 })).photos, []);
    await photos.close();
  });

  test('are changed by a command beside a gallery that runs, which sees it at once', async (t) => {
    const { folder, accounts } = await openIn(t);
    const beside = openAccountsAlone(folder, { mayCreate: true, now: Date.now });
    const { id } = await beside.accounts.createFirstOwner({ name: 'Miri' });
    const tokenHash = hashToken(newToken());
    await accounts.createSession({ user: id, tokenHash, agent: '' });
    assert.equal(await beside.accounts.endAllSessions(id), 1);
    await beside.close();
    assert.equal(await accounts.findSession(tokenHash), undefined);
    assert.equal((await accounts.findUserByName('miri'))?.id, id);
  });

  test('keep an owner and take a grant once, also when two connections want it at once', async (t) => {
    const { folder, accounts } = await openIn(t);
    const beside = openAccountsAlone(folder, { mayCreate: true, now: Date.now });
    const both = [accounts, beside.accounts];
    for (let round = 0; round < 20; round += 1) {
      const tokenHash = hashToken(newToken());
      const expiresAt = new Date(Date.now() + 60_000);
      await accounts.createGrant({ purpose: 'pair', tokenHash, expiresAt, payload: '' });
      const taken = await Promise.all(both.map((one) => one.takeGrant('pair', tokenHash)));
      assert.equal(taken.filter((grant) => grant !== undefined).length, 1);
    }
    const owners = [
      await accounts.createUser({ name: 'Miri', role: 'owner' }),
      await accounts.createUser({ name: 'Bori', role: 'owner' }),
    ];
    const ends = await Promise.allSettled(both.map((one, at) => one.removeUser(owners[at]?.id as UserId)));
    assert.deepEqual(ends.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    await beside.close();
  });

  test('are not touched beside a gallery of another version', async (t) => {
    const { folder, accounts } = await openIn(t);
    const other = new Database(join(folder, 'gallery.db'));
    other.pragma(`user_version = ${schemaVersion - 1}`);
    other.close();
    assert.throws(
      () => openAccountsAlone(folder, { mayCreate: true, now: Date.now }),
      (error: unknown) => error instanceof StartRefused && /another version/.test(error.message),
    );
    assert.equal(await accounts.countUsers(), 0);
  });

  test('lock the folder while no gallery runs, and give it back', async (t) => {
    const { folder, photos } = await openIn(t);
    await photos.close();
    const alone = openAccountsAlone(folder, { mayCreate: false, now: Date.now });
    assert.throws(() => openSqlite(folder, { mayCreate: false, now: Date.now }), StartRefused);
    await alone.close();
    await openSqlite(folder, { mayCreate: false, now: Date.now }).photos.close();
  });

  test('hold what the tables say, whoever writes to them', async (t) => {
    const { folder, accounts } = await openIn(t);
    await accounts.createFirstOwner({ name: 'Miri' });
    const other = new Database(join(folder, 'gallery.db'));
    other.pragma('foreign_keys = ON');
    t.after(() => other.close());
    const refused = [
      `UPDATE users SET role = 'king'`,
      `INSERT INTO users (id, name, name_key, role, created_at) VALUES ('x', 'MIRI', 'miri', 'viewer', 0)`,
      `INSERT INTO sessions VALUES ('x', 'short', (SELECT id FROM users), 0, 0, 0, '', NULL, NULL)`,
      `INSERT INTO sessions VALUES ('x', '${'f'.repeat(64)}', 'nobody', 0, 0, 0, '', NULL, NULL)`,
      `INSERT INTO grants VALUES ('x', 'anything', '${'f'.repeat(64)}', 0, 0, '')`,
    ];
    for (const sql of refused) assert.throws(() => other.exec(sql), /constraint failed/, sql);
    assert.equal(await accounts.findUser('x' as UserId), undefined);
  });
});
