// JobQueue in a plain map.
import type { PhotoId } from '../../src/gallery/photo.ts';
import type { Background, Job, JobQueue } from '../../src/gallery/ports.ts';
import type { RerunId } from '../../src/gallery/rerun.ts';

export interface Queued {
  readonly id: number;
  readonly photoId: PhotoId;
  readonly rerun?: RerunId;
  readonly attempt: number;
  readonly refunded: number;
  readonly dueAt: number;
  readonly leasedUntil?: number;
}

export interface MemoryQueue {
  readonly jobs: JobQueue;
  add(photo: PhotoId, rerun?: RerunId): void;
  held(job: Job): boolean;
  end(job: Job): void;
  drop(which: (job: Queued) => boolean): void;
  has(which: (job: Queued) => boolean): boolean;
}

interface Around {
  readonly now: () => number;
  /** Re-runs whose photos may be given out, the narrowest first, with photos in the queue. */
  readonly lookingReruns: (background: Exclude<Background, 'none'>) => readonly RerunId[];
  readonly ended: (rerun: RerunId) => void;
  readonly wait: (photo: PhotoId) => void;
}

export function openMemoryQueue({ now, lookingReruns, ended, wait }: Around): MemoryQueue {
  const queued = new Map<number, Queued>();
  let last = 0;
  const present = ({ id, attempt }: Job) => {
    const job = queued.get(id);
    return job?.attempt === attempt ? job : undefined;
  };
  const of = (rerun: RerunId | undefined) =>
    [...queued.values()]
      .filter((job) => job.rerun === rerun)
      .sort((a, b) => a.dueAt - b.dueAt || a.id - b.id);
  const dueAt = ({ dueAt: due, leasedUntil = 0 }: Queued) => Math.max(due, leasedUntil);

  return {
    add(photoId, rerun) {
      if ([...queued.values()].some((job) => job.photoId === photoId && job.rerun === rerun)) return;
      last += 1;
      const job = { id: last, photoId, attempt: 0, refunded: 0, dueAt: now() };
      queued.set(last, rerun === undefined ? job : { ...job, rerun });
    },
    held: (job) => present(job) !== undefined,
    end({ id }) {
      queued.delete(id);
    },
    drop(which) {
      for (const job of queued.values()) if (which(job)) queued.delete(job.id);
    },
    has: (which) => [...queued.values()].some(which),
    jobs: {
      async claim(leaseMs, background = 'none') {
        const time = now();
        const groups = [of(undefined), ...(background === 'none' ? [] : lookingReruns(background).map(of))];
        const job = groups.flat().find((one) => dueAt(one) <= time);
        if (job === undefined) return undefined;
        const claimed = { ...job, attempt: job.attempt + 1, leasedUntil: time + leaseMs };
        queued.set(job.id, claimed);
        const { id, photoId, attempt, refunded, rerun } = claimed;
        return { id, photoId, attempt, tries: attempt - refunded, ...(rerun === undefined ? {} : { rerun }) };
      },
      async renew(job, leaseMs) {
        const held = present(job);
        if (held === undefined) return false;
        queued.set(job.id, { ...held, leasedUntil: now() + leaseMs });
        return true;
      },
      async complete(job) {
        const held = present(job) !== undefined && queued.delete(job.id);
        if (held && job.rerun !== undefined) ended(job.rerun);
        return held;
      },
      async release(job, { delayMs, counted }) {
        const held = present(job);
        if (held?.leasedUntil === undefined) return false;
        const { leasedUntil: _ended, ...rest } = held;
        queued.set(job.id, { ...rest, dueAt: now() + delayMs, refunded: rest.refunded + (counted ? 0 : 1) });
        if (job.rerun === undefined) wait(job.photoId);
        return true;
      },
      async dueIn(background = 'none') {
        const groups = [of(undefined), ...(background === 'none' ? [] : lookingReruns(background).map(of))];
        const times = groups.flat().map(dueAt);
        return times.length === 0 ? undefined : Math.max(0, Math.min(...times) - now());
      },
      count: async () => of(undefined).length,
      async oldestMs() {
        const waiting = of(undefined).filter((job) => dueAt(job) <= now());
        return waiting[0] === undefined ? undefined : now() - waiting[0].dueAt;
      },
    },
  };
}
