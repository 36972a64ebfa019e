// What it costs to look at pictures with nothing around it: sharp and ONNX Runtime in a loop, by hand, one picture at a time. A
// picture is decoded and scaled in one pass, put into the corner of a grey square, and run through the network; what the network
// says is not even read. Told over its channel which files to do; answers when they are done. `{ model, files }` -> `{ done }`.
import { setPriority } from 'node:os';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';

interface Batch {
  readonly model: string;
  readonly files: readonly string[];
}

const edge = 416;
let session: InferenceSession | undefined;
// As nice as the children of the darkroom, so that whatever else runs here takes from both alike.
setPriority(10);
sharp.cache(false);
sharp.concurrency(1);

process.on('message', (batch: Batch) => void work(batch));
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });

async function work({ model, files }: Batch): Promise<void> {
  session ??= await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  for (const file of files) await look(session, file);
  process.send?.({ done: files.length });
}

async function look(network: InferenceSession, file: string): Promise<void> {
  const { data, info } = await sharp(file)
    .resize({ width: edge, height: edge, fit: 'inside', kernel: 'linear' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const plane = edge * edge;
  const planes = new Float32Array(3 * plane).fill(114);
  for (let row = 0, from = 0; row < info.height; row += 1) {
    for (let at = row * edge, end = at + info.width; at < end; at += 1, from += 3) {
      planes[2 * plane + at] = data[from] as number;
      planes[plane + at] = data[from + 1] as number;
      planes[at] = data[from + 2] as number;
    }
  }
  await network.run({ images: new Tensor('float32', planes, [1, 3, edge, edge]) });
}
