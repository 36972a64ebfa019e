// What people do about their own account: another password, ending sessions.
import type { Passwords } from '../security/passwords.ts';
import type { AccountDatabase } from './account-database.ts';
import type { Session, SessionId, User } from './accounts.ts';
import type { Confirmation } from './confirmation.ts';
import { GalleryError } from './errors.ts';
import type { Admission, FrontDoor, Visit } from './front-door.ts';
import { sharesOf } from './holders.ts';
import type { Note } from './notes.ts';
import { choosePassword } from './password-choice.ts';
import { asViewer } from './viewer.ts';

export interface OwnAccount {
  /**
   * Ends all sessions and begins another one. Asks for the present password however lately it was given: whoever finds a device unlocked
   * must not be able to keep the account. Rejects as `Confirmation.expectPassword` and `choosePassword`.
   */
  changePassword(
    session: Session,
    change: { readonly present: string; readonly next: string },
    visit: Visit,
  ): Promise<Admission>;
  /** Rejects `not-found`. */
  endSession(user: User, id: SessionId, address: string): Promise<void>;
  /** How many ended. */
  endOthers(user: User, except: SessionId, address: string): Promise<number>;
}

export interface OwnAccountParts {
  readonly accounts: AccountDatabase;
  readonly passwords: Passwords;
  readonly frontDoor: Pick<FrontDoor, 'admit'>;
  readonly confirmation: Pick<Confirmation, 'expectPassword'>;
  readonly note: Note;
}

export function openOwnAccount(parts: OwnAccountParts): OwnAccount {
  const { accounts, passwords, frontDoor, confirmation, note } = parts;
  return {
    async changePassword(session, { present, next }, visit) {
      const { user } = session;
      const { address } = visit;
      await confirmation.expectPassword(session, present, address);
      const own = passwords.sharedBy(sharesOf(asViewer(user)));
      await accounts.setPasswordHash(user.id, await choosePassword(own, next, user.name));
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
