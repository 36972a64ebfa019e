// How many bodies may come in at once, whatever way they come.
import { GalleryError } from '../gallery/errors.ts';

/** More at once share the disk and the memory badly; the next one is asked to come back. */
export const mostUploadsAtOnce = 50;

export interface Slots {
  /** Returns its release, which is fine twice. @throws GalleryError `busy` */
  take(): () => void;
  /** How many are coming in now. */
  taken(): number;
}

/** @param closing nothing new is begun any more once it is aborted */
export function openSlots(most: number, closing: AbortSignal): Slots {
  let taken = 0;
  return {
    take() {
      if (taken >= most || closing.aborted) {
        throw new GalleryError('busy', 'Too many uploads are under way; try again in a moment.');
      }
      taken += 1;
      let held = true;
      return () => {
        if (held) taken -= 1;
        held = false;
      };
    },
    taken: () => taken,
  };
}
