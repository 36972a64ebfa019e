// Showing once more who one is, for what whoever finds a device unlocked must not do. By password here; passkey-door.ts knows the other way.
import type { Passwords } from '../security/passwords.ts';
import type { AccountDatabase } from './account-database.ts';
import { isConfirmed, notConfirmed, type Session, type User, userNameKey } from './accounts.ts';
import { GalleryError } from './errors.ts';
import type { FrontDoor } from './front-door.ts';
import { sharesOf } from './holders.ts';
import type { Note } from './notes.ts';
import { busyOrSo } from './password-choice.ts';
import { asViewer } from './viewer.ts';

export interface Confirmation {
  /** Whoever began this session showed a moment ago who they are. */
  isRecent(session: Session): boolean;
  /**
   * That this is the present password, as often as a sign-in may be tried. Who has none gives none, and must have
   * shown it by passkey instead.
   * Rejects `wrong-password`, `too-many-tries`, `busy`, `not-confirmed`.
   */
  expectPassword(session: Session, present: string, address: string): Promise<void>;
  /** The session counts as confirmed from now on. Rejects as `expectPassword`, and `not-confirmed` when it has ended meanwhile. */
  byPassword(session: Session, present: string, address: string): Promise<void>;
}

export interface ConfirmationParts {
  readonly accounts: Pick<AccountDatabase, 'passwordHashOf' | 'confirmSession'>;
  readonly passwords: Passwords;
  readonly frontDoor: Pick<FrontDoor, 'begin'>;
  readonly note: Note;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function openConfirmation(parts: ConfirmationParts): Confirmation {
  const { accounts, passwords, frontDoor, note, now } = parts;
  const confirmation: Confirmation = {
    isRecent: (session) => isConfirmed(session, now()),
    async expectPassword(session, present, address) {
      const { user } = session;
      const hash = await accounts.passwordHashOf(user.id);
      if (hash === undefined && present === '' && confirmation.isRecent(session)) return;
      const { succeeded } = frontDoor.begin({ account: userNameKey(user.name), address });
      if (!(await isRight(user, present, hash))) {
        await note({ actor: user.name, action: 'confirmation-failed', subject: '', address });
        throw new GalleryError('wrong-password', 'This is not your present password; try again.');
      }
      succeeded();
    },
    async byPassword(session, present, address) {
      await confirmation.expectPassword(session, present, address);
      const { user, id } = session;
      if (!(await accounts.confirmSession(user.id, id))) throw notConfirmed();
      await note({ actor: user.name, action: 'confirmed', subject: '', address });
    },
  };
  const isRight = async (user: User, present: string, hash: string | undefined) => {
    try {
      return (await passwords.sharedBy(sharesOf(asViewer(user))).verify(present, hash)).isRight;
    } catch (error) {
      throw busyOrSo(error);
    }
  };
  return confirmation;
}
