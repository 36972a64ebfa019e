// People with an account, signed in before the program starts: there is a session, and the cookie that a browser of theirs sends.
import { openSqlite } from '../../src/database/sqlite.ts';
import type { Role } from '../../src/gallery/user.ts';
import { hashToken, newToken } from '../../src/security/tokens.ts';

/** Their cookies, by name. Call it while nothing has the folder open. */
export async function signInPeople<Name extends string>(
  folder: string,
  people: Readonly<Record<Name, Role>>,
): Promise<Readonly<Record<Name, string>>> {
  const { photos, accounts } = openSqlite(folder, { mayCreate: true, now: Date.now });
  const cookies: [string, string][] = [];
  for (const [name, role] of Object.entries<Role>(people)) {
    const token = newToken();
    const { id } = await accounts.createUser({ name, role });
    await accounts.createSession({ user: id, tokenHash: hashToken(token), isConfirmed: true, agent: 'test' });
    cookies.push([name, `sid=${token}`]);
  }
  await photos.close();
  return Object.fromEntries(cookies) as Record<Name, string>;
}
