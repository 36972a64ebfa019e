// The grants of AccountDatabase on SQLite: each taken once, by deleting it.
import { v7 as newUuid } from 'uuid';
import type { AccountDatabase } from '../gallery/account-database.ts';
import type { Grant, GrantId, GrantPurpose } from '../gallery/accounts.ts';
import type { TokenHash } from '../security/tokens.ts';
import type { Connection } from './connection.ts';

export interface Grants {
  readonly methods: Pick<
    AccountDatabase,
    'createGrant' | 'findGrant' | 'takeGrant' | 'listGrants' | 'endGrant'
  >;
  /** Call inside `write`: for taking a grant together with what it is taken for. */
  take(purpose: GrantPurpose, tokenHash: TokenHash): Grant | undefined;
}

interface GrantRow {
  readonly id: GrantId;
  readonly purpose: GrantPurpose;
  readonly created_at: number;
  readonly expires_at: number;
  readonly payload: string;
}

export function openGrants({ handle, read, write }: Connection, now: () => number): Grants {
  const sql = prepare(handle);
  const take = (purpose: GrantPurpose, tokenHash: TokenHash) =>
    toGrantIfAny(sql.take.get(tokenHash, purpose, now()));

  return {
    take,
    methods: {
      createGrant: ({ purpose, tokenHash, expiresAt, payload }) =>
        write(() => {
          const at = now();
          sql.dropExpired.run(at);
          const id = newUuid({ msecs: at }) as GrantId;
          sql.insert.run({ id, purpose, tokenHash, at, end: expiresAt.getTime(), payload });
          return { id, purpose, createdAt: new Date(at), expiresAt, payload };
        }),
      findGrant: (purpose, tokenHash) => read(() => toGrantIfAny(sql.byToken.get(tokenHash, purpose, now()))),
      takeGrant: (purpose, tokenHash) => write(() => take(purpose, tokenHash)),
      listGrants: (purpose) => read(() => sql.ofPurpose.all(purpose, now()).map(toGrant)),
      endGrant: (id) => write(() => sql.end.run(id, now()).changes === 1),
    },
  };
}

const toGrant = (row: GrantRow): Grant => ({
  id: row.id,
  purpose: row.purpose,
  createdAt: new Date(row.created_at),
  expiresAt: new Date(row.expires_at),
  payload: row.payload,
});

const toGrantIfAny = (row: GrantRow | undefined) => (row === undefined ? undefined : toGrant(row));

function prepare(handle: Connection['handle']) {
  const columns = 'id, purpose, created_at, expires_at, payload';
  const isGood = 'token_hash = ? AND purpose = ? AND expires_at > ?';
  return {
    insert: handle.prepare(
      `INSERT INTO grants (id, purpose, token_hash, created_at, expires_at, payload)
       VALUES (@id, @purpose, @tokenHash, @at, @end, @payload)`,
    ),
    byToken: handle.prepare<[TokenHash, GrantPurpose, number], GrantRow>(
      `SELECT ${columns} FROM grants WHERE ${isGood}`,
    ),
    take: handle.prepare<[TokenHash, GrantPurpose, number], GrantRow>(
      `DELETE FROM grants WHERE ${isGood} RETURNING ${columns}`,
    ),
    ofPurpose: handle.prepare<[GrantPurpose, number], GrantRow>(
      `SELECT ${columns} FROM grants WHERE purpose = ? AND expires_at > ? ORDER BY id DESC`,
    ),
    end: handle.prepare<[GrantId, number]>('DELETE FROM grants WHERE id = ? AND expires_at > ?'),
    dropExpired: handle.prepare<[number]>('DELETE FROM grants WHERE expires_at <= ?'),
  };
}
