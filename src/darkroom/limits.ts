// What the system can be asked to hold a child to. Everything here is best effort: where a limit does not exist, the pool's own
// watch (deadline and memory) is what counts.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';

export interface Restraint {
  readonly memoryLimitBytes: number;
  /** 0..19, the larger the lower. */
  readonly nice?: number;
}

/**
 * A priority of its own, first to go when the machine runs out of memory, no core dumps, bounded data and files.
 * Returns what the system said when it did not allow the priority.
 */
export function restrain(pid: number, { memoryLimitBytes, nice = 10 }: Restraint): string | undefined {
  const problem = lower(pid, nice);
  writeFile(`/proc/${pid}/oom_score_adj`, '800').catch(() => undefined);
  // Address space (--as) can't be bounded: V8 and WebAssembly reserve far more than they use. What is writable (--data) can.
  const data = memoryLimitBytes + dataBeyondMemoryBytes;
  execFile(
    'prlimit',
    [`--pid=${pid}`, `--data=${data}`, '--core=0', `--fsize=${maxFileBytes}`],
    () => undefined,
  );
  return problem;
}

/**
 * The first thread first, since threads take over the priority of the thread that starts them; then those that were there
 * before it: Linux changes one thread at a time, and a child may have started its own before its parent had a turn again.
 */
function lower(pid: number, nice: number): string | undefined {
  try {
    setPriority(pid, nice);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  for (const thread of threadsOf(pid)) {
    try {
      setPriority(thread, nice);
    } catch {
      // It ended since.
    }
  }
  return undefined;
}

/** None where the system does not number threads. */
function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

/** Resident bytes, or undefined where the system does not say. */
export function residentBytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

// Writable but untouched pages: the stacks and heaps of Node's threads.
const dataBeyondMemoryBytes = 512 * 1024 * 1024;
const maxFileBytes = 64 * 1024 * 1024;
