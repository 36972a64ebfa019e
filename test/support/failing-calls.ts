// Lets one system call of one thread of a running program fail. strace counts calls thread by thread, so it is told which.
import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './folder.ts';
import { until } from './until.ts';

export interface FailingCall {
  readonly call: string;
  /** As in errno(3): `EIO`. */
  readonly error: string;
  /** 1 for the first one from now on. */
  readonly when: number;
}

/** Injects from when it resolves; `end` lets the thread alone and says whether the call came. */
export async function failCall(
  thread: number,
  { call, error, when }: FailingCall,
): Promise<{ end(): Promise<boolean> }> {
  const watch = await watchThread(thread, [
    '-e',
    `trace=${call}`,
    '-e',
    `inject=${call}:error=${error}:when=${when}`,
  ]);
  return { end: async () => (await watch.end()).includes('(INJECTED)') };
}

/** Which thread moves files while `work` is done: of a pool of one, it does all that is not the database's. */
export async function threadThatRenames(pid: number, work: () => Promise<unknown>): Promise<number> {
  const watch = await watchThread(pid, ['-f', '-e', 'trace=rename']);
  await work();
  const [, thread] = /^(\d+) +rename\("[^"]*", "[^"]*originals/m.exec(await watch.end()) ?? [];
  if (thread === undefined) throw new Error('no thread has moved a file to the originals');
  return Number(thread);
}

async function watchThread(thread: number, options: readonly string[]) {
  const folder = await makeFolder();
  const output = join(folder, 'calls');
  const strace = spawn('strace', ['-p', String(thread), '-o', output, ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  strace.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise((resolve) => strace.once('close', resolve));
  await until('strace to attach', () => {
    if (strace.exitCode !== null) throw new Error(`strace ended: ${said}`);
    return said.includes('attached');
  });
  return {
    /** What it wrote: a line a call. */
    async end(): Promise<string> {
      strace.kill('SIGINT');
      await ended;
      const text = await readFile(output, 'utf8').catch(() => '');
      await rm(folder, { recursive: true, force: true });
      return text;
    },
  };
}
