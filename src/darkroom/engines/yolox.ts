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

export interface YoloxOptions extends DetectorOptions {
  /** How ONNX Runtime keeps memory; only bench/soak.ts asks for other ways. */
  readonly arena?: boolean;
  readonly pattern?: boolean;
}

/** @throws Error when the file is not a YOLOX model for 80 classes with a fixed input size */
export async function openYolox(file: string, options: YoloxOptions = {}): Promise<Detector> {
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
    enableCpuMemArena: options.arena ?? true,
    enableMemPattern: options.pattern ?? false,
    logSeverityLevel: 3,
  });
  const shape = shapeOf(session);
  // Those that no detection is using: 3 MB of new numbers a picture kept the garbage collector at work, a tenth of all time.
  const slates: Slate[] = [];
  let closing: Promise<void> | undefined;

  return {
    engine: 'yolox',
    model,
    inputEdge: Math.max(shape.width, shape.height),
    async detect(image, signal) {
      if (closing !== undefined) throw new Error('the detector is closed');
      signal?.throwIfAborted();
      const slate = slates.pop() ?? makeSlate(shape);
      try {
        const frame = await letterbox(image, shape, slate.planes);
        signal?.throwIfAborted();
        await session.run({ [shape.inputName]: slate.input }, { [shape.outputName]: slate.output });
        signal?.throwIfAborted();
        const found = readGrid(slate.grid, frame, options.minScore ?? storedFrom);
        return suppress(found, maxIou, maxDetections);
      } finally {
        slates.push(slate);
      }
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
  readonly cells: number;
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
  return { inputName: input.name, outputName: output.name, width, height, cells };
}

const padding = 114;

/** What one detection writes its question on, and the network its answer. */
interface Slate {
  readonly planes: Float32Array;
  readonly input: Tensor;
  readonly grid: Float32Array;
  readonly output: Tensor;
}

function makeSlate({ width, height, cells }: Shape): Slate {
  const planes = new Float32Array(3 * width * height);
  const grid = new Float32Array(cells * (5 + cocoLabels.length));
  return {
    planes,
    input: new Tensor('float32', planes, [1, 3, height, width]),
    grid,
    output: new Tensor('float32', grid, [1, cells, 5 + cocoLabels.length]),
  };
}

/** Scaled into the top left corner, the rest grey; planes in the order blue, green, red, 0..255, as YOLOX was trained. */
async function letterbox(image: RgbImage, { width, height }: Shape, planes: Float32Array): Promise<Frame> {
  const scale = Math.min(width / image.width, height / image.height);
  const innerWidth = Math.max(1, Math.floor(image.width * scale));
  const innerHeight = Math.max(1, Math.floor(image.height * scale));
  const fits = innerWidth === image.width && innerHeight === image.height;
  const pixels = fits ? image.data : await stretch(image, innerWidth, innerHeight);
  const plane = width * height;
  planes.fill(padding);
  for (let row = 0, from = 0; row < innerHeight; row += 1) {
    for (let at = row * width, end = at + innerWidth; at < end; at += 1, from += 3) {
      planes[2 * plane + at] = pixels[from] as number;
      planes[plane + at] = pixels[from + 1] as number;
      planes[at] = pixels[from + 2] as number;
    }
  }
  return { width, height, innerWidth, innerHeight };
}
