// Can somebody tell by the time of a 404 that a photo is there, but hidden from them? Both kinds of address are asked for in an order
// of chance by a member who may see neither; then every pair of times is a guess that the slower one is the hidden one. Once by the time
// of one answer, and once by the median of all answers of an address, as somebody has it who asks again and again.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { openSqlite } from '../src/database/sqlite.ts';
import type { PasswordHash } from '../src/security/passwords.ts';
import { hashToken, newToken } from '../src/security/tokens.ts';
import { createClient, type PhotoJson } from '../test/support/client.ts';
import { makeFolder } from '../test/support/folder.ts';
import { filePart, formBody } from '../test/support/multipart.ts';
import { drawPng } from '../test/support/pictures.ts';
import { startProgram } from '../test/support/start-program.ts';
import { isShort, median, report } from './support/trial.ts';

const photoCount = 40;
const rounds = isShort ? 20 : 200;

const folder = await makeFolder();
const { photos, accounts } = openSqlite(folder, { mayCreate: true, now: Date.now });
const owner = await accounts.createFirstOwner({ name: 'Miri', passwordHash: '$scrypt$x' as PasswordHash });
const member = await accounts.createUser({ name: 'Juno', role: 'member' });
const [hers = '', theirs = ''] = await Promise.all(
  [owner, member].map(async ({ id }) => {
    const token = newToken();
    await accounts.createSession({ user: id, tokenHash: hashToken(token), agent: '' });
    return `sid=${token}`;
  }),
);
await photos.close();
const program = await startProgram({ uploadsDir: folder, env: { ACCESS: 'members' } });
const client = createClient(program.url, hers);

const hidden: string[] = [];
/** The names of their renditions, as somebody knows them who saw the photo before it was hidden. */
const names = new Map<string, string>();
for (let seed = 0; seed < photoCount; seed += 1) {
  const { body, contentType } = formBody([
    { name: 'private', body: '1' },
    filePart('photo.png', drawPng({ seed }), 'image/png'),
  ]);
  const sent = { method: 'POST', body, headers: { 'Content-Type': contentType } };
  const { id } = JSON.parse((await client.ask('/photos', sent)).text) as PhotoJson;
  const { links } = await client.developed(id);
  hidden.push(id);
  names.set(id, links.renditions[0]?.url.split('/').at(-1) ?? '');
}
/** As old as the hidden ones, so that they lie among them; the last digits are others. */
const missing = hidden.map((id) => id.slice(0, 24) + randomUUID().slice(24));
for (const [index, id] of missing.entries()) names.set(id, names.get(hidden[index] ?? '') ?? '');

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const ask = (method: string, path: string) =>
  new Promise<{ status: number; ms: number }>((resolve, reject) => {
    const headers = { Cookie: theirs, Origin: program.url, Accept: 'application/json' };
    const started = performance.now();
    const sent = request(new URL(path, program.url), { method, agent, headers }, (response) => {
      response.resume();
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, ms: performance.now() - started }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });

/** How often the slower of two is the hidden one, 0 to 1; a half is chance. The statistic of Mann and Whitney, by its sum of ranks. */
function guessedRight(ofHidden: readonly number[], ofMissing: readonly number[]): number {
  const all = [...ofHidden.map((ms) => ({ ms, rank: 1 })), ...ofMissing.map((ms) => ({ ms, rank: 0 }))];
  const sum = all
    .sort((a, b) => a.ms - b.ms)
    .reduce((total, { rank }, index) => total + rank * (index + 1), 0);
  const n = ofHidden.length;
  return (sum - (n * (n + 1)) / 2) / (n * ofMissing.length);
}

const ways = [
  ['the page of a photo', 'GET', (id: string) => `/photos/${id}`],
  ['an original', 'GET', (id: string) => `/media/${id}/original`],
  ['a rendition', 'GET', (id: string) => `/media/${id}/${names.get(id)}`],
  ['deleting', 'DELETE', (id: string) => `/photos/${id}`],
] as const;
for (const [what, method, path] of ways) {
  const times: Record<'hidden' | 'missing', number[]> = { hidden: [], missing: [] };
  const ofId = new Map([...hidden, ...missing].map((id) => [id, [] as number[]]));
  for (let round = -2; round < rounds; round += 1) {
    const order = [
      ...hidden.map((id) => ({ id, kind: 'hidden' as const, at: Math.random() })),
      ...missing.map((id) => ({ id, kind: 'missing' as const, at: Math.random() })),
    ].sort((a, b) => a.at - b.at);
    for (const { id, kind } of order) {
      const { status, ms } = await ask(method, path(id));
      if (status !== 404) throw new Error(`${method} ${path(id)} answered ${status}`);
      if (round < 0) continue;
      times[kind].push(ms);
      ofId.get(id)?.push(ms);
    }
  }
  const right = guessedRight(times.hidden, times.missing);
  report({
    trial: 'hidden',
    what: `${what} that is somebody else's, against one that is not there: guesses by the time, in parts of chance`,
    figures: {
      'hidden p50 ms': median(times.hidden),
      'missing p50 ms': median(times.missing),
      'guessed right': right,
    },
    ratio: Math.max(right, 1 - right) / 0.5,
    goal: '<= 1.1',
  });
  const medians = (ids: readonly string[]) => ids.map((id) => median(ofId.get(id) ?? []));
  const byMedian = guessedRight(medians(hidden), medians(missing));
  report({
    trial: 'hidden',
    what: `the same by the median of ${rounds} answers each`,
    figures: { 'guessed right': byMedian },
    ratio: Math.max(byMedian, 1 - byMedian) / 0.5,
    // Of 40 against 40 chance alone gives up to 0.63 in 19 of 20 trials, and there are four.
    goal: '<= 1.35',
  });
}

agent.destroy();
await program.stop();
await rm(folder, { recursive: true, force: true });
