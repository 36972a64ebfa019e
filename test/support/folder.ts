// A folder of its own for one test, gone when the test is.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Cleaner {
  after(clean: () => unknown): void;
}

export async function makeFolder(test?: Cleaner): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sajin-test-'));
  test?.after(() => rm(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}
