// How long a person waits until an upload of 4 MB is safe, against writing and syncing the same bytes.
// The three take turns, each round with other bytes; the darkroom is idle while a round is measured.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '../test/support/client.ts';
import { makeFolder } from '../test/support/folder.ts';
import { startProgram } from '../test/support/start-program.ts';
import { anotherOf, makePhotograph } from './support/photograph.ts';
import { startServer } from './support/process.ts';
import { writeDurably } from './support/raw-write.ts';
import { agentOfUploads, timedUpload } from './support/timed-upload.ts';
import { isShort, median, percentile, report } from './support/trial.ts';

const rounds = isShort ? 8 : 60;
const warmUps = 3;

function timedWrite(bytes: Uint8Array, folder: string, name: number): number {
  const started = performance.now();
  writeDurably(bytes, join(folder, `${name}.tmp`), join(folder, `${name}.jpg`));
  return performance.now() - started;
}

const folder = await makeFolder();
const program = await startProgram({ uploadsDir: join(folder, 'gallery') });
const bareFolder = await makeFolder();
const bare = await startServer('bench/support/bare-server.ts', [bareFolder]);
const client = createClient(program.url);
const ours: number[] = [];
const raws: number[] = [];
const bares: number[] = [];
const photograph = await makePhotograph(4_000_000);

for (let round = -warmUps; round < rounds; round += 1) {
  const bytes = anotherOf(photograph);
  const rawMs = timedWrite(bytes, bareFolder, round);
  const upload = await timedUpload(program.url, bytes);
  await client.developed((JSON.parse(upload.answer) as { id: string }).id);
  const { ms: bareMs } = await timedUpload(bare.url, bytes);
  if (round < 0) continue;
  ours.push(upload.ms);
  raws.push(rawMs);
  bares.push(bareMs);
}

report({
  trial: 'acknowledge',
  what: `an upload of ${(photograph.length / 1e6).toFixed(1)} MB, p50, against write + fsync + rename + fsync of the folder`,
  figures: {
    'ours p50 ms': median(ours),
    'ours p95 ms': percentile(ours, 0.95),
    'raw p50 ms': median(raws),
    'raw p95 ms': percentile(raws, 0.95),
  },
  ratio: median(ours) / median(raws),
  goal: '<= 2',
});
report({
  trial: 'acknowledge',
  what: 'the same against node:http + multer to disk + fsync, which looks at nothing and records nothing',
  figures: {
    'ours p50 ms': median(ours),
    'bare p50 ms': median(bares),
    'bare p95 ms': percentile(bares, 0.95),
  },
  ratio: median(ours) / median(bares),
});

agentOfUploads.destroy();
await Promise.all([program.stop(), bare.stop()]);
await Promise.all([folder, bareFolder].map((path) => rm(path, { recursive: true, force: true })));
