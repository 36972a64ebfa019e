// What people kept for themselves alone who were removed. Nobody sees it, and none of it is lost, until somebody who runs the gallery
// decides: it becomes theirs, or goes into the trash. Of who is still one of the people nothing is touched, whoever asks.
import type { AccountDatabase } from './account-database.ts';
import type { Note } from './notes.ts';
import type { Actor } from './people.ts';
import type { Handed, PhotoDatabase, PrivateTotal } from './photo-database.ts';
import type { EventHub } from './ports.ts';
import type { UserId } from './user.ts';
import { machine, mayOperate, notAllowed, userOf, type Viewer } from './viewer.ts';

export interface LeftPhotos {
  /** By whose it is, also of who is not gone: what would be left if they were removed now. */
  countKept(viewer: Viewer): Promise<ReadonlyMap<UserId, PrivateTotal>>;
  /** Of all who are gone, together. Both are told to nobody but who runs the gallery. */
  count(viewer: Viewer): Promise<PrivateTotal>;
  /**
   * Does this with all of it, or with what one of them left; returns with how many photos. Rejects `not-allowed`, and `bad-request` as
   * `handOver` does.
   */
  settle(by: Actor, to: Handed, from?: UserId): Promise<number>;
}

export interface LeftPhotosParts {
  readonly photos: Pick<PhotoDatabase, 'countPrivate' | 'handOver'>;
  readonly accounts: Pick<AccountDatabase, 'listUsers'>;
  readonly events: EventHub;
  readonly note: Note;
}

/** Short transactions: readers and uploads come in between. */
const atOnce = 100;

const actions = { mine: 'left-photos-taken', trash: 'left-photos-trashed' } as const;

export function openLeftPhotos({ photos, accounts, events, note }: LeftPhotosParts): LeftPhotos {
  const listLeft = async (viewer: Viewer): Promise<readonly (readonly [UserId, PrivateTotal])[]> => {
    // The photos first: who comes meanwhile has none among these.
    const totals = await photos.countPrivate(viewer);
    // As the machine: to whom nobody is told, everybody would be gone.
    const people = new Set((await accounts.listUsers(machine)).map(({ id }) => id));
    return [...totals].filter(([owner]) => !people.has(owner));
  };
  const handOver = async (by: Actor, from: UserId, to: Handed): Promise<number> => {
    const heir = userOf(by.viewer);
    for (let count = 0; ; ) {
      const ids = await photos.handOver(by.viewer, from, to, atOnce);
      for (const id of ids)
        if (to === 'mine' && heir !== undefined) events.publish({ kind: 'photo-added', id, onlyFor: heir });
        else events.publish({ kind: 'photo-removed', id, onlyFor: from });
      count += ids.length;
      if (ids.length === 0) return count;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return {
    countKept: (viewer) => photos.countPrivate(viewer),
    async count(viewer) {
      const left = await listLeft(viewer);
      const sum = (of: keyof PrivateTotal) => left.reduce((all, [, total]) => all + total[of], 0);
      return { hidden: sum('hidden'), trashed: sum('trashed') };
    },
    async settle(by, to, from) {
      if (!mayOperate(by.viewer)) throw notAllowed('owner');
      let count = 0;
      for (const [owner] of await listLeft(by.viewer))
        if (from === undefined || owner === from) count += await handOver(by, owner, to);
      if (count > 0)
        await note({ actor: by.name, action: actions[to], subject: String(count), address: by.address });
      return count;
    },
  };
}
