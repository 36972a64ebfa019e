// What engines and people said about photos, in plain maps.
import { confidenceOf } from '../../src/gallery/calibration.ts';
import {
  amend,
  type Correction,
  goneMeanwhile,
  merge,
  mostWords,
  type Said,
  type Word,
} from '../../src/gallery/correction.ts';
import { labelsOf } from '../../src/gallery/detection.ts';
import { GalleryError } from '../../src/gallery/errors.ts';
import type {
  Change,
  ChangeId,
  DetectionId,
  EngineDetection,
  Photo,
  PhotoId,
} from '../../src/gallery/photo.ts';
import type { KeptChange } from '../../src/gallery/sidecar.ts';

interface KeptWord extends Word {
  readonly photo: PhotoId;
  readonly endedBy?: ChangeId;
}

export interface MemoryOpinions {
  opinions(id: PhotoId): { said: readonly Said[]; words: readonly Word[] };
  view(id: PhotoId): Pick<Photo, 'labels' | 'detections' | 'rejections' | 'lastChange'>;
  replace(id: PhotoId, detections: readonly EngineDetection[]): void;
  correct(id: PhotoId, correction: Correction, at: number): boolean;
  undo(id: PhotoId, change: ChangeId): void;
  changesOf(id: PhotoId): KeptChange[];
  recall(id: PhotoId, changes: readonly KeptChange[]): void;
  forget(id: PhotoId): void;
}

export function openMemoryOpinions(): MemoryOpinions {
  const said = new Map<PhotoId, readonly Said[]>();
  const changes = new Map<ChangeId, Change & { readonly photo: PhotoId }>();
  let words: readonly KeptWord[] = [];
  let last = 0;
  const nextId = () => {
    last += 1;
    return last;
  };

  const opinions = (id: PhotoId) => ({
    said: said.get(id) ?? [],
    words: words.filter((word) => word.photo === id && word.endedBy === undefined),
  });
  return {
    opinions,
    view(id) {
      const now = opinions(id);
      const merged = merge(now.said, now.words);
      const change = [...changes.values()].filter(({ photo }) => photo === id).at(-1);
      const { photo: _photo, ...lastChange } = change ?? { photo: id };
      return {
        ...merged,
        labels: labelsOf(merged.detections),
        ...('kind' in lastChange ? { lastChange } : {}),
      };
    },
    replace(id, detections) {
      said.set(
        id,
        detections.map((one) => ({
          ...one,
          id: `e${nextId()}` as DetectionId,
          confidence: confidenceOf(one.origin.engine, one.score),
        })),
      );
    },
    correct(id, correction, time) {
      const now = opinions(id);
      const amendment = amend(correction, now.said, now.words);
      if (amendment === undefined) return false;
      const { kind, label, ends, adds } = amendment;
      if (now.words.length - ends.length + adds.length > mostWords)
        throw new GalleryError('too-many-labels', 'This photo has enough corrections.');
      const change = nextId() as ChangeId;
      const at = new Date(time);
      changes.set(change, { id: change, kind, label, at, photo: id });
      words = [
        ...words.map((word) => (ends.includes(word.id) ? { ...word, endedBy: change } : word)),
        ...adds.map((one) => ({ ...one, id: `p${nextId()}` as DetectionId, change, kind, at, photo: id })),
      ];
      return true;
    },
    undo(id, change) {
      const isBuiltUpon = words.some((word) => word.change === change && word.endedBy !== undefined);
      if (changes.get(change)?.photo !== id || isBuiltUpon) throw goneMeanwhile();
      changes.delete(change);
      words = words
        .filter((word) => word.change !== change)
        .map(({ endedBy, ...word }) =>
          endedBy === undefined || endedBy === change ? word : { ...word, endedBy },
        );
    },
    changesOf(id) {
      const all = [...changes.values()].filter(({ photo }) => photo === id);
      return all.map(({ id: change, kind, label, at }) => ({
        kind,
        label,
        at,
        words: words
          .filter((word) => word.change === change)
          .map(({ present, label: what, box, endedBy }) => ({
            present,
            label: what,
            ...(box === undefined ? {} : { box }),
            ...(endedBy === undefined ? {} : { endedBy: all.findIndex((one) => one.id === endedBy) }),
          })),
      }));
    },
    recall(id, kept) {
      const ids = kept.map(() => nextId() as ChangeId);
      kept.forEach(({ words: said, ...rest }, position) => {
        const change = ids[position] as ChangeId;
        changes.set(change, { ...rest, id: change, photo: id });
        const { kind, at } = rest;
        words = [
          ...words,
          ...said.map(({ endedBy, ...word }) => ({
            ...word,
            ...(endedBy === undefined ? {} : { endedBy: ids[endedBy] as ChangeId }),
            id: `p${nextId()}` as DetectionId,
            change,
            kind,
            at,
            photo: id,
          })),
        ];
      });
    },
    forget(id) {
      said.delete(id);
      words = words.filter(({ photo }) => photo !== id);
      for (const { photo, id: change } of changes.values()) if (photo === id) changes.delete(change);
    },
  };
}
