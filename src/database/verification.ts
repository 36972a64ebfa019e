// VerificationDatabase on SQLite: a row for each original, found by its age.
import type { MediaType, PhotoId, PhotoState, Rendition, Sha256, Told } from '../gallery/photo.ts';
import {
  type Check,
  type CheckSummary,
  nothingToCheck,
  type OriginalFault,
  type OriginalToCheck,
  type VerificationDatabase,
} from '../gallery/verification-database.ts';
import { mayOperate } from '../gallery/viewer.ts';
import { type Eyes, eyesOf, hearerOf, seen, seenById } from './audience.ts';
import type { Connection } from './connection.ts';
import { type CardRow, cardColumns, toCard } from './rows.ts';

interface TwinRow {
  readonly id: PhotoId;
  readonly audience: string;
  readonly state: PhotoState;
  readonly renditions: string;
  readonly bytes: number;
  readonly type: MediaType;
}

interface CheckRow {
  readonly checked_at: number;
  readonly fault: OriginalFault | null;
}

export function openVerification(
  { handle, read, write, touch }: Connection,
  now: () => number,
): VerificationDatabase {
  const sql = prepare(handle);
  const toOriginal = (sha256: Sha256): OriginalToCheck | undefined => {
    const rows = sql.twins.all(sha256);
    const [one] = rows;
    if (one === undefined) return undefined;
    const photos = rows.map(({ state, renditions, ...row }) => ({
      ...toldOf(row),
      state,
      renditions: JSON.parse(renditions) as Rendition[],
    }));
    return { sha256, bytes: one.bytes, type: one.type, photos };
  };

  return {
    findNextOriginal: (before) =>
      read(() => {
        const oldest = sql.oldest.get(Math.max(before.getTime(), sql.asked.get() ?? 0));
        return oldest === undefined ? undefined : toOriginal(oldest);
      }),
    findOriginal: (viewer, sha256) =>
      read(() =>
        sql.isSeen.get({ ...eyesOf(viewer), sha256 }) === undefined ? undefined : toOriginal(sha256),
      ),
    noteCheck: (sha256, fault) =>
      write(() => {
        const known = sql.byDigest.get(sha256);
        if (known === undefined) return false;
        sql.note.run(now(), fault ?? null, sha256);
        if ((known.fault ?? undefined) === fault) return false;
        touch();
        return true;
      }),
    askFor: (before) =>
      write(() => {
        sql.ask.run(before.getTime());
      }),
    redevelop: (sha256) =>
      write(() => {
        const done = sql.twins.all(sha256).filter(({ state }) => state === 'done');
        for (const { id } of done) {
          sql.wait.run(id);
          sql.addJob.run(id, now());
        }
        if (done.length > 0) touch();
        return done.map(toldOf);
      }),
    noteStrays: (keys) =>
      write(() => {
        sql.noteStrays.run(JSON.stringify(keys));
      }),
    listStrays: (viewer) =>
      read(() => (mayOperate(viewer) ? (JSON.parse(sql.strays.get() ?? '[]') as string[]) : [])),
    summarizeChecks: (viewer, before) =>
      read((): CheckSummary => {
        if (!mayOperate(viewer)) return nothingToCheck;
        const olderThan = (moment: number) => sql.olderThan.get(moment) ?? 0;
        return {
          originals: sql.count.get() ?? 0,
          damaged: sql.damagedPhotos.get() ?? 0,
          left: olderThan(sql.asked.get() ?? 0),
          overdue: olderThan(before.getTime()),
        };
      }),
    listDamaged: (viewer, limit, before = '~' as PhotoId) =>
      read(() =>
        sql.damaged
          .all({ ...eyesOf(viewer), before, limit })
          .map((row) => ({ photo: toCard(row), ...checkOf(row), fault: row.fault })),
      ),
    findCheck: (viewer, id) =>
      read(() => {
        const row = sql.ofPhoto.get({ ...eyesOf(viewer), id });
        return row === undefined ? undefined : checkOf(row);
      }),
  };
}

function toldOf({ id, audience }: Pick<TwinRow, 'id' | 'audience'>): Told {
  const hearer = hearerOf(audience);
  return hearer === undefined ? { id } : { id, onlyFor: hearer };
}

const checkOf = ({ checked_at, fault }: CheckRow): Check => ({
  ...(checked_at === 0 ? {} : { checkedAt: new Date(checked_at) }),
  ...(fault === null ? {} : { fault }),
});

function prepare(database: Connection['handle']) {
  return {
    oldest: database
      .prepare<[number], Sha256>(
        'SELECT sha256 FROM original_checks WHERE checked_at < ? ORDER BY checked_at LIMIT 1',
      )
      .pluck(),
    twins: database.prepare<[Sha256], TwinRow>(
      'SELECT id, audience, state, renditions, bytes, type FROM photos WHERE sha256 = ? ORDER BY id',
    ),
    isSeen: database.prepare<[Eyes & { readonly sha256: Sha256 }], 1>(
      `SELECT 1 FROM photos WHERE sha256 = @sha256 AND ${seen} LIMIT 1`,
    ),
    byDigest: database.prepare<[Sha256], CheckRow>(
      'SELECT checked_at, fault FROM original_checks WHERE sha256 = ?',
    ),
    ofPhoto: database.prepare<[Eyes & { readonly id: PhotoId }], CheckRow>(
      `SELECT checked_at, fault FROM photos JOIN original_checks USING (sha256) WHERE ${seenById}`,
    ),
    note: database.prepare<[number, OriginalFault | null, Sha256]>(
      'UPDATE original_checks SET checked_at = ?, fault = ? WHERE sha256 = ?',
    ),
    asked: database.prepare<[], number>('SELECT asked FROM verification').pluck(),
    ask: database.prepare<[number]>('UPDATE verification SET asked = max(asked, ?)'),
    wait: database.prepare<[PhotoId]>(
      `UPDATE photos SET state = 'waiting', version = version + 1 WHERE id = ?`,
    ),
    addJob: database.prepare<[PhotoId, number]>(
      'INSERT INTO jobs (photo_id, due_at) VALUES (?, ?) ON CONFLICT (photo_id, rerun_id) DO NOTHING',
    ),
    strays: database.prepare<[], string>('SELECT strays FROM verification').pluck(),
    noteStrays: database.prepare<[string]>('UPDATE verification SET strays = ?'),
    count: database.prepare<[], number>('SELECT count(*) FROM original_checks').pluck(),
    olderThan: database
      .prepare<[number], number>('SELECT count(*) FROM original_checks WHERE checked_at < ?')
      .pluck(),
    damagedPhotos: database
      .prepare<[], number>(
        'SELECT count(*) FROM original_checks CROSS JOIN photos USING (sha256) WHERE fault IS NOT NULL',
      )
      .pluck(),
    damaged: database.prepare<
      [Eyes & { readonly before: PhotoId; readonly limit: number }],
      CardRow & CheckRow & { readonly fault: OriginalFault }
    >(
      `SELECT ${cardColumns}, checked_at, fault FROM original_checks CROSS JOIN photos USING (sha256)
       WHERE fault IS NOT NULL AND id < @before AND ${seen} ORDER BY id DESC LIMIT @limit`,
    ),
  };
}
