// Lets many have of what there is little of, and nobody more than a share. Knows names of holders, not who they are.

/** A part, 0 to 1, of the whole: as much as whoever has this name may hold at a time. */
export interface Share {
  readonly holder: string;
  readonly part: number;
}

export interface Shares {
  /** One place, if there is one within every one of these shares; nothing is taken otherwise. */
  take(shares: readonly Share[]): Place | undefined;
  /** How many places are taken now. */
  taken(): number;
}

/** Gives a place back; fine twice. */
export type Place = () => void;

/** @param most places that there are; however small a share is, one of them is in it */
export function openShares(most: number): Shares {
  let taken = 0;
  const held = new Map<string, number>();
  const heldBy = ({ holder }: Share) => held.get(holder) ?? 0;
  const count = (share: Share, change: 1 | -1) => {
    const now = heldBy(share) + change;
    if (now === 0) held.delete(share.holder);
    else held.set(share.holder, now);
  };
  return {
    take(shares) {
      const isFull = shares.some((share) => heldBy(share) >= Math.max(1, Math.floor(most * share.part)));
      if (taken >= most || isFull) return undefined;
      taken += 1;
      for (const share of shares) count(share, 1);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        taken -= 1;
        for (const share of shares) count(share, -1);
      };
    },
    taken: () => taken,
  };
}
