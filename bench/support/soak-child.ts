// Develops photos as a child of the darkroom does, with ONNX Runtime's memory kept as the command line says: `model arena pattern`,
// the last two `on` or `off`. Told over its channel which file to develop where; answers when it has. `{ path, type, folder }` -> `{}`.
import { setPriority } from 'node:os';
import { develop } from '../../src/darkroom/develop.ts';
import { openYolox } from '../../src/darkroom/engines/yolox.ts';
import { prepareSharp } from '../../src/darkroom/pixels.ts';
import type { MediaType } from '../../src/gallery/photo.ts';

interface Question {
  readonly path: string;
  readonly type: MediaType;
  readonly folder: string;
}

setPriority(10);
prepareSharp();
const [model = '', arena, pattern] = process.argv.slice(2);
const detector = await openYolox(model, { arena: arena === 'on', pattern: pattern === 'on' });

process.on('message', (question: Question) => void answer(question));
process.on('disconnect', () => process.exit());
process.send?.({});

async function answer({ path, type, folder }: Question): Promise<void> {
  const developed = await develop(path, type, folder, async (image) => {
    const found = await detector.detect(image);
    const origin = { by: 'engine', engine: detector.engine, model: detector.model } as const;
    return { kind: 'seen', ...origin, tookMs: 0, detections: found.map((one) => ({ ...one, origin })) };
  });
  if (developed.kind !== 'developed') throw new Error(JSON.stringify(developed));
  process.send?.({});
}
