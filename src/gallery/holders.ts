// Who counts as one when there is not enough for everybody: of places for uploads, of pages that listen, of passwords that are looked at.
import type { Share } from '../security/shares.ts';
import { neighbourhoodOf } from '../security/sign-in-limit.ts';
import type { Viewer } from './viewer.ts';

/** Two people can't take everything, and one still sends from several devices. */
const ofUser = 0.5;
/** Of a link, or an address, behind which many may be: a party, a school. */
const ofOutsider = 0.2;
/** Links and addresses are had by the thousand; some room is always left to those who have signed in. */
const ofOutsiders = 0.8;

/**
 * Of all that there is for the machine, which nobody else can be. Members count by who they are, not by where they are.
 * @param address of the visitor, for whoever has nothing else
 */
export function sharesOf(viewer: Viewer, address = ''): readonly Share[] {
  switch (viewer.kind) {
    case 'machine':
      return [];
    case 'user':
      return [{ holder: `user ${viewer.id}`, part: ofUser }];
    case 'guest':
      return [{ holder: `link ${viewer.link}`, part: ofOutsider }, outsiders];
    default:
      return [{ holder: `address ${neighbourhoodOf(address)}`, part: ofOutsider }, outsiders];
  }
}

const outsiders: Share = { holder: 'outsiders', part: ofOutsiders };
