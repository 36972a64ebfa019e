// What was acknowledged is there: the program is killed without warning while phones upload. A few times here; `npm run test:faults`
// does it a hundred times.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '../support/client.ts';
import { makeFolder } from '../support/folder.ts';
import {
  assertDeveloped,
  assertKept,
  assertPaired,
  assertSound,
  assertSwept,
} from '../support/invariants.ts';
import { uploadThroughKills } from '../support/kills.ts';
import { pictureBetween } from '../support/phones.ts';

const uploads = 60;
const kills = 4;
const seed = Number(process.env.SAJIN_TEST_SEED ?? Date.now() % 1_000_000);

test(`keeps every acknowledged photo through ${kills} kills (seed ${seed})`, async (t) => {
  const uploadsDir = await makeFolder(t);
  const pictureOf = pictureBetween(9_000, 1_500_000, seed);
  const { program, acknowledged } = await uploadThroughKills(t, {
    uploadsDir,
    ...{ uploads, kills, phones: 6, seed, pictureOf },
  });
  const client = createClient(program.url);
  assert.equal(acknowledged.length, uploads);
  await assertKept(client, acknowledged);
  assert.equal((await assertPaired(program)).length, uploads);
  await assertDeveloped(client);
  await assertSwept(uploadsDir);
  assert.equal((await program.stop()).code, 0);
  assertSound(uploadsDir);
});
