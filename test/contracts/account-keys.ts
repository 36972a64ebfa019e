// What every AccountDatabase promises (gallery/account-database.ts) of whatever lets somebody in, and of the audit.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { AccountDatabase, NewPasskey } from '../../src/gallery/account-database.ts';
import {
  auditKeptMs,
  auditLimitMs,
  auditRepeatedMs,
  type GrantId,
  type GrantPurpose,
  mostPhotoAuditPerHour,
  mostSessions,
  parseSessionId,
  type SessionId,
  sessionAbsoluteMs,
  sessionIdleMs,
} from '../../src/gallery/accounts.ts';
import type { UserId } from '../../src/gallery/user.ts';
import { machine, stranger } from '../../src/gallery/viewer.ts';
import {
  beginSession,
  idsOf,
  newHash,
  type OpenAccounts,
  type OpenedAccounts,
  refusal,
  unknownUser,
} from './account-database.ts';

const minuteMs = 60_000;

export function accountKeysContract(name: string, open: OpenAccounts): void {
  describe(`AccountDatabase contract, keys: ${name}`, () => {
    let opened: OpenedAccounts;
    let accounts: AccountDatabase;
    let miri: UserId;
    let bori: UserId;
    const start = Date.UTC(2026, 10, 20);
    let time = start;
    beforeEach(async () => {
      time = start;
      opened = await open(() => time);
      accounts = opened.accounts;
      miri = (await accounts.createFirstOwner({ name: 'Miri' })).id;
      bori = (await accounts.createUser({ name: 'Bori', role: 'member' })).id;
    });
    afterEach(() => opened.close());

    describe('a session', () => {
      test('is found by its token, with who it belongs to and where it came from', async () => {
        const tokenHash = newHash();
        const made = { user: bori, tokenHash, agent: 'Firefox', address: '192.0.2.7' };
        const session = await accounts.createSession(made);
        const { id, user, agent, address, createdAt, lastSeenAt, expiresAt } = session;
        assert.equal(parseSessionId(id), id);
        assert.deepEqual(user, await accounts.findUser(bori));
        assert.deepEqual([agent, address], ['Firefox', '192.0.2.7']);
        assert.deepEqual([createdAt, lastSeenAt].map(Number), [start, start]);
        assert.equal(Number(expiresAt), start + sessionIdleMs);
        assert.deepEqual(await accounts.findSession(tokenHash), session);
        assert.equal(await accounts.findSession(newHash()), undefined);
        assert.equal('address' in (await beginSession(accounts, bori)).session, false);
      });

      test('is not begun for nobody', async () => {
        await assert.rejects(beginSession(accounts, unknownUser), refusal('not-found'));
      });

      test('lives as long as it is used, but not for ever', async () => {
        const { tokenHash } = await beginSession(accounts, bori);
        let found = await accounts.findSession(tokenHash);
        while (found !== undefined) {
          time += sessionIdleMs - 1;
          found = await accounts.findSession(tokenHash);
          if (found !== undefined) assert.ok(Number(found.expiresAt) <= start + sessionAbsoluteMs);
        }
        assert.ok(time >= start + sessionAbsoluteMs && time < start + sessionAbsoluteMs + sessionIdleMs);
      });

      test('ends when it is not used for two weeks, to the millisecond', async () => {
        const [used, unused] = [await beginSession(accounts, bori), await beginSession(accounts, bori)];
        time = start + sessionIdleMs - 1;
        assert.ok(await accounts.findSession(used.tokenHash));
        time += 1;
        assert.equal(await accounts.findSession(unused.tokenHash), undefined);
        assert.deepEqual(idsOf(await accounts.listSessions(bori)), [used.session.id]);
      });

      test('ends sixty days after it began, to the millisecond', async () => {
        const { tokenHash } = await beginSession(accounts, bori);
        const days = [10, 20, 30, 40, 50, 59];
        for (const day of days) {
          time = start + day * 24 * 60 * minuteMs;
          assert.ok(await accounts.findSession(tokenHash));
        }
        time = start + sessionAbsoluteMs - 1;
        assert.equal(Number((await accounts.findSession(tokenHash))?.expiresAt), start + sessionAbsoluteMs);
        time += 1;
        assert.equal(await accounts.findSession(tokenHash), undefined);
      });

      test('notes a visit every five minutes at most', async () => {
        const { tokenHash } = await beginSession(accounts, bori);
        const seenAfter = async (laterMs: number) => {
          time = start + laterMs;
          return Number((await accounts.findSession(tokenHash))?.lastSeenAt) - start;
        };
        assert.equal(await seenAfter(5 * minuteMs - 1), 0);
        assert.equal(await seenAfter(5 * minuteMs), 5 * minuteMs);
        assert.equal(await seenAfter(9 * minuteMs), 5 * minuteMs);
        assert.equal(await seenAfter(10 * minuteMs), 10 * minuteMs);
      });

      test('knows when its user last showed who they are, and what is noted of visits leaves that', async () => {
        const { tokenHash, session } = await beginSession(accounts, bori);
        const confirmedAt = async () => (await accounts.findSession(tokenHash))?.confirmedAt;
        assert.equal(await confirmedAt(), undefined, 'a code let it in');
        time += minuteMs;
        assert.equal(await accounts.confirmSession(miri, session.id), false, 'it is another’s');
        assert.equal(await confirmedAt(), undefined);
        assert.equal(await accounts.confirmSession(bori, session.id), true);
        time += 6 * minuteMs;
        assert.equal(Number(await confirmedAt()), start + minuteMs);
        const begun = { user: bori, tokenHash: newHash(), agent: '', isConfirmed: true };
        assert.equal(Number((await accounts.createSession(begun)).confirmedAt), time);
        await accounts.endSession(bori, session.id);
        assert.equal(await accounts.confirmSession(bori, session.id), false);
      });

      test('outlives a clock that jumps back', async () => {
        const { tokenHash } = await beginSession(accounts, bori);
        time = start - 90 * 24 * 60 * minuteMs;
        assert.ok(await accounts.findSession(tokenHash));
      });

      test('that was seen longest ago ends when there are too many', async () => {
        const hers = await beginSession(accounts, miri);
        const begun = [];
        for (let count = 0; count < mostSessions; count += 1) {
          time += 6 * minuteMs;
          begun.push(await beginSession(accounts, bori));
        }
        time += 6 * minuteMs;
        const [first, second] = begun;
        assert.ok(first && second && (await accounts.findSession(first.tokenHash)));
        // Also when the clock says that it is the oldest of all.
        time = start - minuteMs;
        const newest = await beginSession(accounts, bori);
        assert.ok(await accounts.findSession(newest.tokenHash));
        assert.ok(await accounts.findSession(first.tokenHash));
        assert.equal(await accounts.findSession(second.tokenHash), undefined);
        assert.equal((await accounts.listSessions(bori)).length, mostSessions);
        assert.ok(await accounts.findSession(hers.tokenHash));
      });

      test('is listed with the others of its user, seen last first', async () => {
        const begun = [];
        for (let count = 0; count < 3; count += 1) {
          time += 1;
          begun.push(await beginSession(accounts, bori));
        }
        await beginSession(accounts, miri);
        time += 10 * minuteMs;
        await accounts.findSession(begun[1]?.tokenHash ?? newHash());
        const ids = begun.map(({ session }) => session.id);
        assert.deepEqual(idsOf(await accounts.listSessions(bori)), [ids[1], ids[2], ids[0]]);
      });

      test('is ended by its own user only, and once', async () => {
        const { tokenHash, session } = await beginSession(accounts, bori);
        assert.equal(await accounts.endSession(miri, session.id), false);
        assert.ok(await accounts.findSession(tokenHash));
        assert.equal(await accounts.endSession(bori, session.id), true);
        assert.equal(await accounts.endSession(bori, session.id), false);
        assert.equal(await accounts.findSession(tokenHash), undefined);
        assert.equal(await accounts.endSession(bori, 'x' as SessionId), false);
      });

      test('ends with all the others of its user, or stays as the only one', async () => {
        const hers = await beginSession(accounts, miri);
        const [one, two] = [await beginSession(accounts, bori), await beginSession(accounts, bori)];
        assert.equal(await accounts.endAllSessions(bori, one.session.id), 1);
        assert.ok(await accounts.findSession(one.tokenHash));
        assert.equal(await accounts.findSession(two.tokenHash), undefined);
        assert.equal(await accounts.endAllSessions(bori), 1);
        assert.equal(await accounts.endAllSessions(bori), 0);
        assert.ok(await accounts.findSession(hers.tokenHash));
      });

      test('that ended does not come back with an earlier clock', async () => {
        const { tokenHash } = await beginSession(accounts, bori);
        time += sessionIdleMs;
        assert.equal(await accounts.endAllSessions(bori), 0, 'it had expired before');
        time = start;
        assert.equal(await accounts.findSession(tokenHash), undefined);
      });
    });

    describe('a passkey', () => {
      const phone = (changes: Partial<NewPasskey> = {}): NewPasskey => ({
        credentialId: 'phone',
        user: bori,
        publicKey: Uint8Array.from([0, 1, 254, 255]),
        counter: 0,
        transports: ['internal', 'hybrid'],
        name: '내 전화',
        ...changes,
      });

      test('is kept as it came', async () => {
        const kept = await accounts.addPasskey(phone());
        assert.deepEqual(kept, { ...phone(), createdAt: new Date(start) });
        assert.deepEqual(await accounts.findPasskey('phone'), kept);
        assert.equal(await accounts.findPasskey('PHONE'), undefined);
      });

      test('is listed with the others of its user, oldest first', async () => {
        for (const credentialId of ['c', 'a', 'b']) {
          time += 1;
          await accounts.addPasskey(phone({ credentialId }));
        }
        await accounts.addPasskey(phone({ credentialId: 'd', user: miri }));
        const listed = await accounts.listPasskeys(bori);
        assert.deepEqual(
          listed.map(({ credentialId }) => credentialId),
          ['c', 'a', 'b'],
        );
      });

      test('belongs to one user who is there', async () => {
        await accounts.addPasskey(phone());
        await assert.rejects(accounts.addPasskey(phone({ user: miri })), refusal('passkey-taken'));
        assert.equal((await accounts.findPasskey('phone'))?.user, bori);
        const nobodys = phone({ user: unknownUser, credentialId: 'other' });
        await assert.rejects(accounts.addPasskey(nobodys), refusal('not-found'));
      });

      test('counts up, and is refused when it does not', async () => {
        await accounts.addPasskey(phone({ counter: 3 }));
        time += 1;
        assert.equal(await accounts.usePasskey('phone', 4), true);
        assert.equal(await accounts.usePasskey('phone', 4), false);
        assert.equal(await accounts.usePasskey('phone', 0), false);
        const { counter, lastUsedAt } = (await accounts.findPasskey('phone')) ?? {};
        assert.deepEqual([counter, Number(lastUsedAt)], [4, start + 1]);
        assert.equal(await accounts.usePasskey('unknown', 9), false);
      });

      test('may stay at 0 for ever', async () => {
        await accounts.addPasskey(phone());
        assert.equal(await accounts.usePasskey('phone', 0), true);
        assert.equal(await accounts.usePasskey('phone', 0), true);
      });

      test('is used once with a count, however many try', async () => {
        await accounts.addPasskey(phone());
        const uses = await Promise.all([1, 2, 3].map(() => accounts.usePasskey('phone', 7)));
        assert.equal(uses.filter(Boolean).length, 1);
      });

      test('is renamed by its own user only', async () => {
        await accounts.addPasskey(phone());
        assert.equal(await accounts.renamePasskey(miri, 'phone', 'Hers'), false);
        assert.equal(await accounts.renamePasskey(bori, 'tablet', 'None'), false);
        assert.equal(await accounts.renamePasskey(bori, 'phone', 'Old phone'), true);
        assert.equal((await accounts.findPasskey('phone'))?.name, 'Old phone');
      });

      test('is removed by its own user only', async () => {
        await accounts.addPasskey(phone());
        assert.equal(await accounts.removePasskey(miri, 'phone'), false);
        assert.equal(await accounts.removePasskey(bori, 'phone'), true);
        assert.equal(await accounts.removePasskey(bori, 'phone'), false);
        assert.equal(await accounts.findPasskey('phone'), undefined);
      });
    });

    describe('a grant', () => {
      const give = async (purpose: GrantPurpose = 'invite', payload = '{"role":"viewer"}') => {
        const tokenHash = newHash();
        const expiresAt = new Date(time + minuteMs);
        return { tokenHash, grant: await accounts.createGrant({ purpose, tokenHash, expiresAt, payload }) };
      };

      test('is taken once, by one of many', async () => {
        const { tokenHash, grant } = await give();
        assert.deepEqual(await accounts.findGrant('invite', tokenHash), grant);
        assert.deepEqual(await accounts.findGrant('invite', tokenHash), grant, 'looking takes nothing');
        const takers = Array.from({ length: 10 }, () => accounts.takeGrant('invite', tokenHash));
        const taken = (await Promise.all(takers)).filter((one) => one !== undefined);
        assert.deepEqual(taken, [grant]);
        assert.equal(grant.payload, '{"role":"viewer"}');
        assert.equal(await accounts.findGrant('invite', tokenHash), undefined);
      });

      test('is good for its purpose only, and no less afterwards', async () => {
        const { tokenHash } = await give('pair');
        assert.equal(await accounts.takeGrant('set-up', tokenHash), undefined);
        assert.equal(await accounts.findGrant('invite', tokenHash), undefined);
        assert.ok(await accounts.takeGrant('pair', tokenHash));
      });

      test('is over when its time is', async () => {
        const { tokenHash, grant } = await give();
        time += minuteMs;
        assert.equal(await accounts.findGrant('invite', tokenHash), undefined);
        assert.equal(await accounts.takeGrant('invite', tokenHash), undefined);
        assert.deepEqual(await accounts.listGrants('invite'), []);
        assert.equal(await accounts.endGrant(grant.id), false);
        await give('pair');
        time = start;
        assert.equal(await accounts.findGrant('invite', tokenHash), undefined, 'it was forgotten');
      });

      test('is listed with the others that may be taken, newest first, and ended', async () => {
        const given = [];
        for (const purpose of ['invite', 'pair', 'invite'] as const) {
          time += 1;
          given.push((await give(purpose)).grant);
        }
        assert.deepEqual(await accounts.listGrants('invite'), [given[2], given[0]]);
        assert.equal(await accounts.endGrant(given[2]?.id as GrantId), true);
        assert.equal(await accounts.endGrant(given[2]?.id as GrantId), false);
        assert.deepEqual(await accounts.listGrants('invite'), [given[0]]);
      });
    });

    describe('the audit', () => {
      const append = (action: string) =>
        accounts.appendAudit({ actor: 'Miri', action, subject: 'Bori', address: '192.0.2.7' });

      test('says what was done, newest first, page by page', async () => {
        const entries = [];
        for (let count = 0; count < 5; count += 1) {
          time += 1;
          entries.push(await append(`thing-${count}`));
        }
        const [first] = entries;
        assert.deepEqual(first, {
          id: first?.id,
          at: new Date(start + 1),
          actor: 'Miri',
          action: 'thing-0',
          subject: 'Bori',
          address: '192.0.2.7',
        });
        const pages = [];
        for (let before: number | undefined, more = true; more; more = before !== undefined) {
          const page = await accounts.listAudit(machine, {
            limit: 2,
            ...(before === undefined ? {} : { before }),
          });
          pages.push(page.entries);
          before = page.next;
        }
        assert.deepEqual(
          pages.map(({ length }) => length),
          [2, 2, 1],
        );
        assert.deepEqual(pages.flat(), entries.toReversed());
        assert.equal('next' in (await accounts.listAudit(machine, { limit: 5 })), false);
      });

      describe('of photos and links', () => {
        const photo = '01990000-0000-7000-8000-000000000001';
        const done = (action: string, subject = photo, actor = 'Miri') =>
          accounts.appendAudit({ actor, action, subject });
        const lines = async (limit = 200) =>
          (await accounts.listAudit(machine, { limit })).entries.map(
            ({ actor, action, subject }) => `${actor} ${action} ${subject}`,
          );

        test('has what is done and undone over and over once, with when it was last', async () => {
          for (let times = 0; times < 5; times += 1) {
            time += minuteMs;
            await done('photo-hidden');
            await done('photo-shown');
          }
          assert.deepEqual(await lines(), [`Miri photo-shown ${photo}`, `Miri photo-hidden ${photo}`]);
          const [last] = (await accounts.listAudit(machine, { limit: 1 })).entries;
          assert.equal(last?.at.getTime(), time);
          await done('photo-trashed');
          await done('photo-restored');
          await done('photo-trashed');
          assert.deepEqual((await lines()).slice(0, 2), [
            `Miri photo-trashed ${photo}`,
            `Miri photo-restored ${photo}`,
          ]);
          assert.equal((await lines()).length, 4);
        });

        test('has it again after ten minutes, of another photo, of somebody else, and whatever else it is', async () => {
          await done('photo-hidden');
          time += auditRepeatedMs;
          await done('photo-hidden');
          await done('photo-hidden', 'another');
          await done('photo-hidden', photo, 'Bori');
          assert.equal((await lines()).length, 4);
          for (const action of ['trash-emptied', 'guest-photos-approved', 'sign-in-failed']) {
            await done(action, '2');
            await done(action, '2');
          }
          assert.equal((await lines()).length, 10);
        });

        test('has so many of one actor in an hour, then one that says there was more; all else is still told', async () => {
          await done('signed-in', '');
          for (let count = 0; count < mostPhotoAuditPerHour; count += 1)
            await done('share-link-made', `link-${count}`);
          await done('share-link-revoked', 'more-1');
          await done('photo-hidden', 'more-2');
          assert.deepEqual(await lines(2), [
            'Miri more-done ',
            `Miri share-link-made link-${mostPhotoAuditPerHour - 1}`,
          ]);
          await done('photo-hidden', photo, 'Bori');
          await done('made-owner', 'Bori');
          await done('left-photos-trashed', '3');
          assert.deepEqual(await lines(4), [
            'Miri left-photos-trashed 3',
            'Miri made-owner Bori',
            `Bori photo-hidden ${photo}`,
            'Miri more-done ',
          ]);
          time += auditLimitMs;
          await done('share-link-revoked', 'later');
          assert.deepEqual((await lines(5)).slice(0, 1), ['Miri share-link-revoked later']);
          assert.equal((await lines(5))[4], 'Miri more-done ');
        });
      });

      test('may not know where something came from', async () => {
        const { address } = await accounts.appendAudit({ actor: '', action: 'started', subject: '' });
        assert.equal(address, undefined);
      });

      test('forgets what is a year old', async () => {
        await append('old');
        time += auditKeptMs - 1;
        await append('young');
        assert.equal((await accounts.listAudit(machine, { limit: 9 })).entries.length, 2);
        time += 1;
        await append('now');
        const { entries } = await accounts.listAudit(machine, { limit: 9 });
        assert.deepEqual(
          entries.map(({ action }) => action),
          ['now', 'young'],
        );
      });

      test('is for nobody but who runs the gallery', async () => {
        await append('thing');
        const member = { kind: 'user', id: bori, role: 'member' } as const;
        for (const viewer of [member, { ...member, role: 'viewer' } as const, stranger])
          assert.deepEqual(await accounts.listAudit(viewer, { limit: 9 }), { entries: [] });
        const runs = { ...member, role: 'owner' } as const;
        assert.equal((await accounts.listAudit(runs, { limit: 9 })).entries.length, 1);
      });

      test('outlives whom it is about', async () => {
        await append('user-removed');
        await accounts.removeUser(bori);
        assert.equal((await accounts.listAudit(machine, { limit: 1 })).entries[0]?.subject, 'Bori');
      });
    });
  });
}
