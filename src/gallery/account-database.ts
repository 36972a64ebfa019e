// The contract of whatever keeps accounts. The comment on a method is the promise that test/contracts/ holds every implementation to; one
// method is one transaction. Everything may reject with GalleryError('busy' | 'disk-full' | 'unavailable').
import type { PasswordHash } from '../security/passwords.ts';
import type { TokenHash } from '../security/tokens.ts';
import type {
  AuditEntry,
  Grant,
  GrantId,
  GrantPurpose,
  NewSession,
  Passkey,
  Session,
  SessionId,
  User,
} from './accounts.ts';
import type { Role, UserId } from './user.ts';
import type { Viewer } from './viewer.ts';

export interface NewUser {
  /** See cleanUserName. */
  readonly name: string;
  readonly role: Role;
  /** Absent for somebody who comes in by passkey, or not yet. */
  readonly passwordHash?: PasswordHash;
}

export interface NewGrant {
  readonly purpose: GrantPurpose;
  readonly tokenHash: TokenHash;
  readonly expiresAt: Date;
  readonly payload: string;
}

export type NewPasskey = Omit<Passkey, 'createdAt' | 'lastUsedAt'>;

export type NewAuditEntry = Omit<AuditEntry, 'id' | 'at'>;

export interface AuditPage {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** Give this as `before` to get the following page; absent on the last one. */
  readonly next?: number;
}

export interface AccountDatabase {
  /** All of them, also who is disabled. */
  countUsers(): Promise<number>;
  /** Who may run the gallery, and come in. 0 means that nobody has set it up, or that only what sidecars told has come back. */
  countOwners(): Promise<number>;
  /**
   * Rejects `name-taken` when somebody's name has the same key (userNameKey). With an invitation, takes that grant in the same
   * transaction; rejects `grant-over` when it can't be taken. What is rejected leaves the invitation as it was.
   */
  createUser(user: NewUser, invitation?: TokenHash): Promise<User>;
  /**
   * Of many that race one wins. Somebody of that name who has neither password nor passkey, as after a rebuild, becomes the owner, and what
   * was theirs still is. Rejects `already-set-up` when there is an owner, `name-taken`; with a token also `grant-over`, as above.
   */
  createFirstOwner(user: Omit<NewUser, 'role'>, setUp?: TokenHash): Promise<User>;
  /** By its key, so however the name is written. */
  findUserByName(name: string): Promise<User | undefined>;
  findUser(id: UserId): Promise<User | undefined>;
  /** Who came first is first; none for who does not run the gallery. */
  listUsers(viewer: Viewer): Promise<readonly User[]>;
  /**
   * Another role ends all sessions of theirs, in the same transaction: a cookie that somebody took before must not get what the new role
   * may do. (A new token could be told only to one of the requests that are under way; the others would be signed out anyway.)
   * Rejects `not-found`; `last-owner` when no enabled owner would be left.
   */
  setRole(id: UserId, role: Role): Promise<User>;
  /** Disabling ends all sessions. Rejects as `setRole`. */
  setDisabled(id: UserId, disabled: boolean): Promise<User>;
  /** With sessions and passkeys. Rejects as `setRole`. */
  removeUser(id: UserId): Promise<void>;

  /** A new password: ends all sessions but `except`. Rejects `not-found`. */
  setPasswordHash(id: UserId, hash: PasswordHash, except?: SessionId): Promise<void>;
  /** The same password at other costs: ends nothing. False, and nothing changes, when `was` is not what is kept any more. */
  rehashPassword(id: UserId, was: string, hash: PasswordHash): Promise<boolean>;
  /** Undefined when there is none, or no such user. */
  passwordHashOf(id: UserId): Promise<string | undefined>;

  /**
   * Of more than `mostSessions` of a user, the one that was seen longest ago ends. Also forgets what has expired. Rejects `not-found` for
   * a user who is gone or disabled.
   */
  createSession(session: NewSession): Promise<Session>;
  /**
   * Undefined when there is none, when it has expired, and when its user is disabled. Notes the visit and puts off the idle end, if the
   * last note is older than `sessionNoteMs`; when that can't be written (a full disk), the session is good all the same.
   */
  findSession(tokenHash: TokenHash): Promise<Session | undefined>;
  /** Its user has just shown who they are. False when this user has no such session. */
  confirmSession(user: UserId, id: SessionId): Promise<boolean>;
  /** Those that have not expired, seen last first. */
  listSessions(user: UserId): Promise<readonly Session[]>;
  /** False when this user has no such session. */
  endSession(user: UserId, id: SessionId): Promise<boolean>;
  /** How many ended. */
  endAllSessions(user: UserId, except?: SessionId): Promise<number>;

  /** Rejects `not-found` for an unknown user, `passkey-taken` when somebody has this credential. */
  addPasskey(passkey: NewPasskey): Promise<Passkey>;
  /** Oldest first. */
  listPasskeys(user: UserId): Promise<readonly Passkey[]>;
  findPasskey(credentialId: string): Promise<Passkey | undefined>;
  /**
   * Notes a use. False, and nothing changes, for an unknown one, or when the counter did not grow and one of the two is not 0: then the
   * key was copied, or somebody else was faster.
   */
  usePasskey(credentialId: string, counter: number): Promise<boolean>;
  /** False when this user has no such passkey; the next one, too. */
  renamePasskey(user: UserId, credentialId: string, name: string): Promise<boolean>;
  removePasskey(user: UserId, credentialId: string): Promise<boolean>;

  /** Also forgets what has expired. */
  createGrant(grant: NewGrant): Promise<Grant>;
  /** Looks without taking. Undefined when it was taken, has expired, never was, or is for something else. */
  findGrant(purpose: GrantPurpose, tokenHash: TokenHash): Promise<Grant | undefined>;
  /** As findGrant, and it is gone: of many that race one gets it. */
  takeGrant(purpose: GrantPurpose, tokenHash: TokenHash): Promise<Grant | undefined>;
  /** Those that may still be taken, newest first. */
  listGrants(purpose: GrantPurpose): Promise<readonly Grant[]>;
  /** False when there is none any more. */
  endGrant(id: GrantId): Promise<boolean>;

  /**
   * Entries older than `auditKeptMs` are forgotten meanwhile. What is `repeatedInAudit` takes the place of the same one; of what is
   * `limitedInAudit` and too much, `moreDone` is written instead, in the place of the former such entry.
   */
  appendAudit(entry: NewAuditEntry): Promise<AuditEntry>;
  /** Newest first, by keyset; nothing for who does not run the gallery. @param limit 1..200 */
  listAudit(viewer: Viewer, query: { readonly before?: number; readonly limit: number }): Promise<AuditPage>;
}
