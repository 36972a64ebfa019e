// Who it is by now that asked: a body may take an hour, and meanwhile somebody may be put out or given another role.
import type { AccountDatabase } from '../gallery/account-database.ts';
import { GalleryError } from '../gallery/errors.ts';
import { asViewer, type Viewer } from '../gallery/viewer.ts';

/** Ask again right before something is recorded. Rejects `signed-out` for who is gone or disabled. */
export async function viewerNow(
  { accounts }: { readonly accounts: Pick<AccountDatabase, 'findUser'> },
  viewer: Viewer,
): Promise<Viewer> {
  if (viewer.kind !== 'user') return viewer;
  const user = await accounts.findUser(viewer.id);
  if (user !== undefined && !user.disabled) return asViewer(user);
  throw new GalleryError('signed-out', 'You are not signed in any more; nothing was stored.');
}
