// The passkeys of AccountDatabase on SQLite. What is kept is public: a key that only checks.
import type { AccountDatabase } from '../gallery/account-database.ts';
import { noSuchUser, type Passkey, passkeyTaken } from '../gallery/accounts.ts';
import type { UserId } from '../gallery/user.ts';
import type { Connection } from './connection.ts';

export type Passkeys = Pick<AccountDatabase, Method>;

type Method =
  | 'addPasskey'
  | 'listPasskeys'
  | 'findPasskey'
  | 'usePasskey'
  | 'renamePasskey'
  | 'removePasskey';

interface PasskeyRow {
  readonly credential_id: string;
  readonly user_id: UserId;
  readonly public_key: Buffer;
  readonly counter: number;
  readonly transports: string;
  readonly name: string;
  readonly created_at: number;
  readonly last_used_at: number | null;
}

export function openPasskeys({ handle, read, write }: Connection, now: () => number): Passkeys {
  const sql = prepare(handle);
  const find = (credentialId: string): Passkey | undefined => {
    const row = sql.byId.get(credentialId);
    return row === undefined ? undefined : toPasskey(row);
  };

  return {
    addPasskey: ({ publicKey, transports, ...rest }) =>
      write(() => {
        if (sql.user.get(rest.user) === undefined) throw noSuchUser();
        if (find(rest.credentialId) !== undefined) throw passkeyTaken();
        sql.insert.run({
          ...rest,
          publicKey: Buffer.from(publicKey),
          transports: JSON.stringify(transports),
          at: now(),
        });
        const passkey = find(rest.credentialId);
        if (passkey === undefined) throw new Error('a passkey is not there that was just added');
        return passkey;
      }),
    listPasskeys: (user) => read(() => sql.ofUser.all(user).map(toPasskey)),
    findPasskey: (credentialId) => read(() => find(credentialId)),
    usePasskey: (credentialId, counter) =>
      write(() => sql.use.run({ credentialId, counter, at: now() }).changes === 1),
    renamePasskey: (user, credentialId, name) =>
      write(() => sql.rename.run(name, credentialId, user).changes === 1),
    removePasskey: (user, credentialId) => write(() => sql.remove.run(credentialId, user).changes === 1),
  };
}

const toPasskey = (row: PasskeyRow): Passkey => ({
  credentialId: row.credential_id,
  user: row.user_id,
  publicKey: new Uint8Array(row.public_key),
  counter: row.counter,
  transports: JSON.parse(row.transports) as string[],
  name: row.name,
  createdAt: new Date(row.created_at),
  ...(row.last_used_at === null ? {} : { lastUsedAt: new Date(row.last_used_at) }),
});

function prepare(handle: Connection['handle']) {
  return {
    user: handle.prepare<[UserId]>('SELECT id FROM users WHERE id = ?'),
    byId: handle.prepare<[string], PasskeyRow>('SELECT * FROM passkeys WHERE credential_id = ?'),
    ofUser: handle.prepare<[UserId], PasskeyRow>(
      'SELECT * FROM passkeys WHERE user_id = ? ORDER BY created_at, rowid',
    ),
    insert: handle.prepare(
      `INSERT INTO passkeys (credential_id, user_id, public_key, counter, transports, name, created_at)
       VALUES (@credentialId, @user, @publicKey, @counter, @transports, @name, @at)`,
    ),
    // WebAuthn, 6.1.1: keys that count none stay at 0 for ever.
    use: handle.prepare(
      `UPDATE passkeys SET counter = @counter, last_used_at = @at
       WHERE credential_id = @credentialId AND (@counter > counter OR (@counter = 0 AND counter = 0))`,
    ),
    rename: handle.prepare<[string, string, UserId]>(
      'UPDATE passkeys SET name = ? WHERE credential_id = ? AND user_id = ?',
    ),
    remove: handle.prepare<[string, UserId]>('DELETE FROM passkeys WHERE credential_id = ? AND user_id = ?'),
  };
}
