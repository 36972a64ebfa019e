// A folder of its own for one test, gone when the test is; empty, or a copy of one that was filled once for a whole file.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

export interface Cleaner {
  after(clean: () => unknown): void;
}

export async function makeFolder(test?: Cleaner): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sajin-test-'));
  test?.after(() => rm(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

/** Call at the top of a file. Fills a folder when it is first asked for, and gives every test a copy of it, with what the filling told. */
export function copiesOf<T>(fill: (folder: string) => Promise<T>) {
  let first: Promise<{ folder: string; told: T }> | undefined;
  const begin = async () => {
    const folder = await makeFolder();
    return { folder, told: await fill(folder) };
  };
  // Here: what is registered while a test runs is done when that test ends.
  after(async () => {
    if (first !== undefined) await rm((await first).folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return async (test: Cleaner): Promise<{ folder: string; told: T }> => {
    first ??= begin();
    const { folder: from, told } = await first;
    const folder = await makeFolder(test);
    await cp(from, folder, { recursive: true, preserveTimestamps: true });
    return { folder, told };
  };
}
