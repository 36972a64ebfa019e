// Starts the real program, as it was built last, as a process of its own, on a folder and a port of its own, and reads its log.
// Knows nothing about what the program does.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { builtProgram, projectRoot } from './data.ts';
import { until, within } from './until.ts';

export interface ProgramOptions {
  readonly uploadsDir: string;
  /** Settings beside UPLOADS_DIR and PORT; DETECTOR is off, and DARKROOM_NICE 0, unless asked for (or set outside, as measurements do). */
  readonly env?: Readonly<Record<string, string>>;
  /** After `serve`. */
  readonly args?: readonly string[];
  /** What to run the program with, for example `['strace', '-f']`. */
  readonly under?: readonly string[];
  /** Called at once, for a test that does not let it come so far as to listen. */
  readonly onSpawn?: (pid: number) => void;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Program {
  /** `http://127.0.0.1:41234`, without a slash at the end. */
  readonly url: string;
  /** Of the process that listens. */
  readonly pid: number;
  readonly uploadsDir: string;
  /** Every line it has said so far, on stdout and stderr, in the order they came. */
  readonly lines: readonly string[];
  readonly exited: Promise<Exit>;
  kill(signal: NodeJS.Signals): Promise<Exit>;
  /** As a service manager would: SIGTERM, then waits. Fine when it is over already. */
  stop(): Promise<Exit>;
}

export interface LogLine {
  readonly msg?: string;
  readonly level?: number | string;
  readonly url?: string;
  readonly [field: string]: unknown;
}

/** Resolves when it listens; rejects with its last words when it ends before. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { child, lines, exited } = spawnProgram(options);
  const line = await until(
    'the program to listen',
    () => lines.map(parseLine).find(({ msg }) => msg === 'listening') ?? endedEarly(child, lines),
    { deadlineMs: 60_000 },
  ).catch(async (error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  const pid = await pidOf(child, options);
  const kill = (signal: NodeJS.Signals): Promise<Exit> => {
    child.ref();
    if (child.exitCode === null && child.signalCode === null) process.kill(pid, signal);
    return exited;
  };
  const stop = () =>
    within('the program to end after SIGTERM', 45_000, kill('SIGTERM')).catch(async (error: unknown) => {
      await kill('SIGKILL');
      throw error;
    });
  // By address: a name would be looked up, and may lead to another family than the one listened on.
  const url = String(line.url).replace('//localhost:', '//127.0.0.1:').replace(/\/$/, '');
  return { url, pid, uploadsDir: options.uploadsDir, lines, exited, kill, stop };
}

/** Runs the program until it ends by itself, for everything it should refuse. */
export async function runProgram(
  options: ProgramOptions,
  deadlineMs = 20_000,
): Promise<Exit & { readonly lines: readonly string[]; readonly tookMs: number }> {
  const started = performance.now();
  const { child, lines, exited } = spawnProgram(options);
  const exit = await within('the program to end by itself', deadlineMs, exited).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return { ...exit, lines, tookMs: performance.now() - started };
}

/** A log line as an object; `{}` for anything that is not JSON. */
export function parseLine(line: string): LogLine {
  if (!line.startsWith('{')) return {};
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return {};
  }
}

function spawnProgram({ uploadsDir, env, args = [], under = [], onSpawn }: ProgramOptions) {
  const [command = process.execPath, ...rest] = [...under, process.execPath, builtProgram, 'serve', ...args];
  const child = spawn(command, rest, {
    cwd: projectRoot,
    // A child that gave way to whatever else runs on this machine would let tests wait in vain.
    env: {
      ...fromOutside(),
      DETECTOR: 'off',
      DARKROOM_NICE: process.env['DARKROOM_NICE'] ?? '0',
      ...env,
      UPLOADS_DIR: uploadsDir,
      PORT: env?.PORT ?? '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // One that a failed test has left behind must not keep the test's own process from ending, which ends it as well.
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.unref();
  if (child.pid !== undefined) onSpawn?.(child.pid);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
    (stream as Socket).unref();
  }
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('exit', end);
      resolve({ code, signal });
    });
  });
  exited.catch(() => undefined);
  return { child, lines, exited };
}

// Only what a process needs to run at all: a setting of the machine must not change what a test sees.
const fromOutside = () =>
  Object.fromEntries(['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ'].map((name) => [name, process.env[name]]));

function endedEarly(child: ChildProcess, lines: readonly string[]): undefined {
  if (child.exitCode === null && child.signalCode === null) return undefined;
  const end = child.exitCode ?? child.signalCode;
  throw new Error(`the program ended with ${end} before it listened:\n${lines.slice(-20).join('\n')}`);
}

// taskset becomes the program, strace has it as its child.
async function pidOf({ pid = 0 }: ChildProcess, { under = [] }: ProgramOptions): Promise<number> {
  return under[0] === 'strace' ? ((await childrenOf(pid))[0] ?? pid) : pid;
}

/** The processes that a process has started and that still run, read from /proc. */
export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(join('/proc', String(pid), 'task', String(pid), 'children'), 'utf8').catch(
    () => '',
  );
  return text.split(' ').filter(Boolean).map(Number);
}
