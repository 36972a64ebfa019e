// Bit rot in the whole program: `sajin verify --all` finds exactly what rotted, beside a server and without one, and mends what it can.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openAccountsAlone } from '../../src/database/sqlite.ts';
import { hashToken, newToken } from '../../src/security/tokens.ts';
import { createClient, sha256Of } from '../support/client.ts';
import { filesBelow } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { drawPng } from '../support/pictures.ts';
import { runCli } from '../support/run-cli.ts';
import { startProgram } from '../support/start-program.ts';
import { until } from '../support/until.ts';

const flip = async (path: string) => {
  const bytes = await readFile(path);
  bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
  await writeFile(path, bytes);
};

test('finds one changed byte in each of two originals of twelve, and makes a rotten rendition again', async (t) => {
  const uploadsDir = await makeFolder(t);
  const program = await startProgram({ uploadsDir });
  t.after(() => program.stop());
  const client = createClient(program.url);
  for (let seed = 0; seed < 12; seed += 1) await client.keep(drawPng({ seed, width: 200, height: 150 }));
  const photos = await client.everything();
  for (const { id } of photos) await client.developed(id);
  const originals = filesBelow(join(uploadsDir, 'originals')).filter(({ name }) => name.endsWith('.png'));
  const rotten = [originals[2], originals[7]].map((file) => file?.path ?? '');
  for (const path of rotten) await flip(path);
  const whole = originals.find(({ path }) => !rotten.includes(path))?.name.slice(3, 67) ?? '';
  const rendition = filesBelow(join(uploadsDir, 'renditions')).find(({ name }) => name.includes(whole));
  assert.ok(rendition);
  const before = await readFile(rendition.path);
  await flip(rendition.path);
  const damaged = photos
    .filter(({ sha256 }) => rotten.some((path) => path.includes(sha256)))
    .map(({ id }) => id);

  const { PORT } = { PORT: new URL(program.url).port };
  const beside = await runCli(['verify', '--all', '--json'], { UPLOADS_DIR: uploadsDir, PORT });
  assert.equal(beside.code, 1, beside.err);
  assert.match(beside.err, /Asking the gallery/);
  const found = JSON.parse(beside.out) as { photos: { id: string; fault: string }[] };
  assert.deepEqual(found.photos.map(({ id }) => id).sort(), damaged.sort());
  for (const { fault } of found.photos) assert.equal(fault, 'changed');
  await until('the rendition to be made again', async () => before.equals(await readFile(rendition.path)));
  assert.equal(filesBelow(join(uploadsDir, 'originals')).length, 24, 'nothing was deleted');
  await program.stop();

  // Adding one of them again heals it; the other one is still told of.
  const again = await startProgram({ uploadsDir });
  const healed = Array.from({ length: 12 }, (_, seed) => drawPng({ seed, width: 200, height: 150 })).find(
    (bytes) => rotten[0]?.includes(sha256Of(bytes)),
  );
  assert.ok(healed);
  await createClient(again.url).keep(healed);
  await again.stop();
  const alone = await runCli(['verify'], { UPLOADS_DIR: uploadsDir });
  assert.equal(alone.code, 1, alone.err);
  assert.match(alone.out, /1 photo of 12 with a damaged original:\n {2}changed: [0-9a-f-]{36}/);
});

test('works where everybody has to sign in, beside a server and alone, for who holds the folder and nobody else', async (t) => {
  const uploadsDir = await makeFolder(t);
  const env = { ACCESS: 'members' };
  const program = await startProgram({ uploadsDir, env });
  t.after(() => program.stop());
  const { port: PORT } = new URL(program.url);
  // What the server was started with need not be known to whoever types the command.
  const beside = await runCli(['verify', '--all'], { UPLOADS_DIR: uploadsDir, PORT });
  assert.deepEqual([beside.code, beside.err.match(/Asking|Sign in/)?.[0]], [0, 'Asking'], beside.err);
  for (const wrong of [`Machine ${newToken()}`, 'Machine x', `Bearer ${newToken()}`]) {
    const answer = await fetch(`${program.url}/verification`, {
      headers: { Accept: 'application/json', Authorization: wrong },
    });
    assert.equal(answer.status, 401, wrong);
  }
  const { accounts, close } = openAccountsAlone(uploadsDir, { mayCreate: false, now: Date.now });
  assert.deepEqual(await accounts.listGrants('machine'), [], 'what let it in is over');
  const token = newToken();
  const grant = { purpose: 'machine', tokenHash: hashToken(token), payload: '' } as const;
  await accounts.createGrant({ ...grant, expiresAt: new Date(Date.now() + 60_000) });
  await close();
  const ask = async (headers: Record<string, string> = {}) =>
    (
      await fetch(`${program.url}/verification`, {
        headers: { Accept: 'application/json', Authorization: `Machine ${token}`, ...headers },
      })
    ).status;
  assert.equal(await ask(), 200);
  assert.equal(await ask({ 'X-Forwarded-For': '127.0.0.1' }), 401, 'never through a proxy');
  await program.stop();
  const alone = await runCli(['verify'], { UPLOADS_DIR: uploadsDir, ...env });
  assert.deepEqual([alone.code, alone.err.match(/Opened|Sign in/)?.[0]], [0, 'Opened'], alone.err);
});
