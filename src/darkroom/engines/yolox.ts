// YOLOX through ONNX Runtime: any export with raw grid output for the 80 COCO classes. The input size is the file's own.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { storedFrom } from '../../gallery/detection.ts';
import { cocoLabels } from '../../gallery/labels.ts';
import { stretch } from '../pixels.ts';
import { suppress } from './boxes.ts';
import { type Detector, type DetectorOptions, maxDetections, type RgbImage } from './detector.ts';
import { type Frame, readGrid, strides } from './yolox-grid.ts';

/** @throws Error when the file is not a YOLOX model for 80 classes with a fixed input size */
export async function openYolox(file: string, options: DetectorOptions = {}): Promise<Detector> {
  const weights = await readFile(file);
  const model = createHash('sha256').update(weights).digest('hex');
  // Inputs of one size only, so the arena can't grow: with it a child was 10 MB smaller than without, at the same speed.
  // The memory pattern costs 5 MB and gains nothing. (Measured; with inputs of many sizes it is the other way round.)
  const session = await InferenceSession.create(weights, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    enableCpuMemArena: true,
    enableMemPattern: false,
    logSeverityLevel: 3,
  });
  const shape = shapeOf(session);
  let closing: Promise<void> | undefined;

  return {
    engine: 'yolox',
    model,
    async detect(image, signal) {
      if (closing !== undefined) throw new Error('the detector is closed');
      signal?.throwIfAborted();
      const { input, frame } = await letterbox(image, shape);
      signal?.throwIfAborted();
      const answer = await session.run({ [shape.inputName]: input });
      signal?.throwIfAborted();
      const output = answer[shape.outputName]?.data;
      if (!(output instanceof Float32Array)) throw new Error('the model did not answer with numbers');
      return suppress(readGrid(output, frame, options.minScore ?? storedFrom), maxIou, maxDetections);
    },
    async close() {
      closing ??= session.release();
      await closing;
    },
  };
}

// What Megvii's own demo uses.
const maxIou = 0.45;

interface Shape {
  readonly inputName: string;
  readonly outputName: string;
  readonly width: number;
  readonly height: number;
}

function shapeOf(session: InferenceSession): Shape {
  const [input, output] = [session.inputMetadata[0], session.outputMetadata[0]];
  if (input?.isTensor !== true || output?.isTensor !== true)
    throw new Error('the model has no picture as input');
  const [batch, channels, height, width] = input.shape;
  const fits = batch === 1 && channels === 3 && typeof height === 'number' && typeof width === 'number';
  if (!fits || height % 32 !== 0 || width % 32 !== 0) {
    throw new Error(`the model wants ${input.shape.join(' x ')} as input instead of 1 x 3 x height x width`);
  }
  const cells = strides.reduce((sum, stride) => sum + (height / stride) * (width / stride), 0);
  if (output.shape.join() !== [1, cells, 5 + cocoLabels.length].join()) {
    throw new Error(`the model answers ${output.shape.join(' x ')} instead of 1 x ${cells} x 85`);
  }
  return { inputName: input.name, outputName: output.name, width, height };
}

const padding = 114;

/** Scaled into the top left corner, the rest grey; planes in the order blue, green, red, 0..255, as YOLOX was trained. */
async function letterbox(
  image: RgbImage,
  { width, height }: Shape,
): Promise<{ input: Tensor; frame: Frame }> {
  const scale = Math.min(width / image.width, height / image.height);
  const innerWidth = Math.max(1, Math.floor(image.width * scale));
  const innerHeight = Math.max(1, Math.floor(image.height * scale));
  const pixels = await stretch(image, innerWidth, innerHeight);
  const plane = width * height;
  const planes = new Float32Array(3 * plane).fill(padding);
  for (let row = 0, from = 0; row < innerHeight; row += 1) {
    for (let at = row * width, end = at + innerWidth; at < end; at += 1, from += 3) {
      planes[2 * plane + at] = pixels[from] as number;
      planes[plane + at] = pixels[from + 1] as number;
      planes[at] = pixels[from + 2] as number;
    }
  }
  const input = new Tensor('float32', planes, [1, 3, height, width]);
  return { input, frame: { width, height, innerWidth, innerHeight } };
}
