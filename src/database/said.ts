// What engines and people said about a photo, as rows, and what follows from both: its labels. Call everything inside a transaction.
import type { Database } from 'better-sqlite3';
import { calibrationVersion, confidenceOf } from '../gallery/calibration.ts';
import {
  amend,
  type Correction,
  goneMeanwhile,
  merge,
  mostWords,
  type Said,
  type Word,
} from '../gallery/correction.ts';
import { labelsOf } from '../gallery/detection.ts';
import { GalleryError } from '../gallery/errors.ts';
import type {
  Box,
  Change,
  ChangeId,
  Detection,
  DetectionId,
  EngineDetection,
  EngineRun,
  PhotoId,
  Rejection,
} from '../gallery/photo.ts';
import type { KeptChange } from '../gallery/sidecar.ts';
import type { LabelIndex } from './label-index.ts';

interface SaidRow {
  readonly id: number;
  readonly label: string;
  readonly score: number;
  readonly confidence: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly engine: string;
  readonly model: string;
}

interface WordRow {
  readonly id: number;
  readonly change_id: ChangeId;
  readonly kind: Change['kind'];
  readonly present: 0 | 1;
  readonly label: string;
  readonly x: number | null;
  readonly y: number | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly at: number;
}

export interface Opinions {
  readonly said: readonly Said[];
  readonly words: readonly Word[];
}

export interface SaidRows {
  opinions(id: PhotoId): Opinions;
  /** What follows from the opinions, for a photo as it is given out. */
  view(id: PhotoId): { detections: Detection[]; rejections: Rejection[]; lastChange?: Change };
  /** In place of whatever an engine said before; the labels follow. */
  replace(id: PhotoId, detections: readonly EngineDetection[]): void;
  /** The same, and the photo remembers which engine looked. */
  look(id: PhotoId, engine: EngineRun, detections: readonly EngineDetection[]): void;
  /** False when it was said already. */
  correct(id: PhotoId, correction: Correction, at: number): boolean;
  undo(id: PhotoId, change: ChangeId): void;
  /** Says again what people said of a photo that was here before. */
  recall(id: PhotoId, changes: readonly KeptChange[]): void;
  /** Makes the confidences of up to `limit` photos again, newest first; returns how many, 0 when all are of the present table. */
  recalibrate(limit: number): number;
}

/** One closure, since whatever is said, the labels follow from all of it. */
export function openSaid(database: Database, index: LabelIndex): SaidRows {
  const sql = prepare(database);

  const opinions = (id: PhotoId): Opinions => ({
    said: sql.said.all(id).map(toSaid),
    words: sql.words.all(id).map(toWord),
  });
  const follow = (id: PhotoId, { said, words }: Opinions) => {
    const labels = labelsOf(merge(said, words).detections);
    sql.setLabels.run(JSON.stringify(labels), id);
    index.replace(id, labels);
  };
  const replace = (id: PhotoId, detections: readonly EngineDetection[]) => {
    sql.dropSaid.run(id);
    for (const { label, score, box, origin } of detections) {
      const { engine, model } = origin;
      sql.addSaid.run({ ...box, id, label, score, confidence: confidenceOf(engine, score), engine, model });
    }
    follow(id, opinions(id));
  };
  const addChange = (id: PhotoId, kind: Change['kind'], label: string, at: number) =>
    Number(sql.addChange.run({ id, kind, label, at }).lastInsertRowid) as ChangeId;
  const addWord = (
    id: PhotoId,
    change: ChangeId,
    word: Pick<Word, 'present' | 'label' | 'box'>,
    at: number,
  ) => {
    const { present, label, box = { x: null, y: null, width: null, height: null } } = word;
    return Number(
      sql.addWord.run({ ...box, id, change, present: present ? 1 : 0, label, at }).lastInsertRowid,
    );
  };

  noteCalibration(database);
  return {
    opinions,
    view(id) {
      const { said, words } = opinions(id);
      const last = sql.lastChange.get(id);
      return {
        ...merge(said, words),
        ...(last === undefined ? {} : { lastChange: { ...last, at: new Date(last.at) } }),
      };
    },
    replace,
    look(id, engine, detections) {
      sql.setEngine.run(JSON.stringify(engine), engine.model, id);
      replace(id, detections);
    },
    correct(id, correction, at) {
      const { said, words } = opinions(id);
      const amendment = amend(correction, said, words);
      if (amendment === undefined) return false;
      if (words.length - amendment.ends.length + amendment.adds.length > mostWords) throw tooMany();
      const { kind, label } = amendment;
      const change = addChange(id, kind, label, at);
      for (const ended of amendment.ends) sql.endWord.run(change, numberOf(ended));
      for (const word of amendment.adds) addWord(id, change, word, at);
      follow(id, opinions(id));
      return true;
    },
    undo(id, change) {
      const made = sql.change.get(change);
      if (made?.photo_id !== id || sql.builtUpon.get(change) !== undefined) throw goneMeanwhile();
      sql.reopenWords.run(change);
      sql.dropChange.run(change);
      const now = opinions(id);
      if (now.words.length > mostWords) throw tooMany();
      follow(id, now);
    },
    recall(id, changes) {
      if (changes.length === 0) return;
      const ids = changes.map(({ kind, label, at }) => addChange(id, kind, label, at.getTime()));
      changes.forEach(({ words, at }, position) => {
        for (const { endedBy, ...word } of words) {
          const added = addWord(id, ids[position] as ChangeId, word, at.getTime());
          const end = endedBy === undefined ? undefined : ids[endedBy];
          if (end !== undefined) sql.endWord.run(end, added);
        }
      });
      follow(id, opinions(id));
    },
    recalibrate(limit) {
      const before = sql.stale.get();
      if (before === null || before === undefined) return 0;
      const ids = sql.olderThan.all(before, limit);
      for (const id of ids) {
        for (const { id: said, engine, score } of sql.said.all(id))
          sql.setConfidence.run(confidenceOf(engine, score), said);
        follow(id, opinions(id));
        sql.bump.run(id);
      }
      sql.setStale.run(ids.length < limit ? null : (ids.at(-1) ?? null));
      return ids.length;
    },
  };
}

function prepare(database: Database) {
  return {
    said: database.prepare<[PhotoId], SaidRow>('SELECT * FROM detections WHERE photo_id = ? ORDER BY id'),
    setConfidence: database.prepare<[number, number]>('UPDATE detections SET confidence = ? WHERE id = ?'),
    stale: database.prepare<[], PhotoId | null>('SELECT stale FROM gallery').pluck(),
    setStale: database.prepare<[PhotoId | null]>('UPDATE gallery SET stale = ?'),
    olderThan: database
      .prepare<[PhotoId, number], PhotoId>('SELECT id FROM photos WHERE id < ? ORDER BY id DESC LIMIT ?')
      .pluck(),
    bump: database.prepare<[PhotoId]>('UPDATE photos SET version = version + 1 WHERE id = ?'),
    dropSaid: database.prepare<[PhotoId]>('DELETE FROM detections WHERE photo_id = ?'),
    addSaid: database.prepare(
      `INSERT INTO detections (photo_id, label, score, confidence, x, y, width, height, engine, model)
       VALUES (@id, @label, @score, @confidence, @x, @y, @width, @height, @engine, @model)`,
    ),
    words: database.prepare<[PhotoId], WordRow>(
      `SELECT words.*, kind FROM words JOIN changes ON changes.id = change_id
       WHERE words.photo_id = ? AND ended_by IS NULL ORDER BY words.id`,
    ),
    addWord: database.prepare(
      `INSERT INTO words (photo_id, change_id, present, label, x, y, width, height, at)
       VALUES (@id, @change, @present, @label, @x, @y, @width, @height, @at)`,
    ),
    endWord: database.prepare<[ChangeId, number]>('UPDATE words SET ended_by = ? WHERE id = ?'),
    reopenWords: database.prepare<[ChangeId]>('UPDATE words SET ended_by = NULL WHERE ended_by = ?'),
    addChange: database.prepare(
      'INSERT INTO changes (photo_id, kind, label, at) VALUES (@id, @kind, @label, @at)',
    ),
    change: database.prepare<[ChangeId], { photo_id: PhotoId }>('SELECT photo_id FROM changes WHERE id = ?'),
    /** A word that it made was ended by a later change: that one must be taken back first. */
    builtUpon: database.prepare<[ChangeId], { id: number }>(
      'SELECT id FROM words WHERE change_id = ? AND ended_by IS NOT NULL LIMIT 1',
    ),
    // Takes the words that it made along.
    dropChange: database.prepare<[ChangeId]>('DELETE FROM changes WHERE id = ?'),
    lastChange: database.prepare<[PhotoId], Omit<Change, 'at'> & { readonly at: number }>(
      'SELECT id, kind, label, at FROM changes WHERE photo_id = ? ORDER BY id DESC LIMIT 1',
    ),
    setLabels: database.prepare<[string, PhotoId]>('UPDATE photos SET labels = ? WHERE id = ?'),
    setEngine: database.prepare<[string, string, PhotoId]>(
      'UPDATE photos SET engine = ?, model = ? WHERE id = ?',
    ),
  };
}

/** When the table of confidences is another than the one the rows were made with, all of them are to be made again. */
function noteCalibration(database: Database): void {
  database
    .prepare(`UPDATE gallery SET calibration = @version, stale = '~' WHERE calibration <> @version`)
    .run({ version: calibrationVersion });
}

const toSaid = ({ id, label, score, confidence, x, y, width, height, engine, model }: SaidRow): Said => ({
  id: `e${id}` as DetectionId,
  label,
  score,
  confidence,
  box: { x, y, width, height },
  origin: { by: 'engine', engine, model },
});

function toWord({ id, change_id, kind, present, label, x, y, width, height, at }: WordRow): Word {
  const box = x === null ? undefined : ({ x, y, width, height } as Box);
  return {
    id: `p${id}` as DetectionId,
    change: change_id,
    kind,
    present: present === 1,
    label,
    ...(box === undefined ? {} : { box }),
    at: new Date(at),
  };
}

const numberOf = (id: DetectionId) => Number(id.slice(1));

const tooMany = () =>
  new GalleryError(
    'too-many-labels',
    `This photo has ${mostWords} corrections already; take some back first.`,
  );
