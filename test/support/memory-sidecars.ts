// The outbox of sidecars in a map.
import type { Sha256 } from '../../src/gallery/photo.ts';
import type { SidecarPhoto } from '../../src/gallery/sidecar.ts';
import type { DueNote, SidecarDatabase } from '../../src/gallery/sidecar-database.ts';
import type { KeptPhoto } from './memory-gallery.ts';

export interface MemorySidecars {
  readonly database: SidecarDatabase;
  note(sha256: Sha256): void;
}

export function openMemorySidecars(
  photosOf: (sha256: Sha256) => readonly KeptPhoto[],
  changesOf: (photo: KeptPhoto) => SidecarPhoto['changes'],
): MemorySidecars {
  const due = new Map<Sha256, DueNote>();
  let last = 0;
  const note = (sha256: Sha256) => {
    last += 1;
    due.delete(sha256);
    due.set(sha256, { note: last, sha256 });
  };
  return {
    note,
    database: {
      listDueSidecars: async (limit, after = 0) =>
        [...due.values()].filter((one) => one.note > after).slice(0, limit),
      async findDueSidecar(sha256) {
        const known = due.get(sha256);
        const photos = photosOf(sha256);
        const [one] = photos;
        if (known === undefined || one === undefined) return known;
        const { bytes, type, width, height, frames = 1 } = one;
        const told = photos.map((photo) => {
          const { id, title, uploadedAt } = photo;
          return { id, title, uploadedAt, changes: changesOf(photo) };
        });
        return { ...known, sidecar: { sha256, bytes, type, width, height, frames, photos: told } };
      },
      async noteSidecar(sha256) {
        if (photosOf(sha256).length > 0 && !due.has(sha256)) note(sha256);
      },
      async settleSidecar(settled) {
        if (due.get(settled.sha256)?.note === settled.note) due.delete(settled.sha256);
      },
    },
  };
}
