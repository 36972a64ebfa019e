// Bits that flip on the disk: nothing deletes what rotted, and the same bytes, sent again, heal it.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createClient, type PhotoJson, sha256Of } from '../support/client.ts';
import { filesBelow } from '../support/data.ts';
import { isShort, seed, tell } from '../support/faults.ts';
import { makeFolder } from '../support/folder.ts';
import { assertKept, assertPaired } from '../support/invariants.ts';
import { drawPng, randomFrom } from '../support/pictures.ts';
import { runCli } from '../support/run-cli.ts';
import { startProgram } from '../support/start-program.ts';
import { until } from '../support/until.ts';

test(`F14 originals that rotted are told of, all and no other, left alone, and healed by who uploads them again (seed ${seed})`, async (t) => {
  const [photos, rotten] = isShort ? [30, 5] : [1000, 10];
  const options = { uploadsDir: await makeFolder(t) } as const;
  const first = await startProgram(options);
  t.after(() => first.kill('SIGKILL'));
  const pictures = Array.from({ length: photos }, (_, index) => drawPng({ seed: seed + index }));
  const kept: PhotoJson[] = [];
  for (const bytes of pictures) kept.push(await createClient(first.url).keep(bytes));
  for (const { id } of kept) await createClient(first.url).developed(id);
  await first.stop();

  const random = randomFrom(seed);
  const drawn = new Set<number>();
  while (drawn.size < 2 * rotten) drawn.add(random() % photos);
  const [chosen, shown] = [[...drawn].slice(0, rotten), [...drawn].slice(rotten)];
  const digests = chosen.map((index) => sha256Of(pictures[index] ?? Buffer.alloc(0)));
  const originals = filesBelow(join(options.uploadsDir, 'originals'));
  for (const { path, name } of originals.filter((file) =>
    digests.some((digest) => file.name.includes(digest)),
  )) {
    if (!name.endsWith('.json')) await flipOneByte(path, random());
  }
  // Of other photos: a rendition of a damaged original is not made again.
  const renditions = filesBelow(join(options.uploadsDir, 'renditions'));
  const whole = new Map<string, Buffer>();
  for (const index of shown) {
    const digest = sha256Of(pictures[index] ?? Buffer.alloc(0));
    const { path } = renditions.find(({ name }) => name.includes(digest)) ?? assert.fail();
    whole.set(path, await readFile(path));
    await flipOneByte(path, random());
  }

  const again = await startProgram(options);
  t.after(() => again.stop());
  const client = createClient(again.url);
  const { code, out, err } = await runCli(['verify', '--all', '--json'], {
    UPLOADS_DIR: options.uploadsDir,
    PORT: new URL(again.url).port,
  });
  assert.equal(code, 1, err);
  const told = JSON.parse(out) as Told;
  assert.deepEqual([told.originals, told.damaged, told.strays], [photos, rotten, []]);
  const faults = told.photos.map(({ id, fault }) => `${fault}: ${id}`);
  assert.deepEqual(faults.sort(), chosen.map((index) => `changed: ${kept[index]?.id}`).sort());
  for (const [path, bytes] of whole)
    await until('the rendition to be made again', async () => bytes.equals(await readFile(path)));
  assert.equal((await assertPaired(again)).length, photos, 'not one is deleted');
  for (const index of chosen) {
    const bytes = pictures[index] ?? Buffer.alloc(0);
    const served = await client.bytes(kept[index]?.links.original ?? '');
    assert.notEqual(sha256Of(served), sha256Of(bytes), 'it rotted');
    assert.equal((await client.keep(bytes)).duplicate, true);
  }
  await assertKept(client, kept);
  tell(
    t,
    'F14',
    `${rotten} originals and ${rotten} renditions of ${photos}: those originals told of and no other, none deleted, renditions made again, originals healed by uploading again`,
  );
});

test('F14 an original that rotted and has no row becomes no photo, and stays', async (t) => {
  const options = { uploadsDir: await makeFolder(t) } as const;
  const first = await startProgram(options);
  t.after(() => first.kill('SIGKILL'));
  const { id } = await createClient(first.url).keep(drawPng({ seed: 1 }));
  await createClient(first.url).developed(id);
  await first.stop();
  const [original] = filesBelow(join(options.uploadsDir, 'originals'));
  assert.ok(original);
  const path = original.path.replace(/[0-9a-f]{64}/, (digest) => [...digest].reverse().join(''));
  await writeFile(path, await readFile(original.path));

  const again = await startProgram(options);
  t.after(() => again.stop());
  assert.equal((await createClient(again.url).everything()).length, 1);
  await until('it to be told', () => again.lines.some((line) => /nobody can read/.test(line)));
  assert.deepEqual(await readFile(path), await readFile(original.path));
});

interface Told {
  readonly originals: number;
  readonly damaged: number;
  readonly photos: readonly { readonly id: string; readonly fault: string }[];
  readonly strays: readonly string[];
}

async function flipOneByte(path: string, chance: number): Promise<void> {
  const bytes = await readFile(path);
  const at = chance % bytes.length;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (chance >>> 29));
  await writeFile(path, bytes);
}
