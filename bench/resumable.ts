// What an upload that can be resumed costs beside the plain form: the same photos by both ways, in turns, each acknowledged before the
// next, the darkroom idle. As a phone with scripts sends: one request that makes the upload, one that brings the bytes.
// Several in a row by each way, and their mean: the bytes of two uploads make V8 collect garbage, which takes as long as an upload, and
// in turns one by one it would meet the same way every time.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '../test/support/client.ts';
import { makeFolder } from '../test/support/folder.ts';
import { startProgram } from '../test/support/start-program.ts';
import { openPhone } from './support/phone.ts';
import { anotherOf, makePhotograph } from './support/photograph.ts';
import { agentOfUploads, timedUpload } from './support/timed-upload.ts';
import { isShort, median, percentile, report } from './support/trial.ts';

const rounds = isShort ? 3 : 20;
const inARow = 4;

const folder = await makeFolder();
const program = await startProgram({ uploadsDir: join(folder, 'gallery') });
const client = createClient(program.url);
const phone = openPhone(program.url, Number.POSITIVE_INFINITY);
const photograph = await makePhotograph(4_000_000);
/** Milliseconds. */
async function sendForm(): Promise<number> {
  const { ms, answer } = await timedUpload(program.url, anotherOf(photograph));
  await client.developed((JSON.parse(answer) as { id: string }).id);
  return ms;
}

/** Milliseconds. */
async function sendPieces(): Promise<number> {
  const bytes = anotherOf(photograph);
  const started = performance.now();
  const { photo } = await phone.send(bytes, '');
  const ms = performance.now() - started;
  await client.developed(photo.split('/').at(-1) ?? '');
  return ms;
}

async function meanOf(send: () => Promise<number>): Promise<number> {
  let sum = 0;
  for (let turn = 0; turn < inARow; turn += 1) sum += await send();
  return sum / inARow;
}

// Compiled code, connections.
for (let turn = 0; turn < 2; turn += 1) {
  await meanOf(sendForm);
  await meanOf(sendPieces);
}
const byForm: number[] = [];
const byPieces: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  byForm.push(await meanOf(sendForm));
  byPieces.push(await meanOf(sendPieces));
}

report({
  trial: 'resumable',
  what: `an upload of ${(photograph.length / 1e6).toFixed(1)} MB that resumes, mean of ${inARow} in a row, p50, against the plain form`,
  figures: {
    'resumable p50 ms': median(byPieces),
    'resumable p95 ms': percentile(byPieces, 0.95),
    'form p50 ms': median(byForm),
    'form p95 ms': percentile(byForm, 0.95),
  },
  ratio: median(byPieces) / median(byForm),
  goal: '<= 1.15',
});

phone.close();
agentOfUploads.destroy();
await program.stop();
await rm(folder, { recursive: true, force: true });
