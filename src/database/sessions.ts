// The sessions of AccountDatabase on SQLite: found by the digest of their token, ended by their id.
import { v7 as newUuid } from 'uuid';
import type { AccountDatabase } from '../gallery/account-database.ts';
import {
  mostSessions,
  noSuchUser,
  type Session,
  type SessionId,
  sessionEnd,
  sessionNoteMs,
} from '../gallery/accounts.ts';
import { mayPass } from '../gallery/errors.ts';
import type { UserId } from '../gallery/user.ts';
import type { TokenHash } from '../security/tokens.ts';
import type { Connection } from './connection.ts';
import { toUser, type UserRow, userColumns } from './users.ts';

export type Sessions = Pick<AccountDatabase, Method>;

type Method =
  | 'createSession'
  | 'findSession'
  | 'confirmSession'
  | 'listSessions'
  | 'endSession'
  | 'endAllSessions';

interface SessionRow extends UserRow {
  readonly session_id: SessionId;
  readonly began_at: number;
  readonly last_seen_at: number;
  readonly expires_at: number;
  readonly confirmed_at: number | null;
  readonly agent: string;
  readonly address: string | null;
}

export function openSessions({ handle, read, write }: Connection, now: () => number): Sessions {
  const sql = prepare(handle);

  const find = (tokenHash: TokenHash) => sql.byToken.get(tokenHash, now());
  const isNoted = ({ last_seen_at }: SessionRow) => now() - last_seen_at < sessionNoteMs;
  /** Looks again: while the lock was waited for it may have ended, or another request of the same page has noted the visit. */
  const noteVisit = (tokenHash: TokenHash) =>
    write(() => {
      const row = find(tokenHash);
      if (row === undefined || isNoted(row)) return row;
      const at = now();
      sql.note.run(at, sessionEnd(row.began_at, at), row.session_id);
      return find(tokenHash);
    });

  return {
    createSession: ({ user, tokenHash, agent, address = null, isConfirmed = false }) =>
      write(() => {
        if (sql.enabledUser.get(user) === undefined) throw noSuchUser();
        const at = now();
        sql.dropExpired.run(at);
        const id = newUuid({ msecs: at }) as SessionId;
        const confirmedAt = isConfirmed ? at : null;
        sql.insert.run({ id, tokenHash, user, agent, address, at, end: sessionEnd(at, at), confirmedAt });
        sql.dropOldest.run({ user, newest: id, kept: mostSessions - 1 });
        const row = find(tokenHash);
        if (row === undefined) throw new Error('a session is not there that was just begun');
        return toSession(row);
      }),
    async findSession(tokenHash) {
      const row = await read(() => find(tokenHash));
      if (row === undefined || isNoted(row)) return toSessionIfAny(row);
      try {
        return toSessionIfAny(await noteVisit(tokenHash));
      } catch (error) {
        // A full disk must not keep out who could free it.
        if (!mayPass(error)) throw error;
        return toSession(row);
      }
    },
    confirmSession: (user, id) => write(() => sql.confirm.run(now(), id, user).changes === 1),
    listSessions: (user) => read(() => sql.ofUser.all(user, now()).map(toSession)),
    endSession: (user, id) => write(() => sql.end.run(id, user).changes === 1),
    endAllSessions: (user, except) =>
      write(() => sql.endAll.all(user, except ?? '').filter((end) => end > now()).length),
  };
}

const toSession = (row: SessionRow): Session => ({
  id: row.session_id,
  user: toUser(row),
  createdAt: new Date(row.began_at),
  lastSeenAt: new Date(row.last_seen_at),
  expiresAt: new Date(row.expires_at),
  ...(row.confirmed_at === null ? {} : { confirmedAt: new Date(row.confirmed_at) }),
  agent: row.agent,
  ...(row.address === null ? {} : { address: row.address }),
});

const toSessionIfAny = (row: SessionRow | undefined) => (row === undefined ? undefined : toSession(row));

function prepare(handle: Connection['handle']) {
  const select = `SELECT ${userColumns}, sessions.id AS session_id, sessions.created_at AS began_at, last_seen_at, expires_at, confirmed_at,
      agent, address
    FROM sessions CROSS JOIN users ON users.id = user_id`;
  return {
    byToken: handle.prepare<[TokenHash, number], SessionRow>(
      `${select} WHERE token_hash = ? AND expires_at > ? AND disabled = 0`,
    ),
    ofUser: handle.prepare<[UserId, number], SessionRow>(
      `${select} WHERE user_id = ? AND expires_at > ? ORDER BY last_seen_at DESC, sessions.id DESC`,
    ),
    enabledUser: handle.prepare<[UserId]>('SELECT id FROM users WHERE id = ? AND disabled = 0'),
    insert: handle.prepare(
      `INSERT INTO sessions (id, token_hash, user_id, created_at, last_seen_at, expires_at, confirmed_at, agent, address)
       VALUES (@id, @tokenHash, @user, @at, @at, @end, @confirmedAt, @agent, @address)`,
    ),
    dropExpired: handle.prepare<[number]>('DELETE FROM sessions WHERE expires_at <= ?'),
    // Never the one that has just begun, whatever the clock said when the others were seen.
    dropOldest: handle.prepare(
      `DELETE FROM sessions WHERE id IN (
         SELECT id FROM sessions WHERE user_id = @user AND id <> @newest
         ORDER BY last_seen_at DESC, id DESC LIMIT -1 OFFSET @kept)`,
    ),
    note: handle.prepare<[number, number, SessionId]>(
      'UPDATE sessions SET last_seen_at = ?, expires_at = ? WHERE id = ?',
    ),
    confirm: handle.prepare<[number, SessionId, UserId]>(
      'UPDATE sessions SET confirmed_at = ? WHERE id = ? AND user_id = ?',
    ),
    end: handle.prepare<[SessionId, UserId]>('DELETE FROM sessions WHERE id = ? AND user_id = ?'),
    endAll: handle
      .prepare<[UserId, SessionId | ''], number>(
        'DELETE FROM sessions WHERE user_id = ? AND id <> ? RETURNING expires_at',
      )
      .pluck(),
  };
}
