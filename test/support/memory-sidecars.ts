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
  return {
    note(sha256) {
      last += 1;
      due.delete(sha256);
      due.set(sha256, { note: last, sha256 });
    },
    database: {
      listDueSidecars: async (limit, after = 0) =>
        [...due.values()].filter(({ note }) => note > after).slice(0, limit),
      async findDueSidecar(sha256) {
        const note = due.get(sha256);
        const photos = photosOf(sha256);
        const [one] = photos;
        if (note === undefined || one === undefined) return note;
        const { bytes, type, width, height, frames = 1 } = one;
        const told = photos.map((photo) => {
          const { id, title, uploadedAt } = photo;
          return { id, title, uploadedAt, changes: changesOf(photo) };
        });
        return { ...note, sidecar: { sha256, bytes, type, width, height, frames, photos: told } };
      },
      async settleSidecar({ note, sha256 }) {
        if (due.get(sha256)?.note === note) due.delete(sha256);
      },
    },
  };
}
