// What it costs to develop photos with nothing around it: sharp and ONNX Runtime in a loop, by hand, one photo at a time.
// Told over its channel which files to do; answers when they are done. `{ folder, model?, files }` -> `{ done }`.
import { writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';

interface Batch {
  readonly folder: string;
  readonly model?: string;
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

async function work({ folder, model, files }: Batch): Promise<void> {
  if (model !== undefined) {
    session ??= await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  }
  for (const file of files) await develop(file, folder);
  process.send?.({ done: files.length });
}

async function develop(file: string, folder: string): Promise<void> {
  const large = await sharp(file)
    .autoOrient()
    .resize({ width: 1600, height: 1600, fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const medium = await smaller(large, 800);
  const small = await smaller(medium, 320);
  await Promise.all([
    write(large, join(folder, '1600.webp')),
    write(medium, join(folder, '800.webp')),
    write(small, join(folder, '320.webp')),
    session === undefined ? undefined : infer(session, medium),
  ]);
}

type Raw = Awaited<ReturnType<typeof smaller>>;

const open = ({
  data,
  info,
}: {
  data: Buffer;
  info: { width: number; height: number; channels: 1 | 2 | 3 | 4 };
}) => sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });

const smaller = async (raw: Parameters<typeof open>[0], size: number) =>
  await open(raw)
    .resize({ width: size, height: size, fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true });

const write = async (raw: Raw, path: string) =>
  await writeFile(path, await open(raw).webp({ quality: 80, effort: 2 }).toBuffer());

async function infer(model: InferenceSession, raw: Raw): Promise<void> {
  const scale = Math.min(edge / raw.info.width, edge / raw.info.height);
  const [width, height] = [Math.floor(raw.info.width * scale), Math.floor(raw.info.height * scale)];
  const pixels = await open(raw).resize({ width, height, fit: 'fill', kernel: 'linear' }).raw().toBuffer();
  const planes = new Float32Array(3 * edge * edge).fill(114);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = 3 * (y * width + x);
      for (let band = 0; band < 3; band += 1) {
        planes[(2 - band) * edge * edge + y * edge + x] = pixels[from + band] as number;
      }
    }
  }
  await model.run({ images: new Tensor('float32', planes, [1, 3, edge, edge]) });
}
