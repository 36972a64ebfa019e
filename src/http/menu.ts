// What the menu of every page counts. Asks for numbers only; a page that can't wait for them goes without.
import type { Asking } from './asking.ts';
import type { HttpParts } from './parts.ts';
import type { PageContext } from './views.ts';

/** The context with the number of photos that need a look, and of those that guests sent. */
export async function withMenu(
  { photos }: Pick<HttpParts, 'photos'>,
  { viewer, context }: Pick<Asking, 'viewer' | 'context'>,
): Promise<PageContext> {
  const [failed, waiting] = await Promise.all([photos.countFailed(viewer), photos.countWaiting(viewer)]);
  return { ...context, failed, waiting };
}
