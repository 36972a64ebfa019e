// One process at a time fetches a model: a lock file that its holder keeps fresh. Believes a lock only as long as somebody does:
// a holder that was killed is found out at once on this machine, and after half a minute from another one.
import { randomUUID } from 'node:crypto';
import { link, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { codeOf } from './files.ts';

export interface Lock {
  /** Aborted when somebody took the lock away. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** Undefined when another holds it. */
export async function takeLock(path: string, beatMs = usualBeatMs): Promise<Lock | undefined> {
  const own = `${hostname()} ${process.pid} ${randomUUID()}\n`;
  if (!(await claim(path, own))) {
    if (await isHeld(path, beatMs)) return undefined;
    await rm(path, { force: true });
    if (!(await claim(path, own))) return undefined;
  }
  return keep(path, own, beatMs);
}

/** Somebody alive holds it, in this process or another. */
export async function isHeld(path: string, beatMs = usualBeatMs): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (found === undefined || text === undefined) return false;
  if (Date.now() - found.mtimeMs > 15 * beatMs) return false;
  const [host, pid] = text.split(' ');
  return host !== hostname() || isAlive(Number(pid));
}

/** Whoever holds it stops at its next beat. */
export async function breakLock(path: string): Promise<void> {
  await rm(path, { force: true });
}

const usualBeatMs = 2_000;

/** Written first and then linked, so that nobody ever reads half of it. */
async function claim(path: string, own: string): Promise<boolean> {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, own, { flag: 'wx' });
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    // A file system without links.
    return await writeFile(path, own, { flag: 'wx' }).then(
      () => true,
      (other: unknown) => {
        if (codeOf(other) === 'EEXIST') return false;
        throw other;
      },
    );
  } finally {
    await rm(temporary, { force: true });
  }
}

function keep(path: string, own: string, beatMs: number): Lock {
  const lost = new AbortController();
  const beat = async () => {
    if ((await readFile(path, 'utf8').catch(() => undefined)) !== own) lost.abort(new Error('stopped'));
    else await utimes(path, new Date(), new Date());
  };
  const timer = setInterval(() => void beat().catch(() => undefined), beatMs).unref();
  return {
    lost: lost.signal,
    async release() {
      clearInterval(timer);
      if ((await readFile(path, 'utf8').catch(() => undefined)) === own) await rm(path, { force: true });
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
