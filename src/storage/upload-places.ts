// How many unfinished uploads there may be, and how much each holder's will have together. Knows names of holders, not who they are.
import { GalleryError } from '../gallery/errors.ts';
import { openShares, type Place } from '../security/shares.ts';

export interface UnfinishedLimits {
  /** In all; 10,000 unless told. */
  readonly most?: number;
  /** 0 to 1, of those; 500 of 10,000 unless told: a hundred phones of theirs that were cut off. */
  readonly partOfOne?: number;
}

export interface UploadPlaces {
  /** For one of so many bytes, whether they come or not. Throws `too-many-uploads`. */
  take(id: string, bytes: number): Place;
  /** For one that is there, be there a place or not. */
  takeAnyway(id: string, bytes: number): Place;
  /** Of all that whoever has this id has a place for now. */
  bytesOf(id: string): number;
}

/** A phone has three under way. Ten thousand are somebody who fills the folder. */
const mostUnfinished = 10_000;

/** With which an id ends: the same for all that one person began, after a restart, too. */
const holderOf = (id: string) => id.slice(-8);

export function openUploadPlaces({
  most = mostUnfinished,
  partOfOne = 0.05,
}: UnfinishedLimits): UploadPlaces {
  const shares = openShares(most);
  const sums = new Map<string, number>();
  const bytesOf = (id: string) => sums.get(holderOf(id)) ?? 0;
  const change = (id: string, bytes: number) => {
    const now = bytesOf(id) + bytes;
    if (now === 0) sums.delete(holderOf(id));
    else sums.set(holderOf(id), now);
  };
  const placeFor = (id: string) => shares.take([{ holder: holderOf(id), part: partOfOne }]);
  const counted = (id: string, bytes: number, place: Place): Place => {
    change(id, bytes);
    let isCounted = true;
    return () => {
      place();
      if (isCounted) change(id, -bytes);
      isCounted = false;
    };
  };
  return {
    take(id, bytes) {
      const place = placeFor(id);
      if (place !== undefined) return counted(id, bytes, place);
      throw new GalleryError('too-many-uploads', 'Too many uploads are unfinished; end some of them first.');
    },
    takeAnyway: (id, bytes) => counted(id, bytes, placeFor(id) ?? (() => {})),
    bytesOf,
  };
}
