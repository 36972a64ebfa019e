// To whom photos are charged that somebody sends, and how much they have by now (gallery/quota.ts).
import type { Database } from 'better-sqlite3';
import type { LinkId } from '../gallery/link.ts';
import type { Sha256 } from '../gallery/photo.ts';
import type { Charged } from '../gallery/photo-database.ts';
import type { Role, UserId } from '../gallery/user.ts';
import { mayOperate, userOf, type Viewer } from '../gallery/viewer.ts';

export function openCharges(database: Database): {
  count(viewer: Viewer, sha256?: Sha256): Charged | undefined;
} {
  const byLink = database.prepare<[LinkId], { owner: UserId | ''; role: Role | null }>(
    'SELECT owner, role FROM links LEFT JOIN users ON users.id = owner WHERE links.id = ?',
  );
  const has = database.prepare<[Sha256, UserId]>('SELECT 1 FROM photos WHERE sha256 = ? AND owner = ?');
  const sum = database
    .prepare<[UserId], number>('SELECT coalesce(sum(bytes), 0) FROM photos WHERE owner = ?')
    .pluck();
  const ownerFor = (viewer: Viewer): UserId | undefined => {
    if (viewer.kind !== 'guest') return mayOperate(viewer) ? undefined : userOf(viewer);
    const { owner = '', role = null } = byLink.get(viewer.link) ?? {};
    return owner === '' || role === 'owner' ? undefined : owner;
  };
  return {
    count(viewer, sha256) {
      const owner = ownerFor(viewer);
      if (owner === undefined || (sha256 !== undefined && has.get(sha256, owner) !== undefined))
        return undefined;
      return { owner, bytes: sum.get(owner) ?? 0 };
    },
  };
}
