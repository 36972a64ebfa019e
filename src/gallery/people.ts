// Who runs the gallery says who comes in, and as what. Whatever is done is written down with the name of who did it.
import type { AccountDatabase } from './account-database.ts';
import { type GrantId, invitationIn, noSuchUser, type User } from './accounts.ts';
import { GalleryError } from './errors.ts';
import type { FrontDoor, Offer } from './front-door.ts';
import type { LeftPhotos } from './left-photos.ts';
import type { Note } from './notes.ts';
import { type Handed, noHeir } from './photo-database.ts';
import type { Role, UserId } from './user.ts';
import { asViewer, mayOperate, notAllowed, userOf, type Viewer } from './viewer.ts';

/** Who does something, for the rules and for the notes. */
export interface Actor {
  readonly viewer: Viewer;
  /** '' for this machine. */
  readonly name: string;
  readonly address: string;
}

/** Each rejects `not-allowed` for who does not run the gallery. */
export interface People {
  invite(by: Actor, role: Role): Promise<Offer>;
  /** Rejects `not-found`. */
  endInvitation(by: Actor, id: GrantId): Promise<void>;
  /** Rejects `not-found`, `last-owner`; the next ones, too. */
  setRole(by: Actor, id: UserId, role: Role): Promise<User>;
  setDisabled(by: Actor, id: UserId, disabled: boolean): Promise<User>;
  /**
   * Their photos stay. What they kept for themselves alone stays hidden from everybody, or is handed over at once (left-photos.ts); when
   * that does not come to its end, the rest is hidden and may be handed over later. Also rejects `bad-request`, as that does.
   */
  remove(by: Actor, id: UserId, left?: 'hidden' | Handed): Promise<void>;
}

export interface PeopleParts {
  readonly accounts: AccountDatabase;
  readonly frontDoor: Pick<FrontDoor, 'offerInvitation'>;
  readonly leftPhotos: Pick<LeftPhotos, 'settle'>;
  readonly note: Note;
}

export function openPeople({ accounts, frontDoor, leftPhotos, note }: PeopleParts): People {
  const write = ({ name, address }: Actor, action: string, subject: string) =>
    note({ actor: name, action, subject, address });
  // Nobody uses them meanwhile: the door looks at who made them. Ended here, they do not come back with a role.
  const endInvitationsOf = async (id: UserId) => {
    for (const grant of await accounts.listGrants('invite'))
      if (invitationIn(grant.payload).by === id) await accounts.endGrant(grant.id);
  };
  return {
    async invite(by, role) {
      expectOperator(by);
      const offer = await frontDoor.offerInvitation(role, userOf(by.viewer));
      await write(by, 'invited', role);
      return offer;
    },
    async endInvitation(by, id) {
      expectOperator(by);
      if (!(await accounts.endGrant(id)))
        throw new GalleryError('not-found', 'There is no such invitation; it may have been used.');
      await write(by, 'invitation-ended', '');
    },
    async setRole(by, id, role) {
      expectOperator(by);
      const user = await accounts.setRole(id, role);
      if (!mayOperate(asViewer(user))) await endInvitationsOf(id);
      await write(by, `made-${role}`, user.name);
      return user;
    },
    async setDisabled(by, id, disabled) {
      expectOperator(by);
      const user = await accounts.setDisabled(id, disabled);
      if (disabled) await endInvitationsOf(id);
      await write(by, disabled ? 'user-disabled' : 'user-enabled', user.name);
      return user;
    },
    async remove(by, id, left = 'hidden') {
      expectOperator(by);
      const heir = userOf(by.viewer);
      if (left === 'mine' && (heir === undefined || heir === id)) throw noHeir();
      const user = await accounts.findUser(id);
      if (user === undefined) throw noSuchUser();
      await accounts.removeUser(id);
      await endInvitationsOf(id);
      await write(by, 'user-removed', user.name);
      if (left !== 'hidden') await leftPhotos.settle(by, left, id);
    },
  };
}

function expectOperator({ viewer }: Actor): void {
  if (!mayOperate(viewer)) throw notAllowed('owner');
}
