// AccountDatabase in plain maps: the twin that shows the contract says enough, and a fast double for tests.
import { v7 as newUuid } from 'uuid';
import type {
  AccountDatabase,
  NewAuditEntry,
  NewGrant,
  NewUser,
} from '../../src/gallery/account-database.ts';
import {
  type AuditEntry,
  alreadySetUp,
  auditKeptMs,
  auditLimitMs,
  auditRepeatedMs,
  type Grant,
  type GrantId,
  type GrantPurpose,
  grantOver,
  lastOwner,
  limitedInAudit,
  moreDone,
  mostPhotoAuditPerHour,
  mostSessions,
  nameTaken,
  noSuchUser,
  type Passkey,
  passkeyTaken,
  repeatedInAudit,
  type Session,
  type SessionId,
  sessionEnd,
  sessionNoteMs,
  type User,
  userNameKey,
} from '../../src/gallery/accounts.ts';
import type { UserId } from '../../src/gallery/user.ts';
import { mayOperate } from '../../src/gallery/viewer.ts';
import type { TokenHash } from '../../src/security/tokens.ts';

type KeptSession = Omit<Session, 'user'> & { readonly user: UserId; readonly tokenHash: TokenHash };

/** One closure, since accounts, sessions and grants change together; no method waits, so each is one transaction. */
export function openMemoryAccounts(now: () => number): AccountDatabase {
  const users = new Map<UserId, User>();
  const passwords = new Map<UserId, string>();
  const sessions = new Map<SessionId, KeptSession>();
  const passkeys = new Map<string, Passkey>();
  const grants = new Map<TokenHash, Grant>();
  let audit: readonly AuditEntry[] = [];
  let entries = 0;

  const get = (id: UserId): User => {
    const user = users.get(id);
    if (user === undefined) throw noSuchUser();
    return user;
  };
  const byKey = (name: string) =>
    [...users.values()].find((user) => userNameKey(user.name) === userNameKey(name));
  const owners = () => [...users.values()].filter((user) => user.role === 'owner' && !user.disabled);
  const hasKey = (id: UserId) =>
    passwords.has(id) || [...passkeys.values()].some((passkey) => passkey.user === id);
  const keepOneOwner = ({ role, disabled }: User) => {
    if (role === 'owner' && !disabled && owners().length === 1) throw lastOwner();
  };
  const add = (
    { name, role, passwordHash }: NewUser,
    purpose: GrantPurpose,
    tokenHash: TokenHash | undefined,
  ): User => {
    if (tokenHash !== undefined && findGrant(purpose, tokenHash) === undefined) throw grantOver();
    if (byKey(name) !== undefined) throw nameTaken();
    if (tokenHash !== undefined) grants.delete(tokenHash);
    const id = newUuid({ msecs: now() }) as UserId;
    users.set(id, { id, name, role, createdAt: new Date(now()), disabled: false });
    if (passwordHash !== undefined) passwords.set(id, passwordHash);
    return get(id);
  };
  const change = (id: UserId, changes: Partial<User>): User => {
    users.set(id, { ...get(id), ...changes });
    return get(id);
  };

  const isLive = ({ expiresAt }: { readonly expiresAt: Date }) => expiresAt.getTime() > now();
  const ofUser = (user: UserId) =>
    [...sessions.values()]
      .filter((session) => session.user === user)
      .sort((a, b) => Number(b.lastSeenAt) - Number(a.lastSeenAt) || (a.id < b.id ? 1 : -1));
  const whole = ({ tokenHash: _secret, user, ...session }: KeptSession): Session => ({
    ...session,
    user: get(user),
  });
  const endAll = (user: UserId, except?: SessionId): number => {
    const ending = ofUser(user).filter(({ id }) => id !== except);
    const live = ending.filter(isLive).length;
    for (const { id } of ending) sessions.delete(id);
    return live;
  };
  const forgetExpired = <Key, Thing extends { readonly expiresAt: Date }>(things: Map<Key, Thing>) => {
    for (const [key, thing] of things) if (!isLive(thing)) things.delete(key);
  };
  const findGrant = (purpose: GrantPurpose, tokenHash: TokenHash): Grant | undefined => {
    const grant = grants.get(tokenHash);
    return grant?.purpose === purpose && isLive(grant) ? grant : undefined;
  };

  return {
    countUsers: async () => users.size,
    countOwners: async () => owners().length,
    createUser: async (user, invitation) => add(user, 'invite', invitation),
    async createFirstOwner(user, setUp) {
      if (owners().length > 0) throw alreadySetUp();
      if (setUp !== undefined && findGrant('set-up', setUp) === undefined) throw grantOver();
      const known = byKey(user.name);
      if (known === undefined || hasKey(known.id)) return add({ ...user, role: 'owner' }, 'set-up', setUp);
      if (setUp !== undefined) grants.delete(setUp);
      if (user.passwordHash !== undefined) passwords.set(known.id, user.passwordHash);
      return change(known.id, { name: user.name, role: 'owner', disabled: false });
    },
    findUserByName: async (name) => byKey(name),
    findUser: async (id) => users.get(id),
    listUsers: async (viewer) =>
      mayOperate(viewer) ? [...users.values()].sort((a, b) => (a.id < b.id ? -1 : 1)) : [],
    async setRole(id, role) {
      const user = get(id);
      if (role !== 'owner') keepOneOwner(user);
      if (role !== user.role) endAll(id);
      return change(id, { role });
    },
    async setDisabled(id, disabled) {
      if (disabled) {
        keepOneOwner(get(id));
        endAll(id);
      }
      return change(id, { disabled });
    },
    async removeUser(id) {
      keepOneOwner(get(id));
      endAll(id);
      passwords.delete(id);
      for (const [key, { user }] of passkeys) if (user === id) passkeys.delete(key);
      users.delete(id);
    },

    async setPasswordHash(id, hash, except) {
      passwords.set(get(id).id, hash);
      endAll(id, except);
    },
    async rehashPassword(id, was, hash) {
      if (passwords.get(id) !== was) return false;
      passwords.set(id, hash);
      return true;
    },
    passwordHashOf: async (id) => passwords.get(id),

    async createSession({ user, tokenHash, agent, address, isConfirmed }) {
      if (users.get(user)?.disabled !== false) throw noSuchUser();
      forgetExpired(sessions);
      for (const { id } of ofUser(user).slice(mostSessions - 1)) sessions.delete(id);
      const at = now();
      const id = newUuid({ msecs: at }) as SessionId;
      const times = {
        createdAt: new Date(at),
        lastSeenAt: new Date(at),
        expiresAt: new Date(sessionEnd(at, at)),
        ...(isConfirmed ? { confirmedAt: new Date(at) } : {}),
      };
      const session = { id, user, tokenHash, agent, ...(address === undefined ? {} : { address }), ...times };
      sessions.set(id, session);
      return whole(session);
    },
    async findSession(tokenHash) {
      const session = [...sessions.values()].find((one) => one.tokenHash === tokenHash);
      if (session === undefined || !isLive(session) || get(session.user).disabled) return undefined;
      const at = now();
      if (at - Number(session.lastSeenAt) < sessionNoteMs) return whole(session);
      const expiresAt = new Date(sessionEnd(Number(session.createdAt), at));
      const noted = { ...session, lastSeenAt: new Date(at), expiresAt };
      sessions.set(session.id, noted);
      return whole(noted);
    },
    async confirmSession(user, id) {
      const session = sessions.get(id);
      if (session?.user !== user) return false;
      sessions.set(id, { ...session, confirmedAt: new Date(now()) });
      return true;
    },
    listSessions: async (user) => ofUser(user).filter(isLive).map(whole),
    async endSession(user, id) {
      return sessions.get(id)?.user === user && sessions.delete(id);
    },
    endAllSessions: async (user, except) => endAll(user, except),

    async addPasskey(passkey) {
      get(passkey.user);
      if (passkeys.has(passkey.credentialId)) throw passkeyTaken();
      const kept = { ...passkey, createdAt: new Date(now()) };
      passkeys.set(passkey.credentialId, kept);
      return kept;
    },
    listPasskeys: async (user) => [...passkeys.values()].filter((passkey) => passkey.user === user),
    findPasskey: async (credentialId) => passkeys.get(credentialId),
    async usePasskey(credentialId, counter) {
      const known = passkeys.get(credentialId);
      if (known === undefined || (counter <= known.counter && counter + known.counter > 0)) return false;
      passkeys.set(credentialId, { ...known, counter, lastUsedAt: new Date(now()) });
      return true;
    },
    async renamePasskey(user, credentialId, name) {
      const known = passkeys.get(credentialId);
      if (known?.user !== user) return false;
      passkeys.set(credentialId, { ...known, name });
      return true;
    },
    async removePasskey(user, credentialId) {
      return passkeys.get(credentialId)?.user === user && passkeys.delete(credentialId);
    },

    async createGrant({ tokenHash, ...grant }: NewGrant) {
      forgetExpired(grants);
      const id = newUuid({ msecs: now() }) as GrantId;
      const given = { id, createdAt: new Date(now()), ...grant };
      grants.set(tokenHash, given);
      return given;
    },
    findGrant: async (purpose, tokenHash) => findGrant(purpose, tokenHash),
    async takeGrant(purpose, tokenHash) {
      const grant = findGrant(purpose, tokenHash);
      if (grant !== undefined) grants.delete(tokenHash);
      return grant;
    },
    listGrants: async (purpose) =>
      [...grants.values()]
        .filter((grant) => grant.purpose === purpose && isLive(grant))
        .sort((a, b) => (a.id < b.id ? 1 : -1)),
    async endGrant(id) {
      const [tokenHash] = [...grants].find(([, grant]) => grant.id === id && isLive(grant)) ?? [];
      return tokenHash !== undefined && grants.delete(tokenHash);
    },

    async appendAudit(entry) {
      const isSince = (ms: number) => (one: AuditEntry) => one.at.getTime() > now() - ms;
      const dropSame = (of: NewAuditEntry, ms: number) => {
        const isSame = (one: AuditEntry) =>
          one.actor === of.actor && one.action === of.action && one.subject === of.subject;
        audit = audit.filter((one) => !(isSame(one) && isSince(ms)(one)));
      };
      audit = audit.filter(isSince(auditKeptMs));
      if (repeatedInAudit.includes(entry.action)) dropSame(entry, auditRepeatedMs);
      const ofHour = audit
        .filter(isSince(auditLimitMs))
        .filter(({ actor, action }) => actor === entry.actor && limitedInAudit.includes(action));
      const isMore = limitedInAudit.includes(entry.action) && ofHour.length >= mostPhotoAuditPerHour;
      const told = isMore ? { ...entry, action: moreDone, subject: '' } : entry;
      if (isMore) dropSame(told, auditLimitMs);
      entries += 1;
      const written = { id: entries, at: new Date(now()), ...told };
      audit = [written, ...audit];
      return written;
    },
    async listAudit(viewer, { before = Number.POSITIVE_INFINITY, limit }) {
      const older = mayOperate(viewer) ? audit.filter(({ id }) => id < before) : [];
      const shown = older.slice(0, limit);
      const last = shown.at(-1);
      return { entries: shown, ...(older.length > limit && last ? { next: last.id } : {}) };
    },
  };
}
