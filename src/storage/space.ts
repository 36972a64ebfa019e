// How much may still come onto the disk: what is free, less a reserve, less what was promised to others and has not come yet.
import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { GalleryError } from '../gallery/errors.ts';
import type { Inbox } from '../gallery/ports.ts';

/** Kept free for the database's log and for renditions, whatever is uploaded. */
const largestReserveBytes = 256 * 1024 * 1024;
const smallestReserveBytes = 8 * 1024 * 1024;
const reserveShare = 0.02;

/** Of what comes, the last of it is not written yet (copy.ts), so the system counts it as free. */
const mostUnwrittenBytes = 2 * 1024 * 1024;
/** Kept at a time for what did not say how long it is. */
const stepBytes = 2 * 1024 * 1024;

/** @param folder on the disk that is asked about @param look what the system says of a disk */
export function openSpace(
  folder: string,
  look: (path: string) => Promise<Pick<StatsFs, 'bavail' | 'blocks' | 'bsize'>> = statfs,
): Pick<Inbox, 'ensureSpace' | 'reserve'> {
  let promisedBytes = 0;
  const ensureSpace = async (bytes: number): Promise<void> => {
    const { bavail, blocks, bsize } = await look(folder);
    const reserve = Math.min(
      largestReserveBytes,
      Math.max(smallestReserveBytes, blocks * bsize * reserveShare),
    );
    if (bavail * bsize >= bytes + reserve + promisedBytes) return;
    throw new GalleryError('disk-full', 'The disk of the gallery is full; free some space and try again.');
  };
  return {
    ensureSpace,
    async reserve(bytes) {
      let [keptBytes, cameBytes, promised, isOver] = [0, 0, 0, false];
      const promise = () => {
        const rest = Math.max(keptBytes - cameBytes, Math.min(keptBytes, mostUnwrittenBytes));
        promisedBytes -= promised;
        promised = isOver ? 0 : rest;
        promisedBytes += promised;
      };
      // Between looking and keeping nothing else runs, so nobody is promised the same.
      const keep = async (more: number) => {
        await ensureSpace(more);
        keptBytes += more;
        promise();
      };
      // One look at a time: chunks go on coming meanwhile.
      let looking: Promise<void> | undefined;
      const keepMore = async () => {
        while (cameBytes > keptBytes && !isOver) await keep(stepBytes);
      };
      await keep(bytes);
      return {
        async came(more) {
          cameBytes += more;
          promise();
          if (cameBytes <= keptBytes) return;
          looking ??= keepMore().finally(() => {
            looking = undefined;
          });
          await looking;
        },
        release() {
          isOver = true;
          promise();
        },
      };
    },
  };
}
