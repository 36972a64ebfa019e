// Runs a command of the program that ends by itself, as a person does at a terminal, and keeps what it said.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { builtProgram, projectRoot } from './data.ts';

export interface Said {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** On standard output. */
  readonly out: string;
  /** On standard error. */
  readonly err: string;
}

export interface Running {
  readonly pid: number;
  readonly ended: Promise<Said>;
  /** What it has said so far on standard error. */
  err(): string;
  kill(signal: NodeJS.Signals): void;
}

/**
 * @param env settings; nothing of this process but what a process needs to run at all
 * @param under what to run it with, for example `['prlimit', '--fsize=5000']`
 * @param input on standard input, which is empty otherwise
 */
export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  under: readonly string[] = [],
  input?: string,
): Running {
  const outside = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ'].map((name) => [name, process.env[name]] as const);
  const [command = process.execPath, ...rest] = [...under, process.execPath, builtProgram];
  const child = spawn(command, [...rest, ...args], {
    cwd: projectRoot,
    env: { ...Object.fromEntries(outside), ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  }) as ChildProcessByStdio<Writable | null, Readable, Readable>;
  child.stdin?.end(input);
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  const ended = new Promise<Said>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...said }));
  });
  return { pid: child.pid ?? 0, ended, err: () => said.err, kill: (signal) => void child.kill(signal) };
}

export const runCli = (...how: Parameters<typeof startCli>): Promise<Said> => startCli(...how).ended;
