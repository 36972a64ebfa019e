// Pictures and forms with bytes that are not what they were: taken or refused, never stumbled over. By chance that can be repeated.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Client, createClient, type PhotoJson } from '../support/client.ts';
import { fixturesFolder } from '../support/data.ts';
import { isShort, seed, tell } from '../support/faults.ts';
import { makeFolder } from '../support/folder.ts';
import { assertDeveloped, assertPaired, assertSound, assertSwept } from '../support/invariants.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { drawPng, randomFrom } from '../support/pictures.ts';
import { type Program, parseLine, startProgram } from '../support/start-program.ts';
import { within } from '../support/until.ts';

const seeds = [
  ...['kite.jpg', 'progressive.jpg', 'cmyk.jpg', 'hostile-exif.jpg', 'orientation-6.jpg', 'located.jpg'],
  ...['alpha.png', 'moving.png', 'sixteen-bits.png', 'tiny.png', 'wide-colours.png'],
  ...[
    'picture.webp',
    'animated.webp',
    'wide-colours.webp',
    'picture.avif',
    'moving.avif',
    'wide-colours.avif',
  ],
  ...['animated.gif', 'phone.heic', 'wide-colours.heic'],
];

type Random = () => number;

/** A few bits, a run of noise, a cut, a piece that is moved or missing. */
const mutations: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  (bytes, random) => flipBits(bytes, random, 1 + (random() % 8)),
  (bytes, random) => flipBits(bytes, random, bytes.length >> 7),
  (bytes, random) => flipBits(bytes.subarray(0, Math.min(bytes.length, 400)), random, 4, bytes),
  (bytes, random) => bytes.subarray(0, random() % bytes.length),
  (bytes, random) => {
    const [at, length] = [random() % bytes.length, random() % 64];
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
  },
  (bytes, random) => {
    const [at, length] = [random() % bytes.length, random() % 200];
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at)]);
  },
];

/** Flips in the part, which is at the beginning of the whole. */
function flipBits(part: Buffer, random: Random, count: number, whole = part): Buffer {
  const bytes = Buffer.from(whole);
  for (let flip = 0; flip < count; flip += 1) {
    const at = random() % part.length;
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (random() & 7));
  }
  return bytes;
}

const mutate = (bytes: Buffer, random: Random) =>
  mutations[random() % mutations.length]?.(bytes, random) ?? bytes;

let program: Program;
let client: Client;
before(async () => {
  program = await startProgram({ uploadsDir: await makeFolder(), env: { MAX_UPLOAD_MB: '4' } });
  client = createClient(program.url);
});
after(async () => {
  await program?.kill('SIGKILL');
  await rm(program.uploadsDir, { recursive: true, force: true });
});

/** What it takes to send all of them, a few at a time; how often each was answered so. */
async function sendAll(
  count: number,
  send: (index: number) => Promise<number>,
): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  let next = 0;
  const sender = async () => {
    while (next < count) {
      const index = next++;
      const status = await within(`an answer to number ${index}`, 60_000, send(index));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 4 }, sender));
  return statuses;
}

const listed = (statuses: ReadonlyMap<number, number>) =>
  [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${status}: ${count}`)
    .join(', ');

function assertNoSlip(): void {
  const slips = program.lines.filter((line) => /"code":"internal"|unhandled|uncaught/i.test(line));
  assert.deepEqual(slips, []);
}

test(`F25 mutated pictures are taken or refused, and end done or failed with a reason (seed ${seed})`, async (t) => {
  const originals = seeds.map((name) => readFileSync(join(fixturesFolder, name)));
  const statuses = await sendAll(isShort ? 150 : 10_000, async (index) => {
    const random = randomFrom(seed * 100_003 + index);
    const bytes = mutate(originals[index % originals.length] ?? Buffer.alloc(0), random);
    const { status, text } = await client.upload(bytes, { name: `${index}.jpg` });
    assert.ok([200, 201, 400, 415, 422].includes(status), `number ${index}: ${status} ${text}`);
    return status;
  });
  const photos = await assertDeveloped(client, isShort ? 120_000 : 3_000_000);
  const failed = photos.filter(({ state }) => state === 'failed').length;
  const ended = program.lines.filter((line) => parseLine(line).msg === 'a darkroom child ended').length;
  assertNoSlip();
  tell(
    t,
    'F25',
    `pictures answered ${listed(statuses)}; ${failed} of ${photos.length} could not be shown whole, ${ended} children ended`,
  );
});

test(`F25 mutated forms are taken or refused (seed ${seed})`, async (t) => {
  const before = (await client.everything()).length;
  let taken = 0;
  const statuses = await sendAll(isShort ? 400 : 10_000, async (index) => {
    const random = randomFrom(seed * 200_003 + index);
    const parts = [
      { name: 'title', body: '사진' },
      filePart('a.png', drawPng({ seed: index, width: 8, height: 6 })),
    ];
    const { body, contentType } = formBody(parts, 'boundary');
    const headers = { 'Content-Type': contentType };
    const answer = await client
      .ask('/photos', { method: 'POST', body: Uint8Array.from(mutate(body, random)), headers })
      .catch(() => undefined);
    const { status, text } = answer ?? { status: 0, text: '' };
    assert.ok([0, 200, 201, 207, 400, 413, 415, 422].includes(status), `number ${index}: ${status} ${text}`);
    taken += takenOf(status, text);
    return status;
  });
  const photos: readonly PhotoJson[] = await assertDeveloped(client);
  assert.ok(photos.length - before <= taken, 'no photo that nobody was told of');
  assertNoSlip();
  tell(t, 'F25', `forms answered ${listed(statuses)}`);
});

/** How many photos an answer speaks of; of one that was not heard, as many as there may be. */
function takenOf(status: number, text: string): number {
  if (status === 0) return 2;
  if (status !== 201 && status !== 207) return 0;
  const { photos, results } = JSON.parse(text) as { photos?: unknown[]; results?: { status: number }[] };
  return results?.filter((result) => result.status === 201).length ?? photos?.length ?? 1;
}

test('F25 after all of this it is well', async () => {
  assert.equal((await client.ask('/healthz')).status, 200);
  await assertPaired(program);
  await assertSwept(program.uploadsDir);
  assert.equal((await program.stop()).code, 0);
  assertSound(program.uploadsDir);
});
