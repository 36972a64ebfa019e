// What is measured when somebody reads the metrics: the queue, the database, the disk, the process and its event loop.
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { DatabaseFigures } from './database/figures.ts';
import type { PhotoDatabase } from './gallery/photo-database.ts';
import type { JobQueue } from './gallery/ports.ts';
import type { DatabaseHealth } from './gallery/verification-database.ts';
import { machine } from './gallery/viewer.ts';
import type { Metrics } from './metrics.ts';

export interface Measured {
  readonly photos: Pick<PhotoDatabase, 'countFailed'>;
  readonly jobs: Pick<JobQueue, 'count' | 'oldestMs'>;
  readonly database: DatabaseFigures;
  readonly health: Pick<DatabaseHealth, 'status'>;
  readonly uploadsDir: string;
}

/** Returns its end: the event loop is not watched any more. */
export function startFigures(metrics: Metrics, measured: Measured): () => void {
  metrics.fact('sajin_build_info', 'Which Sajin runs, on which Node.', {
    version: version(),
    node: process.version,
  });
  showPhotos(metrics, measured);
  showDatabase(metrics, measured);
  showDisk(metrics, measured.uploadsDir);
  showProcess(metrics);
  return watchEventLoop(metrics);
}

const version = () => {
  const manifest = readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
};

function showPhotos(metrics: Metrics, { photos, jobs, database }: Measured): void {
  metrics.gauge('sajin_originals', 'Photos, each with one original.', database.photos);
  metrics.gauge('sajin_photos_failed', 'Photos that could not be looked at.', () =>
    photos.countFailed(machine),
  );
  metrics.gauge('sajin_jobs', 'Photos that wait to be developed, or are being developed.', () =>
    jobs.count(),
  );
  metrics.gauge('sajin_jobs_oldest_seconds', 'For how long the oldest of those that wait has been due.', () =>
    jobs.oldestMs().then((ms = 0) => ms / 1000),
  );
}

function showDatabase(metrics: Metrics, { database, health }: Measured): void {
  metrics.gauge('sajin_database_damaged', '1 when the database was read and is not in order.', () =>
    Number(health.status().isDamaged),
  );
  metrics.gauge(
    'sajin_database_checked_timestamp_seconds',
    'When all of the database was last read and was in order; 0 when it never was.',
    () => (health.status().checkedAt?.getTime() ?? 0) / 1000,
  );
  metrics.gauge('sajin_database_bytes', 'Size of the database file.', database.bytes);
  metrics.gauge('sajin_database_wal_bytes', 'Size of its write-ahead log.', database.walBytes);
  metrics.counter(
    'sajin_database_busy_retries_total',
    'Times the database was locked by another process and tried again.',
    database.busyRetries,
  );
}

function showDisk(metrics: Metrics, uploadsDir: string): void {
  const bytes = async (of: 'bavail' | 'blocks') => {
    const found = await statfs(uploadsDir);
    return found[of] * found.bsize;
  };
  metrics.gauge('sajin_disk_free_bytes', 'Free on the disk of the uploads folder.', () => bytes('bavail'));
  metrics.gauge('sajin_disk_bytes', 'Size of that disk.', () => bytes('blocks'));
}

// Under the names that every Prometheus client gives them, so that dashboards know them. The library's own collectors can't be ended.
function showProcess(metrics: Metrics): void {
  const startedAt = Date.now() / 1000 - process.uptime();
  metrics.gauge('process_start_time_seconds', 'When the program started.', () => startedAt);
  metrics.gauge(
    'process_resident_memory_bytes',
    'Of the web process; its darkroom has processes of its own.',
    () => process.memoryUsage.rss(),
  );
  metrics.counter('process_cpu_seconds_total', 'Of the web process.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
}

const resolutionMs = 20;

function watchEventLoop(metrics: Metrics): () => void {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  // The pause that was asked for is no delay; without a sample there is nothing to tell.
  const seconds = (nanoseconds: number) =>
    delay.count === 0 ? 0 : Math.max(0, nanoseconds / 1e9 - resolutionMs / 1000);
  let longest = 0;
  let median = 0;
  // Gauges are read in the order they were made: the first looks, and begins anew for the next reading.
  metrics.gauge('nodejs_eventloop_lag_p99_seconds', `99th percentile ${sinceLast}`, () => {
    const p99 = seconds(delay.percentile(99));
    [longest, median] = [seconds(delay.max), seconds(delay.percentile(50))];
    delay.reset();
    return p99;
  });
  metrics.gauge('nodejs_eventloop_lag_p50_seconds', `Median ${sinceLast}`, () => median);
  metrics.gauge('nodejs_eventloop_lag_max_seconds', `Longest ${sinceLast}`, () => longest);
  return () => delay.disable();
}

const sinceLast = 'delay of the event loop since it was last read.';
