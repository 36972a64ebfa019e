// What people do about their own account: another password, ending sessions.
import type { Passwords } from '../security/passwords.ts';
import type { AccountDatabase } from './account-database.ts';
import { type SessionId, type User, userNameKey } from './accounts.ts';
import { GalleryError } from './errors.ts';
import type { Admission, FrontDoor, Visit } from './front-door.ts';
import type { Note } from './notes.ts';
import { busyOrSo, choosePassword } from './password-choice.ts';

export interface OwnAccount {
  /**
   * Ends all sessions and begins another one. Asks for the present password, as often as a sign-in may be tried: whoever finds a device
   * unlocked must not be able to keep the account. Rejects `wrong-password`, `too-many-tries`, and as `choosePassword`.
   */
  changePassword(user: User, change: { present: string; next: string }, visit: Visit): Promise<Admission>;
  /** Rejects `not-found`. */
  endSession(user: User, id: SessionId, address: string): Promise<void>;
  /** How many ended. */
  endOthers(user: User, except: SessionId, address: string): Promise<number>;
}

export interface OwnAccountParts {
  readonly accounts: AccountDatabase;
  readonly passwords: Passwords;
  readonly frontDoor: Pick<FrontDoor, 'admit' | 'begin'>;
  readonly note: Note;
}

export function openOwnAccount({ accounts, passwords, frontDoor, note }: OwnAccountParts): OwnAccount {
  return {
    async changePassword(user, { present, next }, visit) {
      const { address } = visit;
      const { succeeded } = frontDoor.begin({ account: userNameKey(user.name), address });
      const hash = await accounts.passwordHashOf(user.id);
      const { isRight } = await passwords.verify(present, hash).catch((error: unknown) => {
        throw busyOrSo(error);
      });
      if (!isRight) {
        await note({ actor: user.name, action: 'password-not-changed', subject: '', address });
        throw new GalleryError('wrong-password', 'This is not your present password; try again.');
      }
      succeeded();
      await accounts.setPasswordHash(user.id, await choosePassword(passwords, next, user.name));
      await note({ actor: user.name, action: 'password-changed', subject: '', address });
      return await frontDoor.admit(user, visit);
    },
    async endSession(user, id, address) {
      if (!(await accounts.endSession(user.id, id)))
        throw new GalleryError('not-found', 'There is no such session; it may have ended already.');
      await note({ actor: user.name, action: 'session-ended', subject: '', address });
    },
    async endOthers(user, except, address) {
      const ended = await accounts.endAllSessions(user.id, except);
      if (ended > 0)
        await note({ actor: user.name, action: 'sessions-ended', subject: String(ended), address });
      return ended;
    },
  };
}
