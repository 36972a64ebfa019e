// Takes jobs from the queue and gives them to whoever does the work, a few at a time. Knows nothing about pictures.
import type { Background, Job, JobQueue } from './gallery/ports.ts';
import type { Log } from './log.ts';

export interface JobRunner {
  /** Look at the queue now: something was put in. */
  wake(): void;
  /** Stops claiming, aborts what runs and waits for it. */
  close(): Promise<void>;
}

export interface JobRunnerOptions {
  readonly queue: JobQueue;
  /** Jobs at a time. */
  readonly capacity: number;
  /** Ends the job by itself (saved, failed, released). Whatever it throws is logged; the lease then runs out. */
  readonly work: (job: Job, signal: AbortSignal) => Promise<void>;
  /** Which re-runs may work now? Asked before each claim; all, if absent. */
  readonly background?: () => Background;
  readonly log: Log;
  readonly leaseMs?: number;
}

/** Ask again at least this often, also when nothing is due: another process may have put something in. */
const longestNapMs = 30_000;

export function startJobs({
  queue,
  capacity,
  work,
  background = () => 'all',
  log,
  leaseMs = 60_000,
}: JobRunnerOptions): JobRunner {
  const abort = new AbortController();
  const running = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let filling: Promise<void> | undefined;
  let again = false;

  const run = async (job: Job) => {
    const keeper = setInterval(() => {
      queue
        .renew(job, leaseMs)
        .catch((error: unknown) => log.warn({ job: job.id, err: error }, 'lease not renewed'));
    }, leaseMs / 3);
    try {
      await work(job, abort.signal);
    } catch (error) {
      log.error({ job: job.id, photo: job.photoId, err: error }, 'job failed');
    } finally {
      clearInterval(keeper);
    }
  };

  const fill = async () => {
    while (!abort.signal.aborted && running.size < capacity) {
      const job = await queue.claim(leaseMs, background());
      if (job === undefined) break;
      const task = run(job).finally(() => {
        running.delete(task);
        wake();
      });
      running.add(task);
    }
    if (running.size < capacity) nap(await queue.dueIn(background()));
  };

  const nap = (dueInMs = longestNapMs) => {
    clearTimeout(timer);
    if (!abort.signal.aborted) timer = setTimeout(wake, Math.min(dueInMs, longestNapMs)).unref();
  };

  // One look at a time; a wake during a look means one more look.
  const wake = () => {
    if (abort.signal.aborted) return;
    if (filling !== undefined) {
      again = true;
      return;
    }
    filling = fill()
      .catch((error: unknown) => {
        log.error({ err: error }, 'the queue could not be read');
        nap(1_000);
      })
      .finally(() => {
        filling = undefined;
        if (again) {
          again = false;
          wake();
        }
      });
  };

  wake();
  return {
    wake,
    async close() {
      abort.abort();
      clearTimeout(timer);
      await filling;
      await Promise.all(running);
    },
  };
}
