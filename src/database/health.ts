// Whether the database is as it was written: once a week all of it, and right after a stop that was not clean what was too large to be read
// at the start. A process of its own reads it, so that neither the start nor a visitor waits. What is damaged is not written to any more.
import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { DiskTrust } from '../gallery/disk-trust.ts';
import { GalleryError } from '../gallery/errors.ts';
import type { DatabaseHealth } from '../gallery/verification-database.ts';
import type { Log } from '../log.ts';
import { type CheckNote, readNote, writeNote } from './check-note.ts';

export interface HealthOptions {
  /** Of the database, which this program holds. */
  readonly path: string;
  /** The last stop was not clean, and not every page was read since. */
  readonly isUnread: boolean;
  readonly trust: DiskTrust;
  readonly now: () => number;
  readonly log: Log;
  /** How often it is looked whether something is due: only for tests. */
  readonly lookEveryMs?: number;
}

export interface RunningHealth extends DatabaseHealth {
  /** From now on reads by itself. */
  resume(): void;
  /** Ends what is read. */
  stop(): Promise<void>;
  /** The database is closed, and in order as far as anybody knows. */
  noteClosed(): void;
}

/** quick_check reads every page (350 MB in a second); integrity_check compares indexes with their tables, too (1 GB in ten seconds). */
type Reading = 'quick_check' | 'integrity_check';

const periodMs = 7 * 24 * 60 * 60 * 1000;
const lookEveryMs = 10 * 60 * 1000;

/**
 * As long as somebody reads, the log can't begin anew (sqlite.org/wal.html, "Avoiding Excessively Large WAL Files"): what is written
 * meanwhile makes it grow. Then the reader gives way, and tries again with the next look.
 */
const largestLogBytes = 128 * 1024 * 1024;
const watchEveryMs = 500;

export function openHealth(options: HealthOptions): RunningHealth {
  const { path, trust, now, log } = options;
  const abort = new AbortController();
  let { isUnread } = options;
  let note = readNote(path);
  let running: { readonly reading: Reading; readonly done: Promise<void> } | undefined;
  let isAsked = false;
  let timer: NodeJS.Timeout | undefined;

  const keep = (found: Partial<CheckNote>) => {
    note = { ...note, ...found, unchecked: true };
    writeNote(path, note);
  };
  const read = async (reading: Reading) => {
    const began = performance.now();
    const answer = await readWhole(path, reading, abort.signal);
    if (answer !== 'ok') {
      log.error(
        { fault: answer },
        'the database is damaged: nothing is written any more. Bring a backup back with "sajin restore", or make a new one with "sajin rebuild"',
      );
      trust.lose(damagedDatabase(answer));
      keep({ fault: answer });
      return;
    }
    isUnread = false;
    if (reading === 'integrity_check') keep({ checkedAt: now() });
    log.info({ reading, ms: Math.round(performance.now() - began) }, 'the database is in order');
  };
  const begin = (reading: Reading) => {
    const done = read(reading)
      .catch((error: unknown) => {
        if (!abort.signal.aborted)
          log.warn({ err: error }, 'the database could not be read as a whole; tried again later');
      })
      .then(() => {
        running = undefined;
        if (isAsked && !abort.signal.aborted) begin('integrity_check');
      });
    if (reading === 'integrity_check') isAsked = false;
    running = { reading, done };
  };
  const look = () => {
    if (running !== undefined || trust.lost.aborted) return;
    if (isUnread) begin('quick_check');
    else if (Math.abs(now() - (note.checkedAt ?? 0)) >= periodMs) begin('integrity_check');
  };

  return {
    check() {
      if (abort.signal.aborted || trust.lost.aborted || running?.reading === 'integrity_check') return;
      if (running === undefined) begin('integrity_check');
      else isAsked = true;
    },
    status: () => ({
      isDamaged: note.fault !== undefined,
      isReading: running !== undefined || isAsked,
      ...(note.checkedAt === undefined ? {} : { checkedAt: new Date(note.checkedAt) }),
    }),
    resume() {
      if (isUnread) look();
      timer = setInterval(look, options.lookEveryMs ?? lookEveryMs).unref();
    },
    async stop() {
      abort.abort();
      clearInterval(timer);
      await running?.done;
    },
    noteClosed() {
      if (isUnread || note.fault !== undefined || trust.lost.aborted) return;
      try {
        writeNote(path, { ...note, unchecked: false });
      } catch (error) {
        log.warn({ err: error }, 'it was not noted that the database is closed; it is read once more');
      }
    },
  };
}

const damagedDatabase = (fault: string) =>
  new GalleryError(
    'database-damaged',
    'The database is damaged. Nothing more is taken until a backup was brought back, or a new database made.',
    {},
    { cause: new Error(fault) },
  );

/** `ok`, or what is wrong. Rejects when nobody can say. */
async function readWhole(path: string, reading: Reading, signal: AbortSignal): Promise<string> {
  const gaveWay = new AbortController();
  const look = async () => {
    const { size } = await stat(`${path}-wal`).catch(() => ({ size: 0 }));
    if (size > largestLogBytes) gaveWay.abort();
  };
  const watch = setInterval(look, watchEveryMs).unref();
  try {
    await look();
    const { code, said, complained } = await runReader(
      [path, reading],
      AbortSignal.any([signal, gaveWay.signal]),
    );
    if (code === 0 && said !== '') return said;
    throw new Error(
      gaveWay.signal.aborted ? 'much was written meanwhile' : complained.trim() || 'it was ended',
    );
  } finally {
    clearInterval(watch);
  }
}

/** From src/ it needs the loader that this process has. */
const isSource = import.meta.url.endsWith('.ts');
const module = fileURLToPath(new URL(isSource ? './check-child.ts' : './check-child.js', import.meta.url));

function runReader(args: readonly string[], signal: AbortSignal) {
  const flags = isSource ? ['--import', 'tsx'] : [];
  const child = spawn(process.execPath, [...flags, module, ...args], {
    // Nothing of ours: no secrets.
    env: {},
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    signal,
    killSignal: 'SIGKILL',
  });
  let [said, complained] = ['', ''];
  child.stdout.on('data', (text: Buffer) => {
    said += String(text);
  });
  child.stderr.on('data', (text: Buffer) => {
    complained = (complained + String(text)).slice(-1000);
  });
  return new Promise<{ code: number | null; said: string; complained: string }>((resolve) => {
    // One that was never started, or that was ended by the signal, has no exit that says more.
    child.once('error', (error) => {
      complained ||= error.message;
    });
    child.once('close', (code) => resolve({ code, said: said.trim(), complained }));
  });
}
