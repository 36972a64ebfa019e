// Photos that say whose they are to be: those of a browser that several people use. A page may have been left open, and a service worker has
// none, so whoever has signed in by now may be somebody else. That is refused, and nothing is kept.
import type { RequestHandler } from 'express';
import { GalleryError } from '../gallery/errors.ts';
import { userOf, type Viewer } from '../gallery/viewer.ts';
import { identityOf } from './identity.ts';

/** Looks at `Sajin-For`, the id of a user, before anything is done. @throws GalleryError `other-user` */
export const guardForWhom: RequestHandler = (request, _response, next) => {
  expectForWhom(identityOf(request).viewer, request.get('sajin-for'));
  next();
};

/**
 * Who has not signed in passes: without accounts there is nobody else, and elsewhere the route refuses them.
 * @param named undefined or empty when nobody was named
 * @throws GalleryError `other-user`
 */
export function expectForWhom(viewer: Viewer, named: string | undefined): void {
  const user = userOf(viewer);
  if (named === undefined || named === '' || user === undefined || named === user) return;
  throw new GalleryError('other-user', 'This is of somebody else than who has signed in; sign in as them.');
}
