// A gallery to attack: one real program for a test file, and what must hold of it after every attack.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { type Client, createClient } from './client.ts';
import { filesBelow } from './data.ts';
import { makeFolder } from './folder.ts';
import { type Program, startProgram } from './start-program.ts';
import { until } from './until.ts';

export const maxUploadMb = 4;

export interface Victim {
  readonly program: Program;
  readonly client: Client;
  /** Names of files below a folder of the gallery. */
  files(folder: 'originals' | 'incoming'): string[];
  /** It answers, and has as many originals as rows. */
  assertUnharmed(): Promise<void>;
  /** Refused with this status, and nothing is kept of it. */
  assertRefused(answer: { status: number; text: string }, status: number): Promise<void>;
}

/** Call at the top of a test file; the gallery runs from before its first test until after its last. */
export function openVictim(env: Readonly<Record<string, string>> = {}): Victim {
  let program: Program;
  let client: Client;
  before(async () => {
    program = await startProgram({
      uploadsDir: await makeFolder(),
      env: { MAX_UPLOAD_MB: String(maxUploadMb), ...env },
    });
    client = createClient(program.url);
  });
  after(() => program?.stop());

  const files = (folder: string) => filesBelow(`${program.uploadsDir}/${folder}`).map(({ name }) => name);
  const assertUnharmed = async () => {
    assert.equal((await client.ask('/healthz')).status, 200);
    const photos = await client.everything();
    const originals = files('originals').filter((name) => !name.endsWith('.json'));
    assert.equal(originals.length, photos.length, 'as many originals as rows');
  };
  return {
    get program() {
      return program;
    },
    get client() {
      return client;
    },
    files,
    assertUnharmed,
    async assertRefused(answer, status) {
      assert.equal(answer.status, status, answer.text.slice(0, 300));
      await assertUnharmed();
      const left = () => files('incoming').filter((name) => !name.startsWith('scratch'));
      await until('what was refused to be gone', () => left().length === 0, { deadlineMs: 5_000 });
    },
  };
}

/** The last test of such a file: whatever was tried, the program never lost its composure. */
export async function assertNoSlip({ program, assertUnharmed }: Victim): Promise<void> {
  await assertUnharmed();
  const slips = program.lines.filter((line) => /"code":"internal"|unhandled|uncaught/i.test(line));
  assert.deepEqual(slips, []);
}
