// Everything about who comes in, opened together: what one part of it refuses, no other may let pass.
import type { Log } from '../log.ts';
import type { Passwords } from '../security/passwords.ts';
import { openSignInLimit } from '../security/sign-in-limit.ts';
import type { AccountDatabase } from './account-database.ts';
import { type Confirmation, openConfirmation } from './confirmation.ts';
import { type FrontDoor, openFrontDoor } from './front-door.ts';
import { type LeftPhotos, openLeftPhotos } from './left-photos.ts';
import { type Note, openNotes } from './notes.ts';
import { type OwnAccount, openOwnAccount } from './own-account.ts';
import { openPasskeyDoor, type PasskeyDoor } from './passkey-door.ts';
import { openPeople, type People } from './people.ts';
import type { PhotoDatabase } from './photo-database.ts';
import type { EventHub } from './ports.ts';

export interface Membership {
  readonly frontDoor: FrontDoor;
  readonly passkeyDoor: PasskeyDoor;
  readonly confirmation: Confirmation;
  readonly ownAccount: OwnAccount;
  readonly people: People;
  readonly leftPhotos: LeftPhotos;
  readonly note: Note;
}

export interface MembershipParts {
  readonly accounts: AccountDatabase;
  readonly passwords: Passwords;
  readonly photos: Pick<PhotoDatabase, 'countPrivate' | 'handOver'>;
  readonly events: EventHub;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function openMembership(parts: MembershipParts): Membership {
  const note = openNotes(parts);
  const frontDoor = openFrontDoor({ ...parts, note, limit: openSignInLimit(parts.now) });
  const confirmation = openConfirmation({ ...parts, note, frontDoor });
  const leftPhotos = openLeftPhotos({ ...parts, note });
  return {
    frontDoor,
    confirmation,
    note,
    passkeyDoor: openPasskeyDoor({ ...parts, note, frontDoor }),
    ownAccount: openOwnAccount({ ...parts, note, frontDoor, confirmation }),
    leftPhotos,
    people: openPeople({ ...parts, note, frontDoor, leftPhotos }),
  };
}
