// What TensorFlow.js computes with: tries one after the other, takes the first that works, and says why an earlier one did not.
// Loads nothing that is not tried, and leaves nothing behind of what failed.
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  findBackendFactory,
  getKernelsForBackend,
  removeBackend,
  setBackend,
  unregisterKernel,
} from '@tensorflow/tfjs-core';

export interface Backend {
  /** As TensorFlow.js knows it. */
  readonly name: string;
  /** As people know it. */
  readonly title: string;
  /** Registers it with TensorFlow.js. */
  load(): Promise<void>;
}

/** Comes with us and runs everywhere. One thread, since several children use the cores better than several threads. */
export const wasm: Backend = {
  name: 'wasm',
  title: 'WebAssembly',
  async load() {
    const { setThreadsCount, setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    try {
      setWasmPaths(`${dirname(fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm')))}/`);
      setThreadsCount(1);
    } catch {
      // It runs already, and was set up by these very lines.
    }
  },
};

/**
 * TensorFlow's C library, from a package that somebody may have or not; so its name is a value, which needs no types.
 * @param module a package or the URL of a file; it registers itself when it is imported
 * @param cpuInfo what the system says of its processors: without AVX the library would not throw but end the process
 */
export function tensorflow(module = '@tensorflow/tfjs-node', cpuInfo = '/proc/cpuinfo'): Backend {
  return {
    name: 'tensorflow',
    title: '@tensorflow/tfjs-node',
    async load() {
      if (!isInstalled(module)) throw new Error('it is not installed');
      if (await lacksAvx(cpuInfo)) throw new Error('this processor has no AVX');
      await import(module);
    },
  };
}

export interface Opened<T> {
  readonly value: T;
  /** One English sentence when it is not the first of them: why. */
  readonly note?: string;
}

/**
 * Starts the backends in turn until `open` succeeds on one.
 * @throws what happened on the last: what is not a backend's own fault happens there, too
 */
export async function openOnFirst<T>(
  backends: readonly Backend[],
  open: () => Promise<T>,
): Promise<Opened<T>> {
  const reasons: string[] = [];
  for (const [at, backend] of backends.entries()) {
    try {
      await start(backend);
      const value = await open();
      return reasons.length === 0 ? { value } : { value, note: noteOf(backend, reasons) };
    } catch (error) {
      if (at === backends.length - 1) throw error;
      reasons.push(`${backend.title} cannot be used (${reasonOf(error)})`);
      forget(backend);
    }
  }
  throw new Error('no backend was named');
}

/** Makes it the one that computes from now on. */
export async function start(backend: Backend): Promise<void> {
  await backend.load();
  if (findBackendFactory(backend.name) === null) throw new Error('it does not register itself');
  if (!(await setBackend(backend.name))) throw new Error('it does not start');
}

/** Nothing of it shall be chosen, or called, by what is tried next. */
function forget({ name }: Backend): void {
  try {
    if (findBackendFactory(name) !== null) removeBackend(name);
  } catch {
    // It can't even end properly; nothing asks for it by name any more.
  }
  for (const { kernelName } of getKernelsForBackend(name)) unregisterKernel(kernelName, name);
}

const noteOf = ({ title }: Backend, reasons: readonly string[]) =>
  `${reasons.join(', ')}: detection uses ${title} instead.`.slice(0, 300);

/** The first line, without the folders of this machine. */
const reasonOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error))
    .split('\n')[0]
    ?.replace(/\/\S+\//g, '')
    .trim()
    .slice(0, 160) || 'no reason';

function isInstalled(module: string): boolean {
  try {
    import.meta.resolve(module);
    return true;
  } catch {
    return false;
  }
}

/** False wherever the system does not say: then it is tried. */
async function lacksAvx(cpuInfo: string): Promise<boolean> {
  const flags = /^flags\s*:(.*)$/m.exec(await readFile(cpuInfo, 'utf8').catch(() => ''))?.[1];
  return flags !== undefined && !/\savx\b/.test(flags);
}
