// What every AccountDatabase promises (gallery/account-database.ts): users and their passwords. Sessions, keys and the rest: account-keys.ts.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { AccountDatabase } from '../../src/gallery/account-database.ts';
import { parseUserId, type User } from '../../src/gallery/accounts.ts';
import { GalleryError } from '../../src/gallery/errors.ts';
import type { Role, UserId } from '../../src/gallery/user.ts';
import { asViewer, machine, stranger } from '../../src/gallery/viewer.ts';
import type { PasswordHash } from '../../src/security/passwords.ts';
import { hashToken, newToken, type TokenHash } from '../../src/security/tokens.ts';

export interface OpenedAccounts {
  readonly accounts: AccountDatabase;
  close(): Promise<void>;
}

export type OpenAccounts = (now: () => number) => Promise<OpenedAccounts>;

export const refusal = (code: string) => (error: unknown) =>
  error instanceof GalleryError && error.code === code;
export const unknownUser = '01990000-0000-7000-8000-000000000000' as UserId;
export const newHash = (): TokenHash => hashToken(newToken());
export const newPasswordHash = () =>
  `$scrypt$ln=4,r=8,p=1$${randomBytes(16).toString('base64').slice(0, 22)}$${randomBytes(32).toString('base64').slice(0, 43)}` as PasswordHash;

export const beginSession = async (accounts: AccountDatabase, user: UserId) => {
  const tokenHash = newHash();
  return { tokenHash, session: await accounts.createSession({ user, tokenHash, agent: 'a browser' }) };
};

export const idsOf = (things: readonly { readonly id: unknown }[]) => things.map(({ id }) => id);

export function accountDatabaseContract(name: string, open: OpenAccounts): void {
  describe(`AccountDatabase contract: ${name}`, () => {
    let opened: OpenedAccounts;
    let accounts: AccountDatabase;
    let time = 0;
    beforeEach(async () => {
      time = Date.UTC(2026, 10, 20);
      opened = await open(() => time);
      accounts = opened.accounts;
    });
    afterEach(() => opened.close());

    const add = (userName: string, role: Role = 'member') => {
      time += 1;
      return accounts.createUser({ name: userName, role });
    };
    const grant = async (purpose: 'invite' | 'set-up') => {
      const tokenHash = newHash();
      await accounts.createGrant({ purpose, tokenHash, expiresAt: new Date(time + 1000), payload: '' });
      return tokenHash;
    };

    describe('users', () => {
      test('are kept as they were made, first come first', async () => {
        const made = [await add('미리', 'owner'), await add('Bori'), await add('Änne', 'viewer')];
        assert.deepEqual(
          made.map(({ name: userName, role, disabled }) => [userName, role, disabled]),
          [
            ['미리', 'owner', false],
            ['Bori', 'member', false],
            ['Änne', 'viewer', false],
          ],
        );
        assert.deepEqual(await accounts.listUsers(machine), made);
        assert.equal(await accounts.countUsers(), 3);
        assert.deepEqual(await accounts.listUsers(asViewer(made[0] ?? assert.fail())), made);
        const others = [made[1], made[2]].map((user) => asViewer(user ?? assert.fail()));
        for (const viewer of [...others, stranger, { kind: 'visitor' } as const])
          assert.deepEqual(
            await accounts.listUsers(viewer),
            [],
            'who does not run the gallery is told of nobody',
          );
        for (const user of made) {
          assert.equal(parseUserId(user.id), user.id);
          assert.deepEqual(await accounts.findUser(user.id), user);
        }
        assert.deepEqual(made[0]?.createdAt, new Date(Date.UTC(2026, 10, 20) + 1));
        assert.equal(await accounts.findUser(unknownUser), undefined);
      });

      test('are found however their name is written', async () => {
        const anne = await add('Änne Straße');
        const ways = ['änne straße', 'ÄNNE STRASSE', 'Änne Straße'.normalize('NFD'), 'Änne\u200b Straße'];
        for (const way of ways) assert.deepEqual(await accounts.findUserByName(way), anne, way);
        for (const other of ['anne strasse', 'Änne', '', '%', '__proto__'])
          assert.equal(await accounts.findUserByName(other), undefined, other);
      });

      test('have names of their own, also when many want one at once', async () => {
        const ways = ['Miri', 'miri', 'MIRI', 'mi\u00adri'];
        const all = await Promise.allSettled(
          ways.map((way) => accounts.createUser({ name: way, role: 'viewer' })),
        );
        assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 1);
        for (const one of all) if (one.status === 'rejected') assert.ok(refusal('name-taken')(one.reason));
        assert.equal(await accounts.countUsers(), 1);
      });

      test('begin with one owner, whoever else wants to be it', async () => {
        const names = ['a', 'b', 'c', 'd', 'e'];
        const all = await Promise.allSettled(names.map((one) => accounts.createFirstOwner({ name: one })));
        const won = all.filter((one) => one.status === 'fulfilled');
        assert.equal(won.length, 1);
        assert.equal(won[0]?.status === 'fulfilled' && won[0].value.role, 'owner');
        assert.equal(await accounts.countUsers(), 1);
        await assert.rejects(accounts.createFirstOwner({ name: 'f' }), refusal('already-set-up'));
      });

      test('are owners in a gallery that is set up; who came back without a password is nobody there', async () => {
        const [first, second] = ['$scrypt$1', '$scrypt$2'] as [PasswordHash, PasswordHash];
        const anna = await add('Anna');
        await accounts.setDisabled(anna.id, true);
        const bori = await add('Bori');
        await accounts.setPasswordHash(bori.id, first);
        const nabi = await add('Nabi');
        const device = {
          credentialId: 'a',
          publicKey: new Uint8Array([1]),
          counter: 0,
          transports: [],
          name: '',
        };
        await accounts.addPasskey({ ...device, user: nabi.id });
        assert.equal(await accounts.countOwners(), 0);
        const setUp = await grant('set-up');
        for (const taken of ['bori', 'NABI'])
          await assert.rejects(accounts.createFirstOwner({ name: taken }, setUp), refusal('name-taken'));
        const owner = await accounts.createFirstOwner({ name: 'anna', passwordHash: second }, setUp);
        assert.deepEqual(owner, { ...anna, name: 'anna', role: 'owner', disabled: false });
        assert.equal(await accounts.passwordHashOf(anna.id), second);
        assert.deepEqual([await accounts.countOwners(), await accounts.countUsers()], [1, 3]);
        await assert.rejects(accounts.createFirstOwner({ name: 'Juno' }), refusal('already-set-up'));
        await accounts.setRole(bori.id, 'owner');
        await accounts.setDisabled(anna.id, true);
        assert.equal(await accounts.countOwners(), 1);
      });

      test('take their invitation with them, and leave it when they can not come', async () => {
        const [invitation, setUp] = [await grant('invite'), await grant('set-up')];
        await assert.rejects(accounts.createFirstOwner({ name: 'Miri' }, invitation), refusal('grant-over'));
        assert.equal(await accounts.countUsers(), 0);
        await accounts.createFirstOwner({ name: 'Miri' }, setUp);
        assert.equal(await accounts.findGrant('set-up', setUp), undefined);
        const bori = { name: 'Bori', role: 'viewer' } as const;
        await assert.rejects(
          accounts.createUser({ ...bori, name: 'MIRI' }, invitation),
          refusal('name-taken'),
        );
        assert.ok(await accounts.findGrant('invite', invitation));
        await accounts.createUser(bori, invitation);
        await assert.rejects(
          accounts.createUser({ ...bori, name: 'Nabi' }, invitation),
          refusal('grant-over'),
        );
        assert.equal(await accounts.findUserByName('Nabi'), undefined);
      });

      test('do not come on an invitation that has expired', async () => {
        const invitation = await grant('invite');
        time += 1000;
        await assert.rejects(
          accounts.createUser({ name: 'Bori', role: 'viewer' }, invitation),
          refusal('grant-over'),
        );
      });
    });

    describe('the last owner', () => {
      let owner: User;
      beforeEach(async () => {
        owner = await add('Miri', 'owner');
      });
      const ways: readonly (readonly [string, (user: User) => Promise<unknown>])[] = [
        ['is not made a member', (user) => accounts.setRole(user.id, 'member')],
        ['is not disabled', (user) => accounts.setDisabled(user.id, true)],
        ['is not removed', (user) => accounts.removeUser(user.id)],
      ];
      for (const [what, act] of ways) {
        test(what, async () => {
          await add('Bori', 'member');
          const gone = await add('Nabi', 'owner');
          await accounts.setDisabled(gone.id, true);
          await assert.rejects(act(owner), refusal('last-owner'));
          assert.deepEqual(await accounts.findUser(owner.id), owner);
        });

        test(`${what}, also when two owners try it with each other at once`, async () => {
          const other = await add('Bori', 'owner');
          const ends = await Promise.allSettled([act(owner), act(other)]);
          assert.deepEqual(ends.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
        });
      }

      test('stays what they are when told so', async () => {
        assert.deepEqual(await accounts.setRole(owner.id, 'owner'), owner);
        assert.deepEqual(await accounts.setDisabled(owner.id, false), owner);
      });

      test('may go when there is another one, and who is disabled may go anyway', async () => {
        const other = await add('Bori', 'owner');
        await accounts.setDisabled(owner.id, true);
        await accounts.removeUser(owner.id);
        assert.deepEqual(await accounts.listUsers(machine), [other]);
      });
    });

    describe('changes', () => {
      test('of a role end their sessions, and nobody else’s; the same role once more ends none', async () => {
        const miri = await add('Miri', 'owner');
        const { id } = await add('Bori', 'member');
        const [his, hers] = [await beginSession(accounts, id), await beginSession(accounts, miri.id)];
        assert.equal((await accounts.setRole(id, 'member')).role, 'member');
        assert.equal((await accounts.findSession(his.tokenHash))?.user.role, 'member');
        for (const role of ['viewer', 'owner'] as const) {
          const { tokenHash } = await beginSession(accounts, id);
          assert.equal((await accounts.setRole(id, role)).role, role);
          for (const old of [his.tokenHash, tokenHash])
            assert.equal(await accounts.findSession(old), undefined, 'a cookie from before opens nothing');
        }
        assert.ok(await accounts.findSession(hers.tokenHash));
      });

      test('of whether somebody may come in end their sessions, and nobody else’s', async () => {
        const miri = await add('Miri', 'owner');
        const { id } = await add('Bori');
        const [his, hers] = [await beginSession(accounts, id), await beginSession(accounts, miri.id)];
        assert.equal((await accounts.setDisabled(id, true)).disabled, true);
        assert.equal(await accounts.findSession(his.tokenHash), undefined);
        await assert.rejects(beginSession(accounts, id), refusal('not-found'));
        assert.equal((await accounts.setDisabled(id, false)).disabled, false);
        assert.equal(await accounts.findSession(his.tokenHash), undefined, 'it is over for good');
        assert.ok(await accounts.findSession(hers.tokenHash));
      });

      test('take everything along that belongs to an account, but not the name', async () => {
        await add('Miri', 'owner');
        const { id } = await add('Bori');
        await accounts.setPasswordHash(id, newPasswordHash());
        const { tokenHash } = await beginSession(accounts, id);
        await accounts.addPasskey({
          credentialId: 'bori-phone',
          user: id,
          publicKey: new Uint8Array(3),
          counter: 0,
          transports: [],
          name: '',
        });
        await accounts.removeUser(id);
        assert.equal(await accounts.findSession(tokenHash), undefined);
        assert.equal(await accounts.findPasskey('bori-phone'), undefined);
        assert.equal(await accounts.passwordHashOf(id), undefined);
        assert.notEqual((await add('Bori')).id, id);
      });

      test('of somebody who is not there are refused', async () => {
        await assert.rejects(accounts.setRole(unknownUser, 'owner'), refusal('not-found'));
        await assert.rejects(accounts.setDisabled(unknownUser, true), refusal('not-found'));
        await assert.rejects(accounts.removeUser(unknownUser), refusal('not-found'));
        await assert.rejects(accounts.setPasswordHash(unknownUser, newPasswordHash()), refusal('not-found'));
      });
    });

    describe('passwords', () => {
      test('are there from the beginning, or later, or not at all', async () => {
        const [first, second] = [newPasswordHash(), newPasswordHash()];
        const miri = await accounts.createFirstOwner({ name: 'Miri', passwordHash: first });
        const bori = await add('Bori');
        assert.equal(await accounts.passwordHashOf(miri.id), first);
        assert.equal(await accounts.passwordHashOf(bori.id), undefined);
        assert.equal(await accounts.passwordHashOf(unknownUser), undefined);
        await accounts.setPasswordHash(bori.id, second);
        assert.equal(await accounts.passwordHashOf(bori.id), second);
      });

      test('end every other session when they change', async () => {
        const { id } = await add('Miri', 'owner');
        const bori = await add('Bori');
        const sessions = [await beginSession(accounts, id), await beginSession(accounts, id)] as const;
        const his = await beginSession(accounts, bori.id);
        await accounts.setPasswordHash(id, newPasswordHash(), sessions[1].session.id);
        assert.deepEqual(idsOf(await accounts.listSessions(id)), [sessions[1].session.id]);
        await accounts.setPasswordHash(id, newPasswordHash());
        assert.deepEqual(await accounts.listSessions(id), []);
        assert.ok(await accounts.findSession(his.tokenHash));
      });

      test('are hashed again without ending anything, unless they changed meanwhile', async () => {
        const { id } = await add('Miri', 'owner');
        const [old, dearer, other] = [newPasswordHash(), newPasswordHash(), newPasswordHash()];
        await accounts.setPasswordHash(id, old);
        const { tokenHash } = await beginSession(accounts, id);
        assert.equal(await accounts.rehashPassword(id, old, dearer), true);
        assert.equal(await accounts.rehashPassword(id, old, other), false);
        assert.equal(await accounts.rehashPassword(unknownUser, old, other), false);
        assert.equal(await accounts.passwordHashOf(id), dearer);
        assert.ok(await accounts.findSession(tokenHash));
      });
    });
  });
}
