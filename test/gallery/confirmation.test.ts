// How long showing who one is lasts, and what somebody without a password does in place of giving it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openEvents } from '../../src/events.ts';
import { confirmedForMs, isConfirmed } from '../../src/gallery/accounts.ts';
import { GalleryError } from '../../src/gallery/errors.ts';
import { openMembership } from '../../src/gallery/membership.ts';
import { openLog } from '../../src/log.ts';
import { openPasswords } from '../../src/security/passwords.ts';
import { hashToken, newToken } from '../../src/security/tokens.ts';
import { openMemoryAccounts } from '../support/memory-accounts.ts';
import { openMemoryGallery } from '../support/memory-gallery.ts';

const refusal = (code: string) => (error: unknown) => error instanceof GalleryError && error.code === code;

describe('showing who one is', () => {
  test('lasts a quarter of an hour, and does not outlive a clock that jumps back', () => {
    const at = Date.UTC(2026, 10, 20);
    const session = { confirmedAt: new Date(at) };
    const rows: readonly (readonly [number, boolean])[] = [
      [0, true],
      [confirmedForMs - 1, true],
      [confirmedForMs, false],
      [-2_000, true],
      [-confirmedForMs, false],
      [-24 * 60 * 60_000, false],
    ];
    for (const [later, expected] of rows)
      assert.equal(isConfirmed(session, at + later), expected, `${later}`);
    assert.equal(isConfirmed({}, at), false);
  });

  test('is done by passkey alone by who has no password, also to get one', async () => {
    let time = Date.UTC(2026, 10, 20);
    const now = () => time;
    const accounts = openMemoryAccounts(now);
    const { photos } = openMemoryGallery(now);
    const rest = { photos, events: openEvents(), log: openLog('silent'), now };
    const passwords = openPasswords({ ln: 4, r: 8, p: 1 });
    const { ownAccount, confirmation } = openMembership({ ...rest, accounts, passwords });
    const { id } = await accounts.createFirstOwner({ name: 'Miri' });
    const begun = { user: id, tokenHash: hashToken(newToken()), agent: '' };
    const session = async () => (await accounts.findSession(begun.tokenHash)) ?? assert.fail('it has ended');
    await accounts.createSession(begun);
    const visit = { agent: '', address: '192.0.2.7' };
    const change = async (present: string) =>
      await ownAccount.changePassword(
        await session(),
        { present, next: 'seven geese over the river' },
        visit,
      );
    await assert.rejects(change(''), refusal('wrong-password'), 'nothing was shown');
    await assert.rejects(
      confirmation.byPassword(await session(), '', '192.0.2.7'),
      refusal('wrong-password'),
    );
    await accounts.confirmSession(id, (await session()).id);
    await assert.rejects(change('anything'), refusal('wrong-password'));
    time += confirmedForMs;
    await assert.rejects(change(''), refusal('wrong-password'), 'too long ago');
    await accounts.confirmSession(id, (await session()).id);
    const { session: next } = await change('');
    assert.equal(confirmation.isRecent(next), true);
    assert.ok(await accounts.passwordHashOf(id));
  });

  test('of a session that has ended meanwhile brings nothing back', async () => {
    const now = () => Date.UTC(2026, 10, 20);
    const accounts = openMemoryAccounts(now);
    const { photos } = openMemoryGallery(now);
    const rest = { photos, events: openEvents(), log: openLog('silent'), now };
    const passwords = openPasswords({ ln: 4, r: 8, p: 1 });
    const { confirmation } = openMembership({ ...rest, accounts, passwords });
    const passwordHash = await passwords.hash('seven geese over the river');
    const { id } = await accounts.createFirstOwner({ name: 'Miri', passwordHash });
    const begun = { user: id, tokenHash: hashToken(newToken()), agent: '' };
    const session = await accounts.createSession(begun);
    await accounts.endSession(id, session.id);
    const confirm = confirmation.byPassword(session, 'seven geese over the river', '192.0.2.7');
    await assert.rejects(confirm, refusal('not-confirmed'));
    assert.equal(await accounts.findSession(begun.tokenHash), undefined);
  });
});
