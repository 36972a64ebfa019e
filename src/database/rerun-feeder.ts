// Which photo of a re-run is next: puts photos into the queue a few at a time, newest first, so that a re-run over a million photos
// begins as quickly as one over ten. Call everything inside a transaction.
import type { Database } from 'better-sqlite3';
import type { PhotoId } from '../gallery/photo.ts';
import type { Background } from '../gallery/ports.ts';
import type { RerunId, RerunScope } from '../gallery/rerun.ts';
import { everybody } from './audience.ts';
import { type LabelIndex, newestOf } from './label-index.ts';
import { parseThreshold, type StoredScope } from './rerun-rows.ts';

export interface RerunFeeder {
  /** Re-runs that may work and are looking, with photos in the queue, the narrowest first. */
  next(background: Exclude<Background, 'none'>): RerunId[];
  /** Milliseconds since 1970 from when on a photo of theirs may be claimed, 0 while some are not in the queue yet; null for none. */
  dueAt(background: Exclude<Background, 'none'>): number | null | undefined;
  /** Call when a job of it ended: sees whether that was the last. */
  settle(rerun: RerunId): void;
  /** How many photos a scope has now. */
  count(scope: RerunScope, model: string): number;
}

interface LookingRow {
  readonly id: RerunId;
  readonly scope: string;
  readonly model: string;
  /** Everything older than this photo is still to come; null when nothing is. */
  readonly cursor: PhotoId | null;
}

/** One photo is waited for; a label is looked through; everything older can wait. */
export const priorities: Readonly<Record<RerunScope['kind'], number>> = {
  photo: 1,
  label: 2,
  model: 3,
  older: 3,
};

/** The last priority that may work. */
const widest = { single: priorities.photo, all: priorities.older } as const;

/** As many jobs as there are lie in the queue at least, so that it never runs dry while one transaction feeds it. */
const fedAtOnce = 100;
const fewJobs = 10;

/** Of what shows a label only what is for everybody is looked at again: how many it were would tell what private photos show. */
const ofLabels = [everybody];

/** One closure, since everything in it is about which photo comes next. */
export function openRerunFeeder(database: Database, index: LabelIndex, now: () => number): RerunFeeder {
  const looking = database.prepare<[number], LookingRow>(
    `SELECT id, scope, model, cursor FROM reruns WHERE state = 'looking' AND priority <= ? ORDER BY priority, id`,
  );
  const hungry = database
    .prepare<[number, number], 1>(
      `SELECT 1 FROM reruns WHERE state = 'looking' AND priority <= ? AND cursor IS NOT NULL
         AND (SELECT count(*) FROM jobs WHERE rerun_id = reruns.id) < ? LIMIT 1`,
    )
    .pluck();
  const due = database
    .prepare<[number], number | null>(
      `SELECT min(max(due_at, coalesce(leased_until, 0))) FROM jobs
       WHERE rerun_id IN (SELECT id FROM reruns WHERE state = 'looking' AND priority <= ?)`,
    )
    .pluck();
  const queued = database.prepare<[RerunId], number>('SELECT count(*) FROM jobs WHERE rerun_id = ?').pluck();
  const enqueue = database.prepare<[PhotoId, RerunId, number]>(
    'INSERT INTO jobs (photo_id, rerun_id, due_at) VALUES (?, ?, ?) ON CONFLICT (photo_id, rerun_id) DO NOTHING',
  );
  const advance = database.prepare<[PhotoId | null, RerunId]>('UPDATE reruns SET cursor = ? WHERE id = ?');
  // Results that wait to go into their photos keep an approved re-run alive; reruns.ts ends it with the last of them.
  const end = database.prepare<[RerunId]>(
    `UPDATE reruns SET state = CASE WHEN approved = 1 OR seen = 0 THEN 'done' ELSE 'ready' END
     WHERE id = ? AND state = 'looking' AND cursor IS NULL
       AND NOT EXISTS (SELECT 1 FROM jobs WHERE rerun_id = reruns.id)
       AND NOT (approved = 1 AND EXISTS (SELECT 1 FROM rerun_photos WHERE rerun_id = reruns.id AND result IS NOT NULL))`,
  );
  const ofModel = database
    .prepare<[string, PhotoId, number], PhotoId>(
      'SELECT id FROM photos WHERE model = ? AND id < ? ORDER BY id DESC LIMIT ?',
    )
    .pluck();
  const one = database
    .prepare<[PhotoId, PhotoId], PhotoId>(
      'SELECT id FROM photos WHERE id = ? AND id < ? AND model IS NOT NULL',
    )
    .pluck();
  const models = database.prepare<[], { model: string; photos: number }>(
    'SELECT model, photos FROM model_totals WHERE photos > 0',
  );

  const otherModels = (model: string) => models.all().filter((total) => total.model !== model);
  const idsOf = (scope: StoredScope, model: string, before: PhotoId): PhotoId[] => {
    switch (scope.kind) {
      case 'photo':
        return one.all(scope.photo, before);
      case 'label':
        return index.list(
          { label: scope.label, threshold: parseThreshold(scope.threshold), shelves: ofLabels },
          before,
          fedAtOnce,
        );
      case 'model':
        return ofModel.all(scope.model, before, fedAtOnce);
      case 'older': {
        const lists = otherModels(model).map((total) => ofModel.all(total.model, before, fedAtOnce));
        return newestOf(lists, fedAtOnce);
      }
      default:
        return scope satisfies never;
    }
  };
  const feed = ({ id, scope, model, cursor }: LookingRow) => {
    if (cursor === null || (queued.get(id) ?? 0) >= fewJobs) return;
    const ids = idsOf(JSON.parse(scope) as StoredScope, model, cursor);
    for (const photo of ids) enqueue.run(photo, id, now());
    advance.run(ids.length < fedAtOnce ? null : (ids.at(-1) ?? null), id);
  };

  return {
    next(background) {
      const reruns = looking.all(widest[background]);
      for (const rerun of reruns) {
        feed(rerun);
        end.run(rerun.id);
      }
      return reruns.map(({ id }) => id);
    },
    // Something is to be fed only where the queue runs dry: saying "at once" earlier would make the asker run in circles.
    dueAt: (background) =>
      hungry.get(widest[background], fewJobs) === undefined ? due.get(widest[background]) : 0,
    settle(rerun) {
      end.run(rerun);
    },
    count(scope, model) {
      switch (scope.kind) {
        case 'photo':
          return 1;
        case 'label':
          return index.count({ ...scope, shelves: ofLabels });
        case 'model':
          return models.all().find((total) => total.model === scope.model)?.photos ?? 0;
        case 'older':
          return otherModels(model).reduce((sum, { photos }) => sum + photos, 0);
        default:
          return scope satisfies never;
      }
    },
  };
}
