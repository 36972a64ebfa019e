// How many bodies may come in at once, whatever way they come, and how many of one sender.
import type { Request } from 'express';
import { GalleryError } from '../gallery/errors.ts';
import { sharesOf } from '../gallery/holders.ts';
import type { Viewer } from '../gallery/viewer.ts';
import { openShares } from '../security/shares.ts';
import { clientAddress } from './client.ts';

/** More at once share the disk and the memory badly; the next one is asked to come back. */
export const mostUploadsAtOnce = 50;

export interface Slots {
  /** Returns its release, which is fine twice. @throws GalleryError `busy` */
  take(viewer: Viewer, request: Request): () => void;
  /** How many are coming in now. */
  taken(): number;
}

/** @param closing nothing new is begun any more once it is aborted */
export function openSlots(most: number, closing: AbortSignal): Slots {
  const { take, taken } = openShares(most);
  return {
    take(viewer, request) {
      const release = closing.aborted ? undefined : take(sharesOf(viewer, clientAddress(request)));
      if (release !== undefined) return release;
      throw new GalleryError('busy', 'Too many uploads are under way; try again in a moment.');
    },
    taken,
  };
}
