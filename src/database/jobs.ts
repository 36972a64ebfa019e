// JobQueue on SQLite: leases in a table, fenced by the attempt number.
import type { PhotoId } from '../gallery/photo.ts';
import type { Job, JobQueue } from '../gallery/ports.ts';
import type { RerunId } from '../gallery/rerun.ts';
import type { Connection } from './connection.ts';
import type { RerunFeeder } from './rerun-feeder.ts';

interface JobRow {
  readonly id: number;
  readonly photo_id: PhotoId;
  /** 0 for developing. */
  readonly rerun_id: RerunId | 0;
  readonly attempt: number;
  readonly refunded: number;
}

/** One closure over its statements. Call when this process alone holds the folder: leases of whoever held it before are void. */
export function openJobs(connection: Connection, feeder: RerunFeeder, now: () => number): JobQueue {
  const { handle, read, write, touch } = connection;
  // That this process was ended in the middle says nothing about the photos it was at; that its clock was ahead, neither.
  handle
    .transaction((at: number) => {
      handle.exec(`UPDATE photos SET state = 'waiting', version = version + 1 WHERE state = 'developing'`);
      handle
        .prepare(
          'UPDATE jobs SET refunded = refunded + (leased_until IS NOT NULL), leased_until = NULL, due_at = min(due_at, ?)',
        )
        .run(at);
    })
    .immediate(now());

  const claim = handle.prepare<{ now: number; until: number; rerun: number }, JobRow>(
    `UPDATE jobs SET attempt = attempt + 1, leased_until = @until
     WHERE id = (SELECT id FROM jobs
                 WHERE rerun_id = @rerun AND due_at <= @now AND (leased_until IS NULL OR leased_until <= @now)
                 ORDER BY due_at, id LIMIT 1)
     RETURNING id, photo_id, rerun_id, attempt, refunded`,
  );
  const renew = handle.prepare<[number, number, number]>(
    'UPDATE jobs SET leased_until = ? WHERE id = ? AND attempt = ?',
  );
  const complete = handle.prepare<[number, number]>('DELETE FROM jobs WHERE id = ? AND attempt = ?');
  const release = handle.prepare<[number, number, number, number]>(
    `UPDATE jobs SET leased_until = NULL, due_at = ?, refunded = refunded + ?
     WHERE id = ? AND attempt = ? AND leased_until IS NOT NULL`,
  );
  const wait = handle.prepare<[PhotoId]>(
    `UPDATE photos SET state = 'waiting', version = version + 1 WHERE id = ? AND state = 'developing'`,
  );
  const due = handle
    .prepare<[], number | null>(
      'SELECT min(max(due_at, coalesce(leased_until, 0))) FROM jobs WHERE rerun_id = 0',
    )
    .pluck();
  const oldest = handle
    .prepare<{ now: number }, number | null>(
      `SELECT min(due_at) FROM jobs
       WHERE rerun_id = 0 AND due_at <= @now AND (leased_until IS NULL OR leased_until <= @now)`,
    )
    .pluck();
  const count = handle.prepare<[], number>('SELECT count(*) FROM jobs WHERE rerun_id = 0').pluck();

  const claimFor = (rerun: number, leaseMs: number): Job | undefined => {
    const row = claim.get({ now: now(), until: now() + leaseMs, rerun });
    if (row === undefined) return undefined;
    const { id, photo_id: photoId, rerun_id, attempt, refunded } = row;
    const of = rerun_id === 0 ? {} : { rerun: rerun_id };
    return { id, photoId, attempt, tries: attempt - refunded, ...of };
  };

  return {
    claim: (leaseMs, background = 'none') =>
      write(() => {
        const job = claimFor(0, leaseMs);
        if (job !== undefined || background === 'none') return job;
        for (const rerun of feeder.next(background)) {
          const look = claimFor(rerun, leaseMs);
          if (look !== undefined) return look;
        }
        return undefined;
      }),
    renew: (job, leaseMs) => write(() => renew.run(now() + leaseMs, job.id, job.attempt).changes === 1),
    complete: (job) =>
      write(() => {
        const held = complete.run(job.id, job.attempt).changes === 1;
        if (held && job.rerun !== undefined) feeder.settle(job.rerun);
        return held;
      }),
    release: (job, { delayMs, counted }) =>
      write(() => {
        const held = release.run(now() + delayMs, counted ? 0 : 1, job.id, job.attempt).changes === 1;
        if (held && job.rerun === undefined && wait.run(job.photoId).changes === 1) touch();
        return held;
      }),
    dueIn: (background = 'none') =>
      read(() => {
        const looks = background === 'none' ? undefined : feeder.dueAt(background);
        const times = [due.get(), looks];
        const known = times.filter((at) => at !== null && at !== undefined);
        return known.length === 0 ? undefined : Math.max(0, Math.min(...known) - now());
      }),
    count: () => read(() => count.get() ?? 0),
    oldestMs: () =>
      read(() => {
        const dueSince = oldest.get({ now: now() });
        return typeof dueSince === 'number' ? now() - dueSince : undefined;
      }),
  };
}
