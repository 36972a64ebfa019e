// Whose photos come back from sidecars, where people stand by their names: ids of people mean nothing to another database.
import type { Database } from 'better-sqlite3';
import { v7 as newUuid } from 'uuid';
import { maxUserNameLength, userNameKey } from '../gallery/accounts.ts';
import { cleanTitle } from '../gallery/photo.ts';
import type { UserId } from '../gallery/user.ts';

/** Call inside a transaction. */
export interface Owners {
  /**
   * Somebody who is not known (any more) comes back as a member who can't sign in until an owner gives them a way to: else what was
   * theirs alone would be nobody's, and so everybody's.
   */
  named(name: string): UserId;
  nameOf(id: UserId): string | undefined;
  /** Whether there is anybody from whom something may be hidden. */
  any(): boolean;
}

export function openOwners(database: Database, now: () => number): Owners {
  const byKey = database.prepare<[string], UserId>('SELECT id FROM users WHERE name_key = ?').pluck();
  const nameOf = database.prepare<[UserId], string>('SELECT name FROM users WHERE id = ?').pluck();
  const any = database.prepare<[], 1>('SELECT 1 FROM users LIMIT 1').pluck();
  const add = database.prepare(
    `INSERT INTO users (id, name, name_key, role, disabled, created_at) VALUES (?, ?, ?, 'member', 1, ?)`,
  );
  return {
    named(name) {
      const key = userNameKey(name);
      const known = byKey.get(key);
      if (known !== undefined) return known;
      // Cleaned rather than refused: what is nobody's would be everybody's.
      const clean = cleaned(name);
      if (userNameKey(clean) !== key) return this.named(clean);
      const id = newUuid() as UserId;
      add.run(id, clean, key, now());
      return id;
    },
    nameOf: (id) => nameOf.get(id),
    any: () => any.get() !== undefined,
  };
}

/** As whoever chooses a name could have chosen it. */
function cleaned(text: string): string {
  const name = [...cleanTitle(text)].slice(0, maxUserNameLength).join('').trim();
  return userNameKey(name) === '' ? '?' : name;
}
