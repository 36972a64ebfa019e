// What must hold of a gallery whatever was done to it. The numbers are those of the plan of faults.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Client, createClient, isOver, type PhotoJson, sha256Of } from './client.ts';
import { filesBelow } from './data.ts';
import type { Program } from './start-program.ts';
import { until } from './until.ts';

/** What an upload was answered with. */
export interface Acknowledged {
  readonly id: string;
  readonly sha256: string;
}

/** I1: each acknowledged photo has its row and, byte for byte, its original. */
export async function assertKept(client: Client, acknowledged: readonly Acknowledged[]): Promise<void> {
  for (const { id, sha256 } of acknowledged) {
    const original = await client.bytes((await client.photo(id)).links.original);
    assert.equal(sha256Of(original), sha256, `the original of ${id}`);
  }
}

/** I1 and I2 the other way round: every row has its file, every file its row, no picture is there twice. Returns the photos. */
export async function assertPaired({
  url,
  uploadsDir,
}: Pick<Program, 'url' | 'uploadsDir'>): Promise<PhotoJson[]> {
  const photos = await createClient(url).everything();
  const digests = new Set(photos.map(({ sha256 }) => sha256));
  assert.equal(digests.size, photos.length, 'no photo is there twice');
  assert.deepEqual(originalsIn(uploadsDir), [...digests].sort(), 'an original for each, and no more');
  const sidecars = filesBelow(join(uploadsDir, 'originals')).filter(({ name }) => name.endsWith('.json'));
  assert.equal(sidecars.length, digests.size, 'and a sidecar for each');
  return photos;
}

/** I3: nothing half-way is left, but for uploads that were made in the moment of a kill: those are empty, unheard of, and expire. */
export async function assertSwept(uploadsDir: string): Promise<void> {
  const left = (folder: string) =>
    filesBelow(join(uploadsDir, folder)).filter(({ name }) => !name.endsWith('.json'));
  await until('what was left half-way to be swept', () => left('incoming').length === 0);
  assert.deepEqual(
    left('resumable').filter(({ path }) => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0),
    [],
  );
  const originals = new Set(originalsIn(uploadsDir));
  const strays = filesBelow(join(uploadsDir, 'renditions')).filter(
    ({ name }) => !originals.has(digestIn(name)),
  );
  assert.deepEqual(strays, [], 'no rendition of nothing');
}

/** I4: every job comes to its end, done or failed with a reason, and every rendition is a whole picture. */
export async function assertDeveloped(client: Client, deadlineMs = 300_000): Promise<PhotoJson[]> {
  const photos = await until(
    'all photos to be developed',
    async () => {
      const all = await client.everything();
      return all.every(isOver) && all;
    },
    { deadlineMs, everyMs: 250 },
  );
  for (const { id, state, reason, links } of photos) {
    assert.ok(state === 'done' || reason, `${id} is ${state} without a reason`);
    for (const { url } of links.renditions) assertWholeWebp(await client.bytes(url), url);
  }
  return photos;
}

/** I5, of a database that nobody has open. Also: no job is left over. */
export function assertSound(uploadsDir: string): void {
  const database = new Database(join(uploadsDir, 'gallery.db'), { readonly: true });
  try {
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok');
    assert.deepEqual(database.pragma('foreign_key_check'), []);
  } finally {
    database.close();
  }
}

/** The digests of all originals, in order; what lies beside an original is not counted. */
export const originalsIn = (uploadsDir: string): string[] =>
  filesBelow(join(uploadsDir, 'originals'))
    .filter(({ name }) => !name.endsWith('.json'))
    .map(({ name }) => digestIn(name))
    .sort();

const digestIn = (name: string) => /[0-9a-f]{64}/.exec(name)?.[0] ?? name;

// RIFF: the length of what follows stands at byte 4.
function assertWholeWebp(bytes: Buffer, what: string): void {
  assert.equal(bytes.toString('latin1', 0, 4) + bytes.toString('latin1', 8, 12), 'RIFFWEBP', what);
  assert.equal(bytes.readUInt32LE(4) + 8, bytes.length, `${what} is torn`);
}
