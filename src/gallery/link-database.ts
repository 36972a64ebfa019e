// The contract of whatever keeps links. The comment on a method is the promise that test/contracts/ holds every implementation to; one
// method is one transaction. Everything may reject with GalleryError('busy' | 'disk-full' | 'unavailable').
import type { PasswordHash } from '../security/passwords.ts';
import type { TokenHash } from '../security/tokens.ts';
import type { Link, LinkId, NewLink } from './link.ts';
import type { PhotoCard, PhotoId } from './photo.ts';
import type { PhotoPage } from './photo-database.ts';
import type { Guest, Viewer } from './viewer.ts';

/** What a request with a token finds; the rest of the program sees links without what opens them. */
export interface FoundLink {
  readonly link: Link;
  readonly passwordHash?: PasswordHash;
}

export interface LinkPage {
  /** Newest first. */
  readonly links: readonly Link[];
  /** Give this as `before` to get the following page; absent on the last one. */
  readonly next?: LinkId;
}

/** Who sent a photo, and by which link. */
export interface Sender {
  /** As they called themselves, '' if they did not. */
  readonly name: string;
  /** The link's title. */
  readonly link: string;
}

export interface LinkDatabase {
  /**
   * It is the viewer's. Of photos only such as the viewer may change, and of private ones only their own; a label takes whoever runs the
   * gallery; an upload link whoever may add photos. Rejects `not-found` for a photo that the viewer does not see or that lies in the
   * trash or waits for approval; `not-allowed`.
   */
  createLink(viewer: Viewer, link: NewLink): Promise<Link>;
  /**
   * What `createLink` takes from this viewer as photos of a selection, newest first: so nothing is offered that would be refused. The cost
   * of a page depends neither on how deep nor on how large the gallery is. @param limit 1..200
   */
  listGivable(
    viewer: Viewer,
    query: { readonly before?: PhotoId; readonly limit: number },
  ): Promise<PhotoPage>;
  /** Those of these that `listGivable` offers, in their order. */
  findGivable(viewer: Viewer, ids: readonly PhotoId[]): Promise<readonly PhotoCard[]>;
  /**
   * Also one that is over, as such. Undefined for one that never was, and while whoever made it is disabled or could not make it now.
   */
  findLink(tokenHash: TokenHash): Promise<FoundLink | undefined>;
  /** Somebody opened it: counts, and notes the time. */
  countVisit(id: LinkId): Promise<void>;
  /** The viewer's own; all of them for who runs the gallery. @param limit 1..200 */
  listLinks(viewer: Viewer, query: { readonly before?: LinkId; readonly limit: number }): Promise<LinkPage>;
  /** From now on it is over. Fine twice. Rejects `no-link` for one that the viewer does not see. */
  revokeLink(viewer: Viewer, id: LinkId): Promise<Link>;
  /**
   * What the link shows: a selection in its order, a label newest first. Nothing, once it is over. `before` is the last photo of the
   * page before this one. @param limit 1..200
   */
  listGiven(guest: Guest, query: { readonly before?: PhotoId; readonly limit: number }): Promise<PhotoPage>;
  /** The photos beside this one in the order of `listGiven`. */
  findGivenBeside(
    guest: Guest,
    id: PhotoId,
  ): Promise<{ readonly previous?: PhotoId; readonly following?: PhotoId }>;
  /**
   * Takes one of the places that an upload link has, before anything is kept of what comes: of many that race no more get one than there
   * are. Rejects `link-over`, also for a link that takes no photos; `link-full`.
   */
  takePlace(guest: Guest): Promise<void>;
  /** Nothing came of it. */
  giveBackPlace(guest: Guest): Promise<void>;
  /** Of photos that came in by a link: by whom. Only what the viewer sees. */
  listSenders(viewer: Viewer, ids: readonly PhotoId[]): Promise<ReadonlyMap<PhotoId, Sender>>;
  /** Forgets links that have been over since before this moment; returns how many. What came in by them stays. */
  forgetOver(before: Date): Promise<number>;
}
