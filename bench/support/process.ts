// Looks at processes from outside, through /proc, and ties them to a core.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { projectRoot } from '../../test/support/data.ts';

const megabyte = 1024;

/** Megabytes in memory now, and at the highest. */
export async function memoryOf(pid: number): Promise<{ nowMb: number; peakMb: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  return { nowMb: kilobytes('VmRSS') / megabyte, peakMb: kilobytes('VmHWM') / megabyte };
}

/** In front of a command, so that a server has one core and the load another; nothing where there is no taskset. */
export const onCore = (core: number): readonly string[] =>
  existsSync('/usr/bin/taskset') && availableParallelism() > 1
    ? ['/usr/bin/taskset', '-c', String(core)]
    : [];

export function moveToCore(pid: number, core: number): void {
  const [command] = onCore(core);
  if (command !== undefined)
    execFileSync(command, ['-a', '-cp', String(core), String(pid)], { stdio: 'ignore' });
}

export interface Helper {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a small server of bench/support/ that prints its address as its first line. */
export async function startServer(
  file: string,
  args: readonly string[] = [],
  core?: number,
): Promise<Helper> {
  const pinned = core === undefined ? [] : onCore(core);
  const [command = process.execPath, ...rest] = [
    ...pinned,
    process.execPath,
    '--import',
    'tsx',
    file,
    ...args,
  ];
  const child = spawn(command, rest, { cwd: projectRoot, stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('close', () => reject(new Error(`${file} ended before it listened`)));
  });
  return {
    url,
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
