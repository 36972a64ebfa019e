// JobQueue on SQLite: leases in a table, fenced by the attempt number.
import type { PhotoId } from '../gallery/photo.ts';
import type { JobQueue } from '../gallery/ports.ts';
import type { Connection } from './connection.ts';

interface JobRow {
  readonly id: number;
  readonly photo_id: PhotoId;
  readonly attempt: number;
  readonly refunded: number;
}

/** Call when this process alone holds the folder: leases of whoever held it before are void. */
export function openJobs(connection: Connection, now: () => number): JobQueue {
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

  const claim = handle.prepare<{ now: number; until: number }, JobRow>(
    `UPDATE jobs SET attempt = attempt + 1, leased_until = @until
     WHERE id = (SELECT id FROM jobs WHERE due_at <= @now AND (leased_until IS NULL OR leased_until <= @now)
                 ORDER BY due_at, id LIMIT 1)
     RETURNING id, photo_id, attempt, refunded`,
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
  const due = handle.prepare<[], { at: number | null }>(
    'SELECT min(max(due_at, coalesce(leased_until, 0))) AS at FROM jobs',
  );
  const count = handle.prepare<[], { jobs: number }>('SELECT count(*) AS jobs FROM jobs');

  return {
    claim: (leaseMs) =>
      write(() => {
        const row = claim.get({ now: now(), until: now() + leaseMs });
        if (row === undefined) return undefined;
        return { id: row.id, photoId: row.photo_id, attempt: row.attempt, tries: row.attempt - row.refunded };
      }),
    renew: (job, leaseMs) => write(() => renew.run(now() + leaseMs, job.id, job.attempt).changes === 1),
    complete: (job) => write(() => complete.run(job.id, job.attempt).changes === 1),
    release: (job, { delayMs, counted }) =>
      write(() => {
        const held = release.run(now() + delayMs, counted ? 0 : 1, job.id, job.attempt).changes === 1;
        if (held && wait.run(job.photoId).changes === 1) touch();
        return held;
      }),
    dueIn: () =>
      read(() => {
        const at = due.get()?.at;
        return at === null || at === undefined ? undefined : Math.max(0, at - now());
      }),
    count: () => read(() => count.get()?.jobs ?? 0),
  };
}
