// What an upload that can be resumed costs beside the plain form: the same photos by both ways, in turns, each acknowledged before the
// next, the darkroom idle. As a phone with scripts sends: one request that makes the upload, one that brings the bytes.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '../test/support/client.ts';
import { makeFolder } from '../test/support/folder.ts';
import { startProgram } from '../test/support/start-program.ts';
import { openPhone } from './support/phone.ts';
import { anotherOf, makePhotograph } from './support/photograph.ts';
import { agentOfUploads, timedUpload } from './support/timed-upload.ts';
import { isShort, median, percentile, report } from './support/trial.ts';

const rounds = isShort ? 8 : 60;
const warmUps = 3;

const folder = await makeFolder();
const program = await startProgram({ uploadsDir: join(folder, 'gallery') });
const client = createClient(program.url);
const phone = openPhone(program.url, Number.POSITIVE_INFINITY);
const photograph = await makePhotograph(4_000_000);
const byForm: number[] = [];
const byPieces: number[] = [];

for (let round = -warmUps; round < rounds; round += 1) {
  const form = await timedUpload(program.url, anotherOf(photograph));
  await client.developed((JSON.parse(form.answer) as { id: string }).id);
  const bytes = anotherOf(photograph);
  const started = performance.now();
  const { photo } = await phone.send(bytes, '');
  const ms = performance.now() - started;
  await client.developed(photo.split('/').at(-1) ?? '');
  if (round < 0) continue;
  byForm.push(form.ms);
  byPieces.push(ms);
}

report({
  trial: 'resumable',
  what: `an upload of ${(photograph.length / 1e6).toFixed(1)} MB that resumes, p50, against the plain form`,
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
