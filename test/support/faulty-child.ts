// A darkroom child that does what the file `fault` in the uploads folder says, for the whole program: `kill`, `hang`, `swell`, `garbage`
// or, without that file, its work: really developed, and a dog seen in every picture. Headers are always read as they are.
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { develop, probe } from '../../src/darkroom/develop.ts';
import { pipeDescriptor, type Request, readLines } from '../../src/darkroom/messages.ts';
import { prepareSharp } from '../../src/darkroom/pixels.ts';
import type { Sighting } from '../../src/gallery/ports.ts';

prepareSharp();
const pipe = new Socket({ fd: pipeDescriptor, readable: true, writable: true });
const say = (message: unknown) => pipe.write(`${JSON.stringify(message)}\n`);
const swollen: Buffer[] = [];
pipe.on('end', () => process.exit());
readLines(
  pipe,
  (line) => void hear(JSON.parse(line) as Request),
  () => process.exit(1),
);
say({ kind: 'ready' });

const model = 'd'.repeat(64);
const dog: Sighting = {
  kind: 'seen',
  engine: 'yolox',
  model,
  tookMs: 1,
  detections: [
    {
      label: 'dog',
      score: 0.9,
      box: { x: 0.2, y: 0.2, width: 0.4, height: 0.4 },
      origin: { by: 'engine', engine: 'yolox', model },
    },
  ],
};

async function hear(request: Request): Promise<void> {
  if (request.kind === 'setup') return;
  const { id, path, type } = request;
  if (request.kind === 'probe') {
    say({ kind: 'probed', id, probe: await probe(path, type) });
    return;
  }
  switch (faultFor(path)) {
    case 'kill':
      process.kill(process.pid, 'SIGKILL');
      return;
    case 'hang':
      process.kill(process.pid, 'SIGSTOP');
      return;
    case 'swell':
      for (;;) swollen.push(Buffer.alloc(8 * 1024 * 1024, 1));
    case 'garbage':
      say({ kind: 'developed', id, developed: { kind: 'developed', width: Number.NaN } });
      return;
    default:
      break;
  }
  if (request.kind === 'look') say({ kind: 'looked', id, sighting: dog });
  else {
    const developed = await develop(path, type, request.outputFolder, async () => dog);
    say({ kind: 'developed', id, developed });
  }
}

/** Originals and renditions lie two folders below the uploads folder. */
function faultFor(path: string): string {
  try {
    return readFileSync(join(dirname(path), '../../fault'), 'utf8').trim();
  } catch {
    return '';
  }
}
