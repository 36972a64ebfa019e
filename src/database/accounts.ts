// AccountDatabase on SQLite, put together from its tables. Touches no table of photos, and bumps no revision: no list of photos changes.
import type { AccountDatabase } from '../gallery/account-database.ts';
import { openAudit } from './audit.ts';
import type { Connection } from './connection.ts';
import { openGrants } from './grants.ts';
import { openPasskeys } from './passkeys.ts';
import { openSessions } from './sessions.ts';
import { openUsers } from './users.ts';

/** Fine on several connections to one file: every write is one BEGIN IMMEDIATE that looks again at what it rests on. */
export function openAccounts(connection: Connection, now: () => number): AccountDatabase {
  const grants = openGrants(connection, now);
  return {
    ...openUsers(connection, grants.take, now),
    ...openSessions(connection, now),
    ...openPasskeys(connection, now),
    ...grants.methods,
    ...openAudit(connection, now),
  };
}
