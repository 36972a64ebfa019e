// What the gallery keeps in memory: the web process idle and after uploads, and the children of the darkroom.
// Uses YOLOX where its file is at hand, else the built-in engine, which is larger.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '../test/support/client.ts';
import { testData } from '../test/support/data.ts';
import { makeFolder } from '../test/support/folder.ts';
import { childrenOf, startProgram } from '../test/support/start-program.ts';
import { anotherOf, makePhotograph } from './support/photograph.ts';
import { memoryOf } from './support/process.ts';
import { isShort, report } from './support/trial.ts';

const uploads = isShort ? 10 : 200;
const model = testData('models/yolox_nano_416.onnx');
const env = model.skip === false ? { DETECTOR: 'yolox', MODEL_FILE: model.path } : { DETECTOR: 'centernet' };

const folder = await makeFolder();
const program = await startProgram({ uploadsDir: folder, env });
const client = createClient(program.url);
await client.ask('/');
const idle = await memoryOf(program.pid);

const photograph = await makePhotograph(3_000_000);
const ids: string[] = [];
for (let index = 0; index < uploads; index += 1) ids.push((await client.keep(anotherOf(photograph))).id);
const busy = await memoryOf(program.pid);
for (const id of ids) await client.developed(id, 300_000);
const after = await memoryOf(program.pid);
const children = await Promise.all((await childrenOf(program.pid)).map(memoryOf));
const fds = (await readdir(`/proc/${program.pid}/fd`)).length;

report({
  trial: 'memory',
  what: 'the web process, idle (ratio: of 150 MB)',
  figures: { MB: idle.nowMb },
  ratio: idle.nowMb / 150,
  goal: '<= 1',
});
report({
  trial: 'memory',
  what: `the web process after ${uploads} uploads of ${(photograph.length / 1e6).toFixed(1)} MB`,
  figures: {
    'MB while they came': busy.nowMb,
    'MB afterwards': after.nowMb,
    'MB peak': after.peakMb,
    'open files': fds,
  },
});
report({
  trial: 'memory',
  what: `the largest of ${children.length} darkroom children, ${env.DETECTOR}, 12 megapixels (ratio: of 400 MB)`,
  figures: {
    'MB now': Math.max(...children.map(({ nowMb }) => nowMb)),
    'MB peak': Math.max(...children.map(({ peakMb }) => peakMb)),
  },
  ratio: Math.max(...children.map(({ peakMb }) => peakMb)) / 400,
  goal: '<= 1',
});

await program.stop();
await rm(join(folder), { recursive: true, force: true });
