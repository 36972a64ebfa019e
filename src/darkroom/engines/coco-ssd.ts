// SSDLite on MobileNet v2 through the package `@tensorflow-models/coco-ssd`. The package would fetch weights from the internet; it is
// given a reader of local files in place of an address, so that there is no address to fetch from.
import type { GraphModel } from '@tensorflow/tfjs-converter';
import { dispose, type io, type Tensor, tensor4d } from '@tensorflow/tfjs-core';
import { ObjectDetection } from '@tensorflow-models/coco-ssd';
import { CLASSES } from '@tensorflow-models/coco-ssd/dist/classes.js';
import { storedFrom } from '../../gallery/detection.ts';
import { cocoLabels } from '../../gallery/labels.ts';
import { type Backend, openOnFirst, tensorflow, wasm } from './backends.ts';
import { clippedBox, suppress } from './boxes.ts';
import {
  type Detector,
  type DetectorOptions,
  maxDetections,
  type RawDetection,
  type RgbImage,
} from './detector.ts';
import { readGraphModel } from './graph-model.ts';

export interface CocoSsdOptions extends DetectorOptions {
  /** In the order in which they are tried; only tests name others. */
  readonly backends?: readonly Backend[];
}

/** @param file the `model.json` of a TensorFlow.js graph model; its weights lie beside it */
export async function openCocoSsd(file: string, options: CocoSsdOptions = {}): Promise<Detector> {
  const { artifacts, model } = await readGraphModel(file);
  const { value: network, note } = await openOnFirst(options.backends ?? [tensorflow(), wasm], () =>
    openNetwork(artifacts),
  );
  const inTurn = takeTurns();
  let closing: Promise<void> | undefined;

  return {
    engine: 'coco-ssd',
    model,
    ...(note === undefined ? {} : { note }),
    async detect(image, signal) {
      if (closing !== undefined) throw new Error('the detector is closed');
      signal?.throwIfAborted();
      const answer = await inTurn(async () => {
        signal?.throwIfAborted();
        return await run(network, image);
      });
      signal?.throwIfAborted();
      return suppress(readAnswer(answer, options.minScore ?? storedFrom), maxIou, maxDetections);
    },
    async close() {
      closing ??= inTurn(async () => network.dispose());
      await closing;
    },
  };
}

// Best on the labelled pictures, see `network`.
const maxIou = 0.45;

/**
 * Loaded and warmed up by the package. Its `detect`, though, gives a box one name only, takes the least score for the overlap that
 * is too much as well, and suppresses across labels: with 0.1 as least score that is AP50 0.391 and F1 0.484 on the labelled pictures.
 * The same network with our own suppression within each label gives 0.479 and 0.554 (overlaps from 0.45 to 0.6 are alike, 0.7 is
 * worse), so the network is asked itself. Given the picture at 800 px or shrunk to its own 300 px before makes no difference.
 */
async function openNetwork(artifacts: io.ModelArtifacts): Promise<GraphModel> {
  const handler: io.IOHandler = { load: async () => artifacts };
  // Whatever stands for the address goes to `loadGraphModel`, which takes a handler, too; only the package's types don't say so.
  const detection = new ObjectDetection('lite_mobilenet_v2', handler as unknown as string);
  try {
    await detection.load();
    const network = (detection as unknown as { readonly model: GraphModel }).model;
    await run(network, { data: new Uint8Array(3), width: 1, height: 1 });
    return network;
  } catch (error) {
    detection.dispose();
    throw error;
  }
}

interface Answer {
  /** For each box the score of each class. */
  readonly scores: ArrayLike<number>;
  /** For each box top, left, bottom, right, fractions of the picture. */
  readonly boxes: ArrayLike<number>;
  readonly count: number;
  readonly classes: number;
}

/** Frees what it makes, whatever happens: a backend's memory is not garbage-collected. */
async function run(network: GraphModel, { data, width, height }: RgbImage): Promise<Answer> {
  const input = tensor4d(data, [1, height, width, 3], 'int32');
  let output: Tensor | Tensor[] = [];
  try {
    output = await network.executeAsync(input);
    return await readTensors([output].flat());
  } finally {
    dispose([input, output]);
  }
}

async function readTensors([scores, boxes]: readonly Tensor[]): Promise<Answer> {
  const [, count = 0, classes = 0] = scores?.shape ?? [];
  const isAnswer = scores?.shape.length === 3 && boxes?.shape.join() === [1, count, 1, 4].join();
  if (!isAnswer || classes < lastClass) throw new Error('the model does not answer with scores and boxes');
  return { scores: await scores.data(), boxes: await boxes.data(), count, classes };
}

/** Every class of every box that reaches `minScore`. */
function readAnswer({ scores, boxes, count, classes }: Answer, minScore: number): RawDetection[] {
  const found: RawDetection[] = [];
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < classes; column += 1) {
      const score = scores[row * classes + column] as number;
      // A NaN is refused, too.
      if (!(score >= minScore)) continue;
      const label = labelOf(column);
      const box = boxOf(boxes, row);
      if (label !== undefined && box !== undefined) found.push({ label, score: Math.min(1, score), box });
    }
  }
  return found;
}

const lastClass = Math.max(...Object.values(CLASSES).map(({ id }) => id));

/** Columns are COCO's own numbers less one, of which ten are not in use. */
function labelOf(column: number): string | undefined {
  const name = CLASSES[column + 1]?.displayName;
  return cocoLabels.find((label) => label === name);
}

function boxOf(boxes: ArrayLike<number>, row: number) {
  const at = (index: number) => boxes[4 * row + index] as number;
  return clippedBox(at(1), at(0), at(3), at(2));
}

/** One after the other: a network that waits for the outcome of a branch must not be asked, or freed, meanwhile. */
function takeTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
