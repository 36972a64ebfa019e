// The users of AccountDatabase on SQLite, and their passwords' hashes, which leave this file only by themselves.
import { v7 as newUuid } from 'uuid';
import type { AccountDatabase, NewUser } from '../gallery/account-database.ts';
import {
  alreadySetUp,
  type GrantPurpose,
  grantOver,
  lastOwner,
  nameTaken,
  noSuchUser,
  type SessionId,
  type User,
  userNameKey,
} from '../gallery/accounts.ts';
import type { Role, UserId } from '../gallery/user.ts';
import { mayOperate } from '../gallery/viewer.ts';
import type { PasswordHash } from '../security/passwords.ts';
import type { TokenHash } from '../security/tokens.ts';
import type { Connection } from './connection.ts';

export type Users = Pick<AccountDatabase, Method>;

type Method =
  | 'countUsers'
  | 'countOwners'
  | 'createUser'
  | 'createFirstOwner'
  | 'findUserByName'
  | 'findUser'
  | 'listUsers'
  | 'setRole'
  | 'setDisabled'
  | 'removeUser'
  | 'setPasswordHash'
  | 'rehashPassword'
  | 'passwordHashOf';

export interface UserRow {
  readonly id: UserId;
  readonly name: string;
  readonly role: Role;
  readonly disabled: 0 | 1;
  readonly created_at: number;
}

export const userColumns = 'users.id, name, role, disabled, users.created_at';

export const toUser = ({ id, name, role, disabled, created_at }: UserRow): User => ({
  id,
  name,
  role,
  createdAt: new Date(created_at),
  disabled: disabled === 1,
});

/** @param takeGrant call inside `write`: whether this grant was there to be taken */
export function openUsers(
  { handle, read, write }: Connection,
  takeGrant: (purpose: GrantPurpose, tokenHash: TokenHash) => unknown,
  now: () => number,
): Users {
  const sql = prepare(handle);

  const find = (id: UserId): User | undefined => toUserIfAny(sql.byId.get(id));
  const get = (id: UserId): User => {
    const user = find(id);
    if (user === undefined) throw noSuchUser();
    return user;
  };
  const take = (purpose: GrantPurpose, tokenHash: TokenHash | undefined) => {
    if (tokenHash !== undefined && takeGrant(purpose, tokenHash) === undefined) throw grantOver();
  };
  const add = ({ name, role, passwordHash }: NewUser) => {
    const at = now();
    const id = newUuid({ msecs: at }) as UserId;
    const key = userNameKey(name);
    if (sql.byKey.get(key) !== undefined) throw nameTaken();
    sql.insert.run({ id, name, key, role, passwordHash: passwordHash ?? null, at });
    return get(id);
  };
  /** Who came back from sidecars alone has a name and nothing to come in with. */
  const takeOver = ({ name, passwordHash }: Omit<NewUser, 'role'>): User | undefined => {
    const key = userNameKey(name);
    const id = sql.keyless.get(key);
    if (id === undefined) return undefined;
    sql.makeOwner.run(name, passwordHash ?? null, id);
    return get(id);
  };
  /** Before somebody stops being an enabled owner. */
  const keepOneOwner = ({ role, disabled }: User) => {
    if (role === 'owner' && !disabled && sql.countOwners.get() === 1) throw lastOwner();
  };

  return {
    countUsers: () => read(() => sql.count.get() ?? 0),
    countOwners: () => read(() => sql.countOwners.get() ?? 0),
    createUser: (user, invitation) =>
      write(() => {
        take('invite', invitation);
        return add(user);
      }),
    createFirstOwner: (user, setUp) =>
      write(() => {
        if (sql.countOwners.get() !== 0) throw alreadySetUp();
        take('set-up', setUp);
        return takeOver(user) ?? add({ ...user, role: 'owner' });
      }),
    findUserByName: (name) => read(() => toUserIfAny(sql.byKey.get(userNameKey(name)))),
    findUser: (id) => read(() => find(id)),
    listUsers: (viewer) => read(() => (mayOperate(viewer) ? sql.all.all().map(toUser) : [])),
    setRole: (id, role) =>
      write(() => {
        const user = get(id);
        if (role !== 'owner') keepOneOwner(user);
        sql.setRole.run(role, id);
        if (role !== user.role) sql.endSessions.run(id, '');
        return get(id);
      }),
    setDisabled: (id, disabled) =>
      write(() => {
        const user = get(id);
        if (disabled) keepOneOwner(user);
        sql.setDisabled.run(disabled ? 1 : 0, id);
        if (disabled) sql.endSessions.run(id, '');
        return get(id);
      }),
    removeUser: (id) =>
      write(() => {
        keepOneOwner(get(id));
        sql.remove.run(id);
      }),
    setPasswordHash: (id, hash, except) =>
      write(() => {
        if (sql.setPassword.run(hash, id).changes === 0) throw noSuchUser();
        sql.endSessions.run(id, except ?? '');
      }),
    rehashPassword: (id, was, hash) => write(() => sql.rehash.run(hash, id, was).changes === 1),
    passwordHashOf: (id) => read(() => sql.passwordOf.get(id) ?? undefined),
  };
}

const toUserIfAny = (row: UserRow | undefined): User | undefined =>
  row === undefined ? undefined : toUser(row);

function prepare(handle: Connection['handle']) {
  return {
    count: handle.prepare<[], number>('SELECT count(*) FROM users').pluck(),
    countOwners: handle
      .prepare<[], number>(`SELECT count(*) FROM users WHERE role = 'owner' AND disabled = 0`)
      .pluck(),
    byId: handle.prepare<[UserId], UserRow>(`SELECT ${userColumns} FROM users WHERE id = ?`),
    byKey: handle.prepare<[string], UserRow>(`SELECT ${userColumns} FROM users WHERE name_key = ?`),
    all: handle.prepare<[], UserRow>(`SELECT ${userColumns} FROM users ORDER BY id`),
    insert: handle.prepare(
      `INSERT INTO users (id, name, name_key, role, password, created_at)
       VALUES (@id, @name, @key, @role, @passwordHash, @at)`,
    ),
    keyless: handle
      .prepare<[string], UserId>(
        `SELECT id FROM users WHERE name_key = ? AND password IS NULL
           AND NOT EXISTS (SELECT 1 FROM passkeys WHERE user_id = users.id)`,
      )
      .pluck(),
    makeOwner: handle.prepare<[string, PasswordHash | null, UserId]>(
      `UPDATE users SET name = ?, password = ?, role = 'owner', disabled = 0 WHERE id = ?`,
    ),
    setRole: handle.prepare<[Role, UserId]>('UPDATE users SET role = ? WHERE id = ?'),
    setDisabled: handle.prepare<[0 | 1, UserId]>('UPDATE users SET disabled = ? WHERE id = ?'),
    remove: handle.prepare<[UserId]>('DELETE FROM users WHERE id = ?'),
    setPassword: handle.prepare<[PasswordHash, UserId]>('UPDATE users SET password = ? WHERE id = ?'),
    rehash: handle.prepare<[PasswordHash, UserId, string]>(
      'UPDATE users SET password = ? WHERE id = ? AND password = ?',
    ),
    passwordOf: handle.prepare<[UserId], string | null>('SELECT password FROM users WHERE id = ?').pluck(),
    endSessions: handle.prepare<[UserId, SessionId | '']>(
      'DELETE FROM sessions WHERE user_id = ? AND id <> ?',
    ),
  };
}
