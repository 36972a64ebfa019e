// SidecarDatabase on SQLite: the notes that triggers leave, and everything that people gave the photos with the same bytes.
import type { Change, ChangeId, MediaType, PhotoId, Sha256 } from '../gallery/photo.ts';
import type { KeptChange, SidecarPhoto } from '../gallery/sidecar.ts';
import type { DueNote, SidecarDatabase } from '../gallery/sidecar-database.ts';
import type { UserId } from '../gallery/user.ts';
import { isUnseen, onlyFor } from './audience.ts';
import type { Connection } from './connection.ts';
import { openOwners } from './owners.ts';

interface TwinRow {
  readonly id: PhotoId;
  readonly title: string;
  readonly uploaded_at: number;
  readonly bytes: number;
  readonly type: MediaType;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly owner: UserId | '';
  readonly audience: string;
  readonly trashed_at: number | null;
}

interface KeptRow {
  readonly change_id: ChangeId;
  readonly ended_by: ChangeId | null;
  readonly present: 0 | 1;
  readonly label: string;
  readonly x: number | null;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function openSidecars({ handle, read, write }: Connection, now: () => number): SidecarDatabase {
  const owners = openOwners(handle, now);
  const first = handle.prepare<[number, number], DueNote>(
    'SELECT note, sha256 FROM sidecars_due WHERE note > ? ORDER BY note LIMIT ?',
  );
  const due = handle.prepare<[Sha256], DueNote>('SELECT note, sha256 FROM sidecars_due WHERE sha256 = ?');
  const twins = handle.prepare<[Sha256], TwinRow>(
    'SELECT id, title, uploaded_at, bytes, type, width, height, frames, owner, audience, trashed_at FROM photos WHERE sha256 = ? ORDER BY id',
  );
  const changes = handle.prepare<[PhotoId], Omit<Change, 'at'> & { readonly at: number }>(
    'SELECT id, kind, label, at FROM changes WHERE photo_id = ? ORDER BY id',
  );
  const words = handle.prepare<[PhotoId], KeptRow>(
    'SELECT change_id, ended_by, present, label, x, y, width, height FROM words WHERE photo_id = ? ORDER BY id',
  );
  const note = handle.prepare<[Sha256]>(
    `INSERT INTO sidecars_due (sha256) SELECT DISTINCT sha256 FROM photos WHERE sha256 = ?
     ON CONFLICT (sha256) DO NOTHING`,
  );
  const settle = handle.prepare<[number]>('DELETE FROM sidecars_due WHERE note = ?');

  const changesOf = (id: PhotoId): KeptChange[] => {
    const all = changes.all(id);
    const said = words.all(id);
    const positions = new Map(all.map((change, at) => [change.id, at]));
    return all.map(({ id: change, kind, label, at }) => ({
      kind,
      label,
      at: new Date(at),
      words: said
        .filter((word) => word.change_id === change)
        .map(({ present, label: what, x, y, width, height, ended_by }) => {
          const endedBy = ended_by === null ? undefined : positions.get(ended_by);
          return {
            present: present === 1,
            label: what,
            ...(x === null ? {} : { box: { x, y, width, height } }),
            ...(endedBy === undefined ? {} : { endedBy }),
          };
        }),
    }));
  };
  const photoOf = ({ id, title, uploaded_at, owner, audience, trashed_at }: TwinRow): SidecarPhoto => {
    const name = owner === '' ? undefined : (owners.nameOf(owner) ?? `${owner}`);
    return {
      id,
      title,
      uploadedAt: new Date(uploaded_at),
      ...(name === undefined ? {} : { owner: name }),
      // What waits to be let in is rather hidden than shown.
      ...(onlyFor(audience) === undefined && !isUnseen(audience) ? {} : { isPrivate: true }),
      ...(trashed_at === null ? {} : { trashedAt: new Date(trashed_at) }),
      changes: changesOf(id),
    };
  };

  return {
    listDueSidecars: (limit, after = 0) => read(() => first.all(after, limit)),
    findDueSidecar: (sha256) =>
      read(() => {
        const note = due.get(sha256);
        if (note === undefined) return undefined;
        const rows = twins.all(sha256);
        const [one] = rows;
        if (one === undefined) return note;
        const { bytes, type, width, height, frames } = one;
        return {
          ...note,
          sidecar: { sha256, bytes, type, width, height, frames, photos: rows.map(photoOf) },
        };
      }),
    settleSidecar: ({ note }) =>
      write(() => {
        settle.run(note);
      }),
    noteSidecar: (sha256) =>
      write(() => {
        note.run(sha256);
      }),
  };
}
