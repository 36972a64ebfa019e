// When each original was last read, in a map.
import { type Photo, type PhotoId, type Sha256, toldOf } from '../../src/gallery/photo.ts';
import {
  nothingToCheck,
  type OriginalFault,
  type VerificationDatabase,
} from '../../src/gallery/verification-database.ts';
import { mayOperate, type Viewer } from '../../src/gallery/viewer.ts';
import { type KeptPhoto, toCard } from './memory-gallery.ts';

export interface MemoryVerification {
  readonly database: VerificationDatabase;
  /** A photo came. */
  add(photo: KeptPhoto): void;
}

interface Gallery {
  readonly now: () => number;
  /** Newest first. */
  photos(): readonly Photo[];
  sees(viewer: Viewer, id: PhotoId): boolean;
  redevelop(id: PhotoId): void;
  touch(): void;
}

export function openMemoryVerification({ now, photos, sees, redevelop, touch }: Gallery): MemoryVerification {
  const checks = new Map<Sha256, { at: number; fault?: OriginalFault }>();
  let asked = 0;
  let strays: readonly string[] = [];
  const with_ = (sha256: Sha256) => photos().filter((photo) => photo.sha256 === sha256);
  const present = () => [...checks].filter(([sha256]) => with_(sha256).length > 0);
  const olderThan = (moment: number) =>
    present()
      .filter(([, { at }]) => at < moment)
      .sort(([, a], [, b]) => a.at - b.at);
  const toOriginal = (of: Sha256 | undefined) => {
    const [one, ...more] = of === undefined ? [] : with_(of);
    if (one === undefined) return undefined;
    const { sha256, bytes, type } = one;
    const twins = [one, ...more].map((photo) => {
      const { state, renditions } = photo;
      return { ...toldOf(photo), state, renditions };
    });
    return { sha256, bytes, type, photos: twins };
  };
  const checkOf = ({ sha256 }: Photo) => {
    const { at = 0, fault } = checks.get(sha256) ?? {};
    return { ...(at === 0 ? {} : { checkedAt: new Date(at) }), ...(fault === undefined ? {} : { fault }) };
  };
  const damaged = () =>
    photos().flatMap((photo) => {
      const { fault, ...check } = checkOf(photo);
      return fault === undefined ? [] : [{ photo: toCard(photo), ...check, fault }];
    });

  return {
    add({ sha256, uploadedAt }) {
      if (!checks.has(sha256)) checks.set(sha256, { at: uploadedAt.getTime() });
    },
    database: {
      async findNextOriginal(before) {
        const [oldest] = olderThan(Math.max(before.getTime(), asked));
        return toOriginal(oldest?.[0]);
      },
      findOriginal: async (viewer, sha256) =>
        with_(sha256).some(({ id }) => sees(viewer, id)) ? toOriginal(sha256) : undefined,
      async noteCheck(sha256, fault) {
        const known = checks.get(sha256);
        if (known === undefined || with_(sha256).length === 0) return false;
        checks.set(sha256, { at: now(), ...(fault === undefined ? {} : { fault }) });
        if (known.fault === fault) return false;
        touch();
        return true;
      },
      async askFor(before) {
        asked = Math.max(asked, before.getTime());
      },
      async redevelop(sha256) {
        const told = with_(sha256)
          .filter(({ state }) => state === 'done')
          .map(toldOf);
        for (const { id } of told) redevelop(id);
        return told;
      },
      async noteStrays(keys) {
        strays = keys;
      },
      listStrays: async (viewer) => (mayOperate(viewer) ? strays : []),
      async summarizeChecks(viewer, before) {
        if (!mayOperate(viewer)) return nothingToCheck;
        return {
          originals: present().length,
          damaged: damaged().length,
          left: olderThan(asked).length,
          overdue: olderThan(before.getTime()).length,
        };
      },
      listDamaged: async (viewer, limit, before) =>
        damaged()
          .filter(({ photo }) => sees(viewer, photo.id))
          .filter(({ photo }) => before === undefined || photo.id < before)
          .slice(0, limit),
      async findCheck(viewer, id) {
        const photo = photos().find((one) => one.id === id && sees(viewer, id));
        return photo === undefined ? undefined : checkOf(photo);
      },
    },
  };
}
